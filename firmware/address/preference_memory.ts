/** What `FamilyPreference` knows of each destination: a bounded number of them, kept across restarts as plain JSON. */
import type { Family } from './endpoint.ts';
import { conditionOf, type Failure } from './health.ts';

/** Plain JSON, without times: the clock of the next run is another. */
export interface PreferenceState {
  readonly attachment: string;
  /** The least recently used first. */
  readonly destinations: readonly DestinationState[];
}

export interface DestinationState {
  readonly attachment: string;
  readonly destination: string;
  readonly p: number;
  readonly failing?: readonly Family[];
  /** P before that failure. */
  readonly before?: number;
  readonly ignoresOptions?: boolean;
  /** Who had won just before: a short absence costs no probe. */
  readonly winner?: Family;
}

export interface Destination {
  readonly attachment: string;
  readonly name: string;
  p: number;
  /** Ageing is counted from here, ms. */
  aged: number;
  /** Who won last, and when it was last heard, ms. */
  verdict: { readonly family: Family; readonly at: number } | undefined;
  readonly failures: Partial<Record<Family, Failure>>;
  /** P before the favourite lost or failed, as long as it has not been heard since. */
  before: number | undefined;
  /** When OPTIONS was last ignored, ms. */
  optionsIgnored: number | undefined;
}

const FAMILIES: readonly Family[] = [6, 4];

const MOST_DESTINATIONS = 128;
const MS_OF_FRESHNESS = 40_000;

export class PreferenceMemory {
  readonly #start: (destination: string) => number;
  readonly #known = new Map<string, Destination>();
  /** Not used since the start: they get their times when the first `now` is known. */
  #kept: readonly DestinationState[];
  #attachment: string;
  #latest = 0;

  /** `start`: the weight of a new destination. */
  constructor(start: (destination: string) => number, state?: PreferenceState) {
    this.#start = start;
    this.#attachment = state?.attachment ?? '';
    this.#kept = state?.destinations.slice(-MOST_DESTINATIONS) ?? [];
  }

  networkChanged(attachment: string, now: number): void {
    this.#restore(now);
    this.#attachment = attachment;
    for (const known of this.#known.values()) {
      known.verdict = undefined;
      for (const family of FAMILIES) {
        const failure = known.failures[family];
        if (failure !== undefined)
          known.failures[family] = { ...failure, retryAt: Math.min(now, failure.retryAt) };
      }
    }
  }

  /** The destination on this attachment, new if it must be; it becomes the one used last. */
  recall(name: string, now: number): Destination {
    this.#restore(now);
    const key = keyOf(this.#attachment, name);
    const known = this.#known.get(key) ?? newDestination(this.#attachment, name, this.#start(name), now);
    this.#known.delete(key);
    this.#known.set(key, known);
    const oldest = this.#known.keys().next();
    if (this.#known.size > MOST_DESTINATIONS && !oldest.done) this.#known.delete(oldest.value);
    return known;
  }

  /** The destinations on this attachment. */
  here(now: number): readonly Destination[] {
    this.#restore(now);
    return [...this.#known.values()].filter(({ attachment }) => attachment === this.#attachment);
  }

  toJSON(): PreferenceState {
    const destinations = [...this.#known.values()].map((known) => stateOf(known, this.#latest));
    return { attachment: this.#attachment, destinations: [...this.#kept, ...destinations] };
  }

  #restore(now: number): void {
    this.#latest = now;
    for (const state of this.#kept) {
      const known = newDestination(state.attachment, state.destination, state.p, now);
      for (const family of state.failing ?? [])
        known.failures[family] = { since: now, times: 1, retryAt: now };
      known.before = state.before;
      known.verdict = state.winner === undefined ? undefined : { family: state.winner, at: now };
      known.optionsIgnored = state.ignoresOptions === true ? now : undefined;
      this.#known.set(keyOf(known.attachment, known.name), known);
    }
    this.#kept = [];
  }
}

/** The families that do not answer at present. */
export function failingOf(known: Destination, now: number): readonly Family[] {
  return FAMILIES.filter((family) => conditionOf(known.failures[family], now) !== 'alive');
}

/** The family whose verdict still counts. */
export function freshOf({ verdict }: Destination, now: number): Family | undefined {
  return verdict !== undefined && now - verdict.at < MS_OF_FRESHNESS ? verdict.family : undefined;
}

function keyOf(attachment: string, name: string): string {
  return JSON.stringify([attachment, name]);
}

function newDestination(attachment: string, name: string, p: number, now: number): Destination {
  return {
    attachment,
    name,
    p,
    aged: now,
    verdict: undefined,
    failures: {},
    before: undefined,
    optionsIgnored: undefined,
  };
}

function stateOf(known: Destination, now: number): DestinationState {
  const failing = failingOf(known, now);
  const winner = freshOf(known, now);
  return {
    attachment: known.attachment,
    destination: known.name,
    p: known.p,
    ...(failing.length === 0 ? {} : { failing, before: known.before ?? known.p }),
    ...(known.optionsIgnored === undefined ? {} : { ignoresOptions: true }),
    ...(winner === undefined ? {} : { winner }),
  };
}
