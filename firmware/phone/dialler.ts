/** The digits dialled so far, and what to do when the timer between them ends. */
import type { Key } from '#hal/types.ts';
import type { DialPlan } from './dial_plan.ts';
import { en } from './texts/en.ts';

/** Waiting for further keys (`ms`), a number to call, or an end without one. */
export type Dialled =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'number'; readonly number: string }
  | { readonly kind: 'wrong'; readonly reason: string };

export class Dialler {
  readonly #plan: DialPlan;
  #digits = '';
  #ready: string | undefined;
  /** What was called last; undefined: nothing yet. */
  last: string | undefined;

  constructor(plan: DialPlan) {
    this.#plan = plan;
  }

  get digits(): string {
    return this.#digits;
  }

  clear(): void {
    this.#digits = '';
    this.#ready = undefined;
  }

  press(key: Key): Dialled {
    this.#digits += key;
    const verdict = this.#plan.judge(this.#digits);
    if (verdict.kind === 'send') return { kind: 'number', number: verdict.number };
    if (verdict.kind === 'wrong') return { kind: 'wrong', reason: en.notInDialPlan };
    this.#ready = verdict.number;
    return { kind: 'wait', ms: verdict.ms };
  }

  /** The timer has ended. */
  end(): Dialled {
    return this.#ready === undefined
      ? { kind: 'wrong', reason: en.numberIncomplete }
      : { kind: 'number', number: this.#ready };
  }
}
