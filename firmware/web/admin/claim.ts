/**
 * The one-time PIN that makes somebody the telephone's owner: whoever can read it stands before the telephone. It is
 * made when it is asked for, lives for a short while, and is used up by being right once or wrong a few times.
 */

const DIGITS = 8;
/** ms: time to walk to the telephone and back. */
export const PIN_LIFE = 10 * 60_000;
/** Wrong answers after which a PIN is no longer one. */
export const PIN_TRIES = 5;

export interface Pin {
  /** Eight digits. */
  readonly digits: string;
  /** ms on the clock of `now`. */
  readonly until: number;
}

export class Claim {
  readonly #random: (below: number) => number;
  #pin: Pin | undefined;
  #wrong = 0;

  /** `random(n)`: a whole number below n, that nobody can guess. */
  constructor(random: (below: number) => number) {
    this.#random = random;
  }

  /** The one in force, or a new one. Asking again makes no new one: nobody can take away what is being typed. */
  show(now: number): Pin {
    const pin = this.current(now);
    if (pin !== undefined) return pin;
    const digits = String(this.#random(10 ** DIGITS)).padStart(DIGITS, '0');
    this.#pin = { digits, until: now + PIN_LIFE };
    this.#wrong = 0;
    return this.#pin;
  }

  /** Undefined: there is none, or no longer. */
  current(now: number): Pin | undefined {
    if (this.#pin !== undefined && now >= this.#pin.until) this.#pin = undefined;
    return this.#pin;
  }

  /** True once for each PIN. Blanks and hyphens between the digits do not count. */
  accept(typed: string, now: number): boolean {
    const pin = this.current(now);
    if (pin === undefined) return false;
    if (same(typed.replace(/[\s-]/g, ''), pin.digits)) {
      this.#pin = undefined;
      return true;
    }
    this.#wrong += 1;
    if (this.#wrong >= PIN_TRIES) this.#pin = undefined;
    return false;
  }

  /** ms; Infinity: no PIN is shown. */
  get deadline(): number {
    return this.#pin?.until ?? Number.POSITIVE_INFINITY;
  }
}

/** Looks at every digit, whichever is wrong. */
function same(typed: string, digits: string): boolean {
  let difference = typed.length ^ digits.length;
  for (let i = 0; i < digits.length; i++) difference |= typed.charCodeAt(i) ^ digits.charCodeAt(i);
  return difference === 0;
}
