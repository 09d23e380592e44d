/**
 * Sound of 8, 16 or 48 kHz as sound of 8 kHz: a low-pass (windowed sinc, Blackman) below the new Nyquist
 * frequency, then every second or sixth sample. Reads 16-bit little-endian frames of one or two channels, in a loop.
 */
import { clip } from './level.ts';

const RATE = 8000;
/** Hz, 6 dB down: telephone speech (to 3400 Hz) passes, what would fold back below 3700 Hz is 60 dB down. */
const CUTOFF = 3750;
/** Length of the filter in output samples on either side. */
const REACH = 24;

export class LoopingDecimator {
  readonly #samples: Int16Array;
  readonly #step: number;
  readonly #taps: Float64Array;
  #at = 0;

  /** `octets` holds the file's samples; rate is 8000, 16000 or 48000. */
  constructor(octets: Uint8Array, format: { readonly channels: number; readonly rate: number }) {
    this.#samples = monoOf(octets, format.channels);
    this.#step = format.rate / RATE;
    this.#taps = this.#step === 1 ? Float64Array.of(1) : lowPass(format.rate, REACH * this.#step);
  }

  /** Whether a rate can be read. */
  static takes(rate: number): boolean {
    return rate === 8000 || rate === 16000 || rate === 48000;
  }

  /** Goes back to the beginning. */
  restart(): void {
    this.#at = 0;
  }

  /** Fills a frame of any length; silence where there are no samples at all. */
  read(frame: Int16Array): void {
    const samples = this.#samples;
    const length = samples.length;
    if (length === 0) {
      frame.fill(0);
      return;
    }
    const taps = this.#taps;
    const half = (taps.length - 1) / 2;
    for (let i = 0; i < frame.length; i++) {
      let from = this.#at - half;
      let sum = 0;
      // Only near its ends does the loop have to be closed, sample by sample.
      const inside = from >= 0 && from + taps.length <= length;
      for (let tap = 0; tap < taps.length; tap++, from++) {
        const at = inside ? from : ((from % length) + length) % length;
        sum += (taps[tap] ?? 0) * (samples[at] ?? 0);
      }
      frame[i] = clip(Math.round(sum));
      this.#at = (this.#at + this.#step) % length;
    }
  }
}

/** The mean of the channels. */
function monoOf(octets: Uint8Array, channels: number): Int16Array {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const mono = new Int16Array(Math.floor(octets.byteLength / (2 * channels)));
  for (let i = 0; i < mono.length; i++) {
    const left = view.getInt16(2 * channels * i, true);
    mono[i] = channels === 1 ? left : (left + view.getInt16(2 * channels * i + 2, true)) >> 1;
  }
  return mono;
}

/** Taps of a low-pass with unity gain at 0 Hz. */
function lowPass(rate: number, half: number): Float64Array {
  const taps = new Float64Array(2 * half + 1);
  const cutoff = CUTOFF / rate;
  let sum = 0;
  for (let i = -half; i <= half; i++) {
    const sinc = i === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * i) / (Math.PI * i);
    const turn = (Math.PI * (i + half)) / half;
    const window = 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
    taps[i + half] = sinc * window;
    sum += sinc * window;
  }
  return taps.map((tap) => tap / sum);
}
