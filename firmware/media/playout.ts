/**
 * From what was received to what is heard: the jitter buffer, used up as fast as the peer fills it. The clocks of both
 * ends differ, so that by and by more or less would wait; the drift control sees it in when packets come, and a
 * resampler follows it without a click. While there is nothing to correct the samples pass as they are.
 *
 * A stream begins with more in store than it may need. What even the latest packet of ten seconds left unused is given
 * up slowly by the same means; after a packet that came too late nothing is given up for a while.
 *
 *   packets → jitter buffer → resampler (8 kHz × (1 + correction) → 8 kHz) → frame
 */
import { DriftControl } from './drift.ts';
import { JitterBuffer } from './jitter_buffer.ts';
import { Resampler } from './resampler.ts';

const RATE = 8000;
const FRAME = 160;
const TICKS_PER_MS = 8;
/** Zero crossings: 1.5 ms of delay, for hardly anything moves. */
const CROSSINGS = 12;
/** What the latest packet shall have to spare, ms: so much may one be later than all before. */
const SPARE = 25;
/** Looked at so often, ms. */
const WATCH = 10_000;
/** After a leap: whatever made it may come again, ms. */
const WATCH_AFTER_LEAP = 30_000;
/** Corrections below this are errors of measurement. */
const LEAST = 15e-6;

export class Playout {
  readonly jitterBuffer = new JitterBuffer();
  readonly #resampler = new Resampler(RATE, RATE, CROSSINGS);
  readonly #drift = new DriftControl();
  readonly #taken = new Int16Array(2 * FRAME);
  readonly #last = new Int16Array(FRAME);
  #corrects = false;
  #leaps = 0;
  #takenAt = Number.NaN;
  #watchEnds = Number.NaN;
  #leastLead = Number.POSITIVE_INFINITY;
  #leads = 0;
  #packets = 0;

  /** How much faster than ours the peer's clock is, as far as it is known. */
  get drift(): number {
    return this.#drift.drift;
  }

  /** Another stream begins. */
  reset(): void {
    this.jitterBuffer.reset();
    this.#drift.aimAt();
    this.#watchEnds = Number.NaN;
  }

  /** Stores a packet that came at `now`, ms; see `JitterBuffer.put`. */
  put(timestamp: number, samples: Int16Array, count: number, isNewest: boolean, now: number): void {
    const buffer = this.jitterBuffer;
    const elapsed = this.#elapsed(now);
    buffer.put(timestamp, samples, count, isNewest, elapsed);
    if (buffer.leaps !== this.#leaps) {
      this.#leaps = buffer.leaps;
      this.#drift.aimAt();
      this.#watchFor(Number.isNaN(this.#watchEnds) ? WATCH : WATCH_AFTER_LEAP, now);
    } else if (isNewest) {
      this.#measure((buffer.ahead(timestamp) - elapsed + FRAME) / TICKS_PER_MS, now);
    }
  }

  /** `lead`: ms that a packet has before it is heard. */
  #measure(lead: number, now: number): void {
    this.#drift.measure(lead, now);
    this.#leastLead = Math.min(this.#leastLead, lead);
    this.#leads += lead;
    this.#packets++;
    if (now < this.#watchEnds) return;
    const mean = this.#leads / this.#packets;
    if (this.#leastLead > SPARE) this.#drift.aimAt(mean - this.#leastLead + SPARE);
    this.#watchFor(WATCH, now);
  }

  #watchFor(ms: number, now: number): void {
    this.#watchEnds = now + ms;
    this.#leastLead = Number.POSITIVE_INFINITY;
    this.#leads = 0;
    this.#packets = 0;
  }

  /** The next frame, at `now`; how many of its samples were really received, up to a few that are kept for the next. */
  take(frame: Int16Array, now: number): number {
    this.#takenAt = now;
    const { correction } = this.#drift;
    if (!this.#corrects && Math.abs(correction) > LEAST) this.#beginToCorrect();
    if (!this.#corrects) {
      const received = this.jitterBuffer.take(frame);
      this.#last.set(frame);
      return received;
    }
    this.#resampler.correction = correction;
    const needed = Math.min(this.#resampler.needed(FRAME), this.#taken.length);
    const received = this.jitterBuffer.take(this.#taken, needed);
    this.#resampler.push(this.#taken, needed);
    this.#resampler.pull(frame);
    return Math.min(received, FRAME);
  }

  #beginToCorrect(): void {
    this.#corrects = true;
    this.#resampler.resume(this.#last);
  }

  /** Samples of the frame taken last that are heard by now. */
  #elapsed(now: number): number {
    const samples = (now - this.#takenAt) * TICKS_PER_MS;
    return Number.isNaN(samples) ? FRAME : Math.round(Math.min(FRAME, Math.max(0, samples)));
  }
}
