/**
 * When is a number complete? After each key the plan gives a verdict: send now, wait so long and then send (or
 * give up), or wrong. Emergency numbers come first, then the built-in numbers, then the digit map; without a
 * map a number ends by `#` or by the timer between digits.
 */
import { type DigitMap, DigitMapError, type DigitMatch, matchDigits, parseDigitMap } from './digit_map.ts';
import { BUILT_IN_NUMBERS, builtInNumber, DIRECT_IP_PREFIX } from './features.ts';
import type { PhoneTimings } from './timings.ts';

export type Verdict =
  | { readonly kind: 'send'; readonly number: string }
  /** After `ms` without a further key `number` is sent; absent: the number is incomplete. */
  | { readonly kind: 'wait'; readonly ms: number; readonly number?: string }
  /** The map bars this number, or knows no number that begins like this. */
  | { readonly kind: 'wrong' };

export interface DialPlanOptions {
  /** RFC 3435 2.1.5; see digit_map.ts. A map that cannot be read throws `DigitMapError`. */
  readonly map?: string;
  readonly emergency: readonly string[];
}

export type DialTimings = Pick<PhoneTimings, 'firstDigit' | 'betweenDigits' | 'afterCompleteNumber'>;

/** No number on earth is longer (E.164: 15); with prefixes and star codes this is ample. */
export const MAX_DIGITS = 64;

/** The plan of a telephone that must work even if its map is wrong: then numbers end as without a map. */
export function dialPlan(
  { map, emergency = [] }: Partial<DialPlanOptions> = {},
  timings: DialTimings,
  warn: (text: string) => void,
): DialPlan {
  try {
    return new DialPlan({ ...(map !== undefined && { map }), emergency }, timings);
  } catch (error) {
    if (!(error instanceof DigitMapError)) throw error;
    warn(`${error.message}: numbers end by # or after a pause`);
    return new DialPlan({ emergency }, timings);
  }
}

const NOTHING: DigitMatch = { more: false, barred: false, atOnce: false };

export class DialPlan {
  readonly #map: DigitMap | undefined;
  readonly #emergency: readonly string[];
  readonly #timings: DialTimings;

  constructor(options: DialPlanOptions, timings: DialTimings) {
    this.#map = options.map === undefined ? undefined : parseDigitMap(options.map);
    this.#emergency = options.emergency;
    this.#timings = timings;
  }

  isEmergency(number: string): boolean {
    return this.#emergency.includes(number);
  }

  /** The verdict on `digits`, whose last key has just been pressed. */
  judge(digits: string): Verdict {
    if (digits.length > MAX_DIGITS) return { kind: 'wrong' };
    if (this.isEmergency(digits)) return this.#complete(digits, this.#emergencyMayFollow(digits));
    const match = this.#match(digits);
    if (digits.length > 1 && digits.endsWith('#') && !this.#mapTakes(match)) return this.#ended(digits);
    if (builtInNumber(digits)) return this.#complete(digits, match.more);
    if (this.#map === undefined) return { kind: 'wait', ms: this.#timings.betweenDigits, number: digits };
    if (this.#reserved(digits)) return this.#waitForReserved(digits);
    return this.#byMap(digits, match);
  }

  /** The number that goes out for one dialled at once (command line, page); undefined: the map bars it. */
  rewritten(number: string): string | undefined {
    if (this.isEmergency(number)) return number;
    const { complete, timed, barred } = this.#match(number);
    return barred ? undefined : (complete ?? timed ?? number);
  }

  #match(digits: string): DigitMatch {
    return this.#map === undefined ? NOTHING : matchDigits(this.#map, digits);
  }

  #mapTakes(match: DigitMatch): boolean {
    return match.more || match.barred || match.complete !== undefined || match.timed !== undefined;
  }

  /** `#` ended the number. */
  #ended(withHash: string): Verdict {
    const digits = withHash.slice(0, -1);
    if (this.#map === undefined || this.isEmergency(digits) || this.#reserved(digits)) {
      return { kind: 'send', number: digits };
    }
    const { complete, timed } = this.#match(digits);
    const number = complete ?? timed;
    return number === undefined ? { kind: 'wrong' } : { kind: 'send', number };
  }

  /** Part of the numbers that no map can take away. */
  #reserved(digits: string): boolean {
    return (
      digits.startsWith(DIRECT_IP_PREFIX) ||
      [DIRECT_IP_PREFIX, ...BUILT_IN_NUMBERS.map(({ number }) => number)].some((n) => n.startsWith(digits)) ||
      this.#emergency.some((number) => number.startsWith(digits))
    );
  }

  /** Both the map and a reserved number begin like this: the map's number goes when the timer says so. */
  #waitForReserved(digits: string): Verdict {
    const { complete, timed } = this.#match(digits);
    const number = complete ?? timed ?? (digits.startsWith(DIRECT_IP_PREFIX) ? digits : undefined);
    return { kind: 'wait', ms: this.#patience(digits), ...(number !== undefined && { number }) };
  }

  #byMap(digits: string, match: DigitMatch): Verdict {
    const { complete, timed, more, barred, atOnce } = match;
    if (barred && (atOnce || !more)) return { kind: 'wrong' };
    if (complete !== undefined) return this.#complete(complete, more && !atOnce);
    if (timed !== undefined) return { kind: 'wait', ms: this.#timings.betweenDigits, number: timed };
    if (more) return { kind: 'wait', ms: this.#patience(digits) };
    // RFC 3435 2.1.5: over-qualified digits are sent, but only where a number stands behind them.
    return this.#match(digits.slice(0, -1)).complete === undefined
      ? { kind: 'wrong' }
      : { kind: 'send', number: digits };
  }

  #complete(number: string, mayGoOn: boolean): Verdict {
    return mayGoOn
      ? { kind: 'wait', ms: this.#timings.afterCompleteNumber, number }
      : { kind: 'send', number };
  }

  /** Children dial slowly: the long timer runs while no number of the map can be complete yet. */
  #patience(digits: string): number {
    const short = digits.length < (this.#map?.shortest ?? 0);
    return short ? this.#timings.firstDigit : this.#timings.betweenDigits;
  }

  #emergencyMayFollow(digits: string): boolean {
    return this.#emergency.some((number) => number.length > digits.length && number.startsWith(digits));
  }
}
