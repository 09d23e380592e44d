/**
 * Ring trip: the handset is lifted while the bell rings. A ringing module (Ag1171, KS0835F) reports the loop's current
 * on SHK, and while it rings that current is the bell's own alternating one: SHK may follow F/R, high for up to half
 * of each period, or stay low, as the load and the module will have it. A lifted handset draws direct current in both
 * directions, so that SHK is high but for the crossings. Hence the rule: over whole periods of the ring, 40 ms and
 * more, SHK is high for more than two thirds. Whole periods, so that the share does not depend on where the window
 * begins; two thirds, to leave room for F/R toggles that come some milliseconds late; at most 60 ms (16.7 Hz), so
 * that the ring stops in time, which is 100 ms.
 */
import type { ContactInput } from './contact.ts';

/** ms: no window is shorter, or a single pulse of interference would trip it. */
const SHORTEST_WINDOW = 40;
/** Of the window in which a lifted handset's loop is closed. */
export const LIFTED_SHARE = 2 / 3;
/** Rounding of times, ms. */
const EPSILON = 1e-3;

export class RingTrip {
  readonly #window: number;
  /** Levels by the time of their beginning; the first one may have begun before the window. */
  #levels: { readonly at: number; readonly closed: boolean }[] = [];
  #checkAt = Number.POSITIVE_INFINITY;

  /** `hertz` of the ring. */
  constructor(hertz: number) {
    const period = 1000 / hertz;
    this.#window = Math.ceil(SHORTEST_WINDOW / period - EPSILON) * period;
  }

  /** ms: the earliest time at which the answer can become yes without a further edge. */
  get deadline(): number {
    return this.#checkAt;
  }

  /** Whether the handset is lifted: the loop was closed for more than `share` of the window. */
  handle(input: ContactInput, now: number, share = LIFTED_SHARE): boolean {
    if (input.kind === 'level' && input.closed !== this.#levels.at(-1)?.closed)
      this.#levels.push({ at: now, closed: input.closed });
    const closed = this.#closedTime(now);
    const missing = this.#window * share - closed;
    // A millisecond at least: while the window slides, closed time also leaves it.
    this.#checkAt = this.#levels.at(-1)?.closed ? now + Math.max(1, missing) : Number.POSITIVE_INFINITY;
    return missing <= EPSILON;
  }

  /** ms within the window that ends now. Forgets what lies before it. */
  #closedTime(now: number): number {
    const from = now - this.#window;
    const begun = this.#levels.findLastIndex(({ at }) => at <= from);
    if (begun > 0) this.#levels = this.#levels.slice(begun);
    return this.#levels.reduce((sum, { at, closed }, index) => {
      const end = this.#levels[index + 1]?.at ?? now;
      return closed ? sum + Math.max(0, end - Math.max(at, from)) : sum;
    }, 0);
  }
}
