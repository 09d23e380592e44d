/**
 * Plays a tone by its cadence. Steps begin and end exact to the sample; a frequency that goes on from one step
 * to the next, or from one frame to the next, keeps its phase, so that nothing clicks.
 */
import { amplitudeOf, clip } from './level.ts';
import type { Tone, ToneStep } from './types.ts';

const SAMPLE_RATE = 8000;
const DEFAULT_LEVEL = -16;
/** Depth of amplitude modulation (Japanese ringback). */
const AM_DEPTH = 0.9;
const TURN = 2 * Math.PI;

export class ToneGenerator {
  readonly #steps: readonly ToneStep[];
  readonly #loopFrom: number;
  readonly #amplitude: number;
  readonly #phases = new Float64Array(8);
  #at = 0;
  /** Samples that are left of the step; cadences may be fractions of a sample. */
  #left = 0;
  #ended = false;

  constructor(tone: Tone) {
    this.#steps = [...tone.intro, ...tone.loop];
    this.#loopFrom = tone.intro.length;
    this.#amplitude = amplitudeOf(tone.level ?? DEFAULT_LEVEL);
    this.#ended = this.#steps.length === 0;
    if (!this.#ended) this.#left = samplesOf(this.#steps[0]);
  }

  /** True when an intro without loop is over; only silence follows. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds the next samples of the tone to a frame of any length. */
  addTo(frame: Int16Array): void {
    let from = 0;
    while (from < frame.length && !this.#ended) {
      if (this.#left < 0.5) this.#nextStep();
      const step = this.#steps[this.#at];
      if (step === undefined || this.#ended) return;
      const count = Math.min(frame.length - from, Math.round(Math.min(this.#left, frame.length)));
      this.#play(step, frame, from, count);
      this.#left -= count;
      from += count;
      if (this.#left < 0.5 && this.#isLast()) this.#ended = true;
    }
  }

  #isLast(): boolean {
    return this.#at + 1 === this.#steps.length && this.#loopFrom === this.#steps.length;
  }

  #nextStep(): void {
    // A cadence whose steps are all shorter than a sample would never fill a frame.
    for (let tries = 0; tries <= this.#steps.length; tries++) {
      const before = this.#steps[this.#at];
      this.#at = this.#at + 1 < this.#steps.length ? this.#at + 1 : this.#loopFrom;
      const step = this.#steps[this.#at];
      this.#left += samplesOf(step);
      if (!sameFrequencies(before, step)) this.#phases.fill(0);
      if (this.#left >= 0.5) return;
    }
    this.#ended = true;
  }

  #play(step: ToneStep, frame: Int16Array, from: number, count: number): void {
    const { hz } = step;
    if (step.am === true) {
      this.#playModulated(hz[0] ?? 0, hz[1] ?? 0, frame, from, count);
      return;
    }
    for (let voice = 0; voice < hz.length && voice < this.#phases.length; voice++) {
      const turn = (TURN * (hz[voice] ?? 0)) / SAMPLE_RATE;
      let phase = this.#phases[voice] ?? 0;
      for (let i = from; i < from + count; i++) {
        frame[i] = clip(Math.round((frame[i] ?? 0) + this.#amplitude * Math.sin(phase)));
        phase += turn;
      }
      this.#phases[voice] = phase % TURN;
    }
  }

  #playModulated(carrier: number, modulator: number, frame: Int16Array, from: number, count: number): void {
    let phase = this.#phases[0] ?? 0;
    let envelope = this.#phases[1] ?? 0;
    for (let i = from; i < from + count; i++) {
      const gain = (1 + AM_DEPTH * Math.sin(envelope)) / (1 + AM_DEPTH);
      frame[i] = clip(Math.round((frame[i] ?? 0) + this.#amplitude * gain * Math.sin(phase)));
      phase += (TURN * carrier) / SAMPLE_RATE;
      envelope += (TURN * modulator) / SAMPLE_RATE;
    }
    this.#phases[0] = phase % TURN;
    this.#phases[1] = envelope % TURN;
  }
}

function samplesOf(step: ToneStep | undefined): number {
  if (step === undefined) return 0;
  return step.ms === 0 ? Number.POSITIVE_INFINITY : (step.ms * SAMPLE_RATE) / 1000;
}

function sameFrequencies(a: ToneStep | undefined, b: ToneStep | undefined): boolean {
  if (a === undefined || b === undefined || a.am !== b.am || a.hz.length !== b.hz.length) return false;
  return a.hz.every((hz, i) => hz === b.hz[i]);
}
