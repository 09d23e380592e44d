/**
 * What the parts of the transaction user share: the effects of this turn, the timers, the questions that are out to
 * RFC 3263, and who waits for which transaction. It decides nothing about calls or registrations.
 */
import type { SipMessage } from './message/message.ts';
import { octetText } from './message/text.ts';
import type { HeaderLine } from './message/write.ts';
import { Registry } from './registry.ts';
import { Reachability, type ReachabilityState } from './request/reachability.ts';
import { type Timer, Timers } from './timers.ts';
import { clientKey } from './transaction/match.ts';
import { DEFAULT_TIMING, type Timing } from './transaction/timer_table.ts';
import {
  type TransactionEvent,
  type TransactionInput,
  type TransactionKey,
  Transactions,
} from './transaction/transactions.ts';
import type { Flow, Hop, SipEffect } from './types.ts';

/** Who hears about a client transaction. */
export interface ClientUser {
  response(message: SipMessage, flow: Flow): void;
  /** No final response came in time. */
  timeout(): void;
  /** The request could not be sent. */
  failed(error: string): void;
  /** The transaction is over; nothing more will be heard of it. */
  terminated(): void;
}

/** Who hears about a server transaction after its request. */
export interface ServerUser {
  /** Our tag in the responses to it; that to its CANCEL has the same (9.2). */
  readonly tag: string;
  /** The peer sent CANCEL for it. */
  cancelled(message: SipMessage): void;
}

/** Who hears whether a way is open. */
export interface PathUser {
  connected(): void;
  failed(error: string): void;
}

/** What comes unasked: requests, CANCELs and ACKs, and responses that nobody waits for. */
export type Unasked = Extract<TransactionEvent, { kind: 'request' | 'cancel' | 'ack' | 'stray-response' }>;

export interface CoreOptions {
  /** Unpredictable hexadecimal text, 16 characters or more, new each time. */
  readonly random: () => string;
  /** Name and version for the User-Agent header field (UTF-8). */
  readonly userAgent: string;
  readonly timing?: Partial<Timing>;
  /** What was learnt about destinations in an earlier run. */
  readonly reachability?: ReachabilityState;
  /** Transactions alive at once, beyond which requests from outside are dropped. */
  readonly transactionLimit?: number;
}

export interface Load {
  readonly timers: number;
  readonly transactions: number;
  /** Who listens to a transaction. */
  readonly users: number;
  /** Hops that nobody has found yet, and connections that are being made. */
  readonly questions: number;
}

/** The answer to RFC 3263: the flows of each target, the best target first. */
export interface Whereabouts {
  readonly groups: readonly (readonly Flow[])[];
  /** Says why there are none. */
  readonly error: string | undefined;
  /** False: the same question is answered once more, by more. */
  readonly final: boolean;
}

/** Who has something under way that hangs on an address of ours. */
export interface Mover {
  /** `ours`: the addresses that we have now, without zones. */
  networkChanged(ours: ReadonlySet<string>): void;
}

type Found = (where: Whereabouts) => void;

export class Core {
  /** ms; the `now` of the input that is being handled. */
  now = 0;
  readonly timing: Timing;
  readonly random: () => string;
  /** The User-Agent line of our requests. */
  readonly userAgent: HeaderLine;
  readonly reachability: Reachability;
  readonly #transactions: Transactions;
  readonly #unasked: (event: Unasked) => void;
  readonly #timers = new Timers<() => void>();
  readonly #clients = new Registry<TransactionKey, ClientUser>();
  readonly #servers = new Registry<TransactionKey, ServerUser>();
  readonly #questions = new Registry<number, Found>();
  /** Connections asked for, by ref. */
  readonly #paths = new Registry<string, PathUser>();
  /** Requests that nobody has answered. */
  readonly #movers = new Registry<number, Mover>();
  #tickets = 0;
  #refs = 0;
  #followers = 0;
  #effects: SipEffect[] = [];

  constructor(options: CoreOptions, unasked: (event: Unasked) => void) {
    this.random = options.random;
    this.userAgent = ['User-Agent', octetText(options.userAgent)];
    this.timing = { ...DEFAULT_TIMING, ...options.timing };
    const limit = options.transactionLimit;
    this.#transactions = new Transactions({ timing: this.timing, ...(limit === undefined ? {} : { limit }) });
    this.reachability = new Reachability(options.reachability);
    this.#unasked = unasked;
  }

  /** A number in [0, 1). */
  chance(): number {
    return Number.parseInt(this.random().slice(0, 8), 16) / 0x1_0000_0000;
  }

  emit(effect: SipEffect): void {
    this.#effects.push(effect);
  }

  /** Takes the effects of this turn. */
  drain(): SipEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Does `action` in so many ms, unless the timer is stopped before. */
  after(ms: number, action: () => void): Timer<() => void> {
    return this.#timers.set(action, this.now + ms);
  }

  stop(timer: Timer<() => void> | undefined): void {
    this.#timers.clear(timer);
  }

  get deadline(): number {
    return Math.min(this.#timers.deadline, this.#transactions.deadline);
  }

  /** What is not over: nothing of it is left when every call and registration has ended. */
  get load(): Load {
    return {
      timers: this.#timers.size,
      transactions: this.#transactions.size,
      users: this.#clients.size + this.#servers.size,
      questions: this.#questions.size + this.#paths.size,
    };
  }

  tick(): void {
    this.transact({ kind: 'tick' });
    for (let due = this.#timers.due(this.now); due; due = this.#timers.due(this.now)) due();
  }

  /** Asks for the flows to a hop. The ticket is for `forget`. */
  locate(hop: Hop, found: Found): number {
    const ticket = ++this.#tickets;
    this.#questions.set(ticket, found);
    this.emit({ kind: 'locate', ticket, hop });
    return ticket;
  }

  located(ticket: number, where: Whereabouts): void {
    const found = this.#questions.get(ticket);
    if (where.final) this.#questions.delete(ticket);
    found?.(where);
  }

  forget(ticket: number | undefined): void {
    if (ticket !== undefined) this.#questions.delete(ticket);
  }

  /** Lets a mover hear of a change of the network, until `unfollow` with the number that it gets. */
  follow(mover: Mover): number {
    this.#followers += 1;
    this.#movers.set(this.#followers, mover);
    return this.#followers;
  }

  unfollow(follower: number | undefined): void {
    if (follower !== undefined) this.#movers.delete(follower);
  }

  networkChanged(attachment: string, ours: ReadonlySet<string>): void {
    this.reachability.networkChanged(attachment, this.now);
    for (const mover of this.#movers.values()) mover.networkChanged(ours);
  }

  /** Sends a request of ours in a transaction of its own, and tells `user` what becomes of it. */
  request(message: SipMessage, flow: Flow, user: ClientUser): TransactionKey {
    const key = clientKey(message);
    this.#clients.set(key, user);
    this.transact({ kind: 'request', message, flow });
    return key;
  }

  abandon(key: TransactionKey): void {
    this.transact({ kind: 'abandon', key });
  }

  /** What comes of this request, other than INVITE, matters no more. */
  release(key: TransactionKey): void {
    this.transact({ kind: 'release', key });
  }

  /** Opens a connection without sending anything yet. The result closes it, unless somebody uses it. */
  connect(flow: Flow, user: PathUser): () => void {
    this.#refs += 1;
    const ref = `connect ${this.#refs}`;
    let failed = false;
    this.#paths.set(ref, {
      connected: () => user.connected(),
      failed: (error) => {
        failed = true;
        user.failed(error);
      },
    });
    this.emit({ kind: 'connect', flow, ref });
    return () => {
      this.#paths.delete(ref);
      if (!failed) this.emit({ kind: 'disconnect', ref });
    };
  }

  connected(ref: string): void {
    const user = this.#paths.get(ref);
    this.#paths.delete(ref);
    user?.connected();
  }

  /** What was to be sent, or connected, could not be. */
  unreachable(ref: string, error: string): void {
    const user = this.#paths.get(ref);
    this.#paths.delete(ref);
    if (user === undefined) this.transact({ kind: 'transport-error', key: ref, error });
    else user.failed(error);
  }

  respond(key: TransactionKey, response: SipMessage): void {
    this.transact({ kind: 'respond', key, response });
  }

  /** Lets `user` hear of the CANCEL for this server transaction. */
  watch(key: TransactionKey, user: ServerUser): void {
    this.#servers.set(key, user);
  }

  /** Nothing that a CANCEL could stop is left. */
  unwatch(key: TransactionKey): void {
    this.#servers.delete(key);
  }

  serverUser(key: TransactionKey): ServerUser | undefined {
    return this.#servers.get(key);
  }

  transact(input: TransactionInput): void {
    for (const event of this.#transactions.handle(input, this.now)) this.#hear(event);
  }

  #hear(event: TransactionEvent): void {
    switch (event.kind) {
      case 'send':
      case 'dropped':
        this.#effects.push(event);
        return;
      case 'response':
        this.#clients.get(event.key)?.response(event.message, event.flow);
        return;
      case 'timeout':
        this.#clients.get(event.key)?.timeout();
        return;
      case 'failed':
        this.#clients.get(event.key)?.failed(event.error);
        return;
      case 'confirmed':
        return;
      case 'terminated':
        this.#forgetTransaction(event.key);
        return;
      default:
        this.#unasked(event);
    }
  }

  #forgetTransaction(key: TransactionKey): void {
    this.#servers.delete(key);
    const user = this.#clients.get(key);
    this.#clients.delete(key);
    user?.terminated();
  }
}
