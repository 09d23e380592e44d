/** Reads the parts of a message. What is not there makes it fail, once and for all; it never throws. */
import { addressText } from './address_octets.ts';
import type { Question } from './message.ts';
import { nameOf } from './name.ts';
import { type DnsRecord, type RecordData, type RecordType, typeOfCode } from './record.ts';

const CLASS_IN = 1;
const CLASS_ANY = 255;
const TYPE_ANY = 255;
/** On top of a class: QU in a question, cache-flush in a record. */
const TOP = 0x8000;
const LONGEST_NAME = 255;
/** RFC 2181 8: with the highest bit set a time to live is none. */
const LONGEST_TTL = 0x7fff_ffff;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  failed = false;
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  /** Undefined only after the end. */
  word(): number | undefined {
    const at = this.#take(2);
    return at === undefined ? undefined : this.#octets.readUInt16BE(at);
  }

  questions(count: number): readonly Question[] {
    const questions: Question[] = [];
    for (let left = count; left > 0 && !this.failed; left--) {
      const name = this.#name();
      const [type, kind] = [this.word(), this.word()];
      if (name === undefined || type === undefined || kind === undefined) continue;
      const ofClass = kind & ~TOP;
      if (ofClass !== CLASS_IN && ofClass !== CLASS_ANY) continue;
      questions.push({
        name,
        type: type === TYPE_ANY ? 'ANY' : typeOfCode(type),
        unicast: (kind & TOP) !== 0,
      });
    }
    return questions;
  }

  records(count: number): readonly DnsRecord[] {
    const records: DnsRecord[] = [];
    for (let left = count; left > 0 && !this.failed; left--) {
      const record = this.#record();
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  #record(): DnsRecord | undefined {
    const name = this.#name();
    const [type, kind, high, low, length] = Array.from({ length: 5 }, () => this.word());
    if (type === undefined || kind === undefined || high === undefined || low === undefined) return undefined;
    const start = length === undefined ? undefined : this.#take(length);
    if (start === undefined || length === undefined || name === undefined) return undefined;
    const end = start + length;
    this.#at = start;
    const data = (kind & ~TOP) === CLASS_IN ? this.#data(typeOfCode(type), end) : undefined;
    this.#at = end;
    const ttl = high * 0x1_0000 + low;
    return data && { name, ttl: ttl > LONGEST_TTL ? 0 : ttl, flush: (kind & TOP) !== 0, data };
  }

  /** Undefined: such data cannot be. A name in it may point out of it, and end early: then it is not believed. */
  #data(type: RecordType, end: number): RecordData | undefined {
    const start = this.#at;
    switch (type) {
      case 'A':
      case 'AAAA': {
        const address = addressText(this.#octets.subarray(start, end));
        const fits = address?.includes(':') === (type === 'AAAA');
        return address === undefined || !fits ? undefined : { type, address };
      }
      case 'PTR': {
        const target = this.#inner(end);
        return target === undefined ? undefined : { type, target };
      }
      case 'SRV': {
        if (end - start < 7) return undefined;
        const [priority = 0, weight = 0, port = 0] = [this.word(), this.word(), this.word()];
        const target = this.#inner(end);
        return target === undefined ? undefined : { type, priority, weight, port, target };
      }
      case 'TXT':
        return this.#texts(start, end);
      case 'NSEC': {
        const next = this.#name();
        return next === undefined || this.#at > end
          ? this.#forgive()
          : { type, next, types: typesOf(this.#octets.subarray(this.#at, end)) };
      }
      default:
        return { type, octets: Buffer.from(this.#octets.subarray(start, end)) };
    }
  }

  /** A name that is the rest of the data. */
  #inner(end: number): string | undefined {
    const name = this.#name();
    return name === undefined || this.#at !== end ? this.#forgive() : name;
  }

  /** What is wrong inside a record's data spoils that record alone. */
  #forgive(): undefined {
    this.failed = false;
    return undefined;
  }

  #texts(start: number, end: number): RecordData | undefined {
    const texts: string[] = [];
    for (let at = start; at < end; ) {
      const next = at + 1 + (this.#octets[at] ?? 0);
      if (next > end) return undefined;
      texts.push(this.#octets.toString('latin1', at + 1, next));
      at = next;
    }
    return { type: 'TXT', texts };
  }

  /** RFC 1035 4.1.4: each pointer leads to what stands before, so the chase ends. Undefined also for a name of no UTF-8. */
  #name(): string | undefined {
    const labels: string[] = [];
    let at = this.#at;
    let least = at;
    let after: number | undefined;
    let length = 1;
    for (;;) {
      const size = this.#octets[at];
      if (size === undefined) return this.#fail();
      if (size >= 0xc0) {
        const target = (size & 0x3f) * 256 + (this.#octets[at + 1] ?? 0);
        after ??= at + 2;
        if (at + 1 >= this.#octets.length || target >= least) return this.#fail();
        at = target;
        least = target;
        continue;
      }
      if (size > 63 || at + 1 + size > this.#octets.length) return this.#fail();
      if (size === 0) break;
      length += size + 1;
      if (length > LONGEST_NAME) return this.#fail();
      labels.push(this.#octets.toString('latin1', at + 1, at + 1 + size));
      at += 1 + size;
    }
    this.#at = after ?? at + 1;
    return unicodeName(labels);
  }

  #take(length: number): number | undefined {
    const start = this.#at;
    if (start + length > this.#octets.length) return this.#fail();
    this.#at = start + length;
    return start;
  }

  #fail(): undefined {
    this.failed = true;
    return undefined;
  }
}

/** RFC 6762 16: names are UTF-8. */
function unicodeName(labels: readonly string[]): string | undefined {
  try {
    return nameOf(labels.map((label) => utf8.decode(Buffer.from(label, 'latin1'))));
  } catch {
    return undefined;
  }
}

/** RFC 4034 4.1.2, window 0. */
function typesOf(octets: Buffer): readonly RecordType[] {
  const [window, length = 0] = octets;
  if (window !== 0 || length > 32) return [];
  return [...octets.subarray(2, 2 + length)].flatMap((bits, index) =>
    [...Array(8).keys()]
      .filter((bit) => (bits & (0x80 >> bit)) !== 0)
      .map((bit) => typeOfCode(8 * index + bit)),
  );
}
