/** Records of multicast DNS: what they say, and how two of them compare. */
import { addressOctets } from './address_octets.ts';
import { fold, labelOctets, sameName } from './name.ts';

/** `TYPE47` for a type without a name here. */
export type UnknownType = `TYPE${number}`;
export type KnownType = 'A' | 'PTR' | 'TXT' | 'AAAA' | 'SRV' | 'NSEC';
export type RecordType = KnownType | UnknownType;

export type RecordData =
  /** Canonical text. */
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'PTR'; readonly target: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  /** Each character one octet (RFC 6763 6.1). */
  | { readonly type: 'TXT'; readonly texts: readonly string[] }
  /** RFC 6762 6.1: of this name there are records of these types, and no others. */
  | { readonly type: 'NSEC'; readonly next: string; readonly types: readonly RecordType[] }
  | { readonly type: UnknownType; readonly octets: Buffer };

/** A record of class IN. */
export interface DnsRecord {
  readonly name: string;
  /** Seconds; 0: it is no more (RFC 6762 10.1). */
  readonly ttl: number;
  /** The cache-flush bit: whoever says this has the name for itself (RFC 6762 10.2). */
  readonly flush: boolean;
  readonly data: RecordData;
}

export const TYPE_CODES: Readonly<Record<KnownType, number>> = {
  A: 1,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NSEC: 47,
};
const TYPES = new Map(Object.entries(TYPE_CODES).map(([type, code]) => [code, type as KnownType]));

export function typeOfCode(code: number): RecordType {
  return TYPES.get(code) ?? `TYPE${code}`;
}

export function codeOf(type: RecordType): number {
  return type in TYPE_CODES ? TYPE_CODES[type as KnownType] : Number(type.slice(4));
}

/** Names a set: all records of one name and type. */
export function setKey(name: string, type: string): string {
  return `${type} ${fold(name)}`;
}

/** Names a record, whatever its time to live. */
export function recordKey({ name, data }: Pick<DnsRecord, 'name' | 'data'>): string {
  return `${setKey(name, data.type)} ${dataKey(data)}`;
}

export function sameRecord(a: DnsRecord, b: DnsRecord): boolean {
  return a.data.type === b.data.type && sameName(a.name, b.name) && dataKey(a.data) === dataKey(b.data);
}

function dataKey(data: RecordData): string {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return data.address;
    case 'PTR':
      return fold(data.target);
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${fold(data.target)}`;
    case 'TXT':
      return JSON.stringify(data.texts);
    case 'NSEC':
      return `${fold(data.next)} ${data.types.join(' ')}`;
    default:
      return data.octets.toString('latin1');
  }
}

/**
 * RFC 6762 8.2: which of two sets of records of one name is the later one, and wins. By class, type and the octets of
 * the data without compression, record by record; who runs out first is earlier. 0: they are the same.
 */
export function compareSets(ours: readonly DnsRecord[], theirs: readonly DnsRecord[]): number {
  const [a, b] = [ours, theirs].map((set) => set.map(({ data }) => comparable(data)).sort(Buffer.compare));
  if (a === undefined || b === undefined) return 0;
  for (const [index, octets] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = Buffer.compare(octets, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function comparable(data: RecordData): Buffer {
  const type = Buffer.alloc(2);
  type.writeUInt16BE(codeOf(data.type));
  return Buffer.concat([type, plainOctets(data)]);
}

/** The data of a record as it stands in a message without compression. */
function plainOctets(data: RecordData): Buffer {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return addressOctets(data.address);
    case 'PTR':
      return plainName(data.target);
    case 'SRV': {
      const numbers = Buffer.alloc(6);
      for (const [index, number] of [data.priority, data.weight, data.port].entries())
        numbers.writeUInt16BE(number, 2 * index);
      return Buffer.concat([numbers, plainName(data.target)]);
    }
    case 'TXT':
      return textOctets(data.texts);
    case 'NSEC':
      return Buffer.concat([plainName(data.next), bitmap(data.types)]);
    default:
      return data.octets;
  }
}

function plainName(name: string): Buffer {
  const labels = labelOctets(name) ?? [];
  return Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), label]), Buffer.of(0)]);
}

/** RFC 6763 6.1: no text at all is one empty text. */
export function textOctets(texts: readonly string[]): Buffer {
  const all = texts.length === 0 ? [''] : texts;
  return Buffer.concat(
    all.map((text) => {
      const octets = Buffer.from(text, 'latin1').subarray(0, 255);
      return Buffer.concat([Buffer.of(octets.length), octets]);
    }),
  );
}

/** RFC 4034 4.1.2, window 0 alone: RFC 6762 6.1 needs no other. */
export function bitmap(types: readonly RecordType[]): Buffer {
  const codes = types.map(codeOf).filter((code) => code < 256);
  const map = Buffer.alloc(Math.floor(Math.max(0, ...codes) / 8) + 1);
  for (const code of codes) map[code >> 3] = (map[code >> 3] ?? 0) | (0x80 >> (code & 7));
  return Buffer.concat([Buffer.of(0, map.length), map]);
}
