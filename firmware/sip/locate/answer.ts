/**
 * What an answer says, and what of it may be believed.
 *
 * The answer section: records of the name that was asked, or of the name to which its chain of aliases leads
 * (RFC 1034 3.6.2). Records of other names are somebody's try to plant them, and count for nothing.
 *
 * The additional section: addresses of the targets that the answer names, so that one round trip is saved
 * (RFC 2782). Believed only of names within the domain that was asked about: whoever speaks for example.com does not
 * speak for example.net (RFC 2181 5.4.1). They never replace what an answer said.
 *
 * Negative answers: RFC 2308; they live as long as the SOA record in the authority section tells (section 5), and
 * without one only for those who wait for them now.
 */
import { parseIp } from '#address/ip.ts';
import type { DnsAnswer, DnsRecord, Known, Question } from './dns.ts';
import { domainOf, isWithin } from './name.ts';

/** One thing learned from an answer. */
export interface Learned {
  readonly question: Question;
  readonly known: Known;
  /** Seconds that it may be kept; 0: only for those who wait for it now (RFC 1035 3.2.1). */
  readonly ttl: number;
}

/** Aliases in a row, within an answer or from answer to answer; honest ones have one or two. */
export const MOST_ALIASES = 8;
/** Records of one name that are used. */
const MOST_RECORDS = 32;
/** Seconds. RFC 2308 5 names one to three hours as sensible for negative answers, and a day for positive ones. */
const LONGEST_TTL = 86_400;
const LONGEST_NEGATIVE_TTL = 3_600;

/** Reads an answer. The first thing learned is about the question itself. */
export function learn(question: Question, answer: DnsAnswer): readonly Learned[] {
  const chain = chainOf(question, answer.answers);
  if (chain === undefined) {
    const reason = `${question.name} is an alias that leads nowhere (CNAME loop)`;
    return [{ question, known: { state: 'failed', reason }, ttl: 0 }];
  }
  const records = recordsOf({ ...question, name: chain.end }, answer.answers);
  if (records.length === 0) return [nothing(question, answer, chain)];
  const ttl = shortest([...records, ...chain.links], LONGEST_TTL);
  return [{ question, known: { state: 'found', records }, ttl }, ...besides(question, records, answer)];
}

interface Chain {
  readonly end: string;
  readonly links: readonly DnsRecord[];
}

/** Follows the aliases of one answer. Undefined: it goes in circles, or on and on. */
function chainOf(question: Question, answers: readonly DnsRecord[]): Chain | undefined {
  const links: DnsRecord[] = [];
  let end = question.name;
  for (let left = MOST_ALIASES; left >= 0; left--) {
    if (answers.some((record) => record.name === end && record.type === question.type)) return { end, links };
    const link = answers.find((record) => record.name === end && record.type === 'CNAME');
    if (link?.type !== 'CNAME') return { end, links };
    links.push(link);
    end = link.target;
  }
  return undefined;
}

function recordsOf({ name, type }: Question, section: readonly DnsRecord[]): readonly DnsRecord[] {
  return section
    .filter((record) => record.name === name && record.type === type && isSound(record))
    .slice(0, MOST_RECORDS);
}

/** An address record holds an address of its family; nothing else is checked so early. */
function isSound(record: DnsRecord): boolean {
  if (record.type !== 'A' && record.type !== 'AAAA') return true;
  return parseIp(record.address)?.family === (record.type === 'A' ? 4 : 6);
}

function nothing(question: Question, answer: DnsAnswer, { end, links }: Chain): Learned {
  const soa = answer.authorities.find((record) => record.type === 'SOA' && isWithin(end, record.name));
  const until = soa?.type === 'SOA' ? Math.min(soa.ttl, soa.minimum) : 0;
  const ttl = shortest(links, Math.min(until, LONGEST_NEGATIVE_TTL));
  // A server that does not follow the alias all the way has not denied anything.
  if (links.length > 0 && soa === undefined && answer.rcode === 'NOERROR') {
    return { question, known: { state: 'alias', of: end }, ttl: shortest(links, LONGEST_TTL) };
  }
  return { question, known: { state: 'none', exists: answer.rcode === 'NOERROR' }, ttl };
}

/** What the additional section may add: records of the targets within the domain asked about. */
function besides(question: Question, found: readonly DnsRecord[], answer: DnsAnswer): readonly Learned[] {
  const domain = domainOf(question.name);
  const targets = new Set(found.flatMap((record) => targetOf(record) ?? []));
  return [...targets]
    .filter((name) => isWithin(name, domain))
    .flatMap((name) => (['A', 'AAAA', 'SRV'] as const).map((type): Question => ({ name, type })))
    .flatMap((about): readonly Learned[] => {
      const records = recordsOf(about, answer.additionals);
      if (records.length === 0) return [];
      return [{ question: about, known: { state: 'found', records }, ttl: shortest(records, LONGEST_TTL) }];
    });
}

function targetOf(record: DnsRecord): string | undefined {
  if (record.type === 'SRV') return record.target;
  return record.type === 'NAPTR' ? record.replacement : undefined;
}

function shortest(records: readonly DnsRecord[], limit: number): number {
  return Math.max(0, Math.min(limit, ...records.map(({ ttl }) => ttl)));
}
