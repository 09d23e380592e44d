/**
 * Digit maps (RFC 3435 2.1.5): `(0T|[2-7]xx|0[1-9]xxxxxxxx|00x.T|*xx)`.
 *
 * A map is a list of alternatives; all of them are followed at once, digit by digit, as the threads of a
 * nondeterministic automaton, so the time is linear in digits times positions whatever the map says.
 * Accepted beyond the RFC, because telephones in the field have it: `+` (one or more), `<a:b>` and `<a=b>`
 * (a is replaced by b), `!` at the end or `^` at the start (barred), `S0` at the end (no waiting), braces
 * instead of parentheses, commas and blanks (ignored).
 */

interface Position {
  readonly keys: string;
  /** `.` after it: any number of times, also none. */
  readonly repeated: boolean;
  /** Inside `<a:`: heard but not sent. */
  readonly dropped: boolean;
  /** Sent before this position's digit. */
  readonly insert: string;
}

interface Alternative {
  readonly positions: readonly Position[];
  /** Sent after the last digit. */
  readonly insertAtEnd: string;
  readonly timer: boolean;
  readonly barred: boolean;
  readonly atOnce: boolean;
}

export interface DigitMap {
  readonly alternatives: readonly Alternative[];
  /** Digits of the shortest number that needs no timer; 0 if every alternative waits. */
  readonly shortest: number;
}

/** What a map says to the digits so far. All absent and `more` false: no alternative begins like this. */
export interface DigitMatch {
  /** The number to send, with replacements done: complete as it stands. */
  readonly complete?: string;
  /** The number to send when the inter-digit timer ends. */
  readonly timed?: string;
  /** Further digits may follow. */
  readonly more: boolean;
  /** These digits are no number, whatever other alternatives say. */
  readonly barred: boolean;
  readonly atOnce: boolean;
}

/** The map cannot be read: the configuration is wrong, not the person who dials. */
export class DigitMapError extends Error {
  readonly code = 'DIGIT_MAP';
  /** Offset of the offending character. */
  readonly at: number;

  constructor(what: string, at: number) {
    super(`digit map: ${what} at character ${at + 1}`);
    this.name = 'DigitMapError';
    this.at = at;
  }
}

const MAX_LENGTH = 4096;
const DIGITS = '0123456789';
const KEYS = `${DIGITS}*#ABCD`;

/** Reads a map; throws `DigitMapError`. */
export function parseDigitMap(text: string): DigitMap {
  if (text.length > MAX_LENGTH) throw new DigitMapError('longer than 4096 characters', MAX_LENGTH);
  const alternatives = new MapReader(text).alternatives();
  const lengths = alternatives.filter(({ timer }) => !timer).map(mandatoryDigits);
  return { alternatives, shortest: lengths.length > 0 ? Math.min(...lengths) : 0 };
}

function mandatoryDigits({ positions }: Alternative): number {
  return positions.filter(({ repeated }) => !repeated).length;
}

class MapReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.toUpperCase();
  }

  alternatives(): Alternative[] {
    const open = this.#peek();
    const close = open === '(' ? ')' : open === '{' ? '}' : undefined;
    if (close !== undefined) this.#at++;
    const all = [this.#alternative()];
    while (this.#peek() === '|') {
      this.#at++;
      all.push(this.#alternative());
    }
    if (close !== undefined && this.#take() !== close) throw this.#error(`"${close}" is missing`);
    if (this.#peek() !== undefined) throw this.#error('unexpected character');
    return all;
  }

  #alternative(): Alternative {
    const positions: Position[] = [];
    const end = { timer: false, barred: false, atOnce: false };
    let insert = '';
    if (this.#peek() === '^') {
      this.#at++;
      end.barred = true;
    }
    for (let next = this.#peek(); next !== undefined && !'|)}'.includes(next); next = this.#peek()) {
      if (end.timer || end.atOnce) throw this.#error('nothing may follow T, S0 or !');
      if (next === 'T') {
        this.#at++;
        end.timer = true;
      } else if (next === '!') {
        this.#at++;
        end.barred = end.atOnce = true;
      } else if (next === 'S') {
        this.#at++;
        if (this.#take() !== '0') throw this.#error('only S0 is understood');
        end.atOnce = true;
      } else if (next === '<') {
        const replaced = this.#replacement(insert);
        positions.push(...replaced.positions);
        insert = replaced.insert;
      } else {
        positions.push(...this.#position(insert, false));
        insert = '';
      }
    }
    if (positions.length === 0) throw this.#error('an alternative without digits');
    return { positions, insertAtEnd: insert, ...end };
  }

  /** `<a:b>`: positions of `a` are dropped, `b` goes before whatever follows. */
  #replacement(before: string): { positions: Position[]; insert: string } {
    this.#at++;
    const positions: Position[] = [];
    let next = this.#peek();
    for (; next !== undefined && next !== ':' && next !== '='; next = this.#peek()) {
      positions.push(...this.#position('', true));
    }
    if (next === undefined) throw this.#error('":" is missing');
    this.#at++;
    let insert = before;
    for (next = this.#take(); next !== '>'; next = this.#take()) {
      if (next === undefined || !`${KEYS}+`.includes(next)) throw this.#error('">" is missing');
      insert += next;
    }
    return { positions, insert };
  }

  #position(insert: string, dropped: boolean): Position[] {
    const keys = this.#keys();
    const once = { keys, repeated: false, dropped, insert };
    const again = { keys, repeated: true, dropped, insert: '' };
    const next = this.#peek();
    if (next === '+') {
      this.#at++;
      return [once, again];
    }
    if (next !== '.') return [once];
    this.#at++;
    // What is inserted must not depend on how often the position is passed.
    return insert === '' ? [again] : [{ ...again, keys: '', insert }, again];
  }

  #keys(): string {
    const key = this.#take();
    if (key === 'X') return DIGITS;
    if (key === '[') return this.#range();
    if (key !== undefined && KEYS.includes(key)) return key;
    throw this.#error('no digit, x, [range], T or |', -1);
  }

  #range(): string {
    let keys = '';
    for (let key = this.#take(); key !== ']'; key = this.#take()) {
      if (key === undefined) throw this.#error('"]" is missing');
      if (key === 'X') keys += DIGITS;
      else if (key === '-') keys += this.#span(keys.at(-1), this.#take());
      else if (KEYS.includes(key)) keys += key;
      else throw this.#error('no digit', -1);
    }
    if (keys === '') throw this.#error('an empty range', -1);
    return keys;
  }

  #span(from: string | undefined, to: string | undefined): string {
    const [first, last] = [DIGITS.indexOf(from ?? '-'), DIGITS.indexOf(to ?? '-')];
    if (first < 0 || last < first) throw this.#error('a range runs upwards between two digits', -1);
    return DIGITS.slice(first + 1, last + 1);
  }

  #peek(): string | undefined {
    while (' \t\r\n,'.includes(this.#text[this.#at] ?? '?')) this.#at++;
    return this.#text[this.#at];
  }

  #take(): string | undefined {
    const next = this.#peek();
    this.#at++;
    return next;
  }

  #error(what: string, back = 0): DigitMapError {
    return new DigitMapError(what, Math.max(0, Math.min(this.#at + back, this.#text.length)));
  }
}

/** Follows `digits` through every alternative. */
export function matchDigits(map: DigitMap, digits: string): DigitMatch {
  const result = { more: false, barred: false, atOnce: false };
  let complete: string | undefined;
  let timed: string | undefined;
  for (const alternative of map.alternatives) {
    const threads = follow(alternative, digits);
    const { positions, timer, insertAtEnd } = alternative;
    const end = threads.get(positions.length);
    if ([...threads.keys()].some((at) => at < positions.length)) result.more = true;
    if (end === undefined) continue;
    if (alternative.atOnce) result.atOnce = true;
    if (alternative.barred) result.barred = true;
    else if (timer) timed ??= end + insertAtEnd;
    else complete ??= end + insertAtEnd;
  }
  if (result.barred) return result;
  return { ...result, ...(complete !== undefined && { complete }), ...(timed !== undefined && { timed }) };
}

/** Threads of one alternative after `digits`: position to come → what would be sent so far. */
function follow({ positions }: Alternative, digits: string): Map<number, string> {
  let threads = new Map<number, string>();
  reach(threads, positions, 0, '');
  for (const digit of digits) {
    const next = new Map<number, string>();
    for (const [at, sent] of threads) {
      const position = positions[at];
      if (!position?.keys.includes(digit)) continue;
      const now = sent + position.insert + (position.dropped ? '' : digit);
      reach(next, positions, position.repeated ? at : at + 1, now);
    }
    threads = next;
  }
  return threads;
}

/** Enters a position, and those behind it that may be passed without a digit. */
function reach(threads: Map<number, string>, positions: readonly Position[], at: number, sent: string): void {
  if (threads.has(at)) return;
  threads.set(at, sent);
  const position = positions[at];
  if (position?.repeated) reach(threads, positions, at + 1, sent + position.insert);
}
