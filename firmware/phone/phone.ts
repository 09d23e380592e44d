/**
 * The telephone as its user knows it: one handset, one line, calls one after the other. Inputs become events of
 * the handset's table (handset_states.ts), the table names state and action, the outputs follow from the state. What
 * hands and command line want is here, what the network does is in call_events.ts.
 */
import type { HalEvent, Key } from '#hal/types.ts';
import type { SipCommand } from '#sip/types.ts';
import { Accounts } from './accounts.ts';
import { onCall } from './call_actions.ts';
import { CallEvents } from './call_events.ts';
import { CallList } from './call_list.ts';
import type { DialTarget, WrongNumber } from './dial_target.ts';
import { type Dialled, Dialler } from './dialler.ts';
import { deedOf } from './hands.ts';
import { Handset } from './handset.ts';
import type { HandsetAction, HandsetEvent, HandsetState } from './handset_states.ts';
import { isSameNetwork } from './local_media.ts';
import { Numbering } from './numbering.ts';
import type { PhoneOptions } from './options.ts';
import { Panel, type Situation } from './panel.ts';
import type { PhoneCall } from './phone_call.ts';
import { ServiceCall } from './service_call.ts';
import { Shortcuts } from './shortcuts.ts';
import { en } from './texts/en.ts';
import { textsOf } from './texts.ts';
import { type PhoneTimings, TIMINGS } from './timings.ts';
import type { AccountStatus, CallStatus, Front, LocalAddresses, PhoneEffect, PhoneInput } from './types.ts';

/** What the display says of them. */
const WRONG_NUMBER: Readonly<Record<WrongNumber, string>> = {
  'no-number': en.notANumber,
  'no-line': en.noAccount,
  'other-key': en.keyHasChanged,
  barred: en.notAllowedHere,
};

export class Phone {
  readonly #options: PhoneOptions;
  readonly #timings: PhoneTimings;
  readonly #accounts: Accounts;
  readonly #calls: CallList;
  readonly #numbering: Numbering;
  readonly #dialler: Dialler;
  readonly #handset: Handset;
  readonly #panel: Panel;
  readonly #shortcuts: Shortcuts;
  readonly #events: CallEvents;
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
    const texts = textsOf(options.language);
    this.#panel = new Panel(options, texts);
    // They go out with the first input.
    this.#effects = this.#panel.start();
    const warn = (text: string) => this.#log('warn', text);
    this.#numbering = new Numbering(this.#accounts, options.dial ?? {}, this.#timings, warn);
    const { plan, neighbours } = this.#numbering;
    this.#dialler = new Dialler(plan);
    this.#shortcuts = new Shortcuts({
      contacts: options.contacts ?? [],
      texts,
      accounts: this.#accounts,
      dialler: this.#dialler,
      plan,
      neighbours: neighbours.contacts,
    });
    this.#events = new CallEvents({
      accounts: this.#accounts,
      calls: this.#calls,
      handset: this.#handset,
      panel: this.#panel,
      codecs: options.codecs,
      current: () => this.#call,
      take: (call) => {
        this.#call = call;
      },
      raise: (event, now) => this.#raise(event, now),
      perform: (...effects) => this.#do(...effects),
    });
  }

  handle(input: PhoneInput, now: number): PhoneEffect[] {
    this.#dispatch(input, now);
    this.#events.notice(now);
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
        this.#events.sip(input.event, now);
        break;
      case 'media':
        this.#events.media(input.event, now);
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
        this.#numbering.neighbours.all = input.neighbours;
        this.#numbering.neighbours.changed = input.changed ?? [];
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
      case 'selftest':
        this.#do(...this.#panel.selftest.begin(this.#handset.state, now));
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
    const target = this.#numbering.target(number);
    if (target.kind !== 'wrong') {
      this.#place(target, number, now);
      return;
    }
    this.#panel.notify(WRONG_NUMBER[target.why]);
    this.#log('warn', target.reason);
    this.#raise(target.why === 'no-line' ? 'no-line' : 'wrong-number', now);
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
    const { number, target } = this.#numbering.typed(dialled);
    if (target.kind === 'wrong') {
      if (target.why === 'barred') this.#log('warn', target.reason);
      return { kind: 'dialled', request, error: target.reason };
    }
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
    const emergency = this.#numbering.plan.isEmergency(number);
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
