/** Keeps what was learnt of servers and families, now and then and at the end. */
import type { ReachabilityState } from '#sip/request/reachability.ts';
import type { ReachabilityStore } from './ports.ts';

/** If it has changed. ms */
const EVERY = 300_000;

export class ReachabilityKeeper {
  readonly #keep: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `store`: absent: nothing is kept. */
  constructor(store: ReachabilityStore | undefined, learnt: () => ReachabilityState) {
    this.#keep = () => store?.keep(learnt());
  }

  start(): void {
    this.#timer ??= setInterval(this.#keep, EVERY).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#keep();
  }
}
