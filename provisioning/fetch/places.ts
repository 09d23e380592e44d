/** The places that may have a configuration: which of them may be asked, in what order, and from when on again. */
import { type Candidate, STEPS } from '../types.ts';
import { type Plan, planOf } from './plan.ts';
import { Backoff } from './retry.ts';
import { hostIn, objection, type Pin, schemeRank } from './trust.ts';
import type { FetchingOptions } from './types.ts';

/** A LAN names a handful; who names more is playing. */
const MOST = 64;

export interface Place {
  readonly candidate: Candidate;
  /** With everything that may be asked for. */
  readonly plan: Plan;
  readonly host: string;
  readonly backoff: Backoff;
  /** ms; Infinity: removed, until the network changes or much later. */
  notBefore: number;
}

/** Why a candidate is no place to ask; `change`: it is another server than the pinned one. */
export interface Objection {
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
  readonly #places = new Map<string, Place>();
  #pin: Pin | undefined;
  /** Where the pinned server, or a person, told us to go. */
  #movingTo: string | undefined;

  constructor(options: FetchingOptions) {
    this.#options = options;
  }

  get all(): readonly Place[] {
    return [...this.#places.values()];
  }

  get movingTo(): string | undefined {
    return this.#movingTo;
  }

  /** Another pin, or another way to go: what may be asked is found out anew. */
  believe(pin: Pin | undefined, movingTo: string | undefined): void {
    this.#pin = pin;
    this.#movingTo = movingTo;
    for (const { candidate, backoff, notBefore } of this.all) {
      const place = this.#placeOf(candidate, backoff, notBefore);
      if ('reason' in place) this.#places.delete(candidate.url);
      else this.#places.set(candidate.url, place);
    }
  }

  /** A candidate not heard of before, as a place or as the reason why it is none; undefined: it is known. */
  learn(candidate: Candidate): Place | Objection | undefined {
    if (this.#places.has(candidate.url) || this.#places.size >= MOST) return undefined;
    const place = this.#placeOf(candidate, new Backoff(this.#options.chance), 0);
    if (!('reason' in place)) this.#places.set(candidate.url, place);
    return place;
  }

  forget(url: string): void {
    this.#places.delete(url);
  }

  /** Whom the server at this host has to be; undefined: whoever. */
  pinFor({ candidate, host }: Pick<Place, 'candidate' | 'host'>): Pin | undefined {
    return this.#moves(candidate, host) ? undefined : this.#pin;
  }

  /** Sorts what is to be asked, the best first. */
  sort(entries: Entry[]): void {
    entries.sort((one, other) => {
      const [a, b] = [this.#rank(one), this.#rank(other)];
      const at = a.findIndex((number, i) => number !== b[i]);
      return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
    });
  }

  /** Where we were told to go; then the step; in it https, proved before unproved; then its order; then IPv6. */
  #rank({ place: { candidate, plan, host }, firstUse }: Entry): readonly number[] {
    const [first] = plan.groups.flat();
    return [
      Number(host !== this.#movingTo),
      STEPS.indexOf(candidate.step),
      first === undefined ? 0 : schemeRank(first.url),
      Number(firstUse),
      candidate.order,
      Number(candidate.family !== 6),
    ];
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

  #placeOf(candidate: Candidate, backoff: Backoff, notBefore: number): Place | Objection {
    const plan = this.#planOf(candidate);
    const [first] = plan?.groups.flat() ?? [];
    if (plan === undefined || first === undefined)
      return { host: '', reason: 'this is no URL that anything can be fetched from', change: false };
    const host = hostIn(first.url);
    const pin = this.pinFor({ candidate, host });
    const wrong = objection(first.url, pin, this.#options);
    // Of a bare name the secure way may be allowed and the other not: each group for itself.
    const groups = plan.groups.filter((group) =>
      group.every(({ url }) => objection(url, pin, this.#options) === undefined),
    );
    if (groups.length === 0) return { host, reason: 'nothing to ask for', change: false, ...wrong };
    return { candidate, plan: { ...plan, groups }, host, backoff, notBefore };
  }
}

export function secured(url: string): string {
  return url.replace(/^http:/i, 'https:');
}
