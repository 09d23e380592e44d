/**
 * The SIP user agent as one machine: inputs of types.ts in, effects out. This file only hands each input to whom it
 * concerns; what they do with it stands with them.
 */
import { sameAddress } from '#address/ip.ts';
import type { Weight } from '#address/preference.ts';
import { Admission, type AdmissionPolicy } from './admission.ts';
import { type Call, CallBook, CallState } from './call/call.ts';
import { ClientCall } from './call/client.ts';
import { ServerCall } from './call/server.ts';
import { Core, type CoreOptions, type Load, type Unasked } from './core.ts';
import { FloodGate } from './flood.ts';
import { Identities, type IdentityOptions } from './identities.ts';
import { faultOf } from './message/fault.ts';
import { splitZone } from './message/host.ts';
import { readMessage, type SipMessage } from './message/message.ts';
import { octetText } from './message/text.ts';
import { Monitors } from './monitors.ts';
import { answerOptions } from './options.ts';
import { refusalOf } from './refusals.ts';
import { Registration } from './registration.ts';
import type { ReachabilityState } from './request/reachability.ts';
import { type Incoming, respond, respondStateless } from './response.ts';
import { type ResyncAction, resyncOf } from './resync.ts';
import type { Flow, SipEffect, SipInput } from './types.ts';

export interface UserAgentOptions extends CoreOptions, IdentityOptions {
  readonly admission: AdmissionPolicy;
  /** At most so many ms between signs of life of a registrar; Infinity: they are not asked for. Default 25 000. */
  readonly keepAlive?: number;
  /** Who, besides the servers of live registrations, may ask for a resync: the server of our configuration. */
  readonly mayResync?: (address: string) => boolean;
}

/** How long `shut-down` waits for the answers to BYE and un-REGISTER, in ms: the process has 2 s in all. */
const FAREWELL = 1500;

export class UserAgent {
  readonly #core: Core;
  readonly #identities: Identities;
  readonly #admission: Admission;
  readonly #gate = new FloodGate();
  readonly #book = new CallBook();
  readonly #registrations: ReadonlyMap<string, Registration>;
  readonly #monitors: Monitors;
  readonly #mayResync: (address: string) => boolean;
  /** The To tag of answers without transaction: the same for a request that comes again (8.2.7). */
  readonly #tag: string;
  #leaving: 'no' | 'waiting' | 'gone' = 'no';

  constructor(options: UserAgentOptions) {
    this.#core = new Core(options, (event) => this.#unasked(event));
    this.#identities = new Identities(options, (address) => this.#admission.learn(address));
    this.#admission = new Admission(options.admission, this.#identities.contactUsers);
    this.#registrations = new Map(
      this.#identities.ofAccounts.map(({ account, identity }) => [
        account.id,
        new Registration(this.#core, identity, account, options.keepAlive),
      ]),
    );
    this.#monitors = new Monitors(this.#core, this.#identities);
    this.#mayResync = options.mayResync ?? (() => false);
    this.#tag = options.random();
  }

  /** When `tick` is wanted next, in ms on the clock of `now`; Infinity when nothing is under way. */
  get deadline(): number {
    return Math.min(this.#core.deadline, this.#admission.renewAt);
  }

  /** The weights of the families on this network, for status. */
  weights(now: number): readonly Weight[] {
    return this.#core.reachability.preferences.weights(now);
  }

  /** What was learnt of destinations, to be given to the next run as `reachability`. */
  get reachability(): ReachabilityState {
    return this.#core.reachability.toJSON();
  }

  /** What is alive, for `metrics` and tests: all of it is 0 when every call and registration has ended. */
  get load(): Load & { readonly calls: number; readonly dialogs: number } {
    return { ...this.#core.load, calls: this.#book.calls.size, dialogs: this.#book.dialogs.size };
  }

  handle(input: SipInput, now: number): SipEffect[] {
    this.#core.now = now;
    if (now >= this.#admission.renewAt) this.#admission.renew(this.#core);
    this.#take(input);
    if (this.#leaving === 'waiting' && this.#isQuiet()) this.#bow();
    return this.#core.drain();
  }

  #take(input: SipInput): void {
    switch (input.kind) {
      case 'received':
        this.#received(input.octets, input.flow);
        return;
      case 'tick':
        this.#core.tick();
        return;
      case 'located':
        this.#core.located(input.ticket, {
          groups: input.groups,
          error: input.error,
          final: input.final ?? true,
        });
        return;
      case 'transport-error':
        this.#core.unreachable(input.ref, input.error);
        return;
      case 'connected':
        this.#core.connected(input.ref);
        return;
      case 'network-changed':
        this.#networkChanged(input);
        return;
      case 'extension':
        this.#identities.rename(input.extension);
        return;
      case 'neighbours':
        this.#admission.neighbours(input.addresses);
        return;
      case 'flow-closed':
        for (const registration of this.#registrations.values()) registration.flowClosed(input.flow);
        return;
      case 'register':
        this.#registrations.get(input.account)?.register();
        return;
      case 'unregister':
        this.#registrations.get(input.account)?.unregister();
        return;
      case 'call':
        this.#call(input);
        return;
      case 'monitor':
        if (this.#leaving === 'no') this.#monitors.watch(input.uris);
        return;
      case 'shut-down':
        this.#shutDown();
        return;
      default:
        this.#command(input, this.#book.calls.get(input.call));
    }
  }

  /** Registrations begin anew, and so does a request of which nobody has heard from an address that is gone. */
  #networkChanged({ attachment, addresses }: Extract<SipInput, { kind: 'network-changed' }>): void {
    const ours = new Set(addresses.map((address) => splitZone(address)[0]));
    this.#core.networkChanged(attachment, ours);
    this.#admission.networkChanged(this.#core.now);
    for (const registration of this.#registrations.values()) registration.networkChanged(ours);
    this.#monitors.networkChanged();
  }

  #call({ call, to, account, offerless }: Extract<SipInput, { kind: 'call' }>): void {
    const identity = this.#identities.of(account);
    if (this.#book.calls.has(call)) return;
    if (identity === undefined || this.#leaving !== 'no') {
      const reason = identity === undefined ? `there is no account ${account}` : 'shutting down';
      this.#core.emit({ kind: 'ended', call, cause: { by: 'us', reason } });
      return;
    }
    const state = new CallState(call, this.#core, identity, this.#book);
    const outgoing = new ClientCall(state, { to: octetText(to), offerless: offerless === true });
    this.#book.calls.set(call, outgoing);
    outgoing.start();
  }

  #command(input: CallInput, call: Call | undefined): void {
    switch (input.kind) {
      case 'described':
        call?.state.described({ sdp: input.sdp });
        return;
      case 'not-described':
        call?.state.described({ status: input.status });
        return;
      case 'ring':
        call?.ring();
        return;
      case 'accept':
        call?.accept();
        return;
      case 'reject':
        call?.reject(input.status);
        return;
      case 'hang-up':
        call?.hangUp(false);
        return;
      case 'reinvite':
        call?.reinvite(input.anew === true);
    }
  }

  #received(octets: Uint8Array, flow: Flow): void {
    const message = readMessage(octets);
    if (message === undefined) {
      this.#drop('no-sip', flow);
      return;
    }
    if (message.kind === 'request' && !this.#admits(message, flow)) {
      this.#admission.strangerCame(this.#core.now);
      this.#drop('stranger', flow);
      return;
    }
    if (message.kind === 'request' && this.#floods(message, flow)) {
      this.#drop('flood', flow);
      return;
    }
    const fault = faultOf(message);
    if (fault === undefined) this.#core.transact({ kind: 'received', message, flow });
    else if (fault.answerable) respondStateless(this.#core, message, flow, { ...fault, toTag: this.#tag });
    else this.#drop('malformed', flow);
  }

  /** What belongs to a dialog is never too much: it ends calls. */
  #floods(request: SipMessage, flow: Flow): boolean {
    if (this.#isOfDialog(request) || this.#admission.trusts(flow)) return false;
    return !this.#gate.lets(flow.remote.address, this.#core.now);
  }

  #isOfDialog({ toTag }: SipMessage): boolean {
    if (toTag === undefined) return false;
    return this.#book.dialogs.has(toTag) || this.#monitors.find(toTag) !== undefined;
  }

  #admits(request: SipMessage, flow: Flow): boolean {
    if (this.#isOfDialog(request)) return true;
    if (this.#admission.admits(request, flow)) return true;
    return resyncOf(request) !== undefined && this.#obeys(flow);
  }

  #unasked(event: Unasked): void {
    switch (event.kind) {
      case 'request':
        this.#request(event, event.merged);
        return;
      case 'cancel':
        this.#cancel(event);
        return;
      case 'ack':
        this.#book.dialogs.get(event.message.toTag ?? '')?.acknowledge(event.message);
        return;
      case 'stray-response':
        this.#stray(event.message, event.flow);
    }
  }

  #request(incoming: Incoming, merged: boolean): void {
    const { message } = incoming;
    const tag = message.toTag;
    if (tag !== undefined) {
      const dialog = this.#book.dialogs.get(tag) ?? this.#monitors.find(tag);
      if (dialog === undefined) respond(this.#core, incoming, refusalOf(message) ?? { status: 481 });
      else dialog.request(incoming);
      return;
    }
    const resync = merged ? undefined : resyncOf(message);
    if (resync !== undefined) {
      this.#resync(incoming, resync);
      return;
    }
    const refusal = merged ? { status: 482 } : refusalOf(message);
    if (refusal !== undefined) respond(this.#core, incoming, { ...refusal, toTag: this.#core.random() });
    else if (message.method === 'INVITE') this.#invited(incoming);
    else if (message.method === 'OPTIONS') answerOptions(this.#core, incoming, this.#core.random());
    else respond(this.#core, incoming, { status: 481, toTag: this.#core.random() });
  }

  /** Whoever else is let in may ring, and no more. */
  #resync(incoming: Incoming, action: ResyncAction): void {
    const { flow } = incoming;
    const obeys = this.#obeys(flow);
    respond(this.#core, incoming, { status: obeys ? 200 : 403, toTag: this.#core.random() });
    if (obeys) this.#core.emit({ kind: 'resync', action, flow });
    else this.#drop('resync', flow);
  }

  #obeys({ remote: { address } }: Flow): boolean {
    const isServer = ({ server }: Registration) => server !== undefined && sameAddress(server, address);
    return this.#registrations.values().some(isServer) || this.#mayResync(address);
  }

  #invited(incoming: Incoming): void {
    if (this.#leaving !== 'no') {
      respond(this.#core, incoming, { status: 480, toTag: this.#core.random() });
      return;
    }
    const identity = this.#identities.calledBy(incoming.message);
    const state = new CallState(this.#core.random(), this.#core, identity, this.#book);
    const call = new ServerCall(state, incoming);
    this.#book.calls.set(state.id, call);
    call.start();
  }

  /** 9.2: the CANCEL is answered by itself, whatever becomes of its INVITE. */
  #cancel({ target, ...incoming }: Extract<Unasked, { kind: 'cancel' }>): void {
    const invite = target === undefined ? undefined : this.#core.serverUser(target);
    const toTag = invite?.tag ?? this.#tag;
    respond(this.#core, incoming, { status: target === undefined ? 481 : 200, toTag });
    invite?.cancelled(incoming.message);
  }

  /** Only the 2xx of a late fork matters: somebody has picked up and waits. */
  #stray(message: SipMessage, flow: Flow): void {
    const success = message.method === 'INVITE' && message.status >= 200 && message.status < 300;
    const call = success ? this.#book.dialogs.get(message.fromTag ?? '') : undefined;
    if (call === undefined) this.#drop('stray-response', flow);
    else call.lateSuccess(message, flow);
  }

  #drop(why: string, flow: Flow): void {
    this.#core.emit({ kind: 'dropped', why, flow });
  }

  #shutDown(): void {
    if (this.#leaving !== 'no') return;
    this.#leaving = 'waiting';
    for (const call of this.#book.calls.values()) call.hangUp(true);
    for (const registration of this.#registrations.values()) registration.unregister();
    this.#monitors.watch([]);
    this.#core.after(FAREWELL, () => this.#bow());
  }

  #isQuiet(): boolean {
    return (
      !this.#monitors.leaving &&
      this.#book.dialogs.values().every(({ waiting }) => !waiting) &&
      [...this.#registrations.values()].every(({ leaving }) => !leaving)
    );
  }

  #bow(): void {
    if (this.#leaving !== 'waiting') return;
    this.#leaving = 'gone';
    this.#core.emit({ kind: 'quiet' });
  }
}

type CallInput = Extract<SipInput, { readonly call: string }>;
