/**
 * A request of ours from the wish to the final response: next hop, flows (RFC 3263), the message built anew for each
 * flow that it takes, challenges (RFC 3261 22), and CANCEL (9.1). Which flow it takes, and when it goes to another,
 * is decided in race.ts; what is learnt of it is kept in reachability.ts.
 *
 * What depends on the flow (Via, Contact, a session description of its family) is made in one place,
 * request_message.ts.
 */
import { textOf } from '#address/endpoint.ts';
import type { Core, Mover, Whereabouts } from '../core.ts';
import { accountUri } from '../identity.ts';
import { decimal } from '../message/chars.ts';
import { splitZone } from '../message/host.ts';
import type { SipMessage } from '../message/message.ts';
import { reasonPhrase } from '../message/status.ts';
import { plainText } from '../message/text.ts';
import type { Timer } from '../timers.ts';
import type { Flow } from '../types.ts';
import { Attempt, type AttemptUser, type Exchange } from './attempt.ts';
import { Probe } from './probe.ts';
import { type Candidate, Race, type Step } from './race.ts';
import { endOf, Findings } from './reachability.ts';
import { type Part, type RequestPlan, requestMessage } from './request_message.ts';
import type { Target } from './target.ts';

export type { Exchange } from './attempt.ts';
export type { Part, RequestPlan } from './request_message.ts';

/** There will be no success. A status without response is our own: 408 timeout, 503 transport (8.1.3.1). */
export interface Failure {
  readonly status: number;
  readonly reason: string;
  readonly exchange?: Exchange;
}

export interface RequestUser {
  /** Makes the part for this flow and hands it to `go`, now or later. Absent: an empty part. */
  compose?(flow: Flow, go: (part: Part) => void): void;
  /** A provisional response above 100. */
  provisional?(exchange: Exchange): void;
  /** A 2xx; for INVITE each one that comes, those of forks, late ones and those sent again included. */
  success(exchange: Exchange): void;
  failure(failure: Failure): void;
  /** Nothing more can come of a transaction that had a final response. */
  gone?(): void;
}

/** RFC 3261 18.1.1: a larger request must not go over UDP when the path's MTU is unknown. */
const SAFE_OCTETS = 1300;
/** A proxy's and a server's, each once more when its nonce is stale. */
const MOST_CHALLENGES = 4;

/** `racing`: nothing is out but probes. */
type State = 'new' | 'locating' | 'racing' | 'composing' | 'calling' | 'proceeding' | 'accepted' | 'over';

export class ClientRequest implements AttemptUser, Mover {
  readonly #core: Core;
  readonly #plan: RequestPlan;
  readonly #user: RequestUser;
  #state: State = 'new';
  #cancelled = false;
  #ticket: number | undefined;
  /** While it hears of a change of the network. */
  #follower: number | undefined;
  #timer: Timer<() => void> | undefined;
  #sequence = 0;
  #race: Race | undefined;
  #findings: Findings | undefined;
  readonly #probes = new Map<Probe, Candidate>();
  #part: Part = {};
  /** The last one. */
  #attempt: Attempt | undefined;
  readonly #answered = new Set<string>();
  #challenges = 0;
  #failure: Failure = { status: 503, reason: 'no address to send to' };

  constructor(core: Core, plan: RequestPlan, user: RequestUser) {
    this.#core = core;
    this.#plan = plan;
    this.#user = user;
  }

  /** Whether a final response is still to come. */
  get pending(): boolean {
    return this.#state !== 'accepted' && this.#state !== 'over';
  }

  start(): void {
    const { target, flow } = this.#plan;
    if ('unroutable' in target) {
      this.#fail({ status: 503, reason: target.unroutable });
      return;
    }
    this.#sequence = this.#plan.sequence();
    this.#follower ??= this.#core.follow(this);
    this.#state = 'locating';
    if (flow !== undefined) this.#found(target, { groups: [[flow]], error: undefined, final: true });
    else this.#locate(target);
  }

  #locate(target: Target): void {
    this.#ticket = this.#core.locate(target.hop, (where) => this.#found(target, where));
  }

  /** What was sent from an address that is gone cannot be answered: its way is sought anew. */
  networkChanged(ours: ReadonlySet<string>): void {
    const { target } = this.#plan;
    const from = this.#race?.current?.flow.local.address;
    if ('unroutable' in target || this.#race === undefined) return;
    if (from !== undefined && ours.has(splitZone(from)[0])) return;
    this.#quiet();
    this.#attempt?.leave();
    this.#attempt = undefined;
    this.#race = undefined;
    this.#state = 'locating';
    this.#arm();
    this.#locate(target);
  }

  /** Gives the request up: CANCEL once the peer is known to have it. False: nothing is out, nothing will come. */
  cancel(): boolean {
    if (!this.pending) return false;
    this.#cancelled = true;
    if (this.#state === 'calling' || this.#state === 'proceeding') {
      this.#settle();
      this.#attempt?.cancel();
      return true;
    }
    this.abandon();
    return false;
  }

  /** Nobody wants to hear of it any more. */
  abandon(): void {
    this.#settle();
    if (this.#state === 'calling' || this.#state === 'proceeding') this.#attempt?.abandon();
    this.#quiet();
    this.#state = 'over';
  }

  #quiet(): void {
    for (const probe of this.#probes.keys()) probe.stop();
    this.#probes.clear();
  }

  /** The flows to the target: all of them, or the first few and later all. */
  #found(target: Target, { groups, error, final }: Whereabouts): void {
    const flows = groups.flat();
    if (target.home) this.#plan.identity.learn(flows);
    if (error !== undefined) this.#failure = { status: 503, reason: error };
    if (flows.length === 0 && !final) return;
    const { now, reachability, timing } = this.#core;
    if (this.#race === undefined) {
      const destination = target.hop.host.toLowerCase();
      const race = new Race(groups, reachability.prospect(destination, flows, now), timing.T1, now);
      this.#race = race;
      this.#findings = new Findings(reachability, destination, () => race.candidates);
      this.#state = 'racing';
      this.#act(race.advance(now));
    } else this.#act(this.#race.add(groups, now));
  }

  #act(steps: readonly Step[] | undefined): void {
    for (const step of steps ?? []) {
      if (!this.pending) break;
      if (step.kind === 'probe') this.#probe(step.candidate);
      else if (step.kind === 'send') this.#take(step.candidate, step.won);
      else this.#giveUp();
    }
    this.#arm();
  }

  #arm(): void {
    const at = this.pending ? (this.#race?.deadline ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    if (at === this.#timer?.at) return;
    this.#core.stop(this.#timer);
    this.#timer =
      at === Number.POSITIVE_INFINITY
        ? undefined
        : this.#core.after(at - this.#core.now, () => {
            this.#timer = undefined;
            this.#act(this.#race?.advance(this.#core.now));
          });
  }

  /** The request stays where it is. */
  #settle(): void {
    this.#core.unfollow(this.#follower);
    this.#follower = undefined;
    this.#core.forget(this.#ticket);
    this.#race?.answered();
    this.#arm();
  }

  #probe(candidate: Candidate): void {
    const core = this.#core;
    const { flow } = candidate;
    const { identity } = this.#plan;
    const findings = this.#findings;
    // The question to who has the request is not whether somebody listens.
    const parts = {
      flow,
      identity,
      uri: this.#probeUri(),
      byOptions: candidate === this.#attempt?.candidate,
    };
    const probe = new Probe(core, parts, {
      answered: () => {
        findings?.probeAnswered(candidate, core.now);
        this.#act(this.#race?.probeAnswered(candidate, core.now));
        this.#finish(probe, candidate);
      },
      failed: (error) => {
        this.#failure = { status: 503, reason: `${where(flow)}: ${error}` };
        findings?.failed(candidate, core.now);
        this.#act(this.#race?.probeFailed(candidate, core.now));
        this.#finish(probe, candidate);
      },
      silent: () => {
        findings?.probeSilent(candidate, core.now);
        this.#act(this.#race?.probeSilent(candidate, core.now));
        this.#finish(probe, candidate);
      },
    });
    if (probe.byOptions) findings?.asked(candidate, core.now);
    this.#probes.set(probe, candidate);
  }

  /** The connection to who gets the request must not be closed before it is used. */
  #finish(probe: Probe, candidate: Candidate): void {
    if (candidate === this.#race?.current && this.#state === 'composing') return;
    this.#probes.delete(probe);
    probe.stop();
  }

  #probeUri(): string {
    const { identity, target } = this.#plan;
    const home = 'home' in target && target.home;
    if (home && identity.account !== undefined) return accountUri(identity.account);
    const host = 'hop' in target ? target.hop.host : '';
    return `sip:${host.includes(':') ? `[${host}]` : host}`;
  }

  /** The request goes to this one, and away from where it was. */
  #take(candidate: Candidate, won: boolean): void {
    const before = this.#attempt;
    if (before?.candidate.standing === 'left') {
      before.leave();
      this.#findings?.failed(before.candidate, this.#core.now);
    }
    if (won) this.#findings?.won(candidate, this.#core.now);
    this.#state = 'composing';
    if (this.#user.compose === undefined) this.#send(candidate);
    else
      this.#user.compose(candidate.flow, (part) => {
        if (this.#state !== 'composing') return;
        this.#part = part;
        this.#send(candidate);
        this.#arm();
      });
  }

  #send(candidate: Candidate): void {
    const request = this.#build(candidate.flow);
    const stream = request.octets.length > SAFE_OCTETS ? this.#streamFor(candidate) : undefined;
    if (stream === undefined) this.#transact(request, candidate);
    else this.#transact(this.#build(stream.flow), stream);
  }

  /** What takes a large request in place of this one; undefined: nothing, or it was tried, now or lately. */
  #streamFor(candidate: Candidate): Candidate | undefined {
    const { transport, local, remote, encapsulated } = candidate.flow;
    // The tunnel takes datagrams of any size, and nothing else.
    if (transport !== 'udp' || candidate.hadStream || encapsulated !== undefined) return undefined;
    const stream: Flow = { transport: 'tcp', local, remote };
    const { reachability, now } = this.#core;
    if (reachability.health.condition(endOf(stream), now) === 'dead') return undefined;
    return this.#race?.replace(candidate, stream);
  }

  #build(flow: Flow): SipMessage {
    return requestMessage(this.#core, this.#plan, { flow, sequence: this.#sequence, part: this.#part });
  }

  #transact(request: SipMessage, candidate: Candidate): void {
    this.#state = 'calling';
    this.#follower ??= this.#core.follow(this);
    this.#failure = { status: 408, reason: `no answer from ${where(candidate.flow)}` };
    this.#attempt = new Attempt(this.#core, request, candidate, this);
    this.#race?.sent(this.#core.now);
    for (const [probe, of] of this.#probes)
      if (of === candidate && !probe.byOptions) this.#finish(probe, candidate);
  }

  heard(attempt: Attempt, exchange: Exchange): void {
    const { status } = exchange.response;
    const success = status >= 200 && status < 300;
    if (status === 503)
      this.#findings?.refused(attempt.candidate, this.#core.now, retryAfter(exchange.response));
    else this.#findings?.answered(attempt.candidate, this.#core.now);
    if (attempt !== this.#attempt && !this.#returnsTo(attempt, status)) {
      if (success && exchange.request.method === 'INVITE') this.#user.success(exchange);
      return;
    }
    this.#settle();
    if (success) {
      this.#state = 'accepted';
      this.#user.success(exchange);
    } else if (this.pending && status < 200) this.#proceed(exchange);
    else if (this.pending) this.#refused(attempt, exchange);
  }

  /**
   * Whether an answer that came after the request had gone elsewhere is its answer all the same. For INVITE it is
   * not: the session was described anew since.
   */
  #returnsTo(attempt: Attempt, status: number): boolean {
    const { method, cseq } = attempt.request;
    if (method === 'INVITE' || status < 200 || this.#state !== 'calling' || cseq?.number !== this.#sequence)
      return false;
    this.#attempt?.leave();
    this.#attempt = attempt;
    this.#race?.revive(attempt.candidate);
    return true;
  }

  #proceed(exchange: Exchange): void {
    this.#state = 'proceeding';
    if (exchange.response.status > 100) this.#user.provisional?.(exchange);
  }

  #refused({ candidate }: Attempt, exchange: Exchange): void {
    const { status, reason } = exchange.response;
    this.#failure = { status, reason: reason === '' ? reasonPhrase(status) : plainText(reason), exchange };
    if (this.#cancelled) this.#fail(this.#failure);
    else if ((status === 401 || status === 407) && this.#answersChallenge(exchange)) {
      this.#sequence = this.#plan.sequence();
      this.#send(candidate);
      this.#arm();
    } else if (status === 503) this.#act(this.#race?.lost(true, this.#core.now));
    else this.#fail(this.#failure);
  }

  #answersChallenge({ response, flow }: Exchange): boolean {
    const { credentials } = this.#plan.identity;
    if (credentials === undefined || !this.#plan.identity.trusts(flow)) return false;
    this.#challenges += 1;
    return this.#challenges <= MOST_CHALLENGES && credentials.take(response, this.#answered);
  }

  lost(attempt: Attempt, error?: string): void {
    if (!this.pending || attempt !== this.#attempt || this.#state === 'composing') return;
    const { candidate, flow } = attempt;
    const thought = this.#state === 'proceeding' && error === undefined;
    this.#failure =
      error === undefined
        ? { status: 408, reason: `no answer from ${where(flow)}` }
        : { status: 503, reason: `${where(flow)}: ${error}` };
    this.#findings?.failed(candidate, this.#core.now);
    // RFC 3263 4.3: who has answered by a provisional response is not replaced.
    if (this.#cancelled || thought) this.#fail(this.#failure);
    else this.#act(this.#race?.lost(false, this.#core.now));
  }

  gone(): void {
    this.#user.gone?.();
  }

  #giveUp(): void {
    this.#attempt?.abandon();
    this.#fail(this.#failure);
  }

  #fail(failure: Failure): void {
    this.#state = 'over';
    this.#settle();
    this.#user.failure(failure);
  }
}

/** ms; 0: nothing that can be read. */
function retryAfter(response: SipMessage): number {
  return 1000 * (decimal(/^\d*/.exec(response.first('retry-after') ?? '')?.[0] ?? '') ?? 0);
}

function where({ remote, transport }: Flow): string {
  return `${textOf(remote)} (${transport})`;
}
