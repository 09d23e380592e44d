/**
 * The sign of life of a registration's flow (RFC 5626 4.4, with OPTIONS in place of STUN and over streams too, since
 * it asks the server and not only the system below it). It keeps the way through a NAT open, and finds out within
 * half a minute that a family is dead, and that one lives again.
 *
 * A registrar that has never answered OPTIONS may ignore it: its first silence leads to a REGISTER, and if that is
 * answered where OPTIONS was not, REGISTER is the sign of life from then on.
 */
import type { Core } from './core.ts';
import { accountUri, type Identity } from './identity.ts';
import { Probe } from './request/probe.ts';
import { Candidate, candidatesOf } from './request/race.ts';
import { endOf, Findings } from './request/reachability.ts';
import type { Target } from './request/target.ts';
import type { Timer } from './timers.ts';
import type { Account, Flow } from './types.ts';

/** RFC 5626 4.4.2 has 24 to 29 s over UDP; the time until the silence is noticed and another way found is part of it. */
export const KEEP_ALIVE = 25_000;
/** At random, so that a thousand telephones do not ask in step (RFC 5626 4.4). */
const LEAST_PART = 0.8;
/** ms; OPTIONS is sent three times by then. */
const PATIENCE = 3_500;
const MOST_RECHECKS = 2;

export class KeepAlive {
  readonly #core: Core;
  readonly #identity: Identity;
  readonly #uri: string;
  readonly #target: Target;
  /** ms at most between two signs of life; Infinity: none are asked for. */
  readonly #every: number;
  /** Wants a REGISTER: the flow is dead, or it answers nothing else. */
  readonly #wanted: () => void;
  #flow: Flow | undefined;
  #timer: Timer<() => void> | undefined;
  #ticket: number | undefined;
  readonly #probes = new Set<Probe>();
  /** Of the present flow. */
  #answersOptions: boolean | undefined;
  /** The end that was silent last. */
  #silent: string | undefined;

  constructor(
    core: Core,
    parts: {
      readonly identity: Identity;
      readonly account: Account;
      readonly target: Target;
      readonly every: number;
    },
    wanted: () => void,
  ) {
    this.#core = core;
    this.#identity = parts.identity;
    this.#uri = accountUri(parts.account);
    this.#target = parts.target;
    this.#every = parts.every;
    this.#wanted = wanted;
  }

  /** REGISTER was answered over this flow just now. */
  registered(flow: Flow): void {
    const end = endOf(flow);
    if (end === this.#silent) this.#answersOptions = false;
    else if (this.#flow === undefined || endOf(this.#flow) !== end) this.#answersOptions = undefined;
    this.#silent = undefined;
    this.#flow = flow;
    this.#wait();
  }

  stop(): void {
    this.#flow = undefined;
    this.#core.stop(this.#timer);
    this.#forget();
  }

  #wait(): void {
    this.#forget();
    this.#core.stop(this.#timer);
    if (this.#every === Number.POSITIVE_INFINITY) return;
    const part = LEAST_PART + (1 - LEAST_PART) * this.#core.chance();
    this.#timer = this.#core.after(this.#every * part, () => this.#beat());
  }

  #forget(): void {
    this.#core.forget(this.#ticket);
    for (const probe of this.#probes) probe.stop();
    this.#probes.clear();
  }

  #beat(): void {
    const flow = this.#flow;
    if (flow === undefined) return;
    this.#wait();
    const { reachability, now } = this.#core;
    const destination = this.#target.hop.host.toLowerCase();
    let candidates: readonly Candidate[] = [];
    const findings = new Findings(reachability, destination, () => candidates, { decides: false });
    const alone = new Candidate(flow, -1);
    const current = () => candidates.find((one) => endOf(one.flow) === endOf(flow)) ?? alone;
    this.#probe({ flow, byOptions: true, current }, findings, 'own');
    // Who else is on the list, and failed, is asked whether it lives again; the best of all gets the registration back.
    this.#ticket = this.#core.locate(this.#target.hop, ({ groups }) => {
      const inOrder = () =>
        candidatesOf(groups, reachability.prospect(destination, groups.flat(), this.#core.now));
      const prospect = reachability.prospect(destination, groups.flat(), now);
      candidates = inOrder();
      const due = candidates.filter((one) => one !== current() && prospect.condition(one.flow) === 'due');
      for (const one of due.slice(0, MOST_RECHECKS))
        this.#probe({ flow: one.flow, byOptions: false, current: () => one }, findings, () => {
          const [best] = inOrder();
          if (best !== undefined && endOf(best.flow) === endOf(one.flow)) this.#wanted();
        });
    });
    if (this.#answersOptions === false) this.#wanted();
  }

  /** `then`: `own` for the flow that is kept alive; for another one, that may live again, what to do if it does. */
  #probe(
    {
      flow,
      byOptions,
      current,
    }: { readonly flow: Flow; readonly byOptions: boolean; readonly current: () => Candidate },
    findings: Findings,
    then: 'own' | (() => void),
  ): void {
    const core = this.#core;
    const isOwn = then === 'own';
    const parts = { flow, identity: this.#identity, uri: this.#uri, byOptions, patience: PATIENCE };
    const ended = () => {
      this.#probes.delete(probe);
      probe.stop();
    };
    const probe: Probe = new Probe(core, parts, {
      answered: () => {
        ended();
        findings.probeAnswered(current(), core.now);
        if (!isOwn) then();
        else if (flow === this.#flow) this.#answersOptions = true;
      },
      failed: () => {
        ended();
        findings.failed(current(), core.now);
        if (isOwn) this.#missed(flow);
      },
      silent: () => {
        ended();
        if (this.#answersOptions === true) findings.failed(current(), core.now);
        if (isOwn) this.#missed(flow);
      },
    });
    this.#probes.add(probe);
  }

  #missed(flow: Flow): void {
    if (flow !== this.#flow || this.#answersOptions === false) return;
    if (this.#answersOptions === undefined) this.#silent = endOf(flow);
    this.#wanted();
  }
}
