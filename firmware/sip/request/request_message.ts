/**
 * A request as it stands for one flow: Via, Contact and From of that flow's family, and the part that its method adds.
 */
import type { Core } from '../core.ts';
import { type Identity, sentBy } from '../identity.ts';
import type { SipMessage } from '../message/message.ts';
import { type HeaderLine, writeRequest } from '../message/write.ts';
import { asksForSips } from '../sips.ts';
import type { Flow } from '../types.ts';
import type { Target, Unroutable } from './target.ts';

/** What one method adds to the header fields that every request has. */
export interface Part {
  readonly headers?: readonly HeaderLine[];
  /** UTF-8. */
  readonly body?: string;
  readonly contentType?: string;
}

export interface RequestPlan {
  readonly method: string;
  readonly identity: Identity;
  readonly target: Target | Unroutable;
  /** From with tag, To, Call-ID: octet text. */
  readonly head: (flow: Flow) => { readonly from: string; readonly to: string; readonly callId: string };
  /** The next CSeq number; asked once, and once more for each answered challenge. */
  readonly sequence: () => number;
  /** A flow known to lead to the target's hop: RFC 3263 is not asked. */
  readonly flow?: Flow | undefined;
  /** The dialog-forming and refreshing ones name where we are reached. */
  readonly contact?: boolean;
}

const MAX_FORWARDS: HeaderLine = ['Max-Forwards', '70'];

/** Under a new branch each time (RFC 3263 4.3). Throws when the plan's target is unroutable. */
export function requestMessage(
  core: Core,
  { method, identity, target, contact, head }: RequestPlan,
  { flow, sequence, part }: { readonly flow: Flow; readonly sequence: number; readonly part: Part },
): SipMessage {
  if ('unroutable' in target) throw new Error('a request without a target is never built');
  const { from, to, callId } = head(flow);
  const branch = `z9hG4bK${core.random()}`;
  const headers: HeaderLine[] = [
    ['Via', `SIP/2.0/${flow.transport.toUpperCase()} ${sentBy(flow.local)};branch=${branch};rport`],
    MAX_FORWARDS,
  ];
  for (const route of target.routes) headers.push(['Route', route]);
  headers.push(['From', from], ['To', to], ['Call-ID', callId], ['CSeq', `${sequence} ${method}`]);
  if (contact === true) headers.push(['Contact', identity.contact(flow, asksForSips(target))]);
  const { headers: more = [], ...content } = part;
  headers.push(...more);
  if (identity.credentials !== undefined && identity.trusts(flow))
    headers.push(...identity.credentials.authorize(method, target.uri, content.body));
  headers.push(core.userAgent);
  return writeRequest({ method, uri: target.uri, headers, ...content });
}
