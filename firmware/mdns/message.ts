/**
 * Messages of multicast DNS (RFC 1035 4.1 with RFC 6762 18) as octets. dns-packet, which serves our questions to name
 * servers, cannot be used here: to it a label ends at every dot, and instances of SIP are called `sip:204@host.local`.
 *
 *     0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
 *   |                      ID                       |
 *   |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
 *   |      QDCOUNT          |       ANCOUNT         |  two words each
 *   |      NSCOUNT          |       ARCOUNT         |
 *   question: name, type, class with the QU bit on top
 *   record:   name, type, class with the cache-flush bit on top, TTL (2 words), length, data
 */

import { Reader } from './reader.ts';
import type { DnsRecord, RecordType } from './record.ts';
import { Writer } from './writer.ts';

export interface Question {
  readonly name: string;
  readonly type: RecordType | 'ANY';
  /** RFC 6762 5.4: a unicast response is liked as well. */
  readonly unicast: boolean;
}

export interface Message {
  /** 0 but for legacy queriers (RFC 6762 6.7). */
  readonly id: number;
  readonly response: boolean;
  /** More known answers follow in further messages (RFC 6762 7.2). */
  readonly truncated: boolean;
  readonly questions: readonly Question[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

export const EMPTY: Message = {
  id: 0,
  response: false,
  truncated: false,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

const RESPONSE = 0x8000;
const AUTHORITATIVE = 0x0400;
const TRUNCATED = 0x0200;
const OPCODE_AND_RCODE = 0x780f;
/** RFC 6762 17. */
const LONGEST = 9000;
/** Octets: what passes every link of IPv6 in one piece. */
const LIMIT = 1232;

/**
 * Undefined: no message, or one of another opcode or with an error, which RFC 6762 18.3 and 18.11 have ignored in
 * silence. Records of other classes, and those whose data cannot be, are left out. Never throws.
 */
export function readMessage(octets: Uint8Array): Message | undefined {
  if (octets.length > LONGEST) return undefined;
  const reader = new Reader(octets);
  const [id, flags, ...counts] = Array.from({ length: 6 }, () => reader.word());
  if (id === undefined || flags === undefined || (flags & OPCODE_AND_RCODE) !== 0) return undefined;
  const [questions = 0, answers = 0, authorities = 0, additionals = 0] = counts;
  const message = {
    id,
    response: (flags & RESPONSE) !== 0,
    truncated: (flags & TRUNCATED) !== 0,
    questions: reader.questions(questions),
    answers: reader.records(answers),
    authorities: reader.records(authorities),
    additionals: reader.records(additionals),
  };
  return reader.failed ? undefined : message;
}

/** One message, whatever its length. */
export function writeMessage(message: Message): Buffer {
  const writer = new Writer();
  const { id, response, truncated, questions, answers, authorities, additionals } = message;
  writer.word(id);
  writer.word((response ? RESPONSE | AUTHORITATIVE : 0) | (truncated ? TRUNCATED : 0));
  for (const section of [questions, answers, authorities, additionals]) writer.word(section.length);
  for (const question of questions) writer.question(question);
  for (const section of [answers, authorities, additionals])
    for (const record of section) writer.record(record);
  return writer.octets;
}

/** As many messages as it takes for none to be fragmented; additional records are what is done without first. */
export function writeMessages(message: Message): readonly Buffer[] {
  const octets = writeMessage(message);
  const { answers, additionals, response } = message;
  if (octets.length <= LIMIT) return [octets];
  if (additionals.length > 0) return writeMessages({ ...message, additionals: [] });
  if (answers.length < 2) return [octets];
  const half = answers.length >> 1;
  const first = { ...message, truncated: !response, answers: answers.slice(0, half) };
  const rest = { ...message, questions: [], answers: answers.slice(half) };
  return [...writeMessages(first), ...writeMessages(rest)];
}
