/**
 * A self-test of the outputs while the telephone runs: lamps and display, bell, tone, one after the other, for whoever
 * stands before it to see and hear. Whoever uses the telephone, or calls it, ends it.
 */
import type { LampPattern } from '#hal/types.ts';
import { TEST_TONE } from './features.ts';
import type { HandsetState } from './handset_states.ts';
import type { Wanted } from './outputs.ts';
import type { Texts } from './texts.ts';
import type { PhoneEffect } from './types.ts';

interface Step {
  /** Milliseconds. */
  readonly lasts: number;
  /** What is different meanwhile. */
  readonly tries: (texts: Texts) => Partial<Wanted>;
}

const LIT: LampPattern = 'on';
/** As hal/parts/lamp_names.ts has them. */
const LAMPS = { status: LIT, line: LIT, mute: LIT, speaker: LIT, headset: LIT };
/** ms on, off, …: one ring in the step that it has, never two. */
const ONE_RING = [1000, 4000];

const STEPS: readonly Step[] = [
  {
    lasts: 2000,
    tries: ({ selftest }) => ({
      lamps: LAMPS,
      lines: [selftest, 'äöüß éèê ñçø', '0123456789*#', '####################'],
    }),
  },
  { lasts: 1000, tries: () => ({ bell: ONE_RING }) },
  { lasts: 1000, tries: () => ({ inUse: true, route: 'speaker', tone: TEST_TONE }) },
];
const NEVER = Number.POSITIVE_INFINITY;

export class Selftest {
  readonly #texts: Texts;
  /** Undefined: there is none. */
  #step: number | undefined;
  #until = NEVER;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** ms on the clock of `now`; Infinity: nothing to wait for. */
  get deadline(): number {
    return this.#until;
  }

  /** The result is empty: how it ended is told when it has. */
  begin(state: HandsetState, now: number): PhoneEffect[] {
    if (this.#step !== undefined) return [over('a self-test is under way')];
    if (state !== 'idle') return [over('the telephone is in use: try again later')];
    this.#enter(0, now);
    return [];
  }

  /** Goes on as time does, and ends when the telephone is wanted for something else. */
  look(state: HandsetState, now: number): PhoneEffect[] {
    if (this.#step === undefined) return [];
    if (state !== 'idle') return this.#end('ended early: the telephone was used');
    if (now < this.#until) return [];
    if (this.#step + 1 === STEPS.length) return this.#end();
    this.#enter(this.#step + 1, now);
    return [];
  }

  /** What the outputs shall be instead of this. */
  over(wanted: Wanted): Wanted {
    const step = this.#step === undefined ? undefined : STEPS[this.#step];
    return step === undefined ? wanted : { ...wanted, ...step.tries(this.#texts) };
  }

  #enter(step: number, now: number): void {
    this.#step = step;
    this.#until = now + (STEPS[step]?.lasts ?? 0);
  }

  #end(error?: string): PhoneEffect[] {
    this.#step = undefined;
    this.#until = NEVER;
    return [over(error)];
  }
}

function over(error?: string): PhoneEffect {
  return { kind: 'selftest-over', ...(error === undefined ? {} : { error }) };
}
