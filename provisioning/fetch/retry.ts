/**
 * What a failure means for its URL (RFC 6011 2.4.2), and how long to wait before it is tried again (2.7): first 2 to
 * 8 s by chance, then 2^N s more each time. Of thousands of telephones that come back together after a power cut no two
 * shall stay in step, so up to a tenth is added by chance each time.
 */

export type Failure =
  /** The name does not exist. */
  | { readonly kind: 'no such name' }
  /** No connection, or it broke, or it took too long. */
  | { readonly kind: 'unreachable'; readonly error: string }
  /** No TLS, or not with whom we want. */
  | { readonly kind: 'tls'; readonly error: string }
  /** The rules of trust forbid it: trust.ts. */
  | { readonly kind: 'distrusted'; readonly error: string }
  /** Dates of a certificate mean nothing yet: the clock is not set. */
  | { readonly kind: 'no time' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** It came, and is no configuration. */
  | { readonly kind: 'unusable'; readonly error: string };

/** `remove`: not again before the network changes or the day is over. `later`: again after a pause. */
export type Verdict = 'remove' | 'later';

export function verdictOf(failure: Failure): Verdict {
  switch (failure.kind) {
    case 'unreachable':
    case 'no time':
      return 'later';
    case 'status':
      return failure.retryAfter === undefined ? 'remove' : 'later';
    default:
      return 'remove';
  }
}

/** ms. RFC 6011 names no limit for requests; its half hour for subscriptions will do. */
export const LONGEST_PAUSE = 1_800_000;
/** A server may ask for a longer one, but not for ever. ms */
const LONGEST_ASKED = 86_400_000;
/** Of RFC 6011 2.7: so often before a step is given up, at least. */
export const RETRIES = 5;

export class Backoff {
  readonly #chance: () => number;
  #failures = 0;
  /** ms, without the part that is added by chance. */
  #pause = 0;

  /** `chance`: a number in [0, 1), new each time. */
  constructor(chance: () => number) {
    this.#chance = chance;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Something failed: ms to wait; at least `asked` ms, what a Retry-After says. */
  next(asked = 0): number {
    this.#pause =
      this.#failures === 0
        ? 2_000 + 6_000 * this.#chance()
        : Math.min(this.#pause + 2 ** this.#failures * 1_000, LONGEST_PAUSE);
    this.#failures += 1;
    const own = Math.min(this.#pause * (1 + this.#chance() / 10), LONGEST_PAUSE);
    return Math.max(own, Math.min(asked, LONGEST_ASKED));
  }

  succeeded(): void {
    this.#failures = 0;
  }
}

/** Retry-After (RFC 9110 10.2.3), seconds or a date, in ms from `wallClock` (ms since 1970); undefined: it is neither. */
export function readRetryAfter(value: string | undefined, wallClock: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const date = /^[A-Za-z]{3},/.test(value.trim()) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallClock);
}

/** For people. */
export function failureText(failure: Failure): string {
  switch (failure.kind) {
    case 'no such name':
      return 'the name does not exist';
    case 'no time':
      return 'the time is not known yet, so the dates of the certificate mean nothing';
    case 'status':
      return `the server answered ${failure.status}`;
    default:
      return failure.error;
  }
}
