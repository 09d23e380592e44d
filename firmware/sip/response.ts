/** Responses of ours: what stands in the top Via, and how they go out. */
import type { Core } from './core.ts';
import type { SipMessage } from './message/message.ts';
import { type ResponseParts, writeResponse } from './message/write.ts';
import { responseFlow, topVia } from './transaction/response_flow.ts';
import type { TransactionKey } from './transaction/transactions.ts';
import type { Flow } from './types.ts';

/** A request of the peer and the server transaction that it made. */
export interface Incoming {
  readonly key: TransactionKey;
  readonly message: SipMessage;
  readonly flow: Flow;
}

/** Writes a response and hands it to the request's transaction. The result is what was sent. */
export function respond(core: Core, { key, message, flow }: Incoming, parts: ResponseParts): SipMessage {
  const response = writeResponse(message, { ...parts, topVia: topVia(message.via, flow) });
  core.respond(key, response);
  return response;
}

/** Answers a request that has no transaction, once for each time that it comes (8.2.7). */
export function respondStateless(core: Core, message: SipMessage, flow: Flow, parts: ResponseParts): void {
  const { octets } = writeResponse(message, { ...parts, topVia: topVia(message.via, flow) });
  core.emit({ kind: 'send', flow: responseFlow(message.via, flow), octets, ref: 'stateless' });
}
