/**
 * How long somebody has to wait who was wrong: nothing for a slip of the finger, then twice as long each time, for the
 * one source and, more patiently, for all of them together. Who has to wait is not even heard: a try within that time
 * is neither right nor wrong.
 */

export interface Delay {
  /** Wrong tries that cost nothing. */
  readonly free: number;
  /** ms after the first that does. */
  readonly first: number;
  readonly longest: number;
}

export const PER_SOURCE: Delay = { free: 3, first: 2_000, longest: 3_600_000 };
/** Short at its longest: strangers on the LAN shall not keep the owner out, and 2,880 tries a day find no password. */
export const FOR_ALL: Delay = { free: 10, first: 1_000, longest: 30_000 };
/** For what a machine knows by heart: nobody guesses it, and one whose token was wrong shall soon be heard with the right one. */
export const OF_TOKENS: Delay = { free: 3, first: 1_000, longest: 60_000 };
/** ms without a wrong try after which all is forgotten. */
export const FORGOTTEN_AFTER = 24 * 3_600_000;
const MOST_SOURCES = 1024;

interface Record {
  wrong: number;
  until: number;
  last: number;
}

export class Lockout {
  readonly #sources = new Map<string, Record>();
  readonly #all: Record = { wrong: 0, until: 0, last: 0 };
  readonly #perSource: Delay;
  readonly #forAll: Delay | undefined;

  /** Without `forAll` no source waits for what another one did. */
  constructor(
    { perSource, forAll }: { readonly perSource: Delay; readonly forAll?: Delay } = {
      perSource: PER_SOURCE,
      forAll: FOR_ALL,
    },
  ) {
    this.#perSource = perSource;
    this.#forAll = forAll;
  }

  /** ms that `source` has to wait; 0: it may try. */
  wait(source: string, now: number): number {
    const until = Math.max(this.#all.until, this.#sources.get(source)?.until ?? 0);
    return Math.max(0, until - now);
  }

  /**
   * A try begins: it counts as wrong until `passed` says otherwise, so that many at once are many. Only to be called
   * where `wait` is 0.
   */
  begin(source: string, now: number): void {
    const record = this.#sources.get(source) ?? { wrong: 0, until: 0, last: now };
    // The newest at the end.
    this.#sources.delete(source);
    this.#sources.set(source, record);
    count(record, this.#perSource, now);
    if (this.#forAll !== undefined) count(this.#all, this.#forAll, now);
    this.#forget();
  }

  /** It was right. What others did wrong stays. */
  passed(source: string): void {
    const record = this.#sources.get(source);
    if (record === undefined) return;
    this.#sources.delete(source);
    if (this.#forAll === undefined) return;
    this.#all.wrong = Math.max(0, this.#all.wrong - 1);
    this.#all.until = Math.min(this.#all.until, this.#all.last + delayOf(this.#all.wrong, this.#forAll));
  }

  #forget(): void {
    for (const source of this.#sources.keys()) {
      if (this.#sources.size <= MOST_SOURCES) return;
      this.#sources.delete(source);
    }
  }
}

function count(record: Record, delay: Delay, now: number): void {
  record.wrong = now - record.last > FORGOTTEN_AFTER ? 1 : record.wrong + 1;
  record.last = now;
  record.until = now + delayOf(record.wrong, delay);
}

function delayOf(wrong: number, { free, first, longest }: Delay): number {
  return wrong <= free ? 0 : Math.min(longest, first * 2 ** Math.min(30, wrong - free - 1));
}

/** What counts as one source: an IPv4 address, or a network of IPv6, in which everybody has any number of addresses. */
export function sourceOf(address = ''): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (!bare.includes(':')) return bare;
  const [head = '', tail = ''] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const groups = bare.includes('::') ? [...before, ...zeros, ...after] : before;
  return bare === '::1' ? bare : `${groups.slice(0, 4).join(':')}::/64`;
}
