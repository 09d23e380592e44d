/**
 * A 2xx to INVITE on its way: sent again after T1, twice that, … up to T2, over every transport, until its ACK comes
 * or 64*T1 have passed (RFC 3261 13.3.1.4).
 */
import type { Core } from '../core.ts';
import type { SipMessage } from '../message/message.ts';
import type { Timer } from '../timers.ts';
import type { TransactionKey } from '../transaction/transactions.ts';

export interface AcceptanceUser {
  acknowledged(ack: SipMessage): void;
  /** No ACK came in time. */
  unacknowledged(): void;
}

export class Acceptance {
  /** The 2xx carried our offer: the ACK brings the answer (13.2.2.4). */
  readonly offers: boolean;
  readonly #core: Core;
  readonly #key: TransactionKey;
  readonly #response: SipMessage;
  readonly #user: AcceptanceUser;
  readonly #giveUpAt: number;
  #interval: number;
  #timer: Timer<() => void>;

  constructor(
    core: Core,
    sent: { readonly key: TransactionKey; readonly response: SipMessage; readonly offers: boolean },
    user: AcceptanceUser,
  ) {
    const { T1 } = core.timing;
    this.offers = sent.offers;
    this.#core = core;
    this.#key = sent.key;
    this.#response = sent.response;
    this.#user = user;
    this.#giveUpAt = core.now + 64 * T1;
    this.#interval = T1;
    this.#timer = core.after(T1, () => this.#again());
  }

  /** Whether this is the ACK that is waited for: it has its INVITE's number. False: it is another one's. */
  acknowledge(ack: SipMessage): boolean {
    if (ack.cseq?.number !== this.#response.cseq?.number) return false;
    this.stop();
    this.#user.acknowledged(ack);
    return true;
  }

  stop(): void {
    this.#core.stop(this.#timer);
  }

  #again(): void {
    const left = this.#giveUpAt - this.#core.now;
    if (left <= 0) {
      this.#user.unacknowledged();
      return;
    }
    this.#core.respond(this.#key, this.#response);
    this.#interval = Math.min(2 * this.#interval, this.#core.timing.T2);
    this.#timer = this.#core.after(Math.min(this.#interval, left), () => this.#again());
  }
}
