/**
 * Who has a configuration for this telephone? All paths start at once; the order of provisioning/types.ts ranks their
 * answers. Three seconds after the first answer the best candidate is tried, then the next; what comes later takes its
 * place among those that are left. Nothing here keeps the telephone from working meanwhile.
 *
 *     effect         is carried out by                          and answered by
 *     begin, end     sources/: DHCP, leases, routers, PnP …     facts, candidates
 *     ask            DNS, NAPTR                                 answer
 *     fetch          fetch/: TLS, HTTP, and what it makes of    fetched
 *                    the file
 *     settled        who keeps the pin                          pinned, at the next start
 *     server change  screen and page: a key press may pin it    pinned
 *     facts          time, time zone, registrars without        –
 *                    accounts
 *     ranked         status and log                             –
 *
 * Once a server gave a configuration it is pinned, and no other is asked any more, whoever names it; that there is
 * another is told once. Another network begins anew, with the pinned server first.
 */
import type { Network } from '#address/network.ts';
import type { DeviceIdentity } from '../identity.ts';
import type { Candidate } from '../types.ts';
import { type Ranked, type Ranking, ranking, serverOf, type Trust } from './candidates.ts';
import { type Facts, merged, NO_FACTS } from './facts.ts';
import { keyOf, marksOf, type Path, pathsOf } from './paths.ts';
import { Retries } from './retry.ts';
import { type NaptrAnswer, type NaptrQuestion, ServiceQuestions } from './service_questions.ts';

/** ms. */
export const DISCOVERY_TIMES = {
  /** From the first answer of anybody. */
  collecting: 3_000,
  /** A server that has nothing for us may have something when its owner has got to know us. */
  afterNothing: 3_600_000,
} as const;
const MOST_CHANGES = 8;
const MOST_CANDIDATES = 64;
/** Servers, routers or leases that are listened to on one path. */
const MOST_SOURCES = 16;

export interface Pin {
  readonly url: string;
  /** Servers (`https://host:port`) that the network named when this one was pinned: they are no news. */
  readonly offered: readonly string[];
}

export interface DiscoveryOptions {
  readonly identity: DeviceIdentity;
  readonly pin?: Pin;
  readonly allowHttp: boolean;
  readonly allowTftp: boolean;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * What became of a candidate: its configuration is in force; it has none for us (404, or no file that we can read); it
 * cannot be reached, or said when to come again; nobody we know vouches for its certificate.
 */
export type Outcome =
  | { readonly kind: 'taken' | 'nothing' | 'untrusted' }
  /** ms. */
  | { readonly kind: 'unreachable'; readonly retryAfter?: number };

export type DiscoveryInput =
  | { readonly kind: 'network'; readonly network: Network }
  /** `source`: one server's or lease's name; what it told before is void. `path`: by `keyOf`. */
  | { readonly kind: 'facts'; readonly path: string; readonly source: string; readonly facts: Facts }
  /** All that this path, or whoever reads drop files, has to offer now. */
  | { readonly kind: 'candidates'; readonly path: string; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: NaptrAnswer }
  | { readonly kind: 'fetched'; readonly id: number; readonly outcome: Outcome }
  /** Somebody pinned another server, or (without) the telephone is to be claimed anew. */
  | { readonly kind: 'pinned'; readonly pin?: Pin }
  | { readonly kind: 'tick' };

export type DiscoveryEffect =
  | { readonly kind: 'begin'; readonly path: Path }
  | { readonly kind: 'end'; readonly path: Path }
  | NaptrQuestion
  /** `pinned`: its key is known, and only that one will do. */
  | {
      readonly kind: 'fetch';
      readonly id: number;
      readonly candidate: Candidate;
      readonly trust: Trust | 'pinned';
    }
  | { readonly kind: 'settled'; readonly candidate: Candidate; readonly offered: readonly string[] }
  | { readonly kind: 'server change'; readonly candidate: Candidate }
  | { readonly kind: 'facts'; readonly facts: Facts }
  | { readonly kind: 'ranked'; readonly ranking: Ranking };

export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #questions: ServiceQuestions;
  readonly #retries: Retries;
  #network: Network = { addresses: [], defaultRoute: { 4: false, 6: false } };
  #marks: ReadonlySet<string> = new Set();
  #pin: Pin | undefined;
  #paths = new Map<string, Path>();
  /** By path, then by source. */
  readonly #told = new Map<string, Map<string, Facts>>();
  readonly #found = new Map<string, readonly Candidate[]>();
  readonly #untrusted = new Set<string>();
  readonly #changes = new Set<string>();
  #facts: Facts = NO_FACTS;
  #ranking: Ranking = { order: [], refused: [] };
  /** ms: when what was collected is looked at; undefined: nobody has answered. */
  #collected: number | undefined;
  #fetch: { readonly id: number; readonly ranked: Ranked } | undefined;
  #lastFetch = 0;
  #settled = false;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#pin = options.pin;
    this.#questions = new ServiceQuestions(options.identity, options.random);
    this.#retries = new Retries(options.random);
  }

  /** ms on the clock of `now`. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: DiscoveryInput, now: number): readonly DiscoveryEffect[] {
    const first = this.#take(input, now);
    const effects = [
      ...first,
      ...this.#lookAgain(now),
      ...this.#questions.questions(now),
      ...this.#next(now),
    ];
    this.#deadline = this.#nextDeadline(now);
    return effects;
  }

  #take(input: DiscoveryInput, now: number): readonly DiscoveryEffect[] {
    switch (input.kind) {
      case 'network':
        return this.#enter(input.network);
      case 'facts':
        this.#hear(input.path, input.source, input.facts, now);
        return [];
      case 'candidates':
        if (input.candidates.length > 0) this.#collected ??= now + DISCOVERY_TIMES.collecting;
        this.#found.set(input.path, input.candidates.slice(0, MOST_CANDIDATES));
        return [];
      case 'answer':
        this.#questions.answer(input.id, input.answer, now);
        return [];
      case 'fetched':
        return this.#fetched(input.id, input.outcome, now);
      case 'pinned':
        this.#pin = input.pin;
        this.#settled = false;
        this.#fetch = undefined;
        this.#retries.clear();
        return [];
      case 'tick':
        return [];
    }
  }

  /** Starts what is new, ends what is gone; all of it where nothing remains, for then it is another network. */
  #enter(network: Network): readonly DiscoveryEffect[] {
    const marks = marksOf(network);
    const same = this.#marks.size === 0 || [...this.#marks].some((mark) => marks.has(mark));
    const paths = new Map(pathsOf(network).map((path) => [keyOf(path), path]));
    const ended = [...this.#paths].filter(([key]) => !same || !paths.has(key));
    for (const [key] of ended) this.#forget(key);
    if (!same) this.#beginAnew();
    const begun = [...paths].filter(([key]) => !this.#paths.has(key));
    for (const [key, path] of begun) this.#paths.set(key, path);
    this.#network = network;
    this.#marks = marks;
    return [
      ...ended.map(([, path]) => ({ kind: 'end' as const, path })),
      ...begun.map(([, path]) => ({ kind: 'begin' as const, path })),
    ];
  }

  #forget(path: string): void {
    this.#paths.delete(path);
    this.#told.delete(path);
    this.#found.delete(path);
  }

  #beginAnew(): void {
    this.#questions.reset();
    this.#retries.clear();
    this.#untrusted.clear();
    this.#changes.clear();
    this.#collected = undefined;
    this.#fetch = undefined;
    this.#settled = false;
  }

  #hear(path: string, source: string, facts: Facts, now: number): void {
    if (!this.#paths.has(path)) return;
    const there = this.#told.get(path) ?? new Map<string, Facts>();
    if (there.size >= MOST_SOURCES && !there.has(source)) return;
    this.#told.set(path, there.set(source, facts));
    if (facts.candidates.length + facts.domains.length > 0)
      this.#collected ??= now + DISCOVERY_TIMES.collecting;
  }

  #fetched(id: number, outcome: Outcome, now: number): readonly DiscoveryEffect[] {
    if (this.#fetch?.id !== id) return [];
    const { candidate } = this.#fetch.ranked;
    this.#fetch = undefined;
    switch (outcome.kind) {
      case 'taken':
        return this.#settle(candidate);
      case 'untrusted':
        if (candidate.step !== 'pinned' && !this.#untrusted.has(candidate.url))
          this.#untrusted.add(candidate.url);
        else this.#retries.failed(candidate.url, now, DISCOVERY_TIMES.afterNothing);
        return [];
      case 'nothing':
        this.#retries.failed(candidate.url, now, DISCOVERY_TIMES.afterNothing);
        return [];
      case 'unreachable':
        this.#retries.failed(candidate.url, now, outcome.retryAfter);
        return [];
    }
  }

  #settle(candidate: Candidate): readonly DiscoveryEffect[] {
    this.#settled = true;
    if (candidate.step === 'pinned' || candidate.step === 'drop file') return [];
    const offered = [...new Set(this.#ranking.order.map((one) => serverOf(one.candidate.url)))];
    this.#pin = { url: candidate.url, offered };
    return [{ kind: 'settled', candidate, offered }];
  }

  /** What is known now, told where it is not what was known before. */
  #lookAgain(now: number): readonly DiscoveryEffect[] {
    const effects: DiscoveryEffect[] = [];
    const facts = merged([...this.#told.values()].flatMap((sources) => [...sources.values()]));
    if (!isEqual(facts, this.#facts)) effects.push({ kind: 'facts', facts });
    this.#facts = facts;
    this.#questions.facts(facts);
    const { allowHttp, allowTftp } = this.#options;
    const rules = { allowHttp, allowTftp, untrusted: this.#untrusted, network: this.#network };
    const all = [...this.#found.values(), facts.candidates, this.#questions.candidates, this.#pinned].flat();
    const ranked = ranking(all.slice(0, MOST_CANDIDATES), rules);
    if (!isEqual(ranked, this.#ranking)) effects.push({ kind: 'ranked', ranking: ranked });
    this.#ranking = ranked;
    return [...effects, ...this.#newServers(now)];
  }

  get #pinned(): readonly Candidate[] {
    if (this.#pin === undefined) return [];
    return [{ step: 'pinned', url: this.#pin.url, family: undefined, from: 'the pinned server', order: 0 }];
  }

  /** Servers that were not named when ours was pinned. */
  #newServers(now: number): readonly DiscoveryEffect[] {
    if (this.#pin === undefined || (this.#collected ?? Number.POSITIVE_INFINITY) > now) return [];
    const known = new Set([serverOf(this.#pin.url), ...this.#pin.offered, ...this.#changes]);
    return this.#ranking.order.flatMap(({ candidate }): readonly DiscoveryEffect[] => {
      const server = serverOf(candidate.url);
      if (!isDiscovered(candidate) || known.has(server) || this.#changes.size >= MOST_CHANGES) return [];
      known.add(server);
      this.#changes.add(server);
      return [{ kind: 'server change', candidate }];
    });
  }

  /** One at a time, for two configurations at once are none. */
  #next(now: number): readonly DiscoveryEffect[] {
    if (this.#settled || this.#fetch !== undefined) return [];
    const ranked = this.#choices(now).find(({ candidate }) => this.#retries.mayTry(candidate.url, now));
    if (ranked === undefined) return [];
    this.#lastFetch += 1;
    this.#fetch = { id: this.#lastFetch, ranked };
    const trust = ranked.candidate.step === 'pinned' ? 'pinned' : ranked.trust;
    return [{ kind: 'fetch', id: this.#lastFetch, candidate: ranked.candidate, trust }];
  }

  /** Drop file and pinned server wait for nobody; the others until all that will speak has spoken. */
  #choices(now: number): readonly Ranked[] {
    const isCollected = this.#collected !== undefined && this.#collected <= now;
    return this.#ranking.order.filter(
      ({ candidate }) => !isDiscovered(candidate) || (isCollected && this.#pin === undefined),
    );
  }

  #nextDeadline(now: number): number {
    const waiting = this.#collected !== undefined && this.#collected > now ? this.#collected : Infinity;
    const urls = this.#choices(now).map(({ candidate }) => candidate.url);
    const again = this.#settled || this.#fetch !== undefined ? Infinity : this.#retries.deadline(urls, now);
    return Math.min(waiting, again, this.#questions.deadline(now));
  }
}

function isDiscovered({ step }: Candidate): boolean {
  return step !== 'pinned' && step !== 'drop file';
}

function isEqual(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
