/**
 * The numbering of the telephone: what was dialled becomes who is called, or the reason why nobody is. The dial plan
 * rewrites, accounts and neighbours say whom a number means, and the configuration says which numbers are allowed.
 */
import type { Accounts } from './accounts.ts';
import { isAllowed, numberOf } from './allowed.ts';
import { type DialPlan, type DialPlanOptions, type DialTimings, dialPlan } from './dial_plan.ts';
import { type DialTarget, dialTarget } from './dial_target.ts';
import { Neighbours } from './neighbours.ts';

export interface NumberingOptions extends Partial<DialPlanOptions> {
  /** Patterns of the numbers that may be dialled besides those of emergency; absent: all. See allowed.ts. */
  readonly allow?: readonly string[];
}

export class Numbering {
  readonly plan: DialPlan;
  readonly neighbours: Neighbours;
  readonly #accounts: Accounts;
  readonly #allow: readonly string[];

  /** A map that cannot be read is told to `warn`, and numbers end as without one. */
  constructor(
    accounts: Accounts,
    { allow = ['*'], ...plan }: NumberingOptions,
    timings: DialTimings,
    warn: (text: string) => void,
  ) {
    this.#accounts = accounts;
    this.#allow = allow;
    this.plan = dialPlan(plan, timings, warn);
    this.neighbours = new Neighbours(accounts, this.plan);
  }

  /** A number that is complete and rewritten: by keys, by redial, from the phone book. */
  target(number: string): DialTarget {
    const target = dialTarget(number, this.#accounts, this.neighbours.find);
    if (target.kind === 'wrong' && target.why === 'no-line' && this.neighbours.hasChanged(number))
      return otherKey(number);
    if (target.kind !== 'call') return target;
    if (!this.#allows(number, target.uri)) return barred(number);
    const name = target.name ?? this.neighbours.nameOf(target.uri);
    return name === undefined ? target : { ...target, name };
  }

  /** What was typed as a whole, at the command line or in the page, and the number that the map makes of it. */
  typed(text: string): { readonly number: string; readonly target: DialTarget } {
    const dialled = text.trim();
    const number = this.plan.rewritten(dialled);
    if (number === undefined) return { number: dialled, target: barred(dialled, 'the dial plan') };
    return { number, target: this.target(number) };
  }

  /** Help can always be called (RFC 6881 ED-2). */
  #allows(dialled: string, uri: string): boolean {
    const number = numberOf(dialled, uri);
    const helps = [dialled, number ?? ''].some((each) => this.plan.isEmergency(each));
    return helps || isAllowed(number, this.#allow);
  }
}

function otherKey(number: string): DialTarget {
  const what = `the telephone of ${number} shows another key than before`;
  return {
    kind: 'wrong',
    why: 'other-key',
    reason: `${what}: accept it on the settings page if you know why, and call again`,
  };
}

function barred(number: string, by = 'dial.allow'): DialTarget {
  return { kind: 'wrong', why: 'barred', reason: `${by} bars ${number}` };
}
