/** Asks DNS for the configuration services of the network's domains (RFC 6011 2.3.1), each once, and again after failures. */
import type { DeviceIdentity } from '../identity.ts';
import type { Candidate } from '../types.ts';
import type { Facts, NetworkDomain } from './facts.ts';
import { Retries } from './retry.ts';
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

interface Domain {
  readonly domain: NetworkDomain;
  asked: number | undefined;
  records: readonly Naptr[] | undefined;
}

export class ServiceQuestions {
  readonly #identity: DeviceIdentity;
  readonly #retries: Retries;
  #domains: readonly Domain[] = [];
  #lastId = 0;

  constructor(identity: DeviceIdentity, random: () => number) {
    this.#identity = identity;
    this.#retries = new Retries(random);
  }

  /** Another network: what was asked is void. */
  reset(): void {
    this.#domains = [];
    this.#retries.clear();
  }

  facts(facts: Facts): void {
    this.#domains = serviceDomains(facts).map((domain) => {
      const known = this.#domains.find((other) => other.domain.domain === domain.domain);
      return { domain, asked: known?.asked, records: known?.records };
    });
  }

  /** What is to be asked now. */
  questions(now: number): readonly NaptrQuestion[] {
    return this.#domains.flatMap((one): readonly NaptrQuestion[] => {
      const { domain } = one.domain;
      if (one.asked !== undefined || one.records !== undefined || !this.#retries.mayTry(domain, now))
        return [];
      one.asked = ++this.#lastId;
      return [{ kind: 'ask', id: one.asked, domain }];
    });
  }

  answer(id: number, answer: NaptrAnswer, now: number): void {
    const one = this.#domains.find(({ asked }) => asked === id);
    if (one === undefined) return;
    one.asked = undefined;
    if ('failure' in answer) this.#retries.failed(one.domain.domain, now);
    else if (serviceCandidates(one.domain, answer.records, this.#identity, 0).length > 0)
      one.records = answer.records;
    else this.#retries.failed(one.domain.domain, now, AGAIN);
  }

  get candidates(): readonly Candidate[] {
    return this.#domains.flatMap(({ domain, records }, at) =>
      serviceCandidates(domain, records ?? [], this.#identity, at * STRIDE),
    );
  }

  deadline(now: number): number {
    const open = this.#domains.filter(({ asked, records }) => asked === undefined && records === undefined);
    return this.#retries.deadline(
      open.map(({ domain }) => domain.domain),
      now,
    );
  }
}
