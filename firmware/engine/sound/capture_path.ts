/** From the card to the mouth's ring: periods of the card's rate become frames of 160 samples, 8 kHz. */
import { Resampler } from '#media/resampler.ts';
import type { CardPcm } from './device.ts';
import type { SampleRing } from './ring.ts';

const RATE = 8000;
const FRAME = 160;
/** A sound server gives its first period late; what takes longer than this, ms, is waited for as any other. */
const FIRST_PERIOD = 1000;

export class CapturePath {
  readonly #pcm: CardPcm;
  readonly #ring: SampleRing;
  readonly #resampler: Resampler;
  readonly #read: Int16Array;
  readonly #startedAt: number;
  #settled = false;
  /** Whether its first period has come: from then on it blocks, and is the clock. */
  flowing = false;
  /** The newest frame. */
  readonly frame = new Int16Array(FRAME);

  /** `now`: ms. */
  constructor(pcm: CardPcm, ring: SampleRing, periodMs: number, now: number) {
    this.#pcm = pcm;
    this.#ring = ring;
    this.#resampler = new Resampler(pcm.rate, RATE);
    this.#read = new Int16Array(Math.round((pcm.rate * periodMs) / 1000));
    this.#startedAt = now;
    pcm.start();
  }

  get xruns(): number {
    return this.#pcm.xruns;
  }

  /** Waits for one period, but for the first one; how many frames it completed. @throws when the card is gone */
  step(now: number): number {
    this.flowing ||= this.#pcm.waiting() >= this.#read.length || now - this.#startedAt > FIRST_PERIOD;
    if (!this.flowing) return 0;
    const count = this.#pcm.read(this.#read, this.#read.length);
    // What came while the thread was not ready is old, and would be heard late for ever.
    this.#settled ||= this.#pcm.waiting() < this.#read.length;
    if (!this.#settled) return 0;
    this.#resampler.push(this.#read, count);
    let frames = 0;
    for (; this.#resampler.pull(this.frame); frames++) this.#ring.write(this.frame);
    return frames;
  }

  close(): void {
    this.#pcm.close();
  }
}
