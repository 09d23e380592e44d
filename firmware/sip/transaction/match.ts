/**
 * To which transaction a message belongs (RFC 3261 17.1.3 and 17.2.3), as keys of a map. Tokens and host names are
 * compared without regard to case (7.3.1), so they are in lower case here.
 */
import type { SipMessage } from '../message/message.ts';
import type { Via } from '../message/via.ts';

/** Begins every branch of a peer that follows RFC 3261, and with it the promise that the branch is unique. */
const MAGIC_COOKIE = 'z9hg4bk';

/** The key of the client transaction for a request of ours, and of the one that a response belongs to (17.1.3). */
export function clientKey(message: SipMessage, method = message.method): string {
  return `c ${branchOf(message)} ${method}`;
}

/** The key of the server transaction of a request; for an ACK and a CANCEL with `method` INVITE, of what they mean. */
export function serverKey(request: SipMessage, method = request.method): string {
  const branch = branchOf(request);
  return branch.startsWith(MAGIC_COOKIE)
    ? `s ${branch} ${sentBy(request.via)} ${method}`
    : legacyKey(request, method, request.toTag);
}

/**
 * RFC 2543 has no unique branch: everything that a retransmission repeats is the key.
 */
function legacyKey(request: SipMessage, method: string, toTag: string | undefined): string {
  const { uri, callId, fromTag, cseq, via } = request;
  const whose = `${callId} ${fromTag?.toLowerCase() ?? ''} ${toTag?.toLowerCase() ?? ''}`;
  return `s2543 ${method} ${cseq?.number} ${uri} ${whose} ${via?.transport} ${sentBy(via)} ${branchOf(request)}`;
}

/**
 * The second key under which the ACK of a peer without magic cookie may find its INVITE: that had no To tag, while
 * the ACK has that of our response. Whether it is that one, `acknowledges` says.
 */
export function untaggedKey(ack: SipMessage): string | undefined {
  if (branchOf(ack).startsWith(MAGIC_COOKIE) || !ack.toTag) return undefined;
  return legacyKey(ack, 'INVITE', undefined);
}

/** Whether an ACK that was found by `untaggedKey` has the To tag of the response that was sent (17.2.3). */
export function acknowledges(ack: SipMessage, response: SipMessage | undefined): boolean {
  return ack.toTag?.toLowerCase() === response?.toTag?.toLowerCase();
}

/**
 * What two copies of a request have in common that came by different ways (8.2.2.2); undefined: the request is
 * within a dialog, where there are none.
 */
export function mergeKey(request: SipMessage): string | undefined {
  if (request.toTag !== undefined) return undefined;
  return `${request.callId} ${request.fromTag?.toLowerCase() ?? ''} ${request.cseq?.number} ${request.method}`;
}

/** Whether the sent-by of two Vias is the same; without a port it means the transport's own (18.1.1). */
export function sameSentBy(a: Via | undefined, b: Via | undefined): boolean {
  return (a?.host === b?.host && a?.port === b?.port) || sentBy(a) === sentBy(b);
}

function branchOf(message: SipMessage): string {
  return message.via?.branch?.toLowerCase() ?? '';
}

function sentBy(via: Via | undefined): string {
  if (via === undefined) return '';
  const port = via.port ?? (via.transport.startsWith('TLS') ? 5061 : 5060);
  return `${via.host.toLowerCase()}:${port}`;
}
