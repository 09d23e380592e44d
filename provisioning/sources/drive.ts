/** Keeps a machine's clock: one timer for its deadline, and its effects handed on in order. */

interface Tick {
  readonly kind: 'tick';
}

export interface Machine<I, E> {
  handle(input: I | Tick, now: number): readonly E[];
  readonly deadline: number;
}

export interface Driven<I> {
  give(input: I): void;
  close(): void;
}

/** setTimeout's limit, ms. */
const LONGEST_TIMER = 0x7fff_ffff;

/** What `deliver` gives the machine in its turn waits until all effects before are delivered. */
export function drive<I, E>(machine: Machine<I, E>, deliver: (effect: E) => void): Driven<I> {
  const waiting: (I | Tick)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  let closed = false;
  const give = (input: I | Tick): void => {
    waiting.push(input);
    if (busy || closed) return;
    busy = true;
    for (let next = waiting.shift(); next !== undefined && !closed; next = waiting.shift())
      for (const effect of machine.handle(next, performance.now())) if (!closed) deliver(effect);
    busy = false;
    arm();
  };
  const arm = (): void => {
    clearTimeout(timer);
    if (closed || machine.deadline === Number.POSITIVE_INFINITY) return;
    const wait = Math.min(Math.max(0, Math.ceil(machine.deadline - performance.now())), LONGEST_TIMER);
    timer = setTimeout(() => give({ kind: 'tick' }), wait).unref();
  };
  return {
    give,
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
