/**
 * Which family to try first: a weight P for each destination (a domain as seen from one network attachment).
 *
 * Theory. P runs from -20 to 20. Above 0 IPv6 is the favourite, below 0 IPv4; at 0 nobody is. The favourite is tried
 * first and the other family 10·|P| ms later, at 0 both at once. So P is the lateness that is forgiven: the other
 * family wins only if the favourite is slower than it by more than that. A new destination starts at +5: IPv6 may
 * be 50 ms slower and is taken all the same.
 *
 * - The winner moves P towards itself: by 4 as the favourite, by 2 otherwise. A side once taken is thereby soon
 *   held: ten transactions lead from anywhere to one of the ends, and there 200 ms are forgiven.
 * - A favourite that lost a race, or failed, drops to a quarter at once, and from 2 or 1 to the other side: 20, 5, 2,
 *   -2. If it wins after all, P is what it was before. So it takes three losses in a row to change sides, not one lost
 *   packet, and at 10·|P| ms each they are soon over.
 * - Where the only IPv6 is that of the 6bed4 tunnel, native IPv4 is the better way: that is a destination of its own
 *   (`byTunnel`), which starts at -5.
 * - P goes back towards its start by 1 an hour. A registration in the hour, one win of 4, is more than enough to hold it.
 *
 * Beside P there is fresh knowledge, which costs the next request no probe:
 * - The verdict: who won last. It is good for 40 s (a keep-alive every 30 s renews it). A loser that answers late is
 *   alive; if it is the favourite the verdict falls, since bad luck should not outweigh P, and the race is run again.
 *   A loser that stays silent leaves it standing.
 * - Who failed. The other family then goes first whatever P says. Failures are remembered with growing pauses
 *   (health.ts), after each of which it deserves a probe beside the request (`recheck`), never before it. With its
 *   first answer P returns to what it was before the failure: what is won against the dead is no merit.
 *
 * `now` is any steady clock in ms. What is kept across restarts has no times in it: while we are off, nothing ages.
 */
import type { Family } from './endpoint.ts';
import { answeredAgain, conditionOf, failedAgain } from './health.ts';
import {
  type Destination,
  failingOf,
  freshOf,
  PreferenceMemory,
  type PreferenceState,
} from './preference_memory.ts';

export const MOST_WEIGHT = 20;
export const START_WEIGHT = 5;
/** Of a destination whose IPv6 leads through the tunnel. */
export const TUNNEL_START_WEIGHT = -5;
/** Milliseconds of head start for each unit of weight. */
const HEAD_START = 10;
const GAIN_OF_FAVOURITE = 4;
const GAIN_OF_OTHER = 2;
/** A favourite that lost keeps one part in so many, if it has more than the least to hold. */
const DROP = 4;
const LEAST_TO_HOLD = 2;
const MS_OF_AGEING = 3_600_000;
/** A server that ignores OPTIONS may be replaced by one that does not. */
const MS_OF_IGNORING = 86_400_000;

export interface Plan {
  readonly first: Family;
  /** The other family starts this much later, if the first is still silent then. */
  readonly headStartMs: number;
  /** The first was proven just now: send without a probe. */
  readonly fresh: boolean;
  /** The one family that does not answer at present: it is not worth waiting for. */
  readonly failing?: Family;
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
    this.#memory = new PreferenceMemory(startOf, state);
  }

  plan(destination: string, now: number): Plan {
    const known = this.#recall(destination, now);
    const ignoresOptions = known.optionsIgnored !== undefined && now - known.optionsIgnored < MS_OF_IGNORING;
    const winner = freshOf(known, now);
    const favourite = favouriteOf(known.p);
    const [lost, alsoLost] = failingOf(known, now);
    // Neither answers: to wait for one is waste.
    if (alsoLost !== undefined)
      return { first: favourite ?? 6, headStartMs: 0, fresh: false, ignoresOptions };
    if (lost !== undefined) {
      const first = lost === 6 ? 4 : 6;
      const headStartMs = HEAD_START * MOST_WEIGHT;
      const recheck = conditionOf(known.failures[lost], now) === 'due' ? { recheck: lost } : {};
      return { first, headStartMs, fresh: winner === first, failing: lost, ignoresOptions, ...recheck };
    }
    const first = winner ?? favourite ?? 6;
    const headStartMs = first === favourite ? HEAD_START * Math.abs(known.p) : 0;
    return { first, headStartMs, fresh: winner !== undefined, ignoresOptions };
  }

  /** A final answer came first from `winner`; `raced`: the other family had been tried too. */
  won(destination: string, winner: Family, details: { readonly raced: boolean }, now: number): void {
    const known = this.#recall(destination, now);
    recover(known, winner, now);
    // The other one has just been found alive, while this request was under way alone.
    if (!details.raced && (freshOf(known, now) ?? winner) !== winner) return;
    known.verdict = { family: winner, at: now };
    const favourite = favouriteOf(known.p);
    const towards = winner === 6 ? 1 : -1;
    if (favourite === winner) {
      if (failingOf(known, now).length === 0) forgive(known);
      known.p = bounded(known.p + towards * GAIN_OF_FAVOURITE);
    } else if (favourite !== undefined && details.raced) drop(known);
    else known.p = bounded(known.p + towards * GAIN_OF_OTHER);
  }

  /** No answer in time, ICMP, connection refused: of the whole family, not of one server among several. */
  failed(destination: string, family: Family, now: number): void {
    const known = this.#recall(destination, now);
    const lasts = conditionOf(known.failures[family], now) !== 'alive';
    known.failures[family] = failedAgain(known.failures[family], now);
    if (known.verdict?.family === family) known.verdict = undefined;
    if (lasts) return;
    if (favouriteOf(known.p) === family) drop(known);
    else known.before ??= known.p;
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
    this.#memory.networkChanged(attachment, now);
  }

  /** The weights on this attachment, for status. */
  weights(now: number): readonly Weight[] {
    return this.#memory.here(now).map((known) => {
      const { name, p } = age(known, now);
      return { destination: name, p, failing: failingOf(known, now) };
    });
  }

  toJSON(): PreferenceState {
    return this.#memory.toJSON();
  }

  #recall(destination: string, now: number): Destination {
    return age(this.#memory.recall(destination, now), now);
  }
}

/** No domain name has a blank. */
const BY_TUNNEL = ' over 6bed4';

/** The name of a destination as it is seen through the tunnel. */
export function byTunnel(destination: string): string {
  return `${destination}${BY_TUNNEL}`;
}

function startOf(destination: string): number {
  return destination.endsWith(BY_TUNNEL) ? TUNNEL_START_WEIGHT : START_WEIGHT;
}

function favouriteOf(p: number): Family | undefined {
  return p === 0 ? undefined : p > 0 ? 6 : 4;
}

function bounded(p: number): number {
  return Math.max(-MOST_WEIGHT, Math.min(MOST_WEIGHT, p));
}

/** The favourite lost or failed; what P was is kept until it is known which. */
function drop(known: Destination): void {
  known.before ??= known.p;
  const side = Math.sign(known.p);
  const weight = Math.abs(known.p);
  known.p = side * (weight > LEAST_TO_HOLD ? Math.ceil(weight / DROP) : -GAIN_OF_OTHER);
}

/** The favourite wins again, and nobody is dead: if it lost before that was luck, if it is a new one that was right. */
function forgive(known: Destination): void {
  if (known.before !== undefined && favouriteOf(known.before) === favouriteOf(known.p))
    known.p = known.before;
  known.before = undefined;
}

function age(known: Destination, now: number): Destination {
  const units = Math.max(0, Math.floor((now - known.aged) / MS_OF_AGEING));
  known.aged += units * MS_OF_AGEING;
  const away = startOf(known.name) - known.p;
  known.p = bounded(known.p + Math.sign(away) * Math.min(units, Math.abs(away)));
  return known;
}

/** Whether `family` had failed and is back; then P is what it was. */
function recover(known: Destination, family: Family, now: number): boolean {
  const failure = known.failures[family];
  if (failure === undefined || conditionOf(failure, now) === 'alive') return false;
  known.failures[family] = answeredAgain(failure, now);
  known.p = bounded(known.before ?? known.p);
  return true;
}
