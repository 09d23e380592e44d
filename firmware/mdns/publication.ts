/**
 * What we publish on one link, from the wish to the end (RFC 6762 8 and 9):
 *
 *   waiting       0–250 ms, so that a crowd that is switched on together does not speak together; 1 s after a defeat
 *   probing       three questions, 250 ms apart, whether anybody has our names; our records stand in the authority section
 *   announcing    twice, a second apart
 *   established   answers, and watches over its names
 *   conflict      somebody else has a name: nothing happens until other records are published
 *
 * Who hears a conflict while it is established probes anew; then the tie-break decides between the two (8.2). A second
 * defeat for the same name counts as its loss: two that each win one name of the other's would else wait forever.
 */
import { sameName } from './name.ts';
import { compareSets, type DnsRecord, recordKey, sameRecord } from './record.ts';

export type Phase = 'off' | 'waiting' | 'probing' | 'announcing' | 'established' | 'conflict';

export type Step =
  | { readonly kind: 'probe' }
  | { readonly kind: 'announce' }
  /** The names are ours. */
  | { readonly kind: 'established' };

/** ms */
const PROBE_INTERVAL = 250;
const PROBES = 3;
const DEFEAT = 1_000;
const ANNOUNCE_INTERVAL = 1_000;
const ANNOUNCEMENTS = 2;
/** RFC 6762 8.1: after so many conflicts within ten seconds every further attempt waits five. */
const MANY = { conflicts: 15, within: 10_000, wait: 5_000 };
const NEVER = Number.POSITIVE_INFINITY;

export class Publication {
  readonly #random: () => number;
  readonly #isOurs: (record: DnsRecord) => boolean;
  #phase: Phase = 'off';
  #records: readonly DnsRecord[] = [];
  #next = NEVER;
  #left = 0;
  /** Names for which a tie-break was lost once. */
  readonly #defeats = new Set<string>();
  #conflicts: number[] = [];

  /** `isOurs`: a record that this host publishes elsewhere, on another link (RFC 6762 14). */
  constructor(random: () => number, isOurs: (record: DnsRecord) => boolean) {
    this.#random = random;
    this.#isOurs = isOurs;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get deadline(): number {
    return this.#next;
  }

  /** All of them, whether they may be told yet or not. */
  get records(): readonly DnsRecord[] {
    return this.#records;
  }

  /** Those that may be told. */
  get told(): readonly DnsRecord[] {
    return this.#phase === 'announcing' || this.#phase === 'established' ? this.#records : [];
  }

  /** Names that shall be ours alone. */
  get names(): readonly string[] {
    return uniqueNames(this.#records);
  }

  /** From now on these; the result are those that are no more and were told. Only new names are probed. */
  publish(records: readonly DnsRecord[], now: number): readonly DnsRecord[] {
    const told = this.told;
    const keeps = this.#phase !== 'conflict' && sameNames(uniqueNames(records), this.names);
    this.#records = records;
    if (records.length === 0) this.#enter('off', NEVER);
    else if (told.length > 0 && keeps) this.#announce(now);
    else if (!keeps || this.#phase === 'off') this.#begin(now);
    const kept = new Set(records.map(recordKey));
    return told.filter((record) => !kept.has(recordKey(record)));
  }

  /** The link was away: whose the names are now has to be asked again. */
  restart(now: number): void {
    if (this.#records.length > 0) this.#begin(now);
  }

  /** What is due by now; undefined: nothing. */
  step(now: number): Step | undefined {
    if (now < this.#next) return undefined;
    switch (this.#phase) {
      case 'waiting':
        this.#enter('probing', now);
        this.#left = PROBES;
        return this.step(now);
      case 'probing':
        if (this.#left > 0) {
          this.#left -= 1;
          this.#next = now + PROBE_INTERVAL;
          return { kind: 'probe' };
        }
        this.#defeats.clear();
        this.#announce(now);
        return { kind: 'established' };
      case 'announcing':
        this.#left -= 1;
        if (this.#left > 0) this.#next = now + ANNOUNCE_INTERVAL;
        else this.#enter('established', NEVER);
        return { kind: 'announce' };
      default:
        this.#next = NEVER;
        return undefined;
    }
  }

  /** Records of a response. The result: names that somebody else has, and that we have lost. */
  heard(records: readonly DnsRecord[], now: number): readonly string[] {
    const names = records.flatMap((record) => (this.#contradicts(record) ? [record.name] : []));
    if (names.length === 0) return [];
    if (this.told.length > 0) {
      this.#count(now);
      this.#begin(now);
      return [];
    }
    return this.#lose(names, now);
  }

  /** RFC 6762 8.2: somebody else probes. The result as of `heard`. */
  probed(names: readonly string[], authorities: readonly DnsRecord[], now: number): readonly string[] {
    if (this.#phase !== 'probing') return [];
    const defeats = this.names.filter((name) => {
      const theirs = authorities.filter((record) => sameName(record.name, name));
      if (!names.some((asked) => sameName(asked, name)) || theirs.every(this.#isOurs)) return false;
      return (
        compareSets(
          this.#records.filter((record) => sameName(record.name, name)),
          theirs,
        ) < 0
      );
    });
    if (defeats.length === 0) return [];
    const again = defeats.filter((name) => this.#defeats.has(name));
    if (again.length > 0) return this.#lose(again, now);
    for (const name of defeats) this.#defeats.add(name);
    this.#enter('waiting', now + DEFEAT);
    return [];
  }

  /** While probing any record of the name speaks against us; later those of our types. */
  #contradicts(record: DnsRecord): boolean {
    if (record.ttl === 0 || record.data.type === 'NSEC' || this.#phase === 'off') return false;
    const ours = this.#records.filter(({ flush, name }) => flush && sameName(name, record.name));
    if (ours.length === 0 || ours.some((own) => sameRecord(own, record)) || this.#isOurs(record))
      return false;
    return this.told.length === 0 || ours.some(({ data }) => data.type === record.data.type);
  }

  #lose(names: readonly string[], now: number): readonly string[] {
    if (this.#phase === 'conflict') return [];
    this.#count(now);
    this.#enter('conflict', NEVER);
    return [...new Set(names)];
  }

  #count(now: number): void {
    this.#conflicts = [...this.#conflicts.filter((at) => now - at < MANY.within), now];
  }

  #begin(now: number): void {
    this.#defeats.clear();
    if (this.names.length === 0) {
      this.#announce(now);
      return;
    }
    const recent = this.#conflicts.filter((at) => now - at < MANY.within).length;
    const wait = recent >= MANY.conflicts ? MANY.wait : 0;
    this.#enter('waiting', now + wait + this.#random() * PROBE_INTERVAL);
  }

  #announce(now: number): void {
    this.#left = ANNOUNCEMENTS;
    this.#enter('announcing', now);
  }

  #enter(phase: Phase, next: number): void {
    this.#phase = phase;
    this.#next = next;
  }
}

function uniqueNames(records: readonly DnsRecord[]): readonly string[] {
  return [...new Set(records.filter(({ flush }) => flush).map(({ name }) => name))];
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.some((other) => sameName(name, other)));
}
