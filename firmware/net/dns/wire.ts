/**
 * DNS messages (RFC 1035 4) by way of dns-packet: a question out, an answer in. What comes in is judged before it is
 * believed, and no octets make the reader throw.
 */
import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { DnsAnswer, DnsRecord, Question } from '#sip/locate/dns.ts';
import { normalName } from '#sip/locate/name.ts';

/** Octets that an answer over UDP may have: what fits every path of IPv6 without fragments (DNS flag day 2020). */
const UDP_PAYLOAD = 1232;

/** What a message is to the question that it should answer. */
export type Reading =
  | { readonly kind: 'answer'; readonly answer: DnsAnswer }
  /** Cut short: ask again over TCP (RFC 2181 9). */
  | { readonly kind: 'truncated' }
  /** The server does not know EDNS: ask again without (RFC 6891 7). */
  | { readonly kind: 'no-edns' }
  /** This server is of no use for this question; the next one may be. */
  | { readonly kind: 'useless'; readonly why: string }
  /** No answer to this question at all: another id, another name. It is as if it had not come. */
  | { readonly kind: 'foreign' };

/** A query with recursion desired; `edns` adds the OPT record of RFC 6891. */
export function writeQuery(id: number, question: Question, edns: boolean): Uint8Array {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ ...question, class: 'IN' }],
    additionals: edns ? [OPT] : [],
  });
}

const OPT: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: UDP_PAYLOAD,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

const HEADER = 12;
const RESPONSE = 0x8000;
const TRUNCATED = 0x0200;

export function readResponse(octets: Uint8Array, id: number, question: Question): Reading {
  const message = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  if (message.length < HEADER || message.readUInt16BE(0) !== id) return { kind: 'foreign' };
  const flags = message.readUInt16BE(2);
  if ((flags & RESPONSE) === 0) return { kind: 'foreign' };
  // The records of a truncated message may be cut anywhere, and are not looked at.
  if ((flags & TRUNCATED) !== 0) return { kind: 'truncated' };
  const packet = decoded(message);
  if (packet === undefined) return { kind: 'useless', why: 'sends what cannot be read' };
  return judged(packet, flags & 0xf, question);
}

function decoded(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message);
  } catch {
    return undefined;
  }
}

/** RFC 1035 4.1.1. */
const RCODES: Readonly<Record<number, 'NOERROR' | 'NXDOMAIN'>> = { 0: 'NOERROR', 3: 'NXDOMAIN' };
const FORMERR = 1;
const NOTIMP = 4;
const RCODE_NAMES: Readonly<Record<number, string>> = {
  1: 'FORMERR',
  2: 'SERVFAIL',
  4: 'NOTIMP',
  5: 'REFUSED',
};

function judged(packet: DecodedPacket, code: number, question: Question): Reading {
  const isAbout = isAnswerTo(packet, question);
  // RFC 6891 7: a server without EDNS may well leave the question out.
  if (code === FORMERR || code === NOTIMP || hasExtendedCode(packet)) {
    return isAbout || packet.questions?.length === 0 ? { kind: 'no-edns' } : { kind: 'foreign' };
  }
  if (!isAbout) return { kind: 'foreign' };
  const rcode = RCODES[code];
  if (rcode === undefined) return { kind: 'useless', why: `says ${RCODE_NAMES[code] ?? `error ${code}`}` };
  const answer: DnsAnswer = {
    rcode,
    answers: recordsOf(packet.answers),
    authorities: recordsOf(packet.authorities),
    additionals: recordsOf(packet.additionals),
  };
  return isLame(packet, answer)
    ? { kind: 'useless', why: 'knows nothing and asks nobody' }
    : { kind: 'answer', answer };
}

function isAnswerTo({ questions = [] }: DecodedPacket, { name, type }: Question): boolean {
  const [asked] = questions;
  return (
    questions.length === 1 && asked?.type === type && asked.class === 'IN' && normalName(asked.name) === name
  );
}

/** RFC 6891 6.1.3: the upper bits of the code; BADVERS and others beyond. */
function hasExtendedCode({ additionals = [] }: DecodedPacket): boolean {
  return additionals.some((record) => record.type === 'OPT' && record.extendedRcode !== 0);
}

/** A referral to other servers: it neither is responsible nor asks for us. */
function isLame(packet: DecodedPacket, { rcode, answers, authorities }: DnsAnswer): boolean {
  const refers = packet.authorities?.some(({ type }) => type === 'NS') ?? false;
  const denies = authorities.some(({ type }) => type === 'SOA');
  return rcode === 'NOERROR' && answers.length === 0 && refers && !denies && !packet.flag_ra;
}

/** Those that matter here, of class IN, with names that DNS could have; the others are left out. */
function recordsOf(section: readonly Answer[] = []): readonly DnsRecord[] {
  return section.flatMap((record) => recordOf(record) ?? []);
}

function recordOf(record: Answer): DnsRecord | undefined {
  const name = readName(record.name);
  if (name === undefined || record.type === 'OPT' || record.class !== 'IN') return undefined;
  const common = { name, ttl: ttlOf(record.ttl) };
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { ...common, type: record.type, address: record.data };
    case 'CNAME':
      return withName(record.data, (target) => ({ ...common, type: 'CNAME', target }));
    case 'SRV': {
      const { priority = 0, weight = 0, port } = record.data;
      return withName(record.data.target, (target) => {
        return { ...common, type: 'SRV', priority, weight, port, target };
      });
    }
    case 'NAPTR': {
      const { order, preference, flags, services, regexp } = record.data;
      return withName(record.data.replacement, (replacement) => {
        return { ...common, type: 'NAPTR', order, preference, flags, services, regexp, replacement };
      });
    }
    case 'SOA':
      return { ...common, type: 'SOA', minimum: record.data.minimum ?? 0 };
    default:
      return undefined;
  }
}

function withName(text: string, make: (name: string) => DnsRecord): DnsRecord | undefined {
  const name = readName(text);
  return name === undefined ? undefined : make(name);
}

/** dns-packet writes the root as a dot. */
function readName(text: string): string | undefined {
  return text === '.' ? '' : normalName(text);
}

/** Seconds. RFC 2181 8: with the highest bit set it is 0. */
function ttlOf(ttl = 0): number {
  return ttl > 0x7fff_ffff ? 0 : ttl;
}
