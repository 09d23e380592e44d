/**
 * Rate limits for what others can make the router send. An answer goes to whatever end a datagram claims to come
 * from, so each end and all of them together have a limit, whoever sends.
 *
 * The generic cell rate algorithm: of each origin one number is kept, the time when its allowance will be whole
 * again. With `burst` at once and `perSecond` afterwards, an answer is allowed as long as that time is less than
 * `burst` answers away.
 */

export interface Rate {
  /** How many at once. */
  readonly burst: number;
  /** How many a second afterwards. */
  readonly perSecond: number;
}

/** Origins remembered; beyond, the one that was heard least recently is forgotten, and what is sent is up to `all`. */
const MOST_ORIGINS = 4096;

export class Limiter {
  readonly #each: Allowance;
  readonly #all: Allowance;
  readonly #most: number;
  /** By origin, the least recently heard first: milliseconds at which its allowance is whole again. */
  readonly #whole = new Map<number, number>();
  #allWhole = Number.NEGATIVE_INFINITY;

  constructor(each: Rate, all: Rate, mostOrigins = MOST_ORIGINS) {
    this.#each = allowanceOf(each);
    this.#all = allowanceOf(all);
    this.#most = mostOrigins;
  }

  /** Whether one more answer to this origin may go out; if so, it counts. `now`: milliseconds of a steady clock. */
  allows(origin: number, now: number): boolean {
    const known = this.#whole.get(origin) ?? now;
    const whole = after(this.#each, known, now);
    const allWhole = after(this.#all, this.#allWhole, now);
    const allowed = whole !== undefined && allWhole !== undefined;
    this.#remember(origin, allowed ? whole : known);
    if (allowed) this.#allWhole = allWhole;
    return allowed;
  }

  /** Origins remembered. */
  get size(): number {
    return this.#whole.size;
  }

  #remember(origin: number, whole: number): void {
    if (!this.#whole.delete(origin) && this.#whole.size >= this.#most) {
      for (const oldest of this.#whole.keys()) {
        this.#whole.delete(oldest);
        break;
      }
    }
    this.#whole.set(origin, whole);
  }
}

interface Allowance {
  /** Milliseconds that one answer takes. */
  readonly interval: number;
  /** Milliseconds that may be missing to the whole for one more answer. */
  readonly tolerance: number;
}

function allowanceOf({ burst, perSecond }: Rate): Allowance {
  const interval = 1000 / perSecond;
  return { interval, tolerance: (burst - 1) * interval };
}

/** When the allowance is whole after one more answer; undefined: it is used up. */
function after({ interval, tolerance }: Allowance, whole: number, now: number): number | undefined {
  const missing = Math.max(0, whole - now);
  return missing > tolerance ? undefined : now + missing + interval;
}
