/** The bell as sound: a cadence that gates two gongs, or a recording that begins anew with each ring. */
import { mixInto } from './level.ts';
import { ToneGenerator } from './tone.ts';
import type { Tone } from './types.ts';

const SAMPLES_PER_MS = 8;
/** A clapper between two gongs, 25 times a second. */
const GONGS: Tone = {
  intro: [],
  loop: [
    { hz: [1067, 2134], ms: 20 },
    { hz: [1333, 2666], ms: 20 },
  ],
  level: -12,
};

/** A recording, 8 kHz. */
export interface Recording {
  restart(): void;
  read(frame: Int16Array): void;
}

export class Ringer {
  readonly #steps: readonly number[];
  readonly #recording: Recording | undefined;
  #gongs = new ToneGenerator(GONGS);
  #piece = new Int16Array(0);
  #step = 0;
  /** Samples that are left of the step. */
  #left: number;
  /** Samples for which it may sound. */
  #allowed = Number.POSITIVE_INFINITY;

  /** `cadence`: ms on, off, …, repeated; a cadence of nothing is silent. */
  constructor(cadence: readonly number[], recording?: Recording) {
    this.#steps = cadence.map((ms) => Math.round(Math.max(0, ms) * SAMPLES_PER_MS));
    this.#recording = recording;
    this.#left = this.#steps[0] ?? 0;
    recording?.restart();
  }

  /** It may sound for `ms` from now on, and then is silent until it is allowed more; the cadence goes on. By default for ever. */
  allow(ms: number): void {
    this.#allowed = ms * SAMPLES_PER_MS;
  }

  /** Adds the next samples of the bell to a frame. */
  addTo(frame: Int16Array): void {
    const isAllowed = this.#allowed > 0;
    this.#allowed -= frame.length;
    if (!this.#steps.some((samples) => samples > 0)) return;
    for (let from = 0; from < frame.length; ) {
      while (this.#left === 0) this.#next();
      const count = Math.min(this.#left, frame.length - from);
      if (isAllowed && this.#step % 2 === 0) this.#sound(frame, from, count);
      this.#left -= count;
      from += count;
    }
  }

  #next(): void {
    // With an odd number of steps on and off change places at each turn of the cadence.
    this.#step++;
    this.#left = this.#steps[this.#step % this.#steps.length] ?? 0;
    if (this.#step % 2 === 1) return;
    this.#gongs = new ToneGenerator(GONGS);
    this.#recording?.restart();
  }

  #sound(frame: Int16Array, from: number, count: number): void {
    if (this.#piece.length !== count) this.#piece = new Int16Array(count);
    if (this.#recording === undefined) {
      this.#piece.fill(0);
      this.#gongs.addTo(this.#piece);
    } else this.#recording.read(this.#piece);
    mixInto(count === frame.length ? frame : frame.subarray(from, from + count), this.#piece);
  }
}
