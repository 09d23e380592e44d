/** Runs a machine of hal/parts: hands it inputs, tells its events, and wakes it at its deadline. */
import type { Timing } from './part.ts';

interface Tick {
  readonly kind: 'tick';
}

export interface Machine<Input, Event> {
  handle(input: Input | Tick, now: number): readonly Event[];
  /** ms on the clock of `now`; Infinity: nothing to wait for. */
  readonly deadline: number;
}

/** ms: a machine whose deadline stays in the past shall not take the whole processor. */
const LEAST_WAIT = 0.5;

export class Clockwork<Input, Event> {
  readonly #machine: Machine<Input, Event>;
  readonly #timing: Timing;
  readonly #tell: (event: Event) => void;
  #wokenAt = Number.POSITIVE_INFINITY;
  #callOff = () => {};
  #stopped = false;

  constructor(machine: Machine<Input, Event>, timing: Timing, tell: (event: Event) => void) {
    this.#machine = machine;
    this.#timing = timing;
    this.#tell = tell;
  }

  /** `at`: when it was, where that is earlier than now, on the clock of `timing`. */
  give(input: Input | Tick, at = this.#timing.now()): void {
    if (this.#stopped) return;
    for (const event of this.#machine.handle(input, at)) this.#tell(event);
    this.#arm();
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#stopped = true;
    this.#callOff();
  }

  #arm(): void {
    const { deadline } = this.#machine;
    if (this.#stopped || deadline === this.#wokenAt) return;
    this.#callOff();
    this.#wokenAt = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    this.#callOff = this.#timing.after(Math.max(LEAST_WAIT, deadline - this.#timing.now()), () => {
      this.#wokenAt = Number.POSITIVE_INFINITY;
      this.give({ kind: 'tick' });
    });
  }
}
