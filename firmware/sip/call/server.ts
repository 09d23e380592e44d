/** The callee's side of INVITE (RFC 3261 13.3) until it is answered: ringing, picking up, refusing, CANCEL (9.2). */

import type { ServerUser } from '../core.ts';
import { sdpOf } from '../message/body.ts';
import { decimal } from '../message/chars.ts';
import type { SipMessage } from '../message/message.ts';
import type { NameAddr } from '../message/name_addr.ts';
import { plainText } from '../message/text.ts';
import { ALLOW } from '../refusals.ts';
import { type Incoming, respond } from '../response.ts';
import { askedForSips } from '../sips.ts';
import type { Timer } from '../timers.ts';
import type { Party } from '../types.ts';
import type { Call, CallState, DialogUser } from './call.ts';
import { causeOf } from './cause.ts';
import { Dialog } from './dialog.ts';
import { CallSession } from './session.ts';

/** 13.3.1.1: without a sign of life each minute, proxies cancel. */
const RING_AGAIN = 60_000;
/** A caller whose CANCEL was lost would let it ring for ever; ms. */
const LONGEST = 600_000;

export class ServerCall implements Call, DialogUser, ServerUser {
  readonly state: CallState;
  readonly #incoming: Incoming;
  readonly #dialog: Dialog;
  readonly #session: CallSession;
  readonly #offer: string | undefined;
  #stage: 'ringing' | 'accepting' | 'decided' = 'ringing';
  #ringing: Timer<() => void> | undefined;
  #expiry: Timer<() => void> | undefined;

  constructor(state: CallState, incoming: Incoming) {
    this.state = state;
    this.#incoming = incoming;
    this.#offer = sdpOf(incoming.message);
    this.#dialog = Dialog.ofRequest(incoming.message, state.core.random());
    this.#session = new CallSession(state, this.#dialog, {
      owner: false,
      flow: incoming.flow,
      over: () => this.#dispose(),
    });
  }

  start(): void {
    const { core, identity, book, id } = this.state;
    const { message, flow, key } = this.#incoming;
    this.#session.invited(this.#incoming);
    book.dialogs.set(this.#dialog.localTag, this);
    core.watch(key, this);
    this.#expire(message);
    const offer = this.#offer;
    this.state.emit({
      kind: 'incoming',
      call: id,
      from: partyOf(message.from),
      to: partyOf(message.to),
      flow,
      ...(identity.account === undefined ? {} : { account: identity.account.id }),
      ...(offer === undefined ? {} : { offer }),
    });
  }

  get tag(): string {
    return this.#dialog.localTag;
  }

  get waiting(): boolean {
    return this.#session.waiting;
  }

  /** 13.3.1: an invitation that nobody answered in its time is refused by 487. */
  #expire(request: SipMessage): void {
    const { core } = this.state;
    const seconds = decimal(request.first('expires') ?? '') ?? 0;
    const limited = seconds > 0 && seconds * 1000 < LONGEST;
    this.#expiry = limited
      ? core.after(seconds * 1000, () => this.#refuse(487, 'expired'))
      : core.after(LONGEST, () => this.#refuse(480, 'rang too long'));
  }

  ring(): void {
    if (this.#stage !== 'ringing') return;
    const { core, identity } = this.state;
    const { message, flow } = this.#incoming;
    respond(core, this.#incoming, {
      status: 180,
      toTag: this.#dialog.localTag,
      recordRoute: true,
      headers: [['Contact', identity.contact(flow, askedForSips(message))], ALLOW],
    });
    core.stop(this.#ringing);
    this.#ringing = core.after(RING_AGAIN, () => this.ring());
  }

  accept(): void {
    if (this.#stage !== 'ringing') return;
    this.#stage = 'accepting';
    this.state.describe(this.#incoming.flow, this.#offer, (described) => {
      if ('status' in described) this.#refuse(described.status, 'no session can be described');
      else {
        this.#stopTimers();
        this.#stage = 'decided';
        this.#session.accept(described.sdp);
      }
    });
  }

  reject(status: number): void {
    if (this.#stage !== 'decided') this.#refuse(status, 'refused');
  }

  #refuse(status: number, reason: string): void {
    this.#stage = 'decided';
    this.#session.refuse(status);
    this.state.end({ by: 'us', status, reason });
    this.#dispose();
  }

  cancelled(cancel: SipMessage): void {
    if (this.#stage === 'decided') return;
    this.#stage = 'decided';
    this.#session.refuse(487);
    this.state.end({ ...causeOf(cancel, 'cancelled'), status: 487 });
    this.#dispose();
  }

  hangUp(leaving: boolean): void {
    if (this.#stage === 'decided') this.#session.hangUp({ by: 'us', reason: 'hung up' });
    else this.#refuse(leaving ? 480 : 603, 'declined');
  }

  reinvite(anew: boolean): void {
    this.#session.reinvite(anew);
  }

  request(incoming: Incoming): void {
    const { message } = incoming;
    if (this.#dialog.matches(message.callId, message.fromTag)) this.#session.request(incoming);
    else respond(this.state.core, incoming, { status: 481 });
  }

  acknowledge(message: SipMessage): void {
    this.#session.acknowledge(message);
  }

  lateSuccess(): void {}

  #dispose(): void {
    this.#stage = 'decided';
    this.#stopTimers();
    this.state.book.dialogs.delete(this.#dialog.localTag);
  }

  #stopTimers(): void {
    this.state.core.stop(this.#ringing);
    this.state.core.stop(this.#expiry);
  }
}

function partyOf(value: NameAddr | undefined): Party {
  return { name: value?.name ?? '', uri: plainText(value?.uri ?? '') };
}
