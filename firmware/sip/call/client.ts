/**
 * The caller's side of INVITE (RFC 3261 13.2): provisional responses and their early dialogs, the first 2xx, further
 * ones of forks (ACK and BYE, 13.2.2.4), CANCEL and the 2xx that crosses it (9.1), redirection (8.1.3.4).
 *
 * A 3xx is followed once in a call, to its first Contact that can be called; a second one ends the call.
 */

import { sdpOf } from '../message/body.ts';
import type { SipMessage } from '../message/message.ts';
import { parseNameAddr } from '../message/name_addr.ts';
import { plainText } from '../message/text.ts';
import { parseUri } from '../message/uri.ts';
import { answerOptions } from '../options.ts';
import { ACCEPT, ALLOW, refusalOf } from '../refusals.ts';
import {
  ClientRequest,
  type Exchange,
  type Failure,
  type Part,
  type RequestUser,
} from '../request/request.ts';
import { calledUri, freshTarget } from '../request/target.ts';
import { type Incoming, respond } from '../response.ts';
import type { EndCause, Flow } from '../types.ts';
import { Acknowledgement } from './acknowledgement.ts';
import type { Call, CallState, DialogUser } from './call.ts';
import { causeOf } from './cause.ts';
import { Dialog } from './dialog.ts';
import { CallSession } from './session.ts';

/** Early dialogs that are remembered of one call; forking further than that is an attack. */
const MOST_FORKS = 16;

export interface Wish {
  /** Octet text of a URI. */
  readonly to: string;
  /** The INVITE brings no offer; the 2xx has to. */
  readonly offerless: boolean;
}

export class ClientCall implements Call, DialogUser, RequestUser {
  readonly state: CallState;
  readonly #tag: string;
  readonly #callId: string;
  readonly #wish: Wish;
  #request: ClientRequest;
  #sequence = 0;
  #redirected = false;
  #session: CallSession | undefined;
  #early: readonly Dialog[] = [];
  /** The ACK of each fork that answered. */
  #answers: readonly { readonly tag: string; readonly acknowledgement: Acknowledgement }[] = [];
  /** Sends the ACK that still waits for our answer, without it. */
  #owedAck: (() => void) | undefined;
  /** The description last told as answer, and whose. */
  #answered: { readonly tag: string; readonly sdp: string } | undefined;

  constructor(state: CallState, wish: Wish) {
    const { core } = state;
    this.state = state;
    this.#tag = core.random();
    this.#callId = core.random();
    this.#wish = wish;
    this.#request = this.#invite(wish.to);
  }

  start(): void {
    this.state.book.dialogs.set(this.#tag, this);
    this.#request.start();
  }

  get waiting(): boolean {
    return this.#session?.waiting ?? this.#request.pending;
  }

  #invite(uri: string): ClientRequest {
    const { core, identity } = this.state;
    return new ClientRequest(
      core,
      {
        method: 'INVITE',
        identity,
        target: freshTarget(uri, identity.account),
        head: (flow) => ({
          from: `${identity.from(flow)};tag=${this.#tag}`,
          to: `<${calledUri(this.#wish.to)}>`,
          callId: this.#callId,
        }),
        sequence: () => {
          this.#sequence += 1;
          return this.#sequence;
        },
        contact: true,
      },
      this,
    );
  }

  compose(flow: Flow, go: (part: Part) => void): void {
    const headers = [ALLOW, ACCEPT];
    if (this.#wish.offerless) {
      go({ headers });
      return;
    }
    this.state.describe(flow, undefined, (described) => {
      if ('sdp' in described) {
        go({ headers, body: described.sdp, contentType: 'application/sdp' });
        return;
      }
      this.#request.abandon();
      this.state.end({ by: 'us', status: described.status, reason: 'no session can be described' });
      this.#dispose();
    });
  }

  provisional({ response }: Exchange): void {
    const { status, toTag = '' } = response;
    if (toTag !== '' && this.#earlyOf(toTag) === undefined && this.#early.length < MOST_FORKS)
      this.#early = [...this.#early, Dialog.ofResponse(response)];
    const reason = plainText(response.reason);
    this.state.emit({ kind: 'progress', call: this.state.id, status, reason });
    const sdp = this.#wish.offerless ? undefined : sdpOf(response);
    if (sdp !== undefined && !(this.#answered?.tag === toTag && this.#answered.sdp === sdp)) {
      this.#answered = { tag: toTag, sdp };
      this.state.emit({ kind: 'answer', call: this.state.id, sdp, early: true });
    }
  }

  success(exchange: Exchange): void {
    const tag = exchange.response.toTag ?? '';
    const known = this.#answers.find((answer) => answer.tag === tag);
    if (known !== undefined) known.acknowledgement.again();
    else if (this.#answers.length < MOST_FORKS) this.#answeredBy(tag, exchange);
  }

  #earlyOf(tag: string): Dialog | undefined {
    return this.#early.find(({ remoteTag }) => remoteTag === tag);
  }

  #answeredBy(tag: string, exchange: Exchange): void {
    const acknowledgement = new Acknowledgement(this.state.core);
    this.#answers = [...this.#answers, { tag, acknowledgement }];
    const first = this.#session === undefined && exchange.late !== true;
    const wanted = first && !this.state.ended;
    const session = new CallSession(
      wanted ? this.state : this.state.silent(),
      this.#dialogOf(tag, exchange.response),
      { owner: true, flow: exchange.flow, over: first ? () => this.#dispose() : () => {} },
    );
    if (first) this.#session = session;
    if (wanted) this.#answer(tag, exchange, session, acknowledgement);
    else {
      this.#acknowledge(acknowledgement, exchange, session);
      session.hangUp({ by: 'us', reason: 'nobody waits for this answer' });
    }
  }

  #dialogOf(tag: string, response: SipMessage): Dialog {
    const dialog = this.#earlyOf(tag) ?? Dialog.ofResponse(response);
    dialog.confirm(response);
    return dialog;
  }

  /** The call is answered: ACK, with the answer if the 2xx made the offer. */
  #answer(tag: string, exchange: Exchange, session: CallSession, acknowledgement: Acknowledgement): void {
    const { id } = this.state;
    const sdp = sdpOf(exchange.response) ?? (this.#answered?.tag === tag ? this.#answered.sdp : undefined);
    const acknowledge = (answer?: string) => {
      this.#owedAck = undefined;
      this.#acknowledge(acknowledgement, exchange, session, answer);
    };
    const complete = (answer?: string) => {
      acknowledge(answer);
      session.established(exchange.flow);
    };
    const giveUp = (cause: EndCause) => {
      acknowledge();
      session.hangUp(cause);
    };
    if (sdp === undefined) giveUp({ by: 'peer', reason: 'the peer sent no session description' });
    else if (this.#wish.offerless) {
      this.#owedAck = acknowledge;
      this.state.describe(exchange.flow, sdp, (described) => {
        if ('sdp' in described) complete(described.sdp);
        else
          giveUp({ by: 'us', status: described.status, reason: 'the offer of the peer cannot be answered' });
      });
    } else {
      this.state.emit({ kind: 'answer', call: id, sdp, early: false });
      complete();
    }
  }

  #acknowledge(ack: Acknowledgement, exchange: Exchange, session: CallSession, sdp?: string): void {
    ack.send(exchange, session.dialog, this.state.identity, sdp, (reason) =>
      session.hangUp({ by: 'network', reason: `ACK could not be sent: ${reason}` }),
    );
  }

  failure({ status, reason, exchange }: Failure): void {
    const contact = exchange === undefined ? undefined : redirection(exchange.response);
    if (contact !== undefined && !this.#redirected && !this.state.ended) {
      this.#redirected = true;
      this.#request = this.#invite(contact);
      this.#request.start();
      return;
    }
    this.state.end({ by: exchange === undefined ? 'network' : 'peer', status, reason });
    // With a response the transaction lives on, and a 2xx may still come (16.7 step 5).
    if (exchange === undefined) this.#dispose();
  }

  gone(): void {
    if (this.state.ended && this.#session === undefined && !this.#request.pending) this.#dispose();
  }

  lateSuccess(message: SipMessage, flow: Flow): void {
    // The response repeats all of its request that an ACK needs.
    this.success({ request: message, response: message, flow });
  }

  hangUp(): void {
    if (this.#session !== undefined) {
      this.#owedAck?.();
      this.#session.hangUp({ by: 'us', reason: 'hung up' });
      return;
    }
    const comes = this.#request.cancel();
    this.state.end({ by: 'us', reason: 'cancelled' });
    if (!comes) this.#dispose();
  }

  reinvite(anew: boolean): void {
    this.#session?.reinvite(anew);
  }

  ring(): void {}
  accept(): void {}
  reject(): void {
    this.hangUp();
  }

  acknowledge(message: SipMessage): void {
    this.#session?.acknowledge(message);
  }

  request(incoming: Incoming): void {
    const { message } = incoming;
    const session = this.#session;
    if (session?.dialog.matches(message.callId, message.fromTag) === true) session.request(incoming);
    else this.#requestInEarly(incoming, this.#earlyOf(message.fromTag ?? ''));
  }

  /** A request in an early dialog: our INVITE is not answered yet. */
  #requestInEarly(incoming: Incoming, dialog: Dialog | undefined): void {
    const { core } = this.state;
    const { message } = incoming;
    if (dialog === undefined || message.callId !== this.#callId) respond(core, incoming, { status: 481 });
    else if (!dialog.follows(message)) respond(core, incoming, { status: 500 });
    else if (message.method === 'BYE') this.#byeInEarly(incoming, dialog);
    else {
      const refusal = refusalOf(message);
      if (refusal !== undefined) respond(core, incoming, refusal);
      else if (message.method === 'INVITE') respond(core, incoming, { status: 491 });
      else answerOptions(core, incoming);
    }
  }

  /**
   * A callee may not send that (15), but one whose 2xx was lost on all its ways to us does, when it has waited for
   * the ACK in vain.
   */
  #byeInEarly(incoming: Incoming, dialog: Dialog): void {
    respond(this.state.core, incoming, { status: 200 });
    this.#early = this.#early.filter((other) => other !== dialog);
    if (this.#early.length > 0 || this.#session !== undefined) return;
    this.#request.cancel();
    this.state.end(causeOf(incoming.message, 'hung up'));
  }

  #dispose(): void {
    this.state.book.dialogs.delete(this.#tag);
  }
}

/** The first Contact of a 3xx that can be called. */
function redirection(response: SipMessage): string | undefined {
  if (response.status < 300 || response.status >= 400) return undefined;
  for (const value of response.values('contact')) {
    const uri = parseNameAddr(value)?.uri ?? '';
    const scheme = parseUri(uri)?.scheme;
    if (scheme === 'sip' || scheme === 'sips' || scheme === 'tel') return uri;
  }
  return undefined;
}
