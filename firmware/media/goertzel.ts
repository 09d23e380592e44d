/** Parts of a block of sound at a few frequencies, with their phases: Goertzel's algorithm. */

/** One block's parts; used again from block to block. */
export interface Parts {
  /** By frequency: amplitude and phase as a complex number, relative to the block's beginning. */
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  /** By frequency: the energy that a steady tone of exactly this frequency would have in the block. */
  readonly energy: Float64Array;
  /** Sum of the squares of all samples. */
  total: number;
}

export class Goertzel {
  readonly #turns: readonly number[];

  /** Frequencies and sampling rate in Hz. */
  constructor(frequencies: readonly number[], rate: number) {
    this.#turns = frequencies.map((hz) => (2 * Math.PI * hz) / rate);
  }

  empty(): Parts {
    const array = () => new Float64Array(this.#turns.length);
    return { real: array(), imaginary: array(), energy: array(), total: 0 };
  }

  /** Fills `parts` from the samples of a block. */
  analyse(block: Float64Array, parts: Parts): void {
    const length = block.length;
    parts.total = 0;
    for (const sample of block) parts.total += sample * sample;
    for (let index = 0; index < this.#turns.length; index++) {
      const turn = this.#turns[index] ?? 0;
      const coefficient = 2 * Math.cos(turn);
      let before = 0;
      let last = 0;
      for (let i = 0; i < length; i++) {
        const next = (block[i] ?? 0) + coefficient * last - before;
        before = last;
        last = next;
      }
      const real = last - before * Math.cos(turn);
      const imaginary = before * Math.sin(turn);
      // The recursion ends at the last sample: turned back to the first one.
      const back = turn * (length - 1);
      parts.real[index] = real * Math.cos(back) + imaginary * Math.sin(back);
      parts.imaginary[index] = imaginary * Math.cos(back) - real * Math.sin(back);
      parts.energy[index] = (2 * (real * real + imaginary * imaginary)) / length;
    }
  }
}

/**
 * Hz by which the tone of two adjacent blocks is off frequency `index`: its phase runs away from one block to the next.
 * Without ambiguity up to half the blocks' rate.
 */
export function deviation(before: Parts, now: Parts, index: number, hz: number, block: number, rate: number) {
  const [a, b] = [before.real[index] ?? 0, before.imaginary[index] ?? 0];
  const [c, d] = [now.real[index] ?? 0, now.imaginary[index] ?? 0];
  const turned = Math.atan2(d * a - c * b, c * a + d * b) - (2 * Math.PI * hz * block) / rate;
  const turns = turned / (2 * Math.PI);
  return ((turns - Math.round(turns)) * rate) / block;
}

/** What a window does to a tone: its spectrum by bins off the tone, 1 at 0. */
export type WindowSpectrum = (bins: number) => number;

/** No window. */
export const RECTANGLE: WindowSpectrum = (bins) =>
  bins === 0 ? 1 : Math.sin(Math.PI * bins) / (Math.PI * bins);

/** Neighbours leak less from three bins on (-40 dB), more up to two. */
export const HANN: WindowSpectrum = (bins) =>
  Math.abs(bins) === 1 ? 0.5 : RECTANGLE(bins) / (1 - bins * bins);

/** As factors of a block's samples, 1 on average. */
export function hannWindow(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 1 - Math.cos((2 * Math.PI * (i + 0.5)) / length));
}

/** Part of its energy that a tone leaves in a block's frequency when it is `hz` off. */
export function captured(hz: number, block: number, rate: number, spectrum: WindowSpectrum): number {
  return spectrum((hz * block) / rate) ** 2;
}
