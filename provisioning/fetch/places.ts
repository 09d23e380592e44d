/** The places that may have a configuration: which of them may be asked, in what order, and from when on again. */
import type { Candidate } from '../types.ts';
import { type Plan, planOf } from './plan.ts';
import { closedWay, compareRanks } from './rank.ts';
import { Backoff } from './retry.ts';
import { hostIn, objection, type Pin } from './trust.ts';
import type { FetchingOptions } from './types.ts';

/** A LAN names a handful; who names more is playing. */
const MOST = 64;

export interface Place {
  readonly candidate: Candidate;
  /** With everything that may be asked for. */
  readonly plan: Plan;
  /** What is asked for first. */
  readonly url: string;
  readonly host: string;
  readonly backoff: Backoff;
  /** ms; Infinity: removed, until the network changes or much later. */
  notBefore: number;
  /** Why it gave nothing the last time, as it was told. */
  trouble: string | undefined;
}

/** Why a candidate is no place to ask; `change`: it is another server than the pinned one. */
export interface Objection {
  readonly candidate: Candidate;
  readonly host: string;
  readonly reason: string;
  readonly change: boolean;
}

/** A place in the queue. `firstUse`: in spite of that nobody vouches for its server. */
export interface Entry {
  readonly place: Place;
  readonly firstUse: boolean;
}

export class Places {
  readonly #options: FetchingOptions;
  /** By URL, and those that may not be asked: so that each is told once. */
  readonly #known = new Map<string, Place | Objection>();
  #pin: Pin | undefined;
  /** Where the pinned server, or a person, told us to go. */
  #movingTo: string | undefined;

  constructor(options: FetchingOptions) {
    this.#options = options;
  }

  get all(): readonly Place[] {
    return [...this.#known.values()].filter(isPlace);
  }

  /** Of all that are known, also of those that may not be asked. */
  get hosts(): readonly string[] {
    return [...new Set([...this.#known.values()].map(({ host }) => host))];
  }

  get movingTo(): string | undefined {
    return this.#movingTo;
  }

  has({ candidate }: Place): boolean {
    const known = this.#known.get(candidate.url);
    return known !== undefined && isPlace(known);
  }

  /** Another pin, or another way to go: what may be asked is found out anew. */
  believe(pin: Pin | undefined, movingTo: string | undefined): void {
    this.#pin = pin;
    this.#movingTo = movingTo;
    for (const [url, known] of this.#known) this.#known.set(url, this.#judge(known.candidate, known));
  }

  /**
   * All that discovery knows now: of the others only the pinned server stays, and the one to which we move. Returns what
   * was not heard of before.
   */
  know(candidates: readonly Candidate[]): readonly (Place | Objection)[] {
    const urls = new Set(candidates.slice(0, MOST).map(({ url }) => url));
    for (const [url, { host }] of this.#known)
      if (!urls.has(url) && host !== this.#pin?.host && host !== this.#movingTo) this.#known.delete(url);
    return candidates.flatMap((candidate) => (urls.has(candidate.url) ? (this.learn(candidate) ?? []) : []));
  }

  /** One more candidate; undefined: it is known. */
  learn(candidate: Candidate): Place | Objection | undefined {
    if (this.#known.has(candidate.url)) return undefined;
    const judged = this.#judge(candidate);
    this.#known.set(candidate.url, judged);
    return judged;
  }

  forget(url: string): void {
    this.#known.delete(url);
  }

  /** Whom the server at this host has to be; undefined: whoever. */
  pinFor({ candidate, host }: Pick<Place, 'candidate' | 'host'>): Pin | undefined {
    return this.#moves(candidate, host) ? undefined : this.#pin;
  }

  /** Sorts what is to be asked, the best first. */
  sort(entries: Entry[]): void {
    const ranked = ({ place, firstUse }: Entry) => ({
      ...{ candidate: place.candidate, url: place.url, firstUse },
      told: place.host === this.#movingTo,
    });
    entries.sort((one, other) => compareRanks(ranked(one), ranked(other)));
  }

  /** A file on the boot partition has the authority of whoever holds the card; a move was allowed before. */
  #moves({ step }: Candidate, host: string): boolean {
    return host !== this.#pin?.host && (step === 'drop file' || host === this.#movingTo);
  }

  /** Whose key is known, is asked by https only, also where DHCP still says http. */
  #planOf(candidate: Candidate): Plan | undefined {
    const { identity, compat, user } = this.#options;
    const options = { identity, compat, ...(user === undefined ? {} : { user }) };
    const plan = planOf(candidate, options);
    const [first] = plan?.groups.flat() ?? [];
    const isKnown = this.#pin !== undefined && this.#pin.keys.length > 0;
    if (!isKnown || first === undefined || hostIn(first.url) !== this.#pin?.host) return plan;
    return planOf({ ...candidate, url: secured(candidate.url) }, options);
  }

  /** `before`: what was known of it, whose pauses go on. */
  #judge(candidate: Candidate, before?: Place | Objection): Place | Objection {
    const plan = this.#planOf(candidate);
    const [first] = plan?.groups.flat() ?? [];
    const no = { candidate, host: '', change: false };
    if (plan === undefined || first === undefined)
      return { ...no, reason: 'this is no URL that anything can be fetched from' };
    const host = hostIn(first.url);
    const pin = this.pinFor({ candidate, host });
    const wrong = this.#objectionTo(first.url, pin);
    // Of a bare name the secure way may be allowed and the other not: each group for itself.
    const groups = plan.groups.filter((group) =>
      group.every(({ url }) => this.#objectionTo(url, pin) === undefined),
    );
    const [[next] = []] = groups;
    if (next === undefined) return { ...no, host, reason: 'nothing to ask for', ...wrong };
    const { backoff, notBefore, trouble } =
      before !== undefined && isPlace(before)
        ? before
        : { backoff: new Backoff(this.#options.chance), notBefore: 0, trouble: undefined };
    return { candidate, plan: { ...plan, groups }, url: next.url, host, backoff, notBefore, trouble };
  }

  #objectionTo(url: string, pin: Pin | undefined): Pick<Objection, 'reason' | 'change'> | undefined {
    const reason = closedWay(url, this.#options);
    return reason === undefined ? objection(url, pin) : { reason, change: false };
  }
}

function isPlace(known: Place | Objection): known is Place {
  return 'plan' in known;
}

export function secured(url: string): string {
  return url.replace(/^http:/i, 'https:');
}
