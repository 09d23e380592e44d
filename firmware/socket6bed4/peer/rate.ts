/** Limits on what others can make us do. */

/** So many at once, then so many a second. */
export class Rate {
  readonly #burst: number;
  readonly #perSecond: number;
  #left = 0;
  #at = -Infinity;

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  /** True: one more is within the limit, and now it is used. `now`: milliseconds. */
  take(now: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
