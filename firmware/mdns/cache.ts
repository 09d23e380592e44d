/** What others said on one link, as long as it may be believed (RFC 6762 10). */
import { type DnsRecord, type RecordType, recordKey, setKey } from './record.ts';

/** RFC 6762 5.2: a record that is wanted is asked for again when so much of its time has gone, and 0–2 % later. */
const REFRESH = [0.8, 0.85, 0.9, 0.95];
const SPREAD = 0.02;
/** RFC 6762 10.1, 10.2: what is said to be gone, or is replaced, lives one second more. ms */
const LAST_SECOND = 1_000;
/** Who says more is not believed: beyond any home, and no burden for a telephone. */
const MOST = 4_000;
const MOST_IN_SET = 512;

interface Entry {
  readonly record: DnsRecord;
  readonly heard: number;
  until: number;
  /** How often it was asked for again. */
  refreshes: number;
  /** When it is to be asked for next, if anybody wants it. */
  refreshAt: number;
}

export class Cache {
  readonly #random: () => number;
  /** By name and type, then by what it says. */
  readonly #sets = new Map<string, Map<string, Entry>>();
  #size = 0;
  #expiry = Number.POSITIVE_INFINITY;

  /** `random`: uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** When the next record dies. ms */
  get deadline(): number {
    return this.#expiry;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes the records of one response. True: there is something new, or something will be gone. */
  learn(records: readonly DnsRecord[], now: number): boolean {
    const news = records.map((record) => this.#put(record, now));
    const said = new Set(records.map(recordKey));
    const sets = new Set(
      records.filter(({ flush }) => flush).map(({ name, data }) => setKey(name, data.type)),
    );
    for (const key of sets) this.#flush(key, said, now);
    this.#plan();
    return news.includes(true);
  }

  get(name: string, type: RecordType): readonly DnsRecord[] {
    return this.#entries(name, type).map(({ record }) => record);
  }

  /** RFC 6762 7.1: what need not be told again: at least half of its time is left. TTL as it is now. */
  known(name: string, type: RecordType, now: number): readonly DnsRecord[] {
    return this.#entries(name, type).flatMap(({ record, until }) => {
      const ttl = Math.floor((until - now) / 1000);
      return 2 * ttl >= record.ttl && !record.flush ? [{ ...record, ttl }] : [];
    });
  }

  /** When the records of a set are to be asked for again; Infinity: none is there, or all was tried. */
  refreshAt(name: string, type: RecordType): number {
    const entries = this.#entries(name, type);
    return Math.min(Number.POSITIVE_INFINITY, ...entries.map(({ refreshAt }) => refreshAt));
  }

  /** They were asked for. */
  asked(name: string, type: RecordType, now: number): void {
    for (const entry of this.#entries(name, type)) {
      if (entry.refreshAt > now) continue;
      while (entry.refreshAt <= now) {
        entry.refreshes += 1;
        entry.refreshAt = this.#refreshTime(entry);
      }
    }
  }

  /** When the set is no more, if nobody says it again. ms; -Infinity: it is not there. */
  until(name: string, type: RecordType): number {
    const entries = this.#entries(name, type);
    return Math.max(Number.NEGATIVE_INFINITY, ...entries.map(({ until }) => until));
  }

  /** Forgets what is past its time. True: something was. */
  expire(now: number): boolean {
    if (now < this.#expiry) return false;
    for (const [key, entries] of this.#sets) {
      for (const [said, { until }] of entries) {
        if (until > now) continue;
        entries.delete(said);
        this.#size -= 1;
      }
      if (entries.size === 0) this.#sets.delete(key);
    }
    this.#plan();
    return true;
  }

  #put(record: DnsRecord, now: number): boolean {
    const set = setKey(record.name, record.data.type);
    const entries = this.#sets.get(set) ?? new Map<string, Entry>();
    const key = recordKey(record);
    const before = entries.get(key);
    if (record.ttl === 0) {
      if (before !== undefined) before.until = Math.min(before.until, now + LAST_SECOND);
      return before !== undefined;
    }
    const isFull = this.#size >= MOST || entries.size >= MOST_IN_SET;
    if (before === undefined && isFull) return false;
    const until = now + record.ttl * 1000;
    const entry = { record, heard: now, until, refreshes: 0, refreshAt: 0 };
    entry.refreshAt = this.#refreshTime(entry);
    if (before === undefined) this.#size += 1;
    entries.set(key, entry);
    this.#sets.set(set, entries);
    return before === undefined;
  }

  /** RFC 6762 10.2: of a unique set only what was said in this response, or just before, is left. */
  #flush(set: string, said: ReadonlySet<string>, now: number): void {
    for (const [key, entry] of this.#sets.get(set) ?? []) {
      if (said.has(key) || now - entry.heard < LAST_SECOND) continue;
      entry.until = Math.min(entry.until, now + LAST_SECOND);
    }
  }

  #entries(name: string, type: RecordType): readonly Entry[] {
    return [...(this.#sets.get(setKey(name, type))?.values() ?? [])];
  }

  #refreshTime({ record, heard, refreshes }: Entry): number {
    const share = REFRESH[refreshes];
    if (share === undefined) return Number.POSITIVE_INFINITY;
    return heard + record.ttl * 1000 * (share + SPREAD * this.#random());
  }

  #plan(): void {
    let least = Number.POSITIVE_INFINITY;
    for (const entries of this.#sets.values())
      for (const { until } of entries.values()) least = Math.min(least, until);
    this.#expiry = least;
  }
}
