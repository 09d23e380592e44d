/** One transaction layer on a jumping clock, and everything that it says as short lines such as `500 send INVITE`. */
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { type HeaderLine, writeRequest, writeResponse } from '#sip/message/write.ts';
import { clientKey, serverKey } from '#sip/transaction/match.ts';
import {
  type TransactionEvent,
  type TransactionInput,
  type TransactionOptions,
  Transactions,
} from '#sip/transaction/transactions.ts';
import type { Flow, Transport } from '#sip/types.ts';
import { Clock } from './clock.ts';

export function flowOver(transport: Transport, port = 5060): Flow {
  return {
    transport,
    local: { family: 4, address: '192.0.2.1', port: 5060 },
    remote: { family: 4, address: '192.0.2.2', port },
    ...(transport === 'udp' ? {} : { connection: 1 }),
  };
}

export interface RequestTraits {
  readonly uri?: string;
  /** Value of the top Via, whole. */
  readonly via?: string;
  readonly branch?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly more?: readonly HeaderLine[];
}

export function request(method: string, traits: RequestTraits = {}): SipMessage {
  const { uri = 'sip:bob@192.0.2.2', branch = 'z9hG4bK1', fromTag = 'a', toTag, callId = 'call-1' } = traits;
  return writeRequest({
    method,
    uri,
    headers: [
      ['Via', traits.via ?? `SIP/2.0/UDP 192.0.2.1:5060;branch=${branch};rport`],
      ['Max-Forwards', '70'],
      ['From', `<sip:alice@192.0.2.1>;tag=${fromTag}`],
      ['To', `<sip:bob@192.0.2.2>${toTag === undefined ? '' : `;tag=${toTag}`}`],
      ['Call-ID', callId],
      ['CSeq', `${traits.cseq ?? 1} ${method}`],
      ...(traits.more ?? []),
    ],
  });
}

export function response(
  to: SipMessage,
  status: number,
  toTag = status === 100 ? undefined : 'b',
): SipMessage {
  return writeResponse(to, { status, ...(toTag === undefined ? {} : { toTag }) });
}

export class Stand {
  readonly clock = new Clock();
  readonly layer: Transactions;
  readonly flow: Flow;
  /** Octets of the sends, in order. */
  readonly sent: SipMessage[] = [];
  readonly sentOver: Flow[] = [];
  readonly events: TransactionEvent[] = [];
  readonly #start = this.clock.now;
  readonly #input: (input: TransactionInput) => void;
  #lines: string[] = [];

  constructor(transport: Transport = 'udp', options: TransactionOptions = {}) {
    this.layer = new Transactions(options);
    this.flow = flowOver(transport);
    this.#input = this.clock.drive(this.layer, (event) => this.#note(event));
  }

  /** What has been said since the last look, each line with its time in ms since the beginning. */
  get log(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** The same without times. */
  get said(): string[] {
    return this.log.map((line) => line.slice(line.indexOf(' ') + 1));
  }

  /** No transaction and no timer is left. */
  get empty(): boolean {
    return this.layer.size === 0 && this.layer.deadline === Number.POSITIVE_INFINITY;
  }

  receive(message: SipMessage, flow = this.flow): void {
    this.#input({ kind: 'received', message, flow });
  }

  /** Sends a request of ours; gives its key. */
  start(message: SipMessage): string {
    this.#input({ kind: 'request', message, flow: this.flow });
    return clientKey(message);
  }

  respond(to: SipMessage, status: number, toTag?: string): void {
    this.#input({ kind: 'respond', key: serverKey(to), response: response(to, status, toTag) });
  }

  breakTransport(key: string): void {
    this.#input({ kind: 'transport-error', key, error: 'ECONNREFUSED' });
  }

  release(key: string): void {
    this.#input({ kind: 'release', key });
  }

  abandon(key: string): void {
    this.#input({ kind: 'abandon', key });
  }

  #note(event: TransactionEvent): void {
    this.events.push(event);
    if (event.kind === 'send') {
      const message = readMessage(event.octets);
      if (message !== undefined) this.sent.push(message);
      this.sentOver.push(event.flow);
    }
    this.#lines.push(`${this.clock.now - this.#start} ${described(event)}`);
  }
}

function described(event: TransactionEvent): string {
  switch (event.kind) {
    case 'send':
      return `send ${titled(readMessage(event.octets))}`;
    case 'request':
      return `${event.merged ? 'merged ' : ''}request ${event.message.method}`;
    case 'cancel':
      return `cancel ${event.target === undefined ? 'nothing' : 'INVITE'}`;
    case 'response':
    case 'stray-response':
      return `${event.kind} ${event.message.status}`;
    case 'failed':
      return `failed ${event.error}`;
    case 'dropped':
      return `dropped ${event.why}`;
    default:
      return event.kind;
  }
}

function titled(message: SipMessage | undefined): string {
  if (message === undefined) return 'rubbish';
  return message.kind === 'request' ? message.method : `${message.status}`;
}
