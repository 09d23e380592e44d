/**
 * A clock that jumps: it drives machines (`handle(input, now)`, `deadline`) and planned actions, always going straight
 * to the next thing that is due. Half a minute of retransmissions takes microseconds, and every run is the same.
 */
import { Timers } from '#sip/timers.ts';

interface Tick {
  readonly kind: 'tick';
}

export interface Machine<I, E> {
  handle(input: I | Tick, now: number): readonly E[];
  readonly deadline: number;
}

export class Clock {
  #now: number;
  readonly #plans = new Timers<() => void>();
  readonly #machines: { readonly machine: { readonly deadline: number }; readonly tick: () => void }[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = false;

  constructor(start = 1_000_000) {
    this.#now = start;
  }

  /** ms since no particular time. */
  get now(): number {
    return this.#now;
  }

  /** When the next thing is due; Infinity: nothing is left, in no machine and no plan. */
  get deadline(): number {
    return this.#machines.reduce(
      (least, { machine }) => Math.min(least, machine.deadline),
      this.#plans.deadline,
    );
  }

  /** Does `action` in so many ms, when the clock is run. */
  after(ms: number, action: () => void): void {
    this.#plans.set(action, this.#now + ms);
  }

  /**
   * Puts a machine on this clock. Its effects go one by one to `deliver`, each time all of one input before the next
   * input. The result hands the machine an input; called from within `deliver`, it waits for its turn.
   */
  drive<I, E>(machine: Machine<I, E>, deliver: (effect: E) => void): (input: I | Tick) => void {
    const give = (input: I | Tick) =>
      this.#inTurn(() => {
        for (const effect of machine.handle(input, this.#now)) deliver(effect);
      });
    this.#machines.push({ machine, tick: () => give({ kind: 'tick' }) });
    return give;
  }

  /** Jumps to whatever is due next and does it. False when nothing is left, or nothing until `until`. */
  step(until = Number.POSITIVE_INFINITY): boolean {
    const next = this.deadline;
    if (next === Number.POSITIVE_INFINITY || next > until) return false;
    this.#now = Math.max(this.#now, next);
    for (let plan = this.#plans.due(this.#now); plan; plan = this.#plans.due(this.#now)) this.#inTurn(plan);
    for (const { machine, tick } of this.#machines) if (machine.deadline <= this.#now) tick();
    return true;
  }

  /** Lets `ms` pass. Throws when the machines never come to rest. */
  run(ms: number, steps = 1_000_000): void {
    const end = this.#now + ms;
    for (let done = 0; this.step(end); done++)
      if (done >= steps) throw new Error(`no rest after ${steps} steps`);
    if (end !== Number.POSITIVE_INFINITY) this.#now = end;
  }

  /** Goes on until nothing is left to happen. */
  settle(steps = 1_000_000): void {
    this.run(Number.POSITIVE_INFINITY, steps);
  }

  #inTurn(job: () => void): void {
    this.#waiting.push(job);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next();
    } finally {
      this.#busy = false;
    }
  }
}
