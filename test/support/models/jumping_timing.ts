/** The drivers' clock, jumping: from one thing that is due straight to the next, with all promises settled between. */
import { setImmediate } from 'node:timers/promises';

interface Due {
  readonly at: number;
  readonly action: () => void;
}

export class JumpingTiming {
  #now = 0;
  readonly #due = new Set<Due>();

  /** ms. */
  now(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): () => void {
    const due = { at: this.#now + Math.max(0, ms), action };
    this.#due.add(due);
    return () => void this.#due.delete(due);
  }

  /** Lets `ms` pass. Throws when there is no end of things to do. */
  async run(ms: number, most = 1_000_000): Promise<void> {
    const end = this.#now + ms;
    await setImmediate();
    for (let left = most; ; left--) {
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      if (left === 0) throw new Error(`no rest after ${most} steps`);
      this.#due.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
      await setImmediate();
    }
    this.#now = end;
  }

  /** What `promise` comes to, in at most `ms`. */
  async until<T>(promise: Promise<T>, ms = 60_000): Promise<T> {
    let settled = false;
    const end = this.#now + ms;
    const both = promise.finally(() => {
      settled = true;
    });
    both.catch(() => {});
    await setImmediate();
    while (!settled && this.#now < end)
      await this.run(Math.min((this.#next()?.at ?? end) - this.#now, end - this.#now));
    if (!settled) throw new Error(`not settled within ${ms} ms`);
    return both;
  }

  #next(): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) if (first === undefined || due.at < first.at) first = due;
    return first;
  }
}
