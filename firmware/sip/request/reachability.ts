/**
 * Who can be reached, as far as requests, probes and keep-alives have found out: the weight of the families for each
 * destination (preference.ts) and the health of each remote end (health.ts). Nothing is measured for its own sake.
 *
 * What is told of a whole family is found out within one target, whose two families are two ways to one machine:
 * when the one answers while every address of the other is silent or refuses, the family is to blame. A target that
 * is silent over both is dead by itself.
 */
import { type Family, textOf } from '#address/endpoint.ts';
import { Health } from '#address/health.ts';
import { byTunnel, FamilyPreference, type Plan } from '#address/preference.ts';
import type { PreferenceState } from '#address/preference_memory.ts';
import type { Flow } from '../types.ts';
import type { Candidate, Prospect } from './race.ts';

/** For so long an end that answered needs no probe, ms; that of a family's verdict (preference.ts). */
const MS_OF_FRESHNESS = 40_000;
const MOST_PROVEN = 256;
/** Retry-After is a peer's number. ms */
const LONGEST_REFUSAL = 3_600_000;
/** An OPTIONS without answer for so long, and then the answer to a request: it is ignored. ms */
const MS_OF_SILENCE = 300;

/** What outlives a restart: plain JSON, without times. */
export interface ReachabilityState {
  readonly families: PreferenceState;
  /** Ends that had answered just before. */
  readonly proven: readonly string[];
  /** Ends that did not answer. */
  readonly dead: readonly string[];
}

export class Reachability {
  readonly preferences: FamilyPreference;
  health = new Health();
  /** When each end last answered, ms. */
  readonly #proven = new Map<string, number>();
  /** Until when each end that said 503 is left alone, whatever else it answers, ms. */
  readonly #refused = new Map<string, number>();
  #attachment: string | undefined;
  /** Not used since the start: it gets its times with the first `now`. */
  #kept: ReachabilityState | undefined;
  #latest = 0;

  constructor(kept?: ReachabilityState) {
    this.preferences = new FamilyPreference(kept?.families);
    this.#attachment = kept?.families.attachment;
    this.#kept = kept;
  }

  prospect(host: string, flows: readonly Flow[], now: number): Prospect {
    this.#restore(now);
    const destination = destinationOf(host, flows);
    const [only, another] = flows;
    // Most destinations have one address; nothing need be remembered of them.
    const plan: Plan =
      only !== undefined && another === undefined
        ? { first: only.remote.family, headStartMs: 0, fresh: false, ignoresOptions: false }
        : this.preferences.plan(destination, now);
    return {
      ...plan,
      condition: (flow) => {
        if (plan.recheck === flow.remote.family) return 'due';
        return this.health.condition(endOf(flow), now);
      },
      proven: (flow) => now - (this.#proven.get(endOf(flow)) ?? -Infinity) < MS_OF_FRESHNESS,
    };
  }

  /** Any sign of life of this very end. */
  answered(flow: Flow, now: number): void {
    const end = endOf(flow);
    this.#restore(now);
    if ((this.#refused.get(end) ?? now) > now) return;
    this.#refused.delete(end);
    this.health.answered(end, now);
    this.#proven.delete(end);
    this.#proven.set(end, now);
    const oldest = this.#proven.keys().next();
    if (this.#proven.size > MOST_PROVEN && !oldest.done) this.#proven.delete(oldest.value);
  }

  failed(flow: Flow, now: number): void {
    this.health.failed(endOf(flow), now);
    this.#proven.delete(endOf(flow));
  }

  /** 503; `waitMs`: what it asked for by Retry-After. */
  refused(flow: Flow, now: number, waitMs: number): void {
    const end = endOf(flow);
    this.health.failed(end, now, waitMs);
    this.#proven.delete(end);
    if (this.#refused.size < MOST_PROVEN) this.#refused.set(end, now + Math.min(waitMs, LONGEST_REFUSAL));
  }

  /** On another `attachment` nothing of what was known of ends counts; told at the start of where we are, too. */
  networkChanged(attachment: string, now: number): void {
    const isStart = this.#kept !== undefined;
    this.#restore(now);
    const isElsewhere = attachment !== this.#attachment;
    this.#attachment = attachment;
    if (isStart && !isElsewhere) return;
    this.preferences.networkChanged(attachment, now);
    if (isElsewhere) this.health = new Health();
    this.health.networkChanged(now);
    this.#proven.clear();
    this.#refused.clear();
  }

  toJSON(): ReachabilityState {
    const now = this.#latest;
    const families = this.preferences.toJSON();
    if (this.#kept !== undefined) return { ...this.#kept, families };
    const fresh = [...this.#proven].filter(([, at]) => now - at < MS_OF_FRESHNESS);
    return {
      families,
      proven: fresh.map(([end]) => end),
      dead: this.health.failing(now).map(({ key }) => key),
    };
  }

  #restore(now: number): void {
    this.#latest = now;
    const kept = this.#kept;
    if (kept === undefined) return;
    this.#kept = undefined;
    for (const end of kept.proven.slice(-MOST_PROVEN)) this.#proven.set(end, now);
    for (const end of kept.dead) this.health.failed(end, now);
    // Their pauses are over: each is worth a probe, and no request.
    this.health.networkChanged(now);
  }
}

/** What one request finds out about its destination and its candidates. */
export class Findings {
  readonly #reachability: Reachability;
  readonly #host: string;
  readonly #candidates: () => readonly Candidate[];
  /** Who gave a sign of life. */
  readonly #alive = new Set<Candidate>();
  /** When each was sent OPTIONS, ms. */
  readonly #asked = new Map<Candidate, number>();
  /** Somebody answered a probe: silence then means something. */
  #probesCount = false;
  /** Somebody won already, or nobody shall. */
  #won: boolean;

  /** `decides` false: signs of life are only noted, no family wins by them. */
  constructor(
    reachability: Reachability,
    host: string,
    candidates: () => readonly Candidate[],
    { decides = true } = {},
  ) {
    this.#won = !decides;
    this.#reachability = reachability;
    this.#host = host;
    this.#candidates = candidates;
  }

  get #destination(): string {
    return destinationOf(
      this.#host,
      this.#candidates().map(({ flow }) => flow),
    );
  }

  asked(candidate: Candidate, now: number): void {
    if (!this.#asked.has(candidate)) this.#asked.set(candidate, now);
  }

  /** It was the first to answer in a race. */
  won(candidate: Candidate, now: number): void {
    // Better targets were asked before and are silent. If one is only slow, its answer sets that right.
    for (const one of this.#candidates())
      if (one.group < candidate.group && (one.standing === 'asked' || one.standing === 'silent'))
        this.#reachability.failed(one.flow, now);
    this.#win(candidate, now);
  }

  probeAnswered(candidate: Candidate, now: number): void {
    const { preferences } = this.#reachability;
    this.#probesCount = true;
    this.#lives(candidate, now);
    if (this.#isDual(candidate)) {
      if (preferences.plan(this.#destination, now).ignoresOptions)
        preferences.optionsIgnored(this.#destination, false, now);
      // Before somebody has won, only who does not take part can be alive without winning.
      if (this.#won || candidate.reserve) preferences.alive(this.#destination, candidate.family, now);
    }
  }

  /** Each response to the request itself. */
  answered(candidate: Candidate, now: number): void {
    const { preferences } = this.#reachability;
    const asked = this.#asked.get(candidate);
    if (asked !== undefined && now - asked >= MS_OF_SILENCE && !this.#probesCount)
      preferences.optionsIgnored(this.#destination, true, now);
    this.#lives(candidate, now);
    if (!this.#won) this.#win(candidate, now);
    else if (this.#isDual(candidate)) preferences.alive(this.#destination, candidate.family, now);
  }

  /** A probe that stayed without answer; it says something only where others answer theirs. */
  probeSilent(candidate: Candidate, now: number): void {
    if (this.#probesCount && !this.#alive.has(candidate)) this.failed(candidate, now);
  }

  /** A hard error, or the request was given elsewhere after its silence. */
  failed(candidate: Candidate, now: number): void {
    this.#alive.delete(candidate);
    this.#reachability.failed(candidate.flow, now);
    this.#judge(candidate.group, now);
  }

  /** 503: the target wants to be left alone, over all its addresses, for `waitMs` or our own pause. */
  refused(candidate: Candidate, now: number, waitMs: number): void {
    for (const one of this.#candidates()) {
      if (one.group !== candidate.group) continue;
      this.#alive.delete(one);
      this.#reachability.refused(one.flow, now, waitMs);
    }
  }

  #win(candidate: Candidate, now: number): void {
    this.#won = true;
    if (!this.#isDual(candidate)) return;
    // Who is probed beside the request, for the next time, takes no part in the race.
    const raced = this.#candidates().some(
      (one) => isRival(one, candidate) && !one.reserve && one.standing !== 'idle',
    );
    this.#reachability.preferences.won(this.#destination, candidate.family, { raced }, now);
  }

  #lives(candidate: Candidate, now: number): void {
    this.#alive.add(candidate);
    this.#reachability.answered(candidate.flow, now);
    this.#judge(candidate.group, now);
  }

  #isDual(candidate: Candidate): boolean {
    return this.#candidates().some((one) => isRival(one, candidate));
  }

  /** Blames a family for the failure of all its addresses in a target that answers over the other. */
  #judge(group: number, now: number): void {
    if (this.#candidates().length < 2) return;
    const members = this.#candidates().filter((one) => one.group === group);
    const alive = new Set(members.filter((one) => this.#alive.has(one)).map(({ family }) => family));
    if (alive.size !== 1) return;
    const { preferences, health } = this.#reachability;
    const silent: Family = alive.has(6) ? 4 : 6;
    const accused = members.filter(({ family }) => family === silent);
    const dead = accused.every(({ flow }) => health.condition(endOf(flow), now) !== 'alive');
    if (accused.length === 0 || !dead) return;
    const { failing, recheck } = preferences.plan(this.#destination, now);
    if (failing !== silent || recheck === silent) preferences.failed(this.#destination, silent, now);
  }
}

function isRival(one: Candidate, other: Candidate): boolean {
  return one.group === other.group && one.family !== other.family;
}

/** Names the end of a flow. */
export function endOf({ transport, remote, encapsulated }: Flow): string {
  const end = `${transport} ${textOf(remote)}`;
  return encapsulated === undefined ? end : `${end} over ${encapsulated}`;
}

/** The destination that the preference of the families knows: another one, if no IPv6 end is reached but by tunnel. */
function destinationOf(host: string, flows: readonly Flow[]): string {
  const tunnelled = new Set(flows.filter((flow) => flow.encapsulated !== undefined).map(addressOf));
  const onlySo = tunnelled.size > 0 && flows.every((flow) => isIpv4(flow) || tunnelled.has(addressOf(flow)));
  return onlySo ? byTunnel(host) : host;
}

const addressOf = ({ remote }: Flow): string => remote.address;
const isIpv4 = ({ remote }: Flow): boolean => remote.family === 4;
