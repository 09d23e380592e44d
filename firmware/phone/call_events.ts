/**
 * What the network does to the telephone's calls: what the user agent says of them, and the engine that carries their
 * sound. What concerns the call that the handset deals with becomes events of the handset's table.
 */
import type { SipEvent } from '#sip/types.ts';
import type { Accounts } from './accounts.ts';
import type { CallList } from './call_list.ts';
import { causeText } from './cause_text.ts';
import type { Handset } from './handset.ts';
import type { HandsetEvent } from './handset_states.ts';
import type { Panel } from './panel.ts';
import type { PhoneCall } from './phone_call.ts';
import { releaseOf } from './progress_tones.ts';
import { en } from './texts/en.ts';
import type { PhoneEffect, PhoneInput } from './types.ts';

type Ended = Extract<SipEvent, { kind: 'ended' }>;
type Incoming = Extract<SipEvent, { kind: 'incoming' }>;
type SipCallEvent = Exclude<SipEvent, Incoming | { kind: 'registration' }>;
type MediaEvent = Extract<PhoneInput, { kind: 'media' }>['event'];

/** The telephone around the calls. */
export interface Surrounding {
  readonly accounts: Accounts;
  readonly calls: CallList;
  readonly handset: Handset;
  readonly panel: Panel;
  /** Of calls without an account, best first. */
  readonly codecs: readonly string[];
  /** The call that the handset deals with. */
  readonly current: () => PhoneCall | undefined;
  /** This one, from now on. */
  readonly take: (call: PhoneCall) => void;
  /** An event of the handset's table. */
  readonly raise: (event: HandsetEvent, now: number) => void;
  readonly perform: (...effects: readonly PhoneEffect[]) => void;
}

export class CallEvents {
  readonly #around: Surrounding;

  constructor(around: Surrounding) {
    this.#around = around;
  }

  sip(event: SipEvent, now: number): void {
    const { accounts, calls, perform } = this.#around;
    if (event.kind === 'registration') {
      perform(...accounts.handle(event));
    } else if (event.kind === 'incoming') {
      this.#incoming(event, now);
    } else {
      const call = calls.find(event.call);
      if (call) this.#ofCall(call, event, now);
      else if (event.kind === 'describe')
        perform({ kind: 'sip', command: { kind: 'not-described', call: event.call, status: 500 } });
    }
  }

  media(event: MediaEvent, now: number): void {
    const call = this.#around.calls.find(event.session);
    if (!call) return;
    this.#around.perform(...call.media(event, now));
    if (event.kind === 'statistics') this.#progress(call, now);
  }

  /** A call that ended by itself, without a word from SIP. */
  notice(now: number): void {
    const { current, handset, panel } = this.#around;
    const call = current();
    if (!call?.ended || !handset.can('released')) return;
    panel.notify(call.status().cause ?? '');
    this.#release(call, 'congestion', now);
  }

  #incoming(event: Incoming, now: number): void {
    const { accounts, calls, codecs, handset, panel, take, raise, perform } = this.#around;
    const { call: id, from, account, offer, flow } = event;
    const { codecs: own = codecs } = accounts.find(account) ?? {};
    const call = calls.make({ id, direction: 'in', peer: from.uri, name: from.name, codecs: own });
    call.follow(flow);
    perform({ kind: 'log', level: 'info', text: `call ${id} from ${from.uri}` });
    const refused = offer === undefined ? undefined : call.refusal(offer, flow);
    if (refused !== undefined) {
      perform(...call.reject(refused, en.noCommonMedia));
    } else if (!handset.can('incoming')) {
      panel.missed++;
      perform(...call.reject(486, en.busy));
    } else {
      perform(...call.open(), { kind: 'sip', command: { kind: 'ring', call: id } });
      panel.notify('');
      take(call);
      raise('incoming', now);
    }
  }

  #ofCall(call: PhoneCall, event: SipCallEvent, now: number): void {
    const { current, raise, perform } = this.#around;
    switch (event.kind) {
      case 'describe':
        perform(...call.describe(event));
        break;
      case 'progress':
        this.#progress(call, now, event.status);
        break;
      case 'answer':
        perform(...call.accept(event.sdp));
        if (event.early) this.#progress(call, now);
        break;
      case 'established':
        perform(...call.established(event.flow, now));
        if (call === current() && !call.ended) raise('answered', now);
        break;
      case 'reinvite-refused':
        if (call.withdraw(event.unreached === true, now) && call === current()) raise('refused-hold', now);
        break;
      case 'ended':
        this.#ended(call, event, now);
    }
  }

  /** A provisional response, its description, or the first packets of the peer. */
  #progress(call: PhoneCall, now: number, status?: number): void {
    const heard = call.progress(status);
    if (heard !== undefined && call === this.#around.current()) this.#around.raise(heard, now);
  }

  #ended(call: PhoneCall, { cause }: Ended, now: number): void {
    if (call.ended) return;
    const { current, panel, perform } = this.#around;
    const answered = call.answeredAt !== undefined;
    if (call.direction === 'in' && !answered) panel.missed++;
    else if (call === current() && cause.status !== undefined) panel.notify(causeText(cause));
    perform(...call.end(cause));
    this.#release(call, releaseOf(cause, answered), now);
  }

  /** The call is gone; who holds the handset hears why. */
  #release(call: PhoneCall, event: HandsetEvent, now: number): void {
    const { current, handset, raise } = this.#around;
    if (call === current()) raise(handset.lifted ? event : 'released', now);
  }
}
