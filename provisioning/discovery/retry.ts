/** When what failed may be tried again (RFC 6011 2.7): first after 2 to 8 s, then 2^N s later each time, N failures before. */

const FIRST = { least: 2_000, most: 8_000 } as const;
/** RFC 6011 2.5.1: no pause is longer. ms */
const LONGEST = 1_800_000;

interface Failures {
  readonly count: number;
  /** ms. */
  readonly pause: number;
  /** ms on the clock of `now`. */
  readonly until: number;
}

export class Retries {
  readonly #random: () => number;
  readonly #failed = new Map<string, Failures>();

  /** @param random uniform in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  mayTry(key: string, now: number): boolean {
    return (this.#failed.get(key)?.until ?? now) <= now;
  }

  /** @param atLeast ms: what the other side asked for, or what we think fit */
  failed(key: string, now: number, atLeast = 0): void {
    const before = this.#failed.get(key);
    const pause =
      before === undefined
        ? FIRST.least + this.#random() * (FIRST.most - FIRST.least)
        : Math.min(before.pause + 1000 * 2 ** Math.min(before.count, 20), LONGEST);
    const until = now + Math.max(pause, atLeast);
    this.#failed.set(key, { count: (before?.count ?? 0) + 1, pause, until });
  }

  clear(): void {
    this.#failed.clear();
  }

  /** The first moment after `now` at which one of these may be tried again; Infinity: there is none. */
  deadline(keys: readonly string[], now: number): number {
    const later = keys.map((key) => this.#failed.get(key)?.until ?? now).filter((until) => until > now);
    return Math.min(Number.POSITIVE_INFINITY, ...later);
  }
}
