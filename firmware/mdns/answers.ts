/**
 * Answers that are on their way out: when each may go, to whom, and which are not needed any more (RFC 6762 6 and 7).
 */
import { type Endpoint, textOf } from '#address/endpoint.ts';
import { type DnsRecord, recordKey } from './record.ts';

/** ms: no record goes out more often; in defence of a name it may. RFC 6762 6. */
const INTERVAL = 1_000;
const INTERVAL_IN_DEFENCE = 250;
/** Unicast answers in a second: nobody is helped with more, and nobody else shall be flooded by us. */
const MOST_UNICAST = 40;
/** Who asks and is not done asking. */
const MOST_ASKERS = 64;

interface Planned {
  readonly record: DnsRecord;
  due: number;
  /** Whose known answers are still to come. */
  readonly askers: Set<string>;
}

interface Letter {
  readonly to: Endpoint;
  readonly records: DnsRecord[];
  readonly due: number;
}

export interface Dispatch {
  readonly records: readonly DnsRecord[];
  /** Absent: to all. */
  readonly to?: Endpoint;
}

export class Answers {
  readonly #planned = new Map<string, Planned>();
  readonly #letters = new Map<string, Letter>();
  /** When each record was last told to all. */
  readonly #sent = new Map<string, number>();
  #second = { start: Number.NEGATIVE_INFINITY, unicast: 0 };

  get deadline(): number {
    const dues = [...this.#planned.values(), ...this.#letters.values()].map(({ due }) => due);
    return Math.min(Number.POSITIVE_INFINITY, ...dues);
  }

  /** Shall go to all at `due`, or as soon as it may. */
  plan(record: DnsRecord, due: number, asker: Endpoint, defence: boolean): void {
    const key = recordKey(record);
    const last = this.#sent.get(key) ?? Number.NEGATIVE_INFINITY;
    const at = Math.max(due, last + (defence ? INTERVAL_IN_DEFENCE : INTERVAL));
    const planned = this.#planned.get(key) ?? { record, due: at, askers: new Set() };
    planned.due = Math.min(planned.due, at);
    if (planned.askers.size < MOST_ASKERS) planned.askers.add(textOf(asker));
    this.#planned.set(key, planned);
  }

  /** Shall go to one alone. */
  write(record: DnsRecord, due: number, to: Endpoint): void {
    const key = textOf(to);
    const letter = this.#letters.get(key) ?? { to, records: [], due };
    if (this.#letters.size >= MOST_ASKERS && !this.#letters.has(key)) return;
    if (!letter.records.some((other) => recordKey(other) === recordKey(record))) letter.records.push(record);
    this.#letters.set(key, letter);
  }

  /** RFC 6762 5.4: told to all within the last quarter of its time. */
  isRecent(record: DnsRecord, now: number): boolean {
    return now - (this.#sent.get(recordKey(record)) ?? Number.NEGATIVE_INFINITY) < record.ttl * 250;
  }

  /** RFC 6762 7.1, 7.2: the asker has it, with at least half of its time left. */
  isKnown(record: DnsRecord, asker: Endpoint): void {
    const key = recordKey(record);
    const planned = this.#planned.get(key);
    if (planned === undefined || record.ttl * 2 < planned.record.ttl) return;
    planned.askers.delete(textOf(asker));
    if (planned.askers.size === 0) this.#planned.delete(key);
  }

  /** RFC 6762 7.4: somebody else has just told it to all. */
  wasTold(record: DnsRecord): void {
    const key = recordKey(record);
    const planned = this.#planned.get(key);
    if (planned !== undefined && record.ttl >= planned.record.ttl) this.#planned.delete(key);
  }

  /** They go to all now, whatever was planned. */
  told(records: readonly DnsRecord[], now: number): void {
    for (const record of records) {
      const key = recordKey(record);
      this.#planned.delete(key);
      this.#sent.set(key, now);
    }
  }

  /** Whether one more unicast message may go out in this second. */
  mayWrite(now: number): boolean {
    if (now - this.#second.start >= 1_000) this.#second = { start: now, unicast: 0 };
    this.#second.unicast += 1;
    return this.#second.unicast <= MOST_UNICAST;
  }

  /** What goes out now. */
  due(now: number): readonly Dispatch[] {
    const letters = [...this.#letters].filter(([, { due }]) => due <= now);
    for (const [key] of letters) this.#letters.delete(key);
    const allowed = letters.filter(() => this.mayWrite(now)).map(([, { to, records }]) => ({ to, records }));
    const planned = [...this.#planned.values()].filter(({ due }) => due <= now);
    const records = planned.map(({ record }) => record);
    this.told(records, now);
    return records.length === 0 ? allowed : [{ records }, ...allowed];
  }

  /** What was planned may be wrong now. */
  clear(): void {
    this.#planned.clear();
    this.#letters.clear();
    this.#sent.clear();
  }
}
