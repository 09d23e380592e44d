/**
 * Which family to try first: a weight P for each destination (a domain as seen from one network attachment).
 *
 * Theory. P runs from -20 to 20. Above 0 IPv6 is the favourite, below 0 IPv4; at 0 nobody is. The favourite is tried
 * first and the other family 10·|P| ms later, at 0 both at once. So P is the lateness that is forgiven: the other
 * family wins only if the favourite is slower than it by more than that. A new destination starts at +5: IPv6 may
 * be 50 ms slower and is taken all the same.
 *
 * - The winner moves P towards itself: by 4 as the favourite, by 2 otherwise. A side once taken is thereby
 *   soon held: ten transactions lead from anywhere to one of the ends, and there 200 ms are forgiven.
 * - A favourite that lost a race, or failed, drops to a quarter at once (20, 5, 1, 0). One lost packet thus never
 *   changes the side, as the next win leads up again; a family that is too slow lets go after two or three losses.
 * - P goes back towards +5 by 1 in 15 minutes. A registration in the hour, one win of 4, is enough to hold it.
 *
 * Beside P there is fresh knowledge, which costs the next request no probe:
 * - The verdict: who won last. It is good for 40 s (a keep-alive every 30 s renews it). A loser that answers
 *   late is alive; if it is the favourite the verdict falls, since bad luck should not outweigh P, and the race
 *   is run again. A loser that stays silent leaves it standing.
 * - Who failed. The other family then goes first whatever P says. Failures are remembered with growing pauses
 *   (health.ts), after each of which it deserves a probe beside the request (`recheck`), never before it. With its
 *   first answer P returns to what it was before the failure: what is won against the dead is no merit.
 *
 * `now` is any steady clock in ms. What is kept across restarts has no times in it: while we are off, nothing ages.
 */
import type { Family } from './endpoint.ts';
import { answeredAgain, conditionOf, failedAgain } from './health.ts';
import { type Destination, FAMILIES, PreferenceMemory, type PreferenceState } from './preference_memory.ts';

export const MOST_WEIGHT = 20;
export const START_WEIGHT = 5;
/** Milliseconds of head start for each unit of weight. */
const HEAD_START = 10;
const GAIN_OF_FAVOURITE = 4;
const GAIN_OF_OTHER = 2;
/** What is divided by when the favourite loses. */
const DROP = 4;
const MS_OF_AGEING = 900_000;
const MS_OF_FRESHNESS = 40_000;
/** A server that ignores OPTIONS may be replaced by one that does not. */
const MS_OF_IGNORING = 86_400_000;

export interface Plan {
  readonly first: Family;
  /** The other family starts this much later, if the first is still silent then. */
  readonly headStartMs: number;
  /** The first was proven just now: send without a probe. */
  readonly fresh: boolean;
  /** This family has failed and had its pause: probe it beside the request and tell `alive` or `failed`. */
  readonly recheck?: Family;
  /** It answers requests but no OPTIONS: send to the first, and move on after 1.5 s. */
  readonly ignoresOptions: boolean;
}

export interface Weight {
  readonly destination: string;
  readonly p: number;
  /** Families that do not answer at present. */
  readonly failing: readonly Family[];
}

export class FamilyPreference {
  readonly #memory: PreferenceMemory;

  /** `state` is what `toJSON` gave in an earlier run. */
  constructor(state?: PreferenceState) {
    this.#memory = new PreferenceMemory(START_WEIGHT, state);
  }

  plan(destination: string, now: number): Plan {
    const known = this.#recall(destination, now);
    const { p, verdict } = known;
    const ignoresOptions = known.optionsIgnored !== undefined && now - known.optionsIgnored < MS_OF_IGNORING;
    const winner = verdict !== undefined && now - verdict.at < MS_OF_FRESHNESS ? verdict.family : undefined;
    const favourite = favouriteOf(p);
    const failing = failingOf(known, now);
    const [lost, alsoLost] = failing;
    // Neither answers: to wait for one of them would be waste.
    if (alsoLost !== undefined)
      return { first: favourite ?? 6, headStartMs: 0, fresh: false, ignoresOptions };
    if (lost !== undefined) {
      const first = otherOf(lost);
      const headStartMs = HEAD_START * MOST_WEIGHT;
      const recheck = conditionOf(known.failures[lost], now) === 'due' ? { recheck: lost } : {};
      return { first, headStartMs, fresh: winner === first, ignoresOptions, ...recheck };
    }
    const first = winner ?? favourite ?? 6;
    const headStartMs = first === favourite ? HEAD_START * Math.abs(p) : 0;
    return { first, headStartMs, fresh: winner !== undefined, ignoresOptions };
  }

  /** A final answer came first from `winner`; `raced`: the other family had been tried too. */
  won(destination: string, winner: Family, details: { readonly raced: boolean }, now: number): void {
    const known = this.#recall(destination, now);
    recover(known, winner, now);
    const favourite = favouriteOf(known.p);
    const towards = winner === 6 ? 1 : -1;
    if (favourite === winner) known.p = bounded(known.p + towards * GAIN_OF_FAVOURITE);
    else if (favourite !== undefined && details.raced) known.p = bounded(known.p / DROP);
    else known.p = bounded(known.p + towards * GAIN_OF_OTHER);
    known.verdict = { family: winner, at: now };
  }

  /** No answer in time, ICMP, connection refused: of the whole family, not of one server among several. */
  failed(destination: string, family: Family, now: number): void {
    const known = this.#recall(destination, now);
    const lasts = conditionOf(known.failures[family], now) !== 'alive';
    known.failures[family] = failedAgain(known.failures[family], now);
    if (known.verdict?.family === family) known.verdict = undefined;
    if (lasts) return;
    known.before ??= known.p;
    if (favouriteOf(known.p) === family) known.p = bounded(known.p / DROP);
  }

  /** A sign of life that decided nothing: a late answer, a keep-alive, a `recheck`. */
  alive(destination: string, family: Family, now: number): void {
    const known = this.#recall(destination, now);
    const recovered = recover(known, family, now);
    const isFavourite = favouriteOf(known.p) === family;
    if (known.verdict?.family === family || (recovered && isFavourite)) known.verdict = { family, at: now };
    else if (isFavourite) known.verdict = undefined;
  }

  /** OPTIONS stayed without an answer where a request then had one; `ignored` false: it is answered again. */
  optionsIgnored(destination: string, ignored: boolean, now: number): void {
    this.#recall(destination, now).optionsIgnored = ignored ? now : undefined;
  }

  /**
   * Our addresses, routes or link have changed: verdicts fall, and who failed deserves a probe. On another
   * `attachment` every destination starts anew, or with what was learnt when we were last there.
   */
  networkChanged(attachment: string, now: number): void {
    this.#memory.attachment = attachment;
    for (const known of this.#memory.all(now)) {
      known.verdict = undefined;
      for (const family of FAMILIES) {
        const failure = known.failures[family];
        if (failure !== undefined)
          known.failures[family] = { ...failure, retryAt: Math.min(now, failure.retryAt) };
      }
    }
  }

  /** The weights on this attachment, for status. */
  weights(now: number): readonly Weight[] {
    return this.#memory.here(now).map((known) => {
      age(known, now);
      return { destination: known.name, p: known.p, failing: failingOf(known, now) };
    });
  }

  toJSON(): PreferenceState {
    return this.#memory.toJSON();
  }

  #recall(destination: string, now: number): Destination {
    const known = this.#memory.recall(destination, now);
    age(known, now);
    return known;
  }
}

function favouriteOf(p: number): Family | undefined {
  return p === 0 ? undefined : p > 0 ? 6 : 4;
}

function otherOf(family: Family): Family {
  return family === 6 ? 4 : 6;
}

/** Whole units; the fraction of a drop is dropped too, or 0 would never be reached. */
function bounded(p: number): number {
  return Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, Math.trunc(p) + 0));
}

function failingOf(known: Destination, now: number): readonly Family[] {
  return FAMILIES.filter((family) => conditionOf(known.failures[family], now) !== 'alive');
}

function age(known: Destination, now: number): void {
  const units = Math.max(0, Math.floor((now - known.aged) / MS_OF_AGEING));
  known.aged += units * MS_OF_AGEING;
  const away = START_WEIGHT - known.p;
  known.p = bounded(known.p + Math.sign(away) * Math.min(units, Math.abs(away)));
}

/** Whether `family` had failed and is back; then P is what it was. */
function recover(known: Destination, family: Family, now: number): boolean {
  const failure = known.failures[family];
  if (failure === undefined || conditionOf(failure, now) === 'alive') return false;
  known.failures[family] = answeredAgain(failure, now);
  known.p = bounded(known.before ?? known.p);
  if (failingOf(known, now).length === 0) known.before = undefined;
  return true;
}
