/**
 * Between the sound card's 48 kHz and the telephone's 8 kHz: one linear-phase low-pass, run in its polyphase
 * forms so that only the samples that are kept are computed.
 */

export const FACTOR = 6;
/** 24 for each phase: 60 dB down above 4.6 kHz, flat to 3.4 kHz, 1.5 ms late. */
const TAPS = 24 * FACTOR;
const KAISER_BETA = 5.65;
const CUTOFF_HZ = 4000;
const CARD_HZ = 48_000;

/** Modified Bessel function of the first kind, order 0 (its series; 20 terms suffice for beta < 10). */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k <= 20; k++) {
    term *= (x / 2 / k) ** 2;
    sum += term;
  }
  return sum;
}

/** Windowed sinc with unit gain at 0 Hz; symmetric. */
function lowPass(): Float32Array {
  const taps = new Float32Array(TAPS);
  const middle = (TAPS - 1) / 2;
  let sum = 0;
  for (let i = 0; i < TAPS; i++) {
    const x = 2 * Math.PI * (CUTOFF_HZ / CARD_HZ) * (i - middle);
    const window = bessel0(KAISER_BETA * Math.sqrt(1 - ((i - middle) / (middle + 1)) ** 2));
    taps[i] = (Math.sin(x) / x) * window;
    sum += taps[i] ?? 0;
  }
  return taps.map((tap) => tap / sum);
}

const FILTER = lowPass();

/** The last `length` samples as one contiguous stretch, newest last: each is written twice. */
class DelayLine {
  readonly #samples: Float32Array;
  readonly #length: number;
  #at = 0;

  constructor(length: number) {
    this.#length = length;
    this.#samples = new Float32Array(2 * length);
  }

  push(sample: number): void {
    this.#samples[this.#at] = sample;
    this.#samples[this.#at + this.#length] = sample;
    this.#at = (this.#at + 1) % this.#length;
  }

  /** Sum of the samples, newest first, with every `step`-th tap from `first` on. */
  convolve(first: number, step: number): number {
    let sum = 0;
    let tap = first;
    for (let i = this.#at + this.#length - 1; i >= this.#at; i--, tap += step) {
      sum += (this.#samples[i] ?? 0) * (FILTER[tap] ?? 0);
    }
    return sum;
  }
}

/** 48 kHz in, 8 kHz out. */
export class Decimator {
  readonly #line = new DelayLine(TAPS);
  #count = 0;

  /** A sample for every sixth one. */
  push(sample: number): number | undefined {
    this.#line.push(sample);
    this.#count = (this.#count + 1) % FACTOR;
    return this.#count === 0 ? this.#line.convolve(0, 1) : undefined;
  }
}

/** 8 kHz in, 48 kHz out. */
export class Interpolator {
  readonly #line = new DelayLine(TAPS / FACTOR);

  /** Fills `block` (6 samples) from one. */
  push(sample: number, block: Float32Array): void {
    this.#line.push(sample);
    for (let phase = 0; phase < FACTOR; phase++) block[phase] = FACTOR * this.#line.convolve(phase, FACTOR);
  }
}
