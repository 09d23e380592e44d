/**
 * Sound of one rate as sound of another, in a stream, by a windowed sinc whose position moves by any step: rates need
 * no common divisor, and the step may be corrected by parts of a million while it runs, which is how drifting clocks
 * are followed without a click. Coefficients lie in a table of phases and are interpolated between them.
 *
 *   input    · · · ─┬───┬───┬───┬─▲─┬───┬───┬───┬─ · · ·     taps: `reach` on either side of the position
 *                                 └ position, advances by from / to × (1 + correction) with each output
 */
import { clip } from './level.ts';

/** Phases between two input samples; with interpolation the error is some -90 dB. */
const PHASES = 128;
/** Side lobes of the Kaiser window are some 60 dB down (Kaiser's own formula: 0.1102 (A - 8.7)). */
const KAISER_BETA = 5.65;
/** Zero crossings of the sinc on either side. At 8 kHz: 2 ms of delay, flat to 3.3 kHz. */
const CROSSINGS = 16;
/** Of the lower Nyquist frequency: half down there. Where rates are equal nothing is cut, and whole positions are exact. */
const CUTOFF = 0.95;
/** Input that may wait, ms. */
const LONGEST_MS = 200;

export class Resampler {
  readonly #step: number;
  readonly #reach: number;
  readonly #taps: Float32Array;
  readonly #input: Float32Array;
  /** Samples in `#input`. */
  #count = 0;
  /** Where in `#input` the next output lies. */
  #at = 0;
  /** How much faster than by the rates alone the input is used up: 0.0001 is 100 parts per million. */
  correction = 0;

  /** `from` and `to`: samples a second. `crossings`: length of the filter, zero crossings on either side. */
  constructor(from: number, to: number, crossings = CROSSINGS) {
    const cutoff = from === to ? 1 : CUTOFF * Math.min(1, to / from);
    this.#step = from / to;
    this.#reach = Math.ceil(crossings / cutoff);
    this.#taps = knownTaps(this.#reach, cutoff);
    this.#input = new Float32Array(2 * this.#reach + Math.ceil((from * LONGEST_MS) / 1000));
    this.reset();
  }

  /** Input samples between a sample's arrival and its place in the output. */
  get delay(): number {
    return this.#reach;
  }

  /** Forgets the stream: silence was before. */
  reset(): void {
    this.#input.fill(0);
    this.#count = 2 * this.#reach - 1;
    this.#at = this.#reach - 1;
  }

  /** As `reset`, but the next output is the sample pushed next, and the `delay` last of `past` were before it. */
  resume(past: Int16Array): void {
    const reach = this.#reach;
    for (let i = 0; i < reach; i++) this.#input[i] = past[past.length - reach + i] ?? 0;
    this.#count = reach;
    this.#at = reach;
  }

  /** How many samples have to be pushed before `count` can be pulled. */
  needed(count: number): number {
    const last = this.#at + (count - 1) * this.#stride;
    return Math.max(0, Math.floor(last) + this.#reach + 1 - this.#count);
  }

  /** How many samples can be pulled. */
  get ready(): number {
    const room = this.#count - this.#reach - this.#at;
    return room <= 0 ? 0 : Math.ceil(room / this.#stride);
  }

  /** Adds input; what exceeds 200 ms is lost. */
  push(samples: Int16Array, count = samples.length): void {
    this.#makeRoom();
    const room = Math.min(count, this.#input.length - this.#count);
    for (let i = 0; i < room; i++) this.#input[this.#count + i] = samples[i] ?? 0;
    this.#count += room;
  }

  /** Takes `count` samples; false, and none, while input is needed for them. */
  pull(into: Int16Array, count = into.length): boolean {
    if (this.needed(count) > 0) return false;
    const first = this.#at;
    const stride = this.#stride;
    // Positions as `needed` reckons them: added up one by one they would be rounded to others.
    for (let i = 0; i < count; i++) into[i] = clip(Math.round(this.#valueAt(first + i * stride)));
    this.#at = first + count * stride;
    return true;
  }

  /** From one output to the next, in input samples. */
  get #stride(): number {
    return this.#step * (1 + this.correction);
  }

  #valueAt(position: number): number {
    const before = Math.floor(position);
    const phase = (position - before) * PHASES;
    const row = Math.floor(phase);
    const part = phase - row;
    const width = 2 * this.#reach;
    const from = before - this.#reach + 1;
    const taps = this.#taps;
    const input = this.#input;
    let sum = 0;
    for (let tap = 0, at = row * width; tap < width; tap++, at++) {
      const here = taps[at] ?? 0;
      sum += (here + ((taps[at + width] ?? 0) - here) * part) * (input[from + tap] ?? 0);
    }
    return sum;
  }

  #makeRoom(): void {
    const used = Math.floor(this.#at) - this.#reach;
    if (used <= 0) return;
    this.#input.copyWithin(0, used, this.#count);
    this.#count -= used;
    this.#at -= used;
  }
}

const known = new Map<string, Float32Array>();

/** Reckoned once for each pair of rates: it takes milliseconds, and a card is opened with each lift of the handset. */
function knownTaps(reach: number, cutoff: number): Float32Array {
  const key = `${reach} ${cutoff}`;
  const taps = known.get(key) ?? tapsOf(reach, cutoff);
  known.set(key, taps);
  return taps;
}

/** `PHASES + 1` rows of `2 * reach` taps, each row with unity gain at 0 Hz. `cutoff`: of the input's Nyquist frequency. */
function tapsOf(reach: number, cutoff: number): Float32Array {
  const width = 2 * reach;
  const taps = new Float32Array((PHASES + 1) * width);
  for (let row = 0; row <= PHASES; row++) {
    const values = Array.from({ length: width }, (_, tap) => {
      const distance = tap - reach + 1 - row / PHASES;
      return sinc(cutoff * distance) * kaiser(distance / reach);
    });
    const sum = values.reduce((total, value) => total + value, 0);
    taps.set(
      values.map((value) => value / sum),
      row * width,
    );
  }
  return taps;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel0(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel0(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order zero, by its series. */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
