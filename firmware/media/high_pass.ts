/**
 * A Butterworth high-pass of sixth order at 600 Hz for sound of 8 kHz: dial tones, which lie at 450 Hz and below, are
 * weakened by 15 dB and more, the lowest tone of a key (697 Hz) by less than 1.
 */
const RATE = 8000;
const CUTOFF = 600;
/** Quality of the three second-order sections: 1 / (2 cos(π (2k + 1) / 12)). */
const QUALITIES = [0, 1, 2].map((k) => 1 / (2 * Math.cos((Math.PI * (2 * k + 1)) / 12)));

interface Section {
  /** Coefficients, the first of the denominator made 1. The numerator is gain × (1, -2, 1). */
  readonly gain: number;
  readonly a1: number;
  readonly a2: number;
  /** The two delays (transposed direct form II). */
  first: number;
  second: number;
}

export class HighPass {
  readonly #sections: readonly Section[] = QUALITIES.map(section);

  /** The next sample, filtered. */
  next(sample: number): number {
    let value = sample;
    for (const part of this.#sections) {
      const input = part.gain * value;
      value = input + part.first;
      part.first = -2 * input - part.a1 * value + part.second;
      part.second = input - part.a2 * value;
    }
    return value;
  }

  reset(): void {
    for (const part of this.#sections) part.first = part.second = 0;
  }
}

/** By the bilinear transform. */
function section(quality: number): Section {
  const k = Math.tan((Math.PI * CUTOFF) / RATE);
  const norm = 1 / (1 + k / quality + k * k);
  return {
    gain: norm,
    a1: 2 * (k * k - 1) * norm,
    a2: (1 - k / quality + k * k) * norm,
    first: 0,
    second: 0,
  };
}
