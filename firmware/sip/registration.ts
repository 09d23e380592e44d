/**
 * One account's registration (RFC 3261 10.2): bound, kept bound, tried again with growing pauses while the registrar
 * is away, and taken back at the end.
 */

import type { Core } from './core.ts';
import { accountUri, type Identity } from './identity.ts';
import { KEEP_ALIVE, KeepAlive } from './keep_alive.ts';
import { decimal } from './message/chars.ts';
import { splitZone } from './message/host.ts';
import type { SipMessage } from './message/message.ts';
import { parseNameAddr } from './message/name_addr.ts';
import { parseUri, type SipUri } from './message/uri.ts';
import type { HeaderLine } from './message/write.ts';
import { ALLOW } from './refusals.ts';
import { endOf } from './request/reachability.ts';
import { ClientRequest, type Exchange, type Failure } from './request/request.ts';
import { freshTarget } from './request/target.ts';
import { asksForSips } from './sips.ts';
import type { Timer } from './timers.ts';
import type { Account, Flow, RegistrationState, SipEvent } from './types.ts';

/** Pauses between attempts, in ms: doubling, each shortened by up to half at random. */
const BACKOFF = { least: 1000, most: 900_000 };
/** Credentials that were not accepted: asking on quickly would look like an attack and get us locked out. In ms. */
const AFTER_REJECTION = 30_000;
/** A connection that lived so long was worth having: its successor is made at once. ms (RFC 5626 4.5) */
const STEADY = 120_000;
const REJECTED: readonly number[] = [401, 403, 407];
/** Refreshed at nine tenths of the time granted or a minute before its end, whichever comes first, in ms. */
const REFRESH = { part: 0.9, spare: 60_000, least: 0.5 };

export class Registration {
  readonly #core: Core;
  readonly #identity: Identity;
  readonly #account: Account;
  readonly #callId: string;
  readonly #tag: string;
  #sequence = 0;
  /** Seconds that we ask for; a registrar's Min-Expires raises it. */
  #wanted: number;
  #on = false;
  /** The registrar may have heard of us. */
  #known = false;
  #request: ClientRequest | undefined;
  #timer: Timer<() => void> | undefined;
  #failures = 0;
  /** Where the registrar reaches us, and since when. */
  #binding: { readonly flow: Flow; readonly since: number } | undefined;
  /** The flows whose Contacts the registrar has taken from us and may still hold. */
  #bound: readonly Flow[] = [];
  /** Our addresses, without zones; undefined: never told. */
  #ours: ReadonlySet<string> | undefined;
  /** Connections that were lost one soon after the other. */
  #losses = 0;
  /** Undefined: there is no way to the registrar. */
  readonly #keepAlive: KeepAlive | undefined;

  /** `keepAlive`: at most so many ms between signs of life of the registrar. */
  constructor(core: Core, identity: Identity, account: Account, keepAlive = KEEP_ALIVE) {
    this.#core = core;
    this.#identity = identity;
    this.#account = account;
    this.#callId = core.random();
    this.#tag = core.random();
    this.#wanted = account.expires;
    const target = registrarOf(account);
    if (!('unroutable' in target))
      this.#keepAlive = new KeepAlive(core, { identity, account, target, every: keepAlive }, () =>
        this.#again(),
      );
  }

  /** The registrar, or the proxy before it, that holds our binding now: its address; undefined: there is none. */
  get server(): string | undefined {
    return this.#on ? this.#binding?.flow.remote.address : undefined;
  }

  /** An answer to the removal of the binding is still to come. */
  get leaving(): boolean {
    return !this.#on && this.#request !== undefined;
  }

  register(): void {
    this.#on = true;
    this.#failures = 0;
    this.#emit('trying');
    this.#attempt();
  }

  /** Takes the binding back. An attempt that is under way is given up for it. */
  unregister(): void {
    if (!this.#on) return;
    this.#on = false;
    this.#core.stop(this.#timer);
    this.#keepAlive?.stop();
    if (this.#known || this.#request !== undefined) this.#send(0);
    this.#emit('off');
  }

  /** Our addresses have changed to these, without zones: the old binding may lead nowhere. */
  networkChanged(ours: ReadonlySet<string>): void {
    this.#ours = ours;
    if (!this.#on) return;
    this.#failures = 0;
    this.#losses = 0;
    this.#attempt();
  }

  /** Calls would go to a connection that is gone: at once a new one, but with pauses if they never last. */
  flowClosed(flow: Flow): void {
    const binding = this.#binding;
    if (!this.#on || this.#request !== undefined || binding === undefined || !isSameWay(binding.flow, flow))
      return;
    if (this.#core.now - binding.since >= STEADY) this.#losses = 0;
    this.#losses += 1;
    this.#binding = undefined;
    this.#keepAlive?.stop();
    if (this.#losses === 1) this.#attempt();
    else this.#later(this.#pause(0, this.#losses - 2));
  }

  /** The binding is wanted anew, and on another way if need be. */
  #again(): void {
    if (this.#on && this.#request === undefined) this.#attempt();
  }

  #attempt(): void {
    this.#core.stop(this.#timer);
    this.#send(this.#wanted);
  }

  #send(expires: number): void {
    this.#request?.abandon();
    const request = new ClientRequest(
      this.#core,
      {
        method: 'REGISTER',
        identity: this.#identity,
        target: registrarOf(this.#account),
        head: (flow) => {
          const from = this.#identity.from(flow);
          return {
            from: `${from};tag=${this.#tag}`,
            to: `<${this.#identity.address(flow)}>`,
            callId: this.#callId,
          };
        },
        sequence: () => {
          this.#sequence += 1;
          return this.#sequence;
        },
        contact: true,
      },
      {
        compose: (flow, go) => {
          this.#known = true;
          go({ headers: [...this.#removals(flow), ['Expires', String(expires)], ALLOW] });
        },
        success: (exchange) => this.#done(request, () => this.#accepted(exchange, expires)),
        failure: (failure) => this.#done(request, () => this.#refused(failure, expires)),
      },
    );
    this.#request = request;
    request.start();
  }

  /**
   * 10.2.2: what leads to where we are no more goes in the same breath. A Contact of the other family whose address is
   * still ours is not named: each message shows one family, and that one may live again.
   */
  #removals(flow: Flow): HeaderLine[] {
    const contact = this.#contact(flow);
    return this.#bound
      .filter(({ local }) => this.#isReplaced(local, flow))
      .map((old) => this.#contact(old))
      .filter((old) => old !== contact)
      .map((old): HeaderLine => ['Contact', `${old};expires=0`]);
  }

  #contact(flow: Flow): string {
    const target = registrarOf(this.#account);
    return this.#identity.contact(flow, !('unroutable' in target) && asksForSips(target));
  }

  #isReplaced({ family, address }: Flow['local'], flow: Flow): boolean {
    return family === flow.local.family || this.#ours?.has(splitZone(address)[0]) === false;
  }

  /** Only the newest request counts. */
  #done(request: ClientRequest, then: () => void): void {
    if (request !== this.#request) return;
    this.#request = undefined;
    then();
  }

  #accepted({ response, flow }: Exchange, asked: number): void {
    if (!this.#on || asked === 0) {
      this.#known = false;
      this.#bound = [];
      return;
    }
    this.#bound = [flow, ...this.#bound.filter(({ local }) => !this.#isReplaced(local, flow))];
    const granted = grantedIn(response, this.#contact(flow)) ?? asked;
    if (granted === 0) {
      this.#retry(0, 'the registrar took the registration and ended it at once (expires 0)');
      return;
    }
    this.#failures = 0;
    const ms = granted * 1000;
    const wait = Math.max(ms * REFRESH.least, Math.min(ms * REFRESH.part, ms - REFRESH.spare));
    this.#timer = this.#core.after(wait, () => this.#attempt());
    this.#binding = { flow, since: this.#core.now };
    this.#keepAlive?.registered(flow);
    const date = response.first('date');
    this.#emit('registered', { flow, expires: granted, ...(date === undefined ? {} : { date }) });
  }

  #refused({ status, reason, exchange }: Failure, asked: number): void {
    if (!this.#on || asked === 0) return;
    // It may be the removal that it cannot bear: an old binding ends by itself.
    if (status >= 400 && status < 423 && !REJECTED.includes(status)) this.#bound = [];
    const least = decimal(exchange?.response.first('min-expires') ?? '') ?? 0;
    if (status === 423 && least > this.#wanted) {
      this.#wanted = least;
      this.#attempt();
      return;
    }
    const retryAfter = decimal(/^\d*/.exec(exchange?.response.first('retry-after') ?? '')?.[0] ?? '') ?? 0;
    const error = exchange === undefined ? reason : `${status} ${reason}`;
    if (REJECTED.includes(status))
      this.#retry(Math.max(retryAfter * 1000, AFTER_REJECTION), `user or password not accepted: ${error}`);
    else this.#retry(retryAfter * 1000, error);
  }

  /** Fails for now; again after `ms` at the earliest. */
  #retry(ms: number, error: string): void {
    this.#keepAlive?.stop();
    this.#binding = undefined;
    this.#later(this.#pause(ms, this.#failures));
    this.#failures += 1;
    this.#emit('failed', { error });
  }

  #later(ms: number): void {
    this.#core.stop(this.#timer);
    this.#timer = this.#core.after(ms, () => {
      this.#emit('trying');
      this.#attempt();
    });
  }

  /** ms; `asked`: at least so many, by the registrar's wish. */
  #pause(asked: number, failures: number): number {
    const limit = Math.min(BACKOFF.least * 2 ** failures, BACKOFF.most);
    const own = limit * (1 - this.#core.chance() / 2);
    return Math.min(Math.max(own, asked), BACKOFF.most);
  }

  #emit(
    state: RegistrationState,
    more: Pick<Extract<SipEvent, { kind: 'registration' }>, 'flow' | 'expires' | 'date' | 'error'> = {},
  ): void {
    this.#core.emit({ kind: 'registration', account: this.#account.id, state, ...more });
  }
}

/** Whether both go between the same ends; a new connection has another number, and is none of them. */
function isSameWay(one: Flow, other: Flow): boolean {
  return endOf(one) === endOf(other) && splitZone(one.local.address)[0] === splitZone(other.local.address)[0];
}

/** 10.2: the Request-URI names the domain, without user part. */
function registrarOf(account: Account): ReturnType<typeof freshTarget> {
  return freshTarget(accountUri(account), account);
}

/**
 * Seconds that the registrar granted to our Contact (10.2.4): its `expires`, else the Expires header field. A registrar
 * that writes what it has seen of us in place of our address keeps the user part.
 */
function grantedIn(response: SipMessage, contact: string): number | undefined {
  const ours = sipUriOf(contact);
  const bindings = response.values('contact').filter((value) => sipUriOf(value)?.user === ours?.user);
  const own = bindings.find((value) => sipUriOf(value)?.host === ours?.host) ?? bindings[0] ?? '';
  return (
    decimal(parseNameAddr(own)?.params.text('expires') ?? '') ?? decimal(response.first('expires') ?? '')
  );
}

function sipUriOf(nameAddr: string): SipUri | undefined {
  const uri = parseUri(parseNameAddr(nameAddr)?.uri ?? '');
  return uri?.scheme === 'sip' || uri?.scheme === 'sips' ? uri : undefined;
}
