/**
 * From the ear's ring to the card. What waits in the card is held at what it was when sound began: when it grows or
 * shrinks, the clock of playback differs from that which makes the frames, and the resampler follows.
 *
 *   ear's ring → + sidetone → resampler (8 kHz × (1 + correction) → card's rate) → card: margin + frame
 */
import { DriftControl } from '#media/drift.ts';
import { clip } from '#media/level.ts';
import { Resampler } from '#media/resampler.ts';
import type { CardPcm } from './device.ts';
import type { SampleRing } from './ring.ts';

const RATE = 8000;
const FRAME = 160;
const FRAME_MS = 20;
/**
 * What waits in the card when a frame is due, at first and, after underruns, at most, ms. A busy machine keeps even the
 * foremost thread from its work for 20 to 30 ms now and then.
 */
const MARGIN = 30;
const MARGIN_STEP = 10;
const MOST_MARGIN = 80;
/** After a stall more waits for a while; what exceeds this beyond the margin is left out, ms. */
const SURPLUS = 60;
/** What is heard runs by its own clock; a stream that has just begun is watched for so long before its clock is judged, ms. */
const SETTLING = 2500;
/**
 * A level that is off by more than this, ms, is mended where nothing is to be heard, by a fiftieth too fast or too slow, until it is
 * off by less than that: speech and tones keep their pitch.
 */
const OFF = 8;
const SETTLED = 2;
const HURRY = 0.02;
/** While a stream begins, ms, what is short of the margin is asked for: at its end capture has become the clock. */
const BEGINNING = 300;
/** Peak of a frame in which nothing is to be heard: -42 dB. */
const QUIET = 256;
/**
 * What waits in the card cannot be heard earlier than after what waits before it. PulseAudio, after it ran dry, may
 * hold a stream for full that it has nothing of, and for ever: when the two differ by so many ms for so long, the
 * stream begins anew.
 */
const STUCK_BY = 10;
const STUCK_FOR = 200;

export class PlaybackPath {
  readonly #pcm: CardPcm;
  readonly #ring: SampleRing;
  readonly #resampler: Resampler;
  readonly #drift = new DriftControl();
  readonly #frame = new Int16Array(FRAME);
  readonly #out: Int16Array;
  readonly #silence: Int16Array;
  /** 0–1: how much of the mouth is heard in one's own ear. */
  readonly #sidetone: number;
  #margin = MARGIN;
  #startedAt = Number.NaN;
  #aimed = false;
  #hurries = false;
  #plausibleAt = Number.NEGATIVE_INFINITY;
  /** Times that the card ran dry; a sound server does not say so itself. */
  #dry = 0;

  constructor(pcm: CardPcm, ring: SampleRing, sidetone: number) {
    this.#pcm = pcm;
    this.#ring = ring;
    this.#sidetone = sidetone;
    this.#resampler = new Resampler(RATE, pcm.rate);
    this.#out = new Int16Array(Math.ceil((pcm.rate * FRAME_MS * 2) / 1000));
    this.#silence = new Int16Array(this.#samples(FRAME_MS / 2));
  }

  get xruns(): number {
    return this.#pcm.xruns + this.#dry;
  }

  /** ms until what is written now is heard. */
  get delay(): number {
    return (this.#pcm.delay() * 1000) / this.#pcm.rate;
  }

  /** ms until a frame is due. */
  get spare(): number {
    return Number.isNaN(this.#startedAt) ? 0 : this.#level - this.#margin;
  }

  /** Plays the frames that wait; whether there were any. `mouth`: the frame for the sidetone. @throws when the card is gone */
  flush(mouth: Int16Array | undefined, now: number): boolean {
    let some = false;
    for (; this.#ring.read(this.#frame); some = true) {
      if (this.#sidetone > 0 && mouth !== undefined) this.#addSidetone(mouth);
      this.#play(now);
    }
    return some;
  }

  /** Whether anything was played yet. */
  get begun(): boolean {
    return !Number.isNaN(this.#startedAt);
  }

  /** Frames that it needs ahead of the clock: to begin with, to have its margin from the beginning, or before it runs dry. */
  wanted(now: number): number {
    if (!this.begun) return 1 + Math.ceil(this.#margin / FRAME_MS);
    const least = now - this.#startedAt < BEGINNING ? this.#margin * 0.8 : this.#margin / 2;
    return this.#level <= least ? 1 : 0;
  }

  /**
   * Begins with the newest frames that wait, no silence before them; false where it has begun. Those that a slow card
   * let wait for too long are left out. @throws when the card is gone
   */
  begin(now: number): boolean {
    if (this.begun) return false;
    this.#ring.keep(this.wanted(now) * FRAME);
    while (this.#ring.read(this.#frame)) {
      const count = this.#resampled();
      if (count > 0) this.#pcm.write(this.#out, count);
    }
    this.#started(now);
    return true;
  }

  /** No frame came: silence keeps the card going where it would run dry. @throws when the card is gone */
  fill(now: number): void {
    if (Number.isNaN(this.#startedAt)) return;
    if (this.#level <= this.#margin / 2) this.#write(this.#silence, this.#silence.length, now);
  }

  /** A frame of silence, which counts time as sound does. @throws when the card is gone */
  rest(now: number): void {
    this.#frame.fill(0);
    this.#play(now);
  }

  close(): void {
    this.#pcm.close();
  }

  #play(now: number): void {
    this.#measure(now);
    this.#watchStuck(now);
    // Playback never makes the thread wait: capture is the clock.
    if (this.spare > SURPLUS) return;
    this.#resampler.correction = this.#correction();
    const count = this.#resampled();
    if (count > 0) this.#write(this.#out, count, now);
  }

  /** The frame in the card's rate; how many samples of `#out` that makes. */
  #resampled(): number {
    const resampler = this.#resampler;
    resampler.push(this.#frame);
    const count = Math.min(resampler.ready, this.#out.length);
    return count > 0 && resampler.pull(this.#out, count) ? count : 0;
  }

  #watchStuck(now: number): void {
    const isOdd = !Number.isNaN(this.#startedAt) && this.delay + STUCK_BY < this.#level;
    if (!isOdd) this.#plausibleAt = now;
    if (now - Math.max(this.#plausibleAt, this.#startedAt) < STUCK_FOR || !isOdd) return;
    this.#dry++;
    this.#widen();
    this.#pcm.empty();
    this.#startedAt = Number.NaN;
  }

  #widen(): void {
    const most = (this.#pcm.buffer * 1000) / this.#pcm.rate - 2 * FRAME_MS;
    this.#margin = Math.min(MOST_MARGIN, most, this.#margin + MARGIN_STEP);
  }

  #correction(): number {
    const off = this.spare;
    if (Math.abs(off) > OFF) this.#hurries = true;
    else if (Math.abs(off) < SETTLED) this.#hurries = false;
    if (!this.#hurries || Number.isNaN(off) || !isQuiet(this.#frame)) return this.#drift.correction;
    // What moves the level now is no clock's fault.
    this.#aimed = false;
    return Math.min(HURRY, Math.max(-HURRY, off / 1000));
  }

  /** The delay is known finer than the level, which moves by periods; only the level tells what is too much. */
  #measure(now: number): void {
    if (!(now - this.#startedAt > SETTLING)) return;
    if (!this.#aimed) this.#drift.aimAt(this.delay - this.spare);
    this.#aimed = true;
    this.#drift.measure(this.delay, now);
  }

  #write(samples: Int16Array, count: number, now: number): void {
    const room = this.#pcm.waiting();
    if (Number.isNaN(this.#startedAt)) this.#beginAnew(samples, count, now);
    else if (room >= this.#pcm.buffer) this.#ranDry(samples, count, now);
    else if (room >= count && !this.#pcm.write(samples, count)) this.#underran(samples, count, now);
  }

  #underran(samples: Int16Array, count: number, now: number): void {
    this.#widen();
    this.#beginAnew(samples, count, now);
  }

  #ranDry(samples: Int16Array, count: number, now: number): void {
    this.#dry++;
    this.#underran(samples, count, now);
  }

  /** The margin as silence, then what there is to play. */
  #beginAnew(samples: Int16Array, count: number, now: number): void {
    for (let ms = 0; ms < this.#margin; ms += FRAME_MS / 2)
      this.#pcm.write(this.#silence, this.#silence.length);
    this.#pcm.write(samples, count);
    this.#started(now);
  }

  #started(now: number): void {
    this.#pcm.start();
    this.#startedAt = now;
    this.#hurries = true;
    this.#aimed = false;
    this.#drift.aimAt();
  }

  /** ms that wait in the card. */
  get #level(): number {
    return ((this.#pcm.buffer - this.#pcm.waiting()) * 1000) / this.#pcm.rate;
  }

  #samples(ms: number): number {
    return Math.round((this.#pcm.rate * ms) / 1000);
  }

  #addSidetone(mouth: Int16Array): void {
    const frame = this.#frame;
    for (let i = 0; i < FRAME; i++) {
      frame[i] = clip(Math.round((frame[i] ?? 0) + (mouth[i] ?? 0) * this.#sidetone));
    }
  }
}

function isQuiet(frame: Int16Array): boolean {
  for (const sample of frame) if (sample > QUIET || sample < -QUIET) return false;
  return true;
}
