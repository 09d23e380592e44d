/** What one look of one search sees of the things known, and what it misses. */
import type { Family } from '#address/endpoint.ts';
import { MOST_ALIASES } from './answer.ts';
import type { DnsCache } from './cache.ts';
import type {
  AddressRecord,
  DnsRecord,
  Known,
  NaptrRecord,
  Question,
  QuestionType,
  SrvRecord,
} from './dns.ts';
import { knownByRule, normalName } from './name.ts';

/** Questions of one search; honest domains need about a dozen. */
const MOST_QUESTIONS = 64;

/** The search that looks. */
export interface Viewer {
  /** ms */
  readonly since: number;
  /** Questions asked for it so far. */
  readonly questions: number;
  /** Whether it waits no longer for NAPTR and SRV. */
  readonly impatient: boolean;
}

export class View {
  /** ms: until when all that was seen is good. */
  validUntil = Number.POSITIVE_INFINITY;
  readonly #missing = new Map<string, Question>();
  readonly #viewer: Viewer;
  readonly #cache: DnsCache;

  constructor(viewer: Viewer, cache: DnsCache) {
    this.#viewer = viewer;
    this.#cache = cache;
  }

  get missing(): readonly Question[] {
    return [...this.#missing.values()];
  }

  naptr(name: string): Known<NaptrRecord> | 'asked' {
    return only(this.#look(name, 'NAPTR'), isNaptr);
  }

  srv(name: string): Known<SrvRecord> | 'asked' {
    return only(this.#look(name, 'SRV'), isSrv);
  }

  addresses(name: string, family: Family): Known<AddressRecord> | 'asked' {
    return only(this.#look(name, family === 6 ? 'AAAA' : 'A'), isAddress);
  }

  /** Follows aliases from answer to answer (RFC 1034 3.6.2); those within one answer are followed already. */
  #look(name: string, type: QuestionType): Known | 'asked' {
    let question: Question = { name: normalName(name) ?? '', type };
    for (let left = MOST_ALIASES; left > 0; left--) {
      const known = this.#known(question);
      if (known === 'asked' || known.state !== 'alias') return known;
      question = { name: known.of, type };
    }
    return { state: 'failed', reason: `${name} is an alias that leads nowhere (CNAME loop)` };
  }

  #known(question: Question): Known | 'asked' {
    if (question.name === '') return { state: 'none', exists: false };
    const byRule = knownByRule(question);
    if (byRule !== undefined) return byRule;
    const entry = this.#cache.get(question, this.#viewer.since);
    if (entry === undefined) return this.#miss(question);
    this.validUntil = Math.min(this.validUntil, entry.until);
    return entry.known;
  }

  #miss(question: Question): Known | 'asked' {
    if (this.#viewer.questions + this.#missing.size >= MOST_QUESTIONS) {
      return { state: 'failed', reason: 'too many questions' };
    }
    this.#missing.set(keyOf(question), question);
    const isService = question.type === 'NAPTR' || question.type === 'SRV';
    if (!isService || !this.#viewer.impatient) return 'asked';
    return { state: 'failed', reason: 'no answer in time' };
  }
}

/** Only records of the type that was asked for are in an answer that was read (answer.ts); this tells the compiler. */
function only<R extends DnsRecord>(
  known: Known | 'asked',
  is: (record: DnsRecord) => record is R,
): Known<R> | 'asked' {
  if (known === 'asked' || known.state !== 'found') return known;
  return { state: 'found', records: known.records.filter(is) };
}

const isAddress = (record: DnsRecord): record is AddressRecord =>
  record.type === 'A' || record.type === 'AAAA';
const isSrv = (record: DnsRecord): record is SrvRecord => record.type === 'SRV';
const isNaptr = (record: DnsRecord): record is NaptrRecord => record.type === 'NAPTR';

/** Questions with the same key are the same question. */
export function keyOf({ name, type }: Question): string {
  return `${type} ${name}`;
}
