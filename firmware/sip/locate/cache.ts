/**
 * What DNS told, for as long as it may be kept. Bounded; the oldest goes first. Whoever waits since `since` may use
 * what came after that even where its time to live is 0: it was asked for him.
 */
import type { Learned } from './answer.ts';
import type { Known, Question } from './dns.ts';

export interface Entry {
  readonly known: Known;
  /** ms: when it was learned, and until when it is good. */
  readonly at: number;
  readonly until: number;
}

export type Credit = 'answer' | 'additional';

interface Kept extends Entry {
  readonly credit: Credit;
  /** ms: when its time to live was over; later than that it is stale. */
  readonly freshUntil: number;
}

const MOST_ENTRIES = 512;
/** ms a failure is remembered (RFC 2308 7 allows five minutes): long enough not to hammer, short enough to heal. */
const FAILED_FOR = 5_000;
/** RFC 8767 4 and 5: records past their time are better than none while no name server answers. ms */
const STALE_FOR = 86_400_000;
const STALE_AGAIN_FOR = 30_000;

export class DnsCache {
  readonly #entries = new Map<string, Kept>();

  /** Good at `since`, or come in later. */
  get(question: Question, since: number): Entry | undefined {
    const kept = this.#entries.get(keyOf(question));
    return kept !== undefined && (kept.until > since || kept.at >= since) ? kept : undefined;
  }

  /** An additional record never replaces an answer that is still good (RFC 2181 5.4.1). */
  put({ question, known, ttl }: Learned, credit: Credit, now: number): void {
    const before = this.#entries.get(keyOf(question));
    if (credit === 'additional' && before?.credit === 'answer' && before.until > now) return;
    const until = now + ttl * 1000;
    this.#keep(question, { known, at: now, until, freshUntil: until, credit });
  }

  /** Nobody answered: what was known before serves a little longer, if there is anything. */
  fail(question: Question, reason: string, now: number): void {
    const before = this.#entries.get(keyOf(question));
    if (before?.known.state === 'found' && now - before.freshUntil < STALE_FOR) {
      this.#keep(question, { ...before, at: now, until: now + STALE_AGAIN_FOR });
      return;
    }
    const until = now + FAILED_FOR;
    this.#keep(question, {
      known: { state: 'failed', reason },
      at: now,
      until,
      freshUntil: until,
      credit: 'answer',
    });
  }

  clear(): void {
    this.#entries.clear();
  }

  get size(): number {
    return this.#entries.size;
  }

  #keep(question: Question, entry: Kept): void {
    const key = keyOf(question);
    this.#entries.delete(key);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MOST_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, entry);
  }
}

function keyOf({ name, type }: Question): string {
  return `${type} ${name}`;
}
