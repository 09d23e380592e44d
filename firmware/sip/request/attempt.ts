/**
 * One transaction of a request: the request as it was built for one flow, and what becomes of it. When the request
 * goes elsewhere it is left and lives on: nothing is sent again, a late 1xx to INVITE is answered by CANCEL, and its
 * user hears of a late 2xx.
 */
import type { ClientUser, Core } from '../core.ts';
import type { SipMessage } from '../message/message.ts';
import { type HeaderLine, writeRequest } from '../message/write.ts';
import type { TransactionKey } from '../transaction/transactions.ts';
import type { Flow } from '../types.ts';
import type { Candidate } from './race.ts';

/** One request with one of its responses. `flow` is the one that the request took. */
export interface Exchange {
  readonly request: SipMessage;
  readonly response: SipMessage;
  readonly flow: Flow;
  /** The request has gone elsewhere since: nobody waits for this 2xx, but it wants its ACK. */
  readonly late?: true;
}

export interface AttemptUser {
  heard(attempt: Attempt, exchange: Exchange): void;
  /** No final response in time, or (with `error`) it could not be sent. */
  lost(attempt: Attempt, error?: string): void;
  gone(): void;
}

/** What becomes of a CANCEL shows in its INVITE. */
const NOBODY: ClientUser = { response() {}, timeout() {}, failed() {}, terminated() {} };

export class Attempt {
  readonly candidate: Candidate;
  readonly flow: Flow;
  readonly request: SipMessage;
  readonly #core: Core;
  readonly #key: TransactionKey;
  #proceeding = false;
  #unwanted = false;
  #left = false;

  constructor(core: Core, request: SipMessage, candidate: Candidate, user: AttemptUser) {
    this.candidate = candidate;
    this.flow = candidate.flow;
    this.request = request;
    this.#core = core;
    this.#key = core.request(request, this.flow, {
      response: (response) => this.#hear(response, user),
      timeout: () => user.lost(this),
      failed: (error) => user.lost(this, error),
      terminated: () => user.gone(),
    });
  }

  /** CANCEL, once the peer is known to have the request (9.1). */
  cancel(): void {
    if (this.#unwanted || this.request.method !== 'INVITE') return;
    this.#unwanted = true;
    if (this.#proceeding) this.#sendCancel();
  }

  /** The request goes elsewhere. */
  leave(): void {
    this.#left = true;
    this.abandon();
    this.cancel();
  }

  /** Nobody wants to hear of it any more. */
  abandon(): void {
    this.#core.abandon(this.#key);
  }

  #hear(response: SipMessage, user: AttemptUser): void {
    if (response.status < 200 && !this.#proceeding) {
      this.#proceeding = true;
      if (this.#unwanted) this.#sendCancel();
    }
    const { request, flow } = this;
    user.heard(this, { request, response, flow, ...(this.#left ? { late: true } : {}) });
  }

  /** 9.1: everything but the method and what belongs to the body is the request's own. */
  #sendCancel(): void {
    const { request } = this;
    const copied = ['via', 'max-forwards', 'route', 'from', 'to', 'call-id'];
    const headers = copied.flatMap((name) => request.fields(name).map((value): HeaderLine => [name, value]));
    headers.push(['CSeq', `${request.cseq?.number ?? 0} CANCEL`], this.#core.userAgent);
    const cancel = writeRequest({ method: 'CANCEL', uri: request.uri, headers });
    this.#core.request(cancel, this.flow, NOBODY);
  }
}
