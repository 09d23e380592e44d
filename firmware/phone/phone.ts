/**
 * The telephone as its user knows it: one handset, one line, calls one after the other. Inputs become events of
 * the handset's table (handset_states.ts), the table names state and action, the outputs follow from the state.
 */
import type { HalEvent, Key } from '#hal/types.ts';
import type { SipCommand, SipEvent } from '#sip/types.ts';
import { Accounts } from './accounts.ts';
import { onCall } from './call_actions.ts';
import { CallList } from './call_list.ts';
import { causeText } from './cause_text.ts';
import { type DialPlan, dialPlan } from './dial_plan.ts';
import { type DialTarget, dialTarget } from './dial_target.ts';
import { type Dialled, Dialler } from './dialler.ts';
import { deedOf } from './hands.ts';
import { Handset } from './handset.ts';
import type { HandsetAction, HandsetEvent, HandsetState } from './handset_states.ts';
import { isSameNetwork } from './local_media.ts';
import { Neighbours } from './neighbours.ts';
import type { PhoneOptions } from './options.ts';
import { Panel, type Situation } from './panel.ts';
import type { PhoneCall } from './phone_call.ts';
import { releaseOf } from './progress_tones.ts';
import { ServiceCall } from './service_call.ts';
import { Shortcuts } from './shortcuts.ts';
import { type PhoneTimings, TIMINGS } from './timings.ts';
import type { AccountStatus, CallStatus, Front, LocalAddresses, PhoneEffect, PhoneInput } from './types.ts';

type Ended = Extract<SipEvent, { kind: 'ended' }>;
type Incoming = Extract<SipEvent, { kind: 'incoming' }>;
type SipCallEvent = Exclude<SipEvent, Incoming | { kind: 'registration' }>;

export class Phone {
  readonly #options: PhoneOptions;
  readonly #timings: PhoneTimings;
  readonly #accounts: Accounts;
  readonly #calls: CallList;
  readonly #plan: DialPlan;
  readonly #dialler: Dialler;
  readonly #handset: Handset;
  readonly #panel: Panel;
  readonly #neighbours: Neighbours;
  readonly #shortcuts: Shortcuts;
  #addresses: LocalAddresses = { ipv4: [], ipv6: [] };
  /** The call that the handset deals with; after its end, until the handset rests, the one to show. */
  #call: PhoneCall | undefined;
  #service: ServiceCall | undefined;
  #made = 0;
  /** What the input under way has caused so far. */
  #effects: PhoneEffect[];

  constructor(options: PhoneOptions) {
    this.#options = options;
    this.#timings = { ...TIMINGS, ...options.timings };
    this.#accounts = new Accounts(options.accounts);
    this.#handset = new Handset(this.#timings);
    const { random, rtpPorts } = options;
    this.#calls = new CallList({ random, rtpPorts, addresses: () => this.#addresses });
    this.#panel = new Panel(options);
    // They go out with the first input.
    this.#effects = this.#panel.start();
    this.#plan = dialPlan(options.dial, this.#timings, (text) => this.#log('warn', text));
    this.#dialler = new Dialler(this.#plan);
    this.#neighbours = new Neighbours(this.#accounts, this.#plan);
    this.#shortcuts = new Shortcuts({
      contacts: options.contacts ?? [],
      accounts: this.#accounts,
      dialler: this.#dialler,
      plan: this.#plan,
      neighbours: this.#neighbours.contacts,
    });
  }

  handle(input: PhoneInput, now: number): PhoneEffect[] {
    this.#dispatch(input, now);
    this.#notice(now);
    this.#do(...this.#panel.show(this.#situation(), now));
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** ms on the clock of `now`; Infinity: nothing to wait for. */
  get deadline(): number {
    const { deadline } = this.#shortcuts;
    return Math.min(this.#handset.deadline, this.#panel.deadline, this.#calls.deadline, deadline);
  }

  get state(): HandsetState {
    return this.#handset.state;
  }

  front(): Front {
    return this.#panel.front();
  }

  /** Newest last; the last 20 that ended stay. */
  calls(): readonly CallStatus[] {
    return this.#calls.status();
  }

  /** Whether a call goes on from one of these addresses of ours. */
  uses(addresses: readonly string[]): boolean {
    return this.#calls.uses(addresses);
  }

  accounts(): readonly AccountStatus[] {
    return this.#accounts.status();
  }

  #dispatch(input: PhoneInput, now: number): void {
    switch (input.kind) {
      case 'hal':
        this.#hardware(input.event, now);
        break;
      case 'sip':
        this.#sip(input.event, now);
        break;
      case 'media':
        this.#media(input.event, now);
        break;
      case 'addresses':
        this.#network(input.addresses, now);
        break;
      case 'resolvers':
        this.#do(...this.#accounts.register('missing'));
        break;
      case 'notice':
        this.#panel.notify(input.text, now + (input.ms ?? this.#timings.notice));
        break;
      case 'clock':
        this.#panel.clock = input.shown;
        break;
      case 'lan':
        this.#neighbours.all = input.neighbours;
        this.#panel.lan(input, now, this.#timings.notice);
        break;
      case 'dial':
        this.#do(this.#dial(input.request, input.number, now));
        break;
      case 'answer':
        if (this.#handset.can('answer')) this.#handset.goHandsFree();
        this.#raise('answer', now);
        break;
      case 'hang-up':
        if (input.call === undefined || [this.#call?.id, this.#service?.id].includes(input.call))
          this.#clear(now);
        break;
      case 'tick':
        if (this.#handset.due(now)) this.#raise('timeout', now);
        this.#shortcuts.tick(now);
        this.#do(...this.#calls.tick(now));
    }
  }

  #hardware(event: HalEvent, now: number): void {
    const hands = { handset: this.#handset, panel: this.#panel, shortcuts: this.#shortcuts };
    const deed = deedOf(event, hands, now);
    if (deed?.kind === 'raise') this.#raise(deed.event, now, deed.key);
    else if (deed?.kind === 'call') this.#shortcut(deed.number, now, deed.event);
    else if (deed?.kind === 'effect') this.#do(deed.effect);
    else if (deed && this.#handset.can('placed')) this.#panel.notify(deed.text, now + this.#timings.notice);
  }

  /** One event through the table, and what the table wants done. */
  #raise(event: HandsetEvent, now: number, key?: Key): void {
    // RFC 6881 ED-66: no hold in an emergency call.
    if (event === 'flash' && this.#call?.emergency && !this.#call.ended) return;
    const before = this.#handset.state;
    const action = this.#handset.raise(event, now);
    const { state } = this.#handset;
    if (action) this.#perform(action, now, key);
    if (state === before) return;
    this.#shortcuts.close();
    if (state === 'dial-tone' || state === 'idle') {
      this.#dialler.clear();
      this.#call = this.#service = undefined;
    }
    if (state === 'idle') this.#panel.rest(now + this.#timings.notice);
    if (state === 'dial-tone') {
      this.#panel.missed = 0;
      this.#panel.notify('');
    }
  }

  #perform(action: HandsetAction, now: number, key: Key | undefined): void {
    if (action === 'give-up') this.#panel.missed++;
    if (action === 'hang-up') this.#service?.end();
    if (action === 'digits-ended') this.#dialled(this.#dialler.end(), now);
    else if (action !== 'collect-digit') {
      if (this.#call) this.#do(...onCall(action, this.#call, { now, key, timings: this.#timings }));
    } else if (key !== undefined) {
      this.#do(this.#panel.keyTone(key, this.#timings.keyTone));
      this.#dialled(this.#dialler.press(key), now);
    }
  }

  #dialled(dialled: Dialled, now: number): void {
    if (dialled.kind === 'wait') this.#handset.limit(dialled.ms, now);
    else if (dialled.kind === 'wrong') {
      this.#panel.notify(dialled.reason);
      this.#raise('wrong-number', now);
    } else {
      this.#number(dialled.number, now);
    }
  }

  #number(number: string, now: number): void {
    const target = dialTarget(number, this.#accounts, this.#neighbours.find);
    if (target.kind !== 'wrong') {
      this.#place(target, number, now);
      return;
    }
    this.#panel.notify(target.noLine ? 'No account' : 'Not a number');
    this.#log('warn', target.reason);
    this.#raise(target.noLine ? 'no-line' : 'wrong-number', now);
  }

  /** Calls without digits, from the cradle hands-free unless `event` lifts the handset. */
  #shortcut(number: string, now: number, event?: HandsetEvent): void {
    if (event !== undefined) this.#raise(event, now);
    if (!this.#handset.can('placed')) return;
    if (!this.#handset.offHook) this.#raise(this.#handset.speakerKey() ?? 'off-hook', now);
    this.#number(number, now);
  }

  /** Dial from command line or page. */
  #dial(request: number, dialled: string, now: number): PhoneEffect {
    const engaged = this.#handset.engaged;
    if (engaged) return { kind: 'dialled', request, error: engaged };
    const number = this.#plan.rewritten(dialled.trim());
    if (number === undefined) return { kind: 'dialled', request, error: `the dial plan bars ${dialled}` };
    const target = dialTarget(number, this.#accounts, this.#neighbours.find);
    if (target.kind === 'wrong') return { kind: 'dialled', request, error: target.reason };
    this.#handset.goHandsFree();
    return { kind: 'dialled', request, call: this.#place(target, number, now) };
  }

  /** Calls; the result is the call's id. */
  #place(target: Exclude<DialTarget, { kind: 'wrong' }>, number: string, now: number): string {
    const id = `out-${++this.#made}`;
    this.#dialler.last = number;
    this.#panel.notify('');
    this.#call = this.#service = undefined;
    if (target.kind === 'service') {
      this.#service = new ServiceCall(id, target.service);
      this.#calls.add(this.#service);
      this.#raise('served', now);
      return id;
    }
    const { uri, account, name = '' } = target;
    const emergency = this.#plan.isEmergency(number);
    const codecs = this.#accounts.find(account)?.codecs ?? this.#options.codecs;
    const call = this.#calls.make({ id, direction: 'out', peer: uri, name, codecs, emergency });
    this.#log('info', `call ${id} to ${uri}`);
    this.#do(...call.open());
    this.#command({ kind: 'call', call: id, to: uri, ...(account !== undefined && { account }) });
    this.#call = call;
    this.#raise('placed', now);
    return id;
  }

  /** `hang-up` of command line and page: a ringing call is rejected, any other ends. */
  #clear(now: number): void {
    const handsFree = this.#handset.offHook && !this.#handset.lifted;
    this.#raise(handsFree ? 'on-hook' : 'clear', now);
  }

  #sip(event: SipEvent, now: number): void {
    if (event.kind === 'registration') {
      this.#do(...this.#accounts.handle(event));
    } else if (event.kind === 'incoming') {
      this.#incoming(event, now);
    } else {
      const call = this.#calls.find(event.call);
      if (call) this.#callEvent(call, event, now);
      else if (event.kind === 'describe') {
        this.#command({ kind: 'not-described', call: event.call, status: 500 });
      }
    }
  }

  #incoming(event: Incoming, now: number): void {
    const { call: id, from, account, offer, flow } = event;
    const codecs = this.#accounts.find(account)?.codecs ?? this.#options.codecs;
    const call = this.#calls.make({ id, direction: 'in', peer: from.uri, name: from.name, codecs });
    call.follow(flow);
    this.#log('info', `call ${id} from ${from.uri}`);
    const refused = offer === undefined ? undefined : call.refusal(offer, flow);
    if (refused !== undefined) {
      this.#do(...call.reject(refused, 'No common media'));
    } else if (!this.#handset.can('incoming')) {
      this.#panel.missed++;
      this.#do(...call.reject(486, 'Busy'));
    } else {
      this.#do(...call.open());
      this.#command({ kind: 'ring', call: id });
      this.#panel.notify('');
      this.#call = call;
      this.#raise('incoming', now);
    }
  }

  #callEvent(call: PhoneCall, event: SipCallEvent, now: number): void {
    switch (event.kind) {
      case 'describe':
        this.#do(...call.describe(event));
        break;
      case 'progress':
        this.#progress(call, now, event.status);
        break;
      case 'answer':
        this.#do(...call.accept(event.sdp));
        if (event.early) this.#progress(call, now);
        break;
      case 'established':
        this.#do(...call.established(event.flow, now));
        if (call === this.#call && !call.ended) this.#raise('answered', now);
        break;
      case 'reinvite-refused':
        if (call.withdraw(event.unreached === true, now) && call === this.#call)
          this.#raise('refused-hold', now);
        break;
      case 'ended':
        this.#ended(call, event, now);
    }
  }

  /** A provisional response, its description, or the first packets of the peer. */
  #progress(call: PhoneCall, now: number, status?: number): void {
    const heard = call.progress(status);
    if (heard !== undefined && call === this.#call) this.#raise(heard, now);
  }

  #ended(call: PhoneCall, { cause }: Ended, now: number): void {
    if (call.ended) return;
    const answered = call.answeredAt !== undefined;
    if (call.direction === 'in' && !answered) this.#panel.missed++;
    else if (call === this.#call && cause.status !== undefined) {
      this.#panel.notify(causeText(cause));
    }
    this.#do(...call.end(cause));
    this.#release(call, releaseOf(cause, answered), now);
  }

  /** A call that ended by itself, without a word from SIP. */
  #notice(now: number): void {
    const call = this.#call;
    if (!call?.ended || !this.#handset.can('released')) return;
    this.#panel.notify(call.status().cause ?? '');
    this.#release(call, 'congestion', now);
  }

  /** The call is gone; who holds the handset hears why. */
  #release(call: PhoneCall, event: HandsetEvent, now: number): void {
    if (call === this.#call) this.#raise(this.#handset.lifted ? event : 'released', now);
  }

  #media(event: Extract<PhoneInput, { kind: 'media' }>['event'], now: number): void {
    const call = this.#calls.find(event.session);
    if (!call) return;
    this.#do(...call.media(event, now));
    if (event.kind === 'statistics') this.#progress(call, now);
  }

  /** New addresses or other routes: calls go on from there. That registrars learn of them is the user agent's care. */
  #network(addresses: LocalAddresses, now: number): void {
    const same = isSameNetwork(addresses, this.#addresses);
    this.#addresses = addresses;
    this.#do(...(same ? this.#calls.addressGone(now) : this.#calls.networkChanged(now)));
    if (!same && addresses.ipv4.length + addresses.ipv6.length > 0)
      this.#do(...this.#accounts.register('new'));
  }

  #situation(): Situation {
    return {
      state: this.#handset.state,
      offHook: this.#handset.offHook,
      route: this.#handset.route,
      digits: this.#dialler.digits,
      call: this.#call,
      service: this.#service?.ended ? undefined : this.#service,
      accounts: this.#accounts.status(),
      addresses: this.#addresses,
      statusLamp: this.#accounts.lamp(this.#addresses),
      book: this.#shortcuts.lines,
    };
  }

  #command(command: SipCommand): void {
    this.#do({ kind: 'sip', command });
  }

  #log(level: 'info' | 'warn', text: string): void {
    this.#do({ kind: 'log', level, text });
  }

  #do(...effects: readonly PhoneEffect[]): void {
    this.#effects.push(...effects);
  }
}
