/** What a telephone in a guest was heard to play, and when. */
import { readFileSync } from 'node:fs';
import { dbm0At } from '../support/goertzel.ts';
import { RATE, type Recorded } from './inside/sound.ts';

export class Recording {
  readonly samples: Int16Array;
  readonly #startedAt: number;

  /** @param file of raw samples */
  constructor(file: string, { startedAt }: Recorded) {
    const octets = readFileSync(file);
    const whole = octets.subarray(0, octets.length - (octets.length % 2));
    this.samples = new Int16Array(Uint8Array.from(whole).buffer);
    this.#startedAt = startedAt;
  }

  /** Between two moments of the guest's clock, ms. */
  between(from: number, to = Number.POSITIVE_INFINITY): Int16Array {
    const at = (ms: number) => Math.max(0, Math.round(((ms - this.#startedAt) * RATE) / 1000));
    return this.samples.subarray(at(from), to === Number.POSITIVE_INFINITY ? undefined : at(to));
  }

  /** dBm0 of each frequency between two moments. */
  levels(hz: readonly number[], from: number, to: number): readonly number[] {
    return hz.map((each) => Math.round(dbm0At(this.between(from, to), each, RATE) * 10) / 10);
  }

  /** dBm0 of a frequency in the span of 50 ms where it is strongest. */
  strongest(hz: number, from: number, to: number): number {
    const spans = Array.from({ length: Math.floor((to - from) / 50) }, (_, at) => from + at * 50);
    const heard = spans.filter((at) => this.between(at, at + 50).length === RATE / 20);
    return Math.max(...heard.flatMap((at) => this.levels([hz], at, at + 50)));
  }

  /** For people: `#` for each 20 ms of sound, `_` for silence. */
  picture(from: number, to?: number): string {
    const samples = this.between(from, to);
    const window = RATE / 50;
    const levels = Array.from({ length: Math.floor(samples.length / window) }, (_, at) =>
      samples.subarray(at * window, (at + 1) * window).some((sample) => Math.abs(sample) > 300),
    );
    return levels.map((sounds) => (sounds ? '#' : '_')).join('');
  }

  /** ms from a moment until anything is heard; undefined: nothing was. */
  msUntilSound(from: number): number | undefined {
    const first = this.between(from).findIndex((sample) => Math.abs(sample) > 300);
    return first < 0 ? undefined : (first * 1000) / RATE;
  }
}
