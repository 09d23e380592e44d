/**
 * The transaction layer (RFC 3261 section 17): finds or makes the transaction that a message belongs to, and runs
 * the four machines. Everything received that is fit to be a SIP message goes through it; what comes out is for the
 * wire (`send`) or for the transaction user (TU), the layer above.
 *
 * The TU keeps to three rules: each request that is not an ACK is answered by `respond` (the layer itself sends the
 * 100); a 2xx to INVITE is sent again by the TU until its ACK comes (RFC 6026); and the ACK for a 2xx never comes
 * here, the TU sends it itself.
 */
import type { SipMessage } from './message.ts';
import type { Timing } from './transaction_timers.ts';
import type { Flow } from './types.ts';

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
  /** The TU has gone elsewhere: the transaction lives on, at most 64*T1 without final response. */
  | { readonly kind: 'abandon'; readonly key: TransactionKey }
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

export class Transactions {
  constructor(_options: TransactionOptions = {}) {}

  handle(_input: TransactionInput, _now: number): TransactionEvent[] {
    return [];
  }

  /** When `tick` is wanted next, in ms; Infinity when no timer runs. */
  get deadline(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Transactions alive. */
  get size(): number {
    return 0;
  }
}
