/**
 * The failover order: which flow a request takes, and how it moves on when that one stays silent.
 *
 * Theory. A request goes out once, on one flow of one family; what is raced are probes (probe.ts): OPTIONS over UDP,
 * the connection itself over TCP and TLS. Candidates stand in the order of RFC 3263: by SRV target (a group each),
 * within a target alternately by family, the favourite first. Who failed lately is left out as long as somebody
 * else is there (health.ts, preference.ts).
 *
 *   before the request
 *     one candidate, or one proven just now       the request at once, no probe
 *     OPTIONS known to be ignored                 the request to the favourite, no probe
 *     else                                        a race; the first answer gets the request
 *   the race
 *     0                                           the favourite family of the best target
 *     + head start                                its other family
 *     + 150 ms                                    the next address or worse target, and so on
 *     a hard error                                the next one starts at once; the last one left needs no probe
 *     300 ms after the last start                 OPTIONS seems to be ignored: the request goes to the favourite
 *   beside the request                            whoever failed and had its pause is probed, for the next time
 *   after the request, while nothing, not even a 100, has come
 *     T1 / 2                                      the chosen one is probed; if it answers it lives and thinks,
 *                                                 and has 4 s until the request moves
 *     T1                                          the others are probed
 *     T1 + 200 ms                                 the first of the others that answered gets the request, or will
 *     1.5 s                                       nobody answers probes: the request moves on blindly
 *     20 s                                        given up
 *   a hard error, or 503                          the next one at once if only one is left or known to live, else a race
 *
 * The 200 ms are for a packet that was lost: what is sent again at T1 has time for an answer before a second server
 * gets the request; they are also the greatest lateness that the preference forgives. The 4 s are the time after
 * which a server that is still thinking has said 100 (RFC 4320 4.1). A 503 speaks for its whole target: the
 * target's other addresses go last. A flow that was left never gets the request again.
 *
 * A machine without effects: it is told what happens and says what to do.
 */
import type { Family } from '#address/endpoint.ts';
import type { Flow } from '../types.ts';

/** Between the starts of one address or target and the next, ms. */
const STAGGER = 150;
/** How long after the last start the race waits for an answer, and how long it waits in all, ms. */
const SILENCE = { afterLast: 300, inAll: 600 };
/** For an answer to what was sent again at T1, ms. */
const GRACE = 200;
/** Until a request moves on without knowing where anybody lives, ms. */
const BLIND = 1_500;
/** For a server that lives and does not answer the request, ms. */
const THINKING = 4_000;
/** For a request that nobody answers, ms. */
const LONGEST_SILENCE = 20_000;
const MOST_SENDS = 6;
const MOST_RECHECKS = 2;

/** What is known of a destination before the request; see preference.ts and health.ts. */
export interface Prospect {
  readonly first: Family;
  readonly headStartMs: number;
  /** The first family was proven just now. */
  readonly fresh: boolean;
  /** A family that is not to be waited for. */
  readonly failing?: Family;
  readonly ignoresOptions: boolean;
  /** `due`: failed, and had its pause. */
  condition(flow: Flow): 'alive' | 'dead' | 'due';
  /** This very end answered just now. */
  proven(flow: Flow): boolean;
}

/** `left`: it had the request and stayed silent. */
type Standing = 'idle' | 'asked' | 'silent' | 'alive' | 'failed' | 'left';

/** A flow that the request may take. */
export class Candidate {
  readonly flow: Flow;
  /** The SRV target, counted from 0. */
  readonly group: number;
  standing: Standing = 'idle';
  /** When its probe is due, ms; Infinity: not planned. */
  startAt = Number.POSITIVE_INFINITY;
  /** Only if nobody else is left. */
  reserve = false;
  /** A stream's: the datagram flow to the same end, which it replaces for a large request (RFC 3261 18.1.1). */
  instead: Candidate | undefined;
  /** A datagram flow's: it was replaced by a stream before. */
  hadStream = false;

  constructor(flow: Flow, group: number) {
    this.flow = flow;
    this.group = group;
  }

  get family(): Family {
    return this.flow.remote.family;
  }

  /** Whether the request may still go there. */
  get open(): boolean {
    return this.standing !== 'failed' && this.standing !== 'left';
  }
}

export type Step =
  | { readonly kind: 'probe'; readonly candidate: Candidate }
  /** Build the request for this flow and send it; tell `sent` when it is out. `won`: it was first in a race. */
  | { readonly kind: 'send'; readonly candidate: Candidate; readonly won: boolean }
  /** Nobody is left, or nobody has answered for too long. */
  | { readonly kind: 'over' };

export class Race {
  readonly #known: Prospect;
  readonly #T1: number;
  readonly #giveUpAt: number;
  #order: readonly Candidate[];
  #phase: 'choosing' | 'sending' | 'waiting' | 'settled' = 'choosing';
  /** Who has the request. */
  #current: Candidate | undefined;
  #sends = 0;
  /** When the request left, ms. */
  #sentAt = 0;
  /** The current one was probed; and the others. */
  #checked = false;
  #doubting = false;
  /** The current one has answered a probe since. */
  #thinking = false;

  /** `groups`: the flows of each target, the best target first. `T1` in ms. */
  constructor(groups: readonly (readonly Flow[])[], known: Prospect, T1: number, now: number) {
    this.#known = known;
    this.#T1 = T1;
    this.#giveUpAt = now + LONGEST_SILENCE;
    this.#order = candidatesOf(groups, known);
  }

  /** Who has the request, or is about to get it. */
  get current(): Candidate | undefined {
    return this.#current;
  }

  get candidates(): readonly Candidate[] {
    return this.#order;
  }

  /** When `advance` is wanted, ms. */
  get deadline(): number {
    if (this.#phase === 'choosing')
      return Math.min(this.#giveUpAt, patience(this.#field), nextStart(this.#field));
    if (this.#phase !== 'waiting') return Number.POSITIVE_INFINITY;
    const others = this.#others;
    if (others.length === 0) return this.#giveUpAt;
    const look = this.#checked ? this.#sentAt + this.#T1 : this.#checkAt;
    const start = this.#doubting ? nextStart(others) : look;
    const move = others.some(isAlive) ? this.#moveAt : Number.POSITIVE_INFINITY;
    return Math.min(this.#giveUpAt, start, move, this.#blindAt);
  }

  /** Chooses, and goes on with it as time passes. */
  advance(now: number): readonly Step[] {
    if (this.#phase !== 'choosing' && this.#phase !== 'waiting') return [];
    if (now >= this.#giveUpAt) return this.#end();
    return this.#phase === 'choosing' ? this.#choose(now) : this.#wait(now);
  }

  /** More flows were found while the request is under way. */
  add(groups: readonly (readonly Flow[])[], now: number): readonly Step[] {
    const known = new Map(this.#order.map((candidate) => [keyOf(candidate.flow), candidate]));
    const merged = candidatesOf(groups, this.#known).map((one) => known.get(keyOf(one.flow)) ?? one);
    this.#order = [...merged, ...this.#order.filter((one) => !merged.includes(one))];
    return this.advance(now);
  }

  /** The request is on its way. */
  sent(now: number): void {
    this.#phase = 'waiting';
    this.#sentAt = now;
    this.#checked = false;
    this.#doubting = false;
    this.#thinking = false;
  }

  /** The request was answered, by whatever status. */
  answered(): void {
    this.#phase = 'settled';
  }

  probeAnswered(candidate: Candidate, now: number): readonly Step[] {
    if (candidate === this.#current) this.#thinking ||= this.#phase === 'waiting';
    else if (candidate.open) candidate.standing = 'alive';
    return this.advance(now);
  }

  /** Nothing came for so long that nothing will come. */
  probeSilent(candidate: Candidate, now: number): readonly Step[] {
    if (candidate.standing === 'asked') candidate.standing = 'silent';
    return this.advance(now);
  }

  /** A hard error. The next one need not wait. */
  probeFailed(candidate: Candidate, now: number): readonly Step[] {
    if (candidate === this.#current && this.#phase === 'waiting') return this.lost(false, now);
    if (candidate === this.#current || !candidate.open) return [];
    candidate.standing = 'failed';
    const early = nextStart(this.#others) - now;
    if (early > 0 && early < Number.POSITIVE_INFINITY)
      for (const one of this.#others) if (one.standing === 'idle') one.startAt -= early;
    return this.advance(now);
  }

  /** One that was left has answered the request after all. */
  revive(candidate: Candidate): void {
    if (this.#current !== undefined) this.#current.standing = 'left';
    candidate.standing = 'alive';
    this.#current = candidate;
  }

  /** The flow that has the request is dead, or (`refused`) its server sent 503. */
  lost(refused: boolean, now: number): readonly Step[] {
    const lost = this.#current;
    if (lost === undefined) return [];
    lost.standing = 'failed';
    this.#current = undefined;
    this.#phase = 'choosing';
    const { instead } = lost;
    if (instead?.open === true && !refused) return this.#send(instead, false);
    if (refused) this.#demote(lost);
    for (const one of this.#order) if (one.standing === 'idle') one.startAt = Number.POSITIVE_INFINITY;
    return this.advance(now);
  }

  /** The request is too large for the flow it was to take: here is a stream to the same end, to be tried before it. */
  replace(candidate: Candidate, flow: Flow): Candidate {
    const stream = new Candidate(flow, candidate.group);
    stream.instead = candidate;
    candidate.hadStream = true;
    candidate.standing = 'idle';
    candidate.startAt = Number.POSITIVE_INFINITY;
    this.#order = this.#order.flatMap((one) => (one === candidate ? [stream, one] : [one]));
    this.#current = stream;
    return stream;
  }

  /** Who may get the request now; those in reserve only when nobody else may. */
  get #field(): readonly Candidate[] {
    const open = this.#others;
    const best = open.filter(({ reserve }) => !reserve);
    return best.length > 0 ? best : open;
  }

  get #others(): readonly Candidate[] {
    return this.#order.filter((one) => one.open && one !== this.#current);
  }

  #choose(now: number): readonly Step[] {
    const field = this.#field;
    const [best, another] = field;
    if (best === undefined) return this.#end();
    const alive = field.find(isAlive);
    if (alive !== undefined) return this.#send(alive, true);
    if (another === undefined || this.#isSure(best)) return this.#send(best, false);
    plan(field, this.#known, this.#known.headStartMs, now);
    const steps = startDue(field, now);
    const unheard = field.every(({ standing }) => standing === 'silent') || now >= patience(field);
    if (!unheard) return steps;
    // A stream that is not connected yet has not said anything about OPTIONS.
    return this.#send(field.find(({ flow }) => flow.transport === 'udp') ?? best, false);
  }

  /** Whether a probe of the best one would tell nothing new, or nothing at all. */
  #isSure(best: Candidate): boolean {
    const { fresh, first, ignoresOptions } = this.#known;
    if (ignoresOptions && best.flow.transport === 'udp') return true;
    const rival = this.#field.some((one) => one.group === best.group && one.family !== best.family);
    return rival ? fresh && first === best.family : this.#known.proven(best.flow);
  }

  #wait(now: number): readonly Step[] {
    const others = this.#others;
    if (others.length === 0 || now < this.#checkAt) return [];
    const steps = this.#check();
    if (now < this.#sentAt + this.#T1) return steps;
    const probable = others.filter(this.#canBeProbed);
    if (!this.#doubting) plan(probable, this.#known, 0, now);
    this.#doubting = true;
    steps.push(...startDue(probable, now));
    const alive = now >= this.#moveAt ? others.find(isAlive) : undefined;
    if (alive !== undefined) return [...steps, ...this.#send(alive, true)];
    const [next] = others;
    return next === undefined || now < this.#blindAt ? steps : [...steps, ...this.#send(next, false)];
  }

  #check(): Step[] {
    if (this.#checked || this.#current === undefined) return [];
    this.#checked = true;
    return this.#known.ignoresOptions ? [] : [{ kind: 'probe', candidate: this.#current }];
  }

  get #checkAt(): number {
    return this.#sentAt + this.#T1 / 2;
  }

  readonly #canBeProbed = ({ flow }: Candidate): boolean =>
    flow.transport !== 'udp' || !this.#known.ignoresOptions;

  get #moveAt(): number {
    return this.#sentAt + (this.#thinking ? THINKING : this.#T1 + GRACE);
  }

  get #blindAt(): number {
    return this.#thinking ? Number.POSITIVE_INFINITY : this.#sentAt + BLIND;
  }

  #send(candidate: Candidate, won: boolean): readonly Step[] {
    if (this.#current !== undefined) this.#current.standing = 'left';
    this.#sends += 1;
    if (this.#sends > MOST_SENDS) return this.#end();
    this.#current = candidate;
    this.#phase = 'sending';
    return [{ kind: 'send', candidate, won }, ...(this.#sends === 1 ? this.#recheck() : [])];
  }

  #recheck(): readonly Step[] {
    const due = this.#others
      .filter((one) => one.reserve && one.standing === 'idle' && this.#canBeProbed(one))
      .filter(({ flow }) => this.#known.condition(flow) === 'due');
    return due.slice(0, MOST_RECHECKS).map(ask);
  }

  #demote({ group, instead }: Candidate): void {
    if (instead !== undefined) instead.standing = 'failed';
    const same = this.#order.filter((one) => one.group === group);
    this.#order = [...this.#order.filter((one) => one.group !== group), ...same];
  }

  #end(): readonly Step[] {
    this.#phase = 'settled';
    return [{ kind: 'over' }];
  }
}

/** The candidates in the order to try them; `groups`: the flows of each target, the best target first. */
export function candidatesOf(groups: readonly (readonly Flow[])[], known: Prospect): readonly Candidate[] {
  const candidates = groups.flatMap((flows, group) => {
    const favourites = flows.filter(({ remote }) => remote.family === known.first);
    const others = flows.filter(({ remote }) => remote.family !== known.first);
    const rounds = Math.max(favourites.length, others.length);
    const alternating = Array.from({ length: rounds }, (_, round) => [favourites[round], others[round]]);
    return alternating.flat().flatMap((flow) => (flow === undefined ? [] : [new Candidate(flow, group)]));
  });
  for (const one of candidates)
    one.reserve = one.family === known.failing || known.condition(one.flow) !== 'alive';
  return [...candidates.filter(({ reserve }) => !reserve), ...candidates.filter(({ reserve }) => reserve)];
}

/** Says when each is probed that has no time yet. */
function plan(candidates: readonly Candidate[], { first }: Prospect, headStart: number, now: number): void {
  const idle = candidates.filter(
    ({ standing, startAt }) => standing === 'idle' && startAt === Number.POSITIVE_INFINITY,
  );
  let rounds = 0;
  for (const group of new Set(idle.map((one) => one.group))) {
    const members = idle.filter((one) => one.group === group);
    const favourites = members.filter(({ family }) => family === first);
    const others = members.filter(({ family }) => family !== first);
    for (const [round, one] of favourites.entries()) one.startAt = now + STAGGER * (rounds + round);
    for (const [round, one] of others.entries())
      one.startAt = now + STAGGER * (rounds + round) + (round < favourites.length ? headStart : 0);
    rounds += Math.max(favourites.length, others.length);
  }
}

function startDue(candidates: readonly Candidate[], now: number): readonly Step[] {
  return candidates.filter(({ standing, startAt }) => standing === 'idle' && startAt <= now).map(ask);
}

function ask(candidate: Candidate): Step {
  candidate.standing = 'asked';
  return { kind: 'probe', candidate };
}

function isAlive({ standing }: Candidate): boolean {
  return standing === 'alive';
}

function nextStart(candidates: readonly Candidate[]): number {
  const idle = candidates.filter(({ standing }) => standing === 'idle');
  return Math.min(Number.POSITIVE_INFINITY, ...idle.map(({ startAt }) => startAt));
}

/** When enough was waited for answers to OPTIONS, ms; Infinity: nobody is asked by it. */
function patience(field: readonly Candidate[]): number {
  const starts = field
    .filter(({ flow, startAt }) => flow.transport === 'udp' && startAt < Number.POSITIVE_INFINITY)
    .map(({ startAt }) => startAt);
  if (starts.length === 0) return Number.POSITIVE_INFINITY;
  return Math.min(Math.max(...starts) + SILENCE.afterLast, Math.min(...starts) + SILENCE.inAll);
}

function keyOf({ transport, remote, connection, encapsulated }: Flow): string {
  return `${transport} ${remote.address} ${remote.port} ${connection ?? ''} ${encapsulated ?? ''}`;
}
