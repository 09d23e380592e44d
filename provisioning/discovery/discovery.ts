/**
 * Who may have a configuration for this telephone? All paths start at once. Three seconds after the first answer what is
 * known by then is told, and after that whatever is new, at once. Whom of them to ask, and whom to believe, is the
 * business of fetch/. Nothing here keeps the telephone from working meanwhile.
 *
 *     effect       is carried out by                          and answered by
 *     begin, end   sources/: DHCP, leases, routers, PnP …     facts, candidates
 *     ask          DNS, NAPTR                                 answer
 *     facts        time, time zone, registrars without        –
 *                  accounts
 *     candidates   fetch/                                     –
 *
 * Another network begins anew: what the old one told is void, and that is told too.
 */
import type { Network } from '#address/network.ts';
import type { Candidate } from '../types.ts';
import { type Facts, merged, NO_FACTS } from './facts.ts';
import { keyOf, marksOf, type Path, pathsOf } from './paths.ts';
import { type NaptrAnswer, type NaptrQuestion, ServiceQuestions } from './service_questions.ts';

/** ms from the first answer of anybody. */
const COLLECTING = 3_000;
const MOST_CANDIDATES = 64;
/** Servers, routers or leases that are listened to on one path. */
const MOST_SOURCES = 16;

export type DiscoveryInput =
  | { readonly kind: 'network'; readonly network: Network }
  /** `source`: one server's or lease's name; what it told before is void. `path`: by `keyOf`. */
  | { readonly kind: 'facts'; readonly path: string; readonly source: string; readonly facts: Facts }
  /** All that this path has to offer now. */
  | { readonly kind: 'candidates'; readonly path: string; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: NaptrAnswer }
  | { readonly kind: 'tick' };

export type DiscoveryEffect =
  | { readonly kind: 'begin'; readonly path: Path }
  | { readonly kind: 'end'; readonly path: Path }
  | NaptrQuestion
  | { readonly kind: 'facts'; readonly facts: Facts }
  /** All that are known now, path by path. */
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] };

export class Discovery {
  readonly #questions: ServiceQuestions;
  #marks: ReadonlySet<string> = new Set();
  readonly #paths = new Map<string, Path>();
  /** By path, then by source. */
  readonly #heard = new Map<string, Map<string, Facts>>();
  readonly #found = new Map<string, readonly Candidate[]>();
  #facts: Facts = NO_FACTS;
  /** ms: when what was collected is told; undefined: nobody has answered. */
  #collected: number | undefined;
  /** URLs told last. */
  #told: ReadonlySet<string> = new Set();
  #deadline = Number.POSITIVE_INFINITY;

  /** @param random uniform in [0, 1) */
  constructor(random: () => number) {
    this.#questions = new ServiceQuestions(random);
  }

  /** ms on the clock of `now`. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: DiscoveryInput, now: number): readonly DiscoveryEffect[] {
    const effects = [
      ...this.#take(input, now),
      ...this.#tellFacts(),
      ...this.#questions.questions(now),
      ...this.#tellCandidates(now),
    ];
    const isCollecting = this.#collected !== undefined && this.#collected > now;
    this.#deadline = Math.min(
      isCollecting ? (this.#collected ?? now) : Number.POSITIVE_INFINITY,
      this.#questions.deadline,
    );
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
        if (!this.#paths.has(input.path)) return [];
        this.#found.set(input.path, input.candidates);
        if (input.candidates.length > 0) this.#collected ??= now + COLLECTING;
        return [];
      case 'answer':
        this.#questions.answer(input.id, input.answer, now);
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
    const begun = [...paths].filter(([key]) => !this.#paths.has(key));
    for (const [key, path] of begun) this.#paths.set(key, path);
    this.#marks = marks;
    return [
      ...ended.map(([, path]) => ({ kind: 'end' as const, path })),
      ...begun.map(([, path]) => ({ kind: 'begin' as const, path })),
      ...(same ? [] : this.#beginAnew()),
    ];
  }

  #forget(path: string): void {
    this.#paths.delete(path);
    this.#heard.delete(path);
    this.#found.delete(path);
  }

  #beginAnew(): readonly DiscoveryEffect[] {
    this.#collected = undefined;
    const isNews = this.#told.size > 0;
    this.#told = new Set();
    return isNews ? [{ kind: 'candidates', candidates: [] }] : [];
  }

  #hear(path: string, source: string, facts: Facts, now: number): void {
    if (!this.#paths.has(path)) return;
    const there = this.#heard.get(path) ?? new Map<string, Facts>();
    if (there.size >= MOST_SOURCES && !there.has(source)) return;
    this.#heard.set(path, there.set(source, facts));
    if (facts.candidates.length + facts.domains.length > 0) this.#collected ??= now + COLLECTING;
  }

  #tellFacts(): readonly DiscoveryEffect[] {
    const facts = merged([...this.#heard.values()].flatMap((sources) => [...sources.values()]));
    this.#questions.facts(facts);
    if (JSON.stringify(facts) === JSON.stringify(this.#facts)) return [];
    this.#facts = facts;
    return [{ kind: 'facts', facts }];
  }

  /** Told where something is new: what a path does not repeat is not gone for that. */
  #tellCandidates(now: number): readonly DiscoveryEffect[] {
    if (this.#collected === undefined || this.#collected > now) return [];
    const all = [this.#facts.candidates, this.#questions.candidates, ...this.#found.values()].flat();
    const candidates = all.slice(0, MOST_CANDIDATES);
    if (candidates.every(({ url }) => this.#told.has(url))) return [];
    this.#told = new Set(candidates.map(({ url }) => url));
    return [{ kind: 'candidates', candidates }];
  }
}
