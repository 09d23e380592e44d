/** Asks DNS for the configuration services of the network's domains (RFC 6011 2.3.1), each once, and again after failures. */
import { Backoff } from '../fetch/retry.ts';
import type { Candidate } from '../types.ts';
import type { Facts, NetworkDomain } from './facts.ts';
import { type Naptr, serviceCandidates, serviceDomains } from './sfua.ts';

/** ms after which a domain without a service is asked again. */
const AGAIN = 3_600_000;
/** Candidates of one domain. */
const STRIDE = 10;

export interface NaptrQuestion {
  readonly kind: 'ask';
  readonly id: number;
  /** NAPTR of this name. */
  readonly domain: string;
}

export type NaptrAnswer =
  /** Empty: the name has none, or does not exist. */
  { readonly records: readonly Naptr[] } | { readonly failure: string };

interface Asked {
  readonly domain: NetworkDomain;
  readonly backoff: Backoff;
  /** The question that is out. */
  id: number | undefined;
  /** ms: when it is asked next; Infinity: not any more. */
  next: number;
  records: readonly Naptr[];
}

export class ServiceQuestions {
  readonly #random: () => number;
  #domains: readonly Asked[] = [];
  #lastId = 0;

  /** @param random uniform in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Of a domain that is no longer told of, what was asked is void. */
  facts(facts: Facts): void {
    this.#domains = serviceDomains(facts).map((domain) => {
      const known = this.#domains.find((other) => other.domain.domain === domain.domain);
      const fresh = { backoff: new Backoff(this.#random), id: undefined, next: 0, records: [] };
      return { ...(known ?? fresh), domain };
    });
  }

  /** What is to be asked now. */
  questions(now: number): readonly NaptrQuestion[] {
    return this.#domains
      .filter(({ id, next }) => id === undefined && next <= now)
      .map((one) => {
        one.id = ++this.#lastId;
        return { kind: 'ask', id: one.id, domain: one.domain.domain };
      });
  }

  answer(id: number, answer: NaptrAnswer, now: number): void {
    const one = this.#domains.find((other) => other.id === id);
    if (one === undefined) return;
    one.id = undefined;
    const records = 'records' in answer ? answer.records : [];
    if (serviceCandidates(one.domain, records, 0).length > 0) {
      one.records = records;
      one.next = Number.POSITIVE_INFINITY;
    } else one.next = now + one.backoff.next('failure' in answer ? 0 : AGAIN);
  }

  get candidates(): readonly Candidate[] {
    return this.#domains.flatMap(({ domain, records }, at) =>
      serviceCandidates(domain, records, at * STRIDE).slice(0, STRIDE),
    );
  }

  /** ms; Infinity: none is due. */
  get deadline(): number {
    const open = this.#domains.filter(({ id }) => id === undefined);
    return Math.min(Number.POSITIVE_INFINITY, ...open.map(({ next }) => next));
  }
}
