/**
 * A rotary encoder: two contacts whose levels turn by a quarter of a cycle. A contact that bounces goes forth and
 * back between two neighbours and cancels itself out, so no time is involved.
 *
 *   a  ──┐     ┌─────┐        quarters of a cycle, clockwise:
 *        └─────┘     └──      11 → 01 → 00 → 10 → 11
 *   b  ─────┐     ┌─────
 *           └─────┘
 */
import type { ContactInput } from './contact.ts';

export type RotaryEncoderInput =
  | { readonly kind: 'level'; readonly contact: 'a' | 'b'; readonly closed: boolean }
  | Extract<ContactInput, { kind: 'tick' }>;

export interface RotaryEncoderEvent {
  readonly kind: 'step';
  /** 1 is clockwise: `a` leads. */
  readonly step: 1 | -1;
}

/** Quarter steps from one detent to the next. */
export type QuartersPerDetent = 1 | 2 | 4;

/** The place of a pair of levels (a × 2 + b) in the cycle. */
const PLACE = [2, 1, 3, 0] as const;

export class RotaryEncoder {
  readonly #quarters: QuartersPerDetent;
  #a: boolean | undefined;
  #b: boolean | undefined;
  #place: number | undefined;
  /** Quarters gone since the last detent. */
  #gone = 0;
  /** Place in the cycle at which it rests, modulo `#quarters`. */
  #detent = 0;

  constructor(quarters: QuartersPerDetent = 4) {
    this.#quarters = quarters;
  }

  /** It never waits. */
  get deadline(): number {
    return Number.POSITIVE_INFINITY;
  }

  handle(input: RotaryEncoderInput): RotaryEncoderEvent[] {
    if (input.kind === 'tick') return [];
    if (input.contact === 'a') this.#a = input.closed;
    else this.#b = input.closed;
    if (this.#a === undefined || this.#b === undefined) return [];
    const place = PLACE[(this.#a ? 2 : 0) + (this.#b ? 1 : 0)] ?? 0;
    if (this.#place === undefined) {
      this.#detent = place % this.#quarters;
      this.#place = place;
      return [];
    }
    return this.#turnTo(place, this.#place);
  }

  #turnTo(place: number, from: number): RotaryEncoderEvent[] {
    const turned = (place - from + 4) % 4;
    this.#place = place;
    if (turned === 1) this.#gone++;
    else if (turned === 3) this.#gone--;
    if (place % this.#quarters !== this.#detent) return [];
    const gone = this.#gone;
    this.#gone = 0;
    return gone === 0 ? [] : [{ kind: 'step', step: gone > 0 ? 1 : -1 }];
  }
}
