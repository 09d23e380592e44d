/**
 * A dialog with an INVITE usage, from its 2xx to its BYE, the same for caller and callee: re-INVITE both ways (RFC
 * 3261 14), the ACKs, BYE (15). The INVITE that makes a callee's dialog is answered here too, since from 2xx to ACK
 * it is like any other.
 */

import { hasSdp, sdpOf } from '../message/body.ts';
import type { SipMessage } from '../message/message.ts';
import { answerOptions } from '../options.ts';
import { ALLOW, refusalOf } from '../refusals.ts';
import { flowOfHop } from '../request/flow_reuse.ts';
import { ClientRequest, type Failure, type RequestPlan, type RequestUser } from '../request/request.ts';
import { type Incoming, respond } from '../response.ts';
import { askedForSips } from '../sips.ts';
import type { Timer } from '../timers.ts';
import type { EndCause, Flow } from '../types.ts';
import { Acceptance } from './acceptance.ts';
import type { CallState } from './call.ts';
import { causeOf } from './cause.ts';
import type { Dialog } from './dialog.ts';
import { Reinvite, type ReinviteUser } from './reinvite.ts';

/** What ends a dialog when it is the answer to any request inside (12.2.1.2). */
const FATAL = new Set([408, 481]);

/** 14.1: how long to wait after a 491, in ms: the owner of the Call-ID the longer time, both in steps of 10. */
const GLARE = { owner: { least: 2100, most: 4000 }, other: { least: 0, most: 2000 }, step: 10 };

export class CallSession implements ReinviteUser {
  readonly dialog: Dialog;
  readonly #call: CallState;
  /** We made the Call-ID. */
  readonly #owner: boolean;
  readonly #onOver: () => void;
  #flow: Flow;
  /** The flow may be broken: the next request looks for its way anew. */
  #astray = false;
  /** The peer's INVITE that has no final response yet. */
  #incoming: Incoming | undefined;
  /** Our 2xx that has no ACK yet. */
  #acceptance: Acceptance | undefined;
  /** Our re-INVITE that has no final response yet. */
  #outgoing: ClientRequest | undefined;
  /** A re-INVITE of ours is wanted as soon as none is under way. */
  #wanted = false;
  #glare: Timer<() => void> | undefined;
  #established = false;
  /** Why the call shall end, while a BYE must not go out yet. */
  #leaving: EndCause | undefined;
  #over = false;
  #byePending = false;

  /** `over`: the dialog is gone, and no answer to a BYE is to come. */
  constructor(
    call: CallState,
    dialog: Dialog,
    origin: { readonly owner: boolean; readonly flow: Flow; readonly over: () => void },
  ) {
    this.#call = call;
    this.dialog = dialog;
    this.#owner = origin.owner;
    this.#flow = origin.flow;
    this.#onOver = origin.over;
  }

  /** Whether it is on its way out and still wants an answer. */
  get waiting(): boolean {
    return this.#leaving !== undefined || this.#byePending;
  }

  /** The caller's side: the first 2xx came. */
  established(flow: Flow): void {
    this.#established = true;
    this.#flow = flow;
    this.#call.emit({ kind: 'established', call: this.#call.id, flow });
    this.#next();
  }

  /** The callee's side: this INVITE is to be answered, now or when somebody picks up. */
  invited(incoming: Incoming): void {
    this.#incoming = incoming;
  }

  /** Answers the peer's INVITE by 200 with a description: an offer if it brought none. */
  accept(sdp: string): void {
    const incoming = this.#incoming;
    if (incoming === undefined) return;
    const { identity, core } = this.#call;
    const { message, flow, key } = incoming;
    this.#incoming = undefined;
    core.unwatch(key);
    this.#flow = flow;
    if (this.dialog.confirmed) this.dialog.refreshTarget(message);
    this.dialog.confirmed = true;
    const response = respond(core, incoming, {
      status: 200,
      toTag: this.dialog.localTag,
      recordRoute: true,
      headers: [['Contact', identity.contact(flow, askedForSips(message))], ALLOW],
      body: sdp,
      contentType: 'application/sdp',
    });
    this.#acceptance = new Acceptance(
      core,
      { key, response, offers: !hasSdp(message) },
      {
        acknowledged: (ack) => this.#acknowledged(ack),
        unacknowledged: () => this.#unacknowledged(),
      },
    );
  }

  /** Answers the peer's INVITE by a status that ends only the INVITE. */
  refuse(status: number): void {
    const incoming = this.#incoming;
    this.#incoming = undefined;
    if (incoming === undefined) return;
    this.#call.core.unwatch(incoming.key);
    respond(this.#call.core, incoming, { status, toTag: this.dialog.localTag, headers: [ALLOW] });
  }

  acknowledge(message: SipMessage): void {
    if (this.dialog.matches(message.callId, message.fromTag)) this.#acceptance?.acknowledge(message);
  }

  #acknowledged(ack: SipMessage): void {
    const offered = this.#acceptance?.offers === true;
    this.#acceptance = undefined;
    if (this.#leaving !== undefined) {
      this.#bye(this.#leaving);
      return;
    }
    const { id } = this.#call;
    const sdp = sdpOf(ack);
    if (offered && sdp === undefined) {
      this.#bye({ by: 'peer', reason: 'the answer is missing in ACK' });
      return;
    }
    if (offered && sdp !== undefined) this.#call.emit({ kind: 'answer', call: id, sdp, early: false });
    if (!this.#established) this.#call.emit({ kind: 'established', call: id, flow: this.#flow });
    this.#established = true;
    this.#next();
  }

  /** 13.3.1.4, 14.2: without ACK the session is not worth having. */
  #unacknowledged(): void {
    this.#acceptance = undefined;
    this.#bye(this.#leaving ?? { by: 'network', status: 408, reason: 'no ACK came' });
  }

  request(incoming: Incoming): void {
    const { message } = incoming;
    const { core } = this.#call;
    if (!this.dialog.follows(message)) {
      respond(core, incoming, { status: 500 });
      return;
    }
    if (message.method === 'BYE') {
      this.#byeFromPeer(incoming);
      return;
    }
    const refusal = refusalOf(message);
    if (refusal !== undefined) respond(core, incoming, refusal);
    else if (this.#over || this.#leaving !== undefined) respond(core, incoming, { status: 481 });
    else if (message.method === 'INVITE') this.#reinvited(incoming);
    else answerOptions(core, incoming);
  }

  #byeFromPeer(incoming: Incoming): void {
    respond(this.#call.core, incoming, { status: 200 });
    // 15.1.2: what is pending in the dialog is answered by 487.
    this.refuse(487);
    this.#stop();
    this.#call.end(causeOf(incoming.message, 'hung up'));
    if (!this.#byePending) this.#dispose();
  }

  /** 14.2: at most one INVITE at a time, whoever sent it. */
  #reinvited(incoming: Incoming): void {
    const { core } = this.#call;
    if (this.#incoming !== undefined) {
      const seconds = Math.floor(core.chance() * 11);
      respond(core, incoming, { status: 500, headers: [['Retry-After', String(seconds)]] });
      return;
    }
    // An ACK that has to bring an answer is missing: another offer cannot be made now (RFC 6337 4).
    if (this.#outgoing !== undefined || this.#acceptance?.offers === true) {
      respond(core, incoming, { status: 491 });
      return;
    }
    this.#implyAck();
    this.#incoming = incoming;
    core.watch(incoming.key, { tag: this.dialog.localTag, cancelled: () => this.#reinviteCancelled() });
    this.#call.describe(incoming.flow, sdpOf(incoming.message), (described) => {
      if ('sdp' in described) this.accept(described.sdp);
      else {
        this.refuse(described.status);
        this.#next();
      }
    });
  }

  /** Whoever sends a re-INVITE has had our 2xx: its ACK was lost, and the call stands (RFC 5407 3.1.4). */
  #implyAck(): void {
    this.#acceptance?.stop();
    this.#acceptance = undefined;
    if (!this.#established) this.#call.emit({ kind: 'established', call: this.#call.id, flow: this.#flow });
    this.#established = true;
  }

  #reinviteCancelled(): void {
    this.refuse(487);
    this.#next();
  }

  /** Wants a re-INVITE with a fresh offer; `anew`: by a way that is looked for from the beginning. */
  reinvite(anew: boolean): void {
    this.#wanted = true;
    this.#astray ||= anew;
    this.#next();
  }

  /** Sends what had to wait. */
  #next(): void {
    const busy =
      this.#outgoing !== undefined ||
      this.#incoming !== undefined ||
      this.#acceptance !== undefined ||
      this.#glare !== undefined;
    if (!this.#wanted || busy || !this.#established || this.#over) return;
    this.#wanted = false;
    this.#outgoing = this.#ask('INVITE', new Reinvite(this.#call, this.dialog, this));
    this.#outgoing.start();
  }

  succeeded(flow: Flow): void {
    this.#outgoing = undefined;
    this.#flow = flow;
    this.#astray = false;
    this.#next();
  }

  refused({ status, reason, exchange }: Failure): void {
    this.#outgoing = undefined;
    if (this.#over) return;
    if (status === 491) this.#waitForGlare();
    // Nobody was asked, so nobody has said that the dialog is gone.
    else if (status === 503 && exchange === undefined) this.#keep(status, true);
    else if (FATAL.has(status) || exchange === undefined)
      this.#bye({ by: exchange === undefined ? 'network' : 'peer', status, reason });
    else this.#keep(status);
  }

  withdrawn(status: number): void {
    this.#outgoing?.abandon();
    this.#outgoing = undefined;
    this.#keep(status);
  }

  lost(reason: string): void {
    this.#outgoing = undefined;
    this.#bye({ by: 'network', reason });
  }

  /** The session stays as it was. */
  #keep(status: number, unreached = false): void {
    const told = { kind: 'reinvite-refused', call: this.#call.id, status } as const;
    this.#call.emit(unreached ? { ...told, unreached } : told);
    this.#next();
  }

  #waitForGlare(): void {
    const { least, most } = this.#owner ? GLARE.owner : GLARE.other;
    const steps = Math.floor((this.#call.core.chance() * (most - least + GLARE.step)) / GLARE.step);
    this.#wanted = true;
    this.#glare = this.#call.core.after(least + steps * GLARE.step, () => {
      this.#glare = undefined;
      this.#next();
    });
  }

  /** Hangs up. A callee waits with BYE until it knows that the caller has the 2xx (15). */
  hangUp(cause: EndCause): void {
    if (this.#over || this.#leaving !== undefined) return;
    if (this.#acceptance === undefined) this.#bye(cause);
    else {
      this.#leaving = cause;
      this.#call.end(cause);
    }
  }

  #bye(cause: EndCause): void {
    if (this.#over) return;
    this.#stop();
    this.refuse(487);
    this.#byePending = true;
    this.#ask('BYE', {
      compose: (_flow, go) => {
        this.#call.end(cause);
        go({});
      },
      success: () => this.#dispose(),
      failure: ({ reason }) => {
        this.#call.end({ ...cause, by: 'network', reason: `BYE could not be sent: ${reason}` });
        this.#dispose();
      },
    }).start();
  }

  #ask(method: string, user: RequestUser): ClientRequest {
    const { core, identity } = this.#call;
    const target = this.dialog.target(identity.account?.family);
    const plan: RequestPlan = {
      method,
      identity,
      target,
      head: () => this.dialog,
      sequence: () => this.dialog.nextSequence(),
      flow: 'unroutable' in target || this.#astray ? undefined : flowOfHop(target.hop, this.#flow),
      contact: method === 'INVITE',
    };
    return new ClientRequest(core, plan, user);
  }

  #stop(): void {
    this.#over = true;
    this.#acceptance?.stop();
    this.#acceptance = undefined;
    this.#outgoing?.cancel();
    this.#call.core.stop(this.#glare);
  }

  #dispose(): void {
    this.#byePending = false;
    this.#leaving = undefined;
    this.#onOver();
  }
}
