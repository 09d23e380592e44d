/**
 * Breaks of a current loop as a dial makes them. At 22 pulses a second the contact is closed for 15 ms and bounces for
 * as long: waiting for quiet, as contact.ts does, would lose them. Here the first edge gives the time, the level is
 * judged when every bounce is over, and what is shorter than a dial can do is taken back.
 *
 *   level  ──┐ ┌┐   ┌ ┌┐┌──────      since: first edge · length: to the first edge back
 *            └─┘└───┘─┘└┘            judged HOLD ms after each first edge
 */
import type { ContactInput } from './contact.ts';

/** A break that is over. */
export interface LoopBreak {
  /** ms: its first edge. */
  readonly since: number;
  /** ms from there to the first edge back. */
  readonly length: number;
}

/** ms: longer than contacts bounce (15), shorter than a break at 22 pulses a second (23 at half make, half break). */
export const HOLD = 16;
/** ms: what is shorter is a knock (DAHDI takes breaks from 15 ms on, makes from 10 ms on). */
const SHORTEST = { break: 16, make: 10 };

export class BreakDetector {
  #closed = true;
  #since = Number.NEGATIVE_INFINITY;
  #level = true;
  #changed = 0;
  /** ms: first edge away from the side on which it is believed to be. */
  #turning: number | undefined;

  /** ms: since when the loop is open, judged or not; undefined while it is closed. */
  get openSince(): number | undefined {
    return this.#closed ? this.#turning : this.#since;
  }

  get deadline(): number {
    return this.#turning === undefined ? Number.POSITIVE_INFINITY : this.#turning + HOLD;
  }

  handle(input: ContactInput, now: number): LoopBreak[] {
    const over: LoopBreak[] = [];
    while (input.kind === 'tick' ? now >= this.deadline : now > this.deadline) this.#judge(over);
    if (input.kind === 'tick' || input.closed === this.#level) return over;
    this.#level = input.closed;
    this.#changed = now;
    this.#turning ??= now;
    return over;
  }

  #judge(over: LoopBreak[]): void {
    const turned = this.#turning ?? 0;
    this.#turning = undefined;
    if (this.#level !== this.#closed) {
      this.#turn(turned, over);
    } else if (this.#changed - turned >= (this.#closed ? SHORTEST.break : SHORTEST.make)) {
      // There and back within HOLD: a fast dial, whose next half has begun.
      this.#turn(turned, over);
      this.#turning = this.#changed;
    }
  }

  #turn(at: number, over: LoopBreak[]): void {
    if (!this.#closed) over.push({ since: this.#since, length: at - this.#since });
    this.#closed = !this.#closed;
    this.#since = at;
  }
}
