/**
 * The transaction layer (RFC 3261 section 17): finds or makes the transaction that a message belongs to, and runs
 * the four machines. Everything received that is fit to be a SIP message goes through it; what comes out is for the
 * wire (`send`) or for the transaction user (TU), the layer above.
 *
 * The TU keeps to three rules: each request that is not an ACK is answered by `respond` (the layer itself sends the
 * 100); a 2xx to INVITE is sent again by the TU until its ACK comes (RFC 6026); and the ACK for a 2xx never comes
 * here, the TU sends it itself.
 */
import type { SipMessage } from '../message/message.ts';
import { Registry } from '../registry.ts';
import type { Flow } from '../types.ts';
import { CLIENT_INVITE } from './client_invite.ts';
import { CLIENT_REQUEST } from './client_request.ts';
import { acknowledges, clientKey, mergeKey, sameSentBy, serverKey, untaggedKey } from './match.ts';
import { backupFlow, responseFlow } from './response_flow.ts';
import { type Occasion, Runner } from './run.ts';
import { SERVER_INVITE } from './server_invite.ts';
import { SERVER_REQUEST } from './server_request.ts';
import { DEFAULT_TIMING, type Timing } from './timer_table.ts';
import { type Happening, Transaction } from './transaction.ts';

/** Names one transaction; the `ref` of its sends. */
export type TransactionKey = string;

export type TransactionInput =
  /** A message that was read and found without fault. */
  | { readonly kind: 'received'; readonly message: SipMessage; readonly flow: Flow }
  /** Sends a request of ours. Its key is `clientKey(message)`. A CANCEL needs the branch of its INVITE (9.1). */
  | { readonly kind: 'request'; readonly message: SipMessage; readonly flow: Flow }
  /** Answers a request. Provisional responses and 408 to other than INVITE are not sent (RFC 4320). */
  | { readonly kind: 'respond'; readonly key: TransactionKey; readonly response: SipMessage }
  /** A `send` of this transaction failed. */
  | { readonly kind: 'transport-error'; readonly key: TransactionKey; readonly error: string }
  /** The TU has gone elsewhere: nothing is sent again, but what still comes is told, for 64*T1 at most. */
  | { readonly kind: 'abandon'; readonly key: TransactionKey }
  /** What comes of this request, other than INVITE, matters to nobody any more. */
  | { readonly kind: 'release'; readonly key: TransactionKey }
  | { readonly kind: 'tick' };

export type TransactionEvent =
  | { readonly kind: 'send'; readonly flow: Flow; readonly octets: Uint8Array; readonly ref: TransactionKey }
  /** A new request. `merged`: it came by another way before; answer 482 (8.2.2.2). Never ACK or CANCEL. */
  | {
      readonly kind: 'request';
      readonly key: TransactionKey;
      readonly message: SipMessage;
      readonly flow: Flow;
      readonly merged: boolean;
    }
  /** A CANCEL, to be answered under `key`: 200 with `target`, the INVITE that it means, 481 without. */
  | {
      readonly kind: 'cancel';
      readonly key: TransactionKey;
      readonly message: SipMessage;
      readonly flow: Flow;
      readonly target?: TransactionKey;
    }
  /** The ACK for a 2xx. */
  | { readonly kind: 'ack'; readonly message: SipMessage; readonly flow: Flow }
  /** A response to a request of ours; for INVITE also each 2xx that comes after the first. */
  | {
      readonly kind: 'response';
      readonly key: TransactionKey;
      readonly message: SipMessage;
      readonly flow: Flow;
    }
  /** A response that belongs to no transaction, such as the late 2xx of a fork. */
  | { readonly kind: 'stray-response'; readonly message: SipMessage; readonly flow: Flow }
  /** No final response in time (Timers B and F), or no ACK for ours (Timer H). `terminated` follows. */
  | { readonly kind: 'timeout'; readonly key: TransactionKey }
  /** The transport failed. A client transaction is `terminated` next, a server transaction goes on (RFC 6026 8.8). */
  | { readonly kind: 'failed'; readonly key: TransactionKey; readonly error: string }
  /** The ACK for our 300–699 came. */
  | { readonly kind: 'confirmed'; readonly key: TransactionKey }
  | { readonly kind: 'terminated'; readonly key: TransactionKey }
  /** Ignored by rule; `why` is a short stable word to be counted by. */
  | { readonly kind: 'dropped'; readonly why: string; readonly flow: Flow };

export interface TransactionOptions {
  readonly timing?: Partial<Timing>;
  /** Transactions alive at once; a request from outside that would exceed it is dropped. Default 10 000. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 10_000;

export class Transactions {
  readonly #alive = new Registry<TransactionKey, Transaction>();
  readonly #merged = new Registry<string, Transaction>();
  readonly #limit: number;
  readonly #run: Runner;

  constructor({ timing, limit = DEFAULT_LIMIT }: TransactionOptions = {}) {
    this.#limit = limit;
    this.#run = new Runner({ ...DEFAULT_TIMING, ...timing }, (transaction) => this.#forget(transaction));
  }

  /** When `tick` is wanted next, in ms; Infinity when no timer runs. */
  get deadline(): number {
    return this.#run.timers.deadline;
  }

  /** Transactions alive. */
  get size(): number {
    return this.#alive.size;
  }

  /** What happens because of `input` at `now` (ms), in order. */
  handle(input: TransactionInput, now: number): TransactionEvent[] {
    const events: TransactionEvent[] = [];
    this.#run.now = now;
    this.#run.events = events;
    switch (input.kind) {
      case 'received':
        if (input.message.kind === 'response') this.#response(input.message, input.flow);
        else if (input.message.method === 'ACK') this.#ack(input.message, input.flow);
        else this.#request(input.message, input.flow);
        break;
      case 'request':
        this.#start(input.message, input.flow);
        break;
      case 'respond':
        this.#respond(input.key, input.response);
        break;
      case 'transport-error':
        this.#transportError(input.key, input.error);
        break;
      case 'abandon':
      case 'release':
        this.#happen(input.key, input.kind);
        break;
      case 'tick':
        this.#run.tick();
        break;
    }
    return events;
  }

  #happen(key: TransactionKey, happening: Happening, occasion?: Occasion): void {
    const transaction = this.#alive.get(key);
    if (transaction !== undefined) this.#run.fire(transaction, happening, occasion);
  }

  #start(message: SipMessage, flow: Flow): void {
    const key = clientKey(message);
    // The same request twice, such as CANCEL for one who hangs up twice: the first is under way.
    if (this.#alive.has(key)) return;
    const figure = message.method === 'INVITE' ? CLIENT_INVITE : CLIENT_REQUEST;
    const transaction = new Transaction(key, figure, message, flow);
    this.#alive.set(key, transaction);
    this.#run.fire(transaction, 'request');
    if (message.method === 'CANCEL') this.#happen(clientKey(message, 'INVITE'), 'cancel');
  }

  #response(message: SipMessage, flow: Flow): void {
    const transaction = this.#alive.get(clientKey(message));
    if (transaction === undefined) {
      this.#run.events.push({ kind: 'stray-response', message, flow });
    } else if (message.values('via').length > 1 || !sameSentBy(message.via, transaction.via)) {
      // 8.1.3.3, 18.1.2: misrouted or spoilt on its way, whatever its branch says.
      this.#run.events.push({ kind: 'dropped', why: 'response-via', flow });
    } else {
      this.#run.fire(transaction, happeningOf(message.status), { message, flow });
    }
  }

  #request(message: SipMessage, flow: Flow): void {
    const key = serverKey(message);
    const transaction = this.#alive.get(key);
    if (transaction !== undefined) {
      this.#run.fire(transaction, 'request', { message, flow });
    } else if (this.#alive.size >= this.#limit) {
      this.#run.events.push({ kind: 'dropped', why: 'transaction-limit', flow });
    } else {
      this.#serve(key, message, flow);
    }
  }

  #ack(message: SipMessage, flow: Flow): void {
    const transaction = this.#alive.get(serverKey(message, 'INVITE')) ?? this.#untagged(message);
    if (transaction === undefined) this.#run.events.push({ kind: 'ack', message, flow });
    else this.#run.fire(transaction, 'ACK', { message, flow });
  }

  #untagged(ack: SipMessage): Transaction | undefined {
    const key = untaggedKey(ack);
    const transaction = key === undefined ? undefined : this.#alive.get(key);
    return acknowledges(ack, transaction?.last) ? transaction : undefined;
  }

  #serve(key: TransactionKey, message: SipMessage, flow: Flow): void {
    const figure = message.method === 'INVITE' ? SERVER_INVITE : SERVER_REQUEST;
    const transaction = new Transaction(key, figure, message, responseFlow(message.via, flow));
    transaction.backup = backupFlow(message.via, flow);
    this.#alive.set(key, transaction);
    const news =
      message.method === 'CANCEL'
        ? this.#cancelNews(key, message, flow)
        : this.#requestNews(transaction, message, flow);
    this.#run.fire(transaction, 'request', { news });
  }

  #cancelNews(key: TransactionKey, message: SipMessage, flow: Flow): TransactionEvent {
    const target = serverKey(message, 'INVITE');
    return { kind: 'cancel', key, message, flow, ...(this.#alive.has(target) ? { target } : {}) };
  }

  #requestNews(transaction: Transaction, message: SipMessage, flow: Flow): TransactionEvent {
    const common = mergeKey(message);
    const merged = common !== undefined && this.#merged.has(common);
    if (common !== undefined && !merged) {
      transaction.mergeKey = common;
      this.#merged.set(common, transaction);
    }
    return { kind: 'request', key: transaction.key, message, flow, merged };
  }

  #respond(key: TransactionKey, response: SipMessage): void {
    const transaction = this.#alive.get(key);
    if (transaction === undefined) return;
    if (response.status === 408 && transaction.figure === SERVER_REQUEST) return;
    this.#run.fire(transaction, happeningOf(response.status), { message: response });
  }

  #transportError(key: TransactionKey, error: string): void {
    const transaction = this.#alive.get(key);
    if (transaction?.backup === undefined) {
      this.#happen(key, 'transport error', { error });
    } else {
      transaction.flow = transaction.backup;
      transaction.backup = undefined;
      this.#run.send(transaction, transaction.last);
    }
  }

  #forget(transaction: Transaction): void {
    this.#alive.delete(transaction.key);
    if (transaction.mergeKey !== undefined) this.#merged.delete(transaction.mergeKey);
  }
}

function happeningOf(status: number): Happening {
  if (status < 200) return '1xx';
  return status < 300 ? '2xx' : '300-699';
}
