/**
 * The machine that locates servers: searches under way (the rules are in locate.ts), questions under way, and what is
 * known from before. Each answer makes the open searches look again; what they miss and nobody asked for is asked.
 *
 * A search is over when nothing is missing, or after three seconds with what there is. If its first server has an
 * address and the rest is late, that much is told early: the request need not wait for the last answer (RFC 8305 3).
 */
import type { Endpoint } from '#address/endpoint.ts';
import type { Hop, Transport } from '../types.ts';
import { learn } from './answer.ts';
import { DnsCache } from './cache.ts';
import type { DnsAnswer, DnsFailure, Question, QuestionType, SrvRecord } from './dns.ts';
import { isEmpty, type Place, type RefusedAddress, type Search, search } from './locate.ts';
import { inSrvOrder } from './srv.ts';
import { keyOf, View } from './view.ts';

export interface LocatorOptions {
  /** Transports that this telephone has, the most liked first. */
  readonly transports: readonly Transport[];
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Puts the addresses of one target in the order to try them (RFC 6724, preference of the families). */
  readonly inAddressOrder: (addresses: readonly Endpoint[], hop: Hop) => readonly Endpoint[];
}

export type LocatorInput =
  | { readonly kind: 'locate'; readonly ticket: number; readonly hop: Hop }
  /** The answer to `query`. */
  | { readonly kind: 'answer'; readonly id: number; readonly answer: DnsAnswer | DnsFailure }
  /** The network or its resolvers changed: what was known is void, what is open is asked anew. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'tick' };

export interface Located {
  readonly kind: 'located';
  readonly ticket: number;
  /** In the order to try them, each with at least one address. Empty: `error` says why. */
  readonly candidates: readonly Place[];
  /** What the server's certificate must name where a candidate is TLS: the domain that was looked for (RFC 5922 7.3). */
  readonly domain: string;
  /** ms: how long this may be believed; Infinity: no name was looked up. */
  readonly validUntil: number;
  /** Addresses that were met and are never used (Teredo and others). */
  readonly refused: readonly RefusedAddress[];
  /** False: told early; the same ticket is told once more. */
  readonly final: boolean;
  readonly error?: string;
}

export type LocatorEffect =
  | Located
  | { readonly kind: 'query'; readonly id: number; readonly name: string; readonly type: QuestionType };

/** RFC 8305 3: how long the other family, or the next server, is waited for when an address is there. ms */
const RESOLUTION_DELAY = 50;
/** Some routers swallow questions for NAPTR and SRV. After so long the search goes on as if there were none. ms */
const SERVICE_PATIENCE = 1_000;
/** ms */
const SEARCH_LIMIT = 3_000;

interface Open {
  readonly ticket: number;
  readonly hop: Hop;
  readonly since: number;
  /** The draw of each service, made once. */
  readonly draws: Map<string, readonly SrvRecord[]>;
  questions: number;
  /** Keys of the questions that it waits for. */
  missing: ReadonlySet<string>;
  /** ms: when the first server had an address. */
  usableSince: number | undefined;
  told: boolean;
  /** ms: when to look again though no answer came. */
  due: number;
}

export class Locator {
  readonly #options: LocatorOptions;
  readonly #cache = new DnsCache();
  readonly #open = new Map<number, Open>();
  /** Questions under way, by id and by their text. */
  readonly #asked = new Map<number, Question>();
  readonly #askedKeys = new Set<string>();
  #lastId = 0;

  constructor(options: LocatorOptions) {
    this.#options = options;
  }

  handle(input: LocatorInput, now: number): readonly LocatorEffect[] {
    switch (input.kind) {
      case 'locate': {
        const open = newSearch(input.ticket, input.hop, now);
        this.#open.set(open.ticket, open);
        return this.#lookAgain(open, now);
      }
      case 'answer': {
        const key = this.#take(input.id, input.answer, now);
        return this.#lookAll(({ missing }) => key !== undefined && missing.has(key), now);
      }
      case 'forget':
        this.#cache.clear();
        this.#asked.clear();
        this.#askedKeys.clear();
        return this.#lookAll(() => true, now);
      case 'tick':
        return this.#lookAll(({ due }) => due <= now, now);
    }
  }

  /** ms on the clock of `now`; Infinity: no search is open. */
  get deadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#open.values()].map(({ due }) => due));
  }

  /** Gives the key of the question; undefined: nobody asked this, or not any more. */
  #take(id: number, answer: DnsAnswer | DnsFailure, now: number): string | undefined {
    const question = this.#asked.get(id);
    if (question === undefined) return undefined;
    const key = keyOf(question);
    this.#asked.delete(id);
    this.#askedKeys.delete(key);
    if ('failure' in answer) {
      this.#cache.fail(question, answer.failure, now);
      return key;
    }
    const [about, ...besides] = learn(question, answer);
    if (about !== undefined) this.#cache.put(about, 'answer', now);
    for (const learned of besides) this.#cache.put(learned, 'additional', now);
    return key;
  }

  #lookAll(concerns: (open: Open) => boolean, now: number): readonly LocatorEffect[] {
    return [...this.#open.values()].filter(concerns).flatMap((open) => this.#lookAgain(open, now));
  }

  #lookAgain(open: Open, now: number): readonly LocatorEffect[] {
    const { ticket, hop, since, questions } = open;
    const view = new View({ since, questions, impatient: now >= since + SERVICE_PATIENCE }, this.#cache);
    const found = search(hop, {
      transports: this.#options.transports,
      naptr: (name) => view.naptr(name),
      srv: (name) => view.srv(name),
      addresses: (name, family) => view.addresses(name, family),
      inSrvOrder: (service, records) => drawOnce(open, service, records, this.#options.random),
      inAddressOrder: (addresses) => this.#options.inAddressOrder(addresses, hop),
    });
    const complete = found.places.every((place) => place !== 'asked' && place.complete);
    if (complete || now >= since + SEARCH_LIMIT) {
      this.#open.delete(ticket);
      return [located(open, found, view.validUntil, true)];
    }
    const early = this.#isTimeToTell(open, found, now) ? [located(open, found, view.validUntil, false)] : [];
    open.due = dueOf(open, now);
    open.missing = new Set(view.missing.map(keyOf));
    return [...early, ...this.#ask(open, view.missing)];
  }

  #isTimeToTell(open: Open, found: Search, now: number): boolean {
    if (open.told) return false;
    const first = found.places.find((place) => place === 'asked' || !isEmpty(place));
    if (first === undefined || first === 'asked' || first.addresses.length === 0) return false;
    open.usableSince ??= now;
    open.told = now >= open.usableSince + RESOLUTION_DELAY;
    return open.told;
  }

  #ask(open: Open, missing: readonly Question[]): readonly LocatorEffect[] {
    const fresh = missing.filter((question) => !this.#askedKeys.has(keyOf(question)));
    return fresh.map(({ name, type }) => {
      const id = ++this.#lastId;
      this.#asked.set(id, { name, type });
      this.#askedKeys.add(keyOf({ name, type }));
      open.questions++;
      return { kind: 'query', id, name, type };
    });
  }
}

function newSearch(ticket: number, hop: Hop, since: number): Open {
  return {
    ticket,
    hop,
    since,
    draws: new Map(),
    questions: 0,
    missing: new Set(),
    usableSince: undefined,
    told: false,
    due: since,
  };
}

function dueOf(open: Open, now: number): number {
  const patience = open.since + SERVICE_PATIENCE;
  const early = open.usableSince === undefined || open.told ? Infinity : open.usableSince + RESOLUTION_DELAY;
  return Math.min(early, now < patience ? patience : open.since + SEARCH_LIMIT);
}

function drawOnce(
  { draws }: Open,
  service: string,
  records: readonly SrvRecord[],
  random: () => number,
): readonly SrvRecord[] {
  const drawn = draws.get(service) ?? inSrvOrder(records, random);
  draws.set(service, drawn);
  return drawn;
}

function located(open: Open, found: Search, validUntil: number, final: boolean): Located {
  const { ticket, hop } = open;
  // Early, nothing is told of what stands behind a server that may still get its address.
  const gap = final ? -1 : found.places.findIndex((place) => place === 'asked' || isOpen(place));
  const known = found.places.slice(0, gap < 0 ? undefined : gap).filter((place) => place !== 'asked');
  const candidates = known.filter(({ addresses }) => addresses.length > 0);
  const late = `${hop.host} could not be looked up: no name server answered in time`;
  return {
    kind: 'located',
    ticket,
    candidates,
    domain: hop.host,
    validUntil,
    refused: found.refused,
    final,
    ...(candidates.length > 0 ? {} : { error: found.error ?? late }),
  };
}

function isOpen(place: Place): boolean {
  return !place.complete && place.addresses.length === 0;
}
