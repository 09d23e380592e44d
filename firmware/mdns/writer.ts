/** Writes the parts of a message, names compressed (RFC 1035 4.1.4; RFC 6762 18.14 allows it in data, too). */
import { addressOctets } from './address_octets.ts';
import type { Question } from './message.ts';
import { fold, labelOctets, labelsOf, nameOf } from './name.ts';
import { bitmap, codeOf, type DnsRecord, type RecordData, textOctets } from './record.ts';

const CLASS_IN = 1;
const TYPE_ANY = 255;
const TOP = 0x8000;
/** Pointers reach no further. */
const FARTHEST = 0x3fff;

export class Writer {
  #parts: Buffer[] = [];
  #length = 0;
  /** Where each name, or the rest of one, was written. */
  readonly #names = new Map<string, number>();

  get octets(): Buffer {
    return Buffer.concat(this.#parts);
  }

  word(value: number): void {
    const octets = Buffer.alloc(2);
    octets.writeUInt16BE(value & 0xffff);
    this.#put(octets);
  }

  question({ name, type, unicast }: Question): void {
    this.#name(name);
    this.word(type === 'ANY' ? TYPE_ANY : codeOf(type));
    this.word(CLASS_IN | (unicast ? TOP : 0));
  }

  record({ name, ttl, flush, data }: DnsRecord): void {
    this.#name(name);
    this.word(codeOf(data.type));
    this.word(CLASS_IN | (flush ? TOP : 0));
    this.word(Math.floor(ttl / 0x1_0000));
    this.word(ttl);
    const length = Buffer.alloc(2);
    this.#put(length);
    const start = this.#length;
    this.#data(data);
    length.writeUInt16BE(this.#length - start);
  }

  #data(data: RecordData): void {
    switch (data.type) {
      case 'A':
      case 'AAAA':
        this.#put(addressOctets(data.address));
        break;
      case 'PTR':
        this.#name(data.target);
        break;
      case 'SRV':
        for (const number of [data.priority, data.weight, data.port]) this.word(number);
        this.#name(data.target);
        break;
      case 'TXT':
        this.#put(textOctets(data.texts));
        break;
      case 'NSEC':
        this.#name(data.next);
        this.#put(bitmap(data.types));
        break;
      default:
        this.#put(data.octets);
    }
  }

  /** A name that DNS cannot have becomes the root: it comes from nowhere but from us. */
  #name(name: string): void {
    const octets = labelOctets(name) ?? [];
    const labels = labelsOf(name);
    for (const [index, label] of octets.entries()) {
      const rest = fold(nameOf(labels.slice(index)));
      const before = this.#names.get(rest);
      if (before !== undefined) {
        this.word(0xc000 | before);
        return;
      }
      if (this.#length <= FARTHEST) this.#names.set(rest, this.#length);
      this.#put(Buffer.concat([Buffer.of(label.length), label]));
    }
    this.#put(Buffer.of(0));
  }

  #put(octets: Buffer): void {
    this.#parts.push(octets);
    this.#length += octets.length;
  }
}
