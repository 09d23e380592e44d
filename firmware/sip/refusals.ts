/**
 * Why a request that is well formed is refused before anybody looks at what it wants: RFC 3261 8.2 in its order.
 * Refusals that need more than the request (481, 482, 487, 491, 500) are where that is known: user_agent.ts,
 * call/session.ts. 483 and 485 are for proxies: the last hop answers a Max-Forwards of 0 like any other (RFC 4475
 * 3.3.11), and every user part reaches the one telephone.
 */
import { demandsMore, isOptional } from './message/body.ts';
import type { SipMessage } from './message/message.ts';
import type { HeaderLine } from './message/write.ts';

export interface Refusal {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
}

/** Methods that we serve. UPDATE, PRACK and REFER are not among them yet. */
export const ALLOW: HeaderLine = ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS'];
export const ACCEPT: HeaderLine = ['Accept', 'application/sdp, multipart/mixed, multipart/alternative'];
/** Option tags that a peer may require; `100rel` is none of them. */
const SUPPORTED_TAGS: readonly string[] = [];
export const SUPPORTED: HeaderLine = ['Supported', SUPPORTED_TAGS.join(', ')];

const SERVED = new Set(['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS']);
/** Methods with an RFC of their own: known, so 405 and not 501 (8.2.1, 21.5.2). */
const KNOWN = new Set([
  ...SERVED,
  'REGISTER',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'MESSAGE',
  'REFER',
  'INFO',
  'PRACK',
  'UPDATE',
]);

type Rule = (request: SipMessage) => Refusal | undefined;

/** In the order of 8.2. */
const RULES: readonly Rule[] = [
  ({ method }) => (KNOWN.has(method) ? undefined : refusal(501, ALLOW)),
  ({ method }) => (SERVED.has(method) ? undefined : refusal(405, ALLOW)),
  ({ uri }) => (isSip(uri) ? undefined : refusal(416)),
  requiredExtensions,
  content,
  acceptedAnswer,
];

/** The refusal that a request deserves; undefined: it may be served. */
export function refusalOf(request: SipMessage): Refusal | undefined {
  for (const rule of RULES) {
    const found = rule(request);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refusal(status: number, ...headers: readonly HeaderLine[]): Refusal {
  return { status, headers };
}

const SIP_SCHEME = /^(?:sips?|tel):/i;

function isSip(uri: string): boolean {
  return SIP_SCHEME.test(uri);
}

/** 8.2.2.3. CANCEL and ACK never come here. */
function requiredExtensions(request: SipMessage): Refusal | undefined {
  if (!request.has('require')) return undefined;
  const missing = request.values('require').filter((tag) => !SUPPORTED_TAGS.includes(tag.toLowerCase()));
  return missing.length === 0 ? undefined : refusal(420, ['Unsupported', missing.join(', ')]);
}

/** 8.2.3: the body counts for INVITE only; a BYE hangs up whatever else it says. */
function content(request: SipMessage): Refusal | undefined {
  if (request.method !== 'INVITE' || request.body.length === 0 || isOptional(request)) return undefined;
  const coding = request.first('content-encoding') ?? 'identity';
  if (!/^identity$/i.test(coding)) return refusal(415, ['Accept-Encoding', 'identity']);
  return demandsMore(request) ? refusal(415, ACCEPT) : undefined;
}

const SDP_RANGE = /^(?:\*\s*\/\s*\*|application\s*\/\s*(?:\*|sdp))\s*(?:;|$)/i;

/** 20.1, RFC 4475 3.3.15: who does not accept a session description cannot be answered. */
function acceptedAnswer(request: SipMessage): Refusal | undefined {
  if (request.method !== 'INVITE' || !request.has('accept')) return undefined;
  return request.values('accept').some((range) => SDP_RANGE.test(range)) ? undefined : refusal(406);
}
