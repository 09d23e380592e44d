/** What a message says in its body, as far as we understand it: a session description, alone or among other parts. */
import type { SipMessage } from './message.ts';
import { type BodyPart, partsOf } from './multipart.ts';
import { bufferOf, plainText } from './text.ts';

const SDP = /^application\s*\/\s*sdp\s*(?:;|$)/i;
const SESSION = /^(?:$|session\s*(?:;|$))/i;
/** RFC 5621 3.2: SIP carries octets; the encodings of mail are not used. */
const AS_IT_IS = /^(?:|7bit|8bit|binary)$/i;
const REQUIRED = /;\s*handling\s*=\s*required\b/i;
const OPTIONAL = /;\s*handling\s*=\s*optional\b/i;

/** Whether a message brings a session description. */
export function hasSdp(message: SipMessage): boolean {
  return message.body.length > 0 && (isSdp(message) || sdpPart(message) !== undefined);
}

/** The session description in a message, UTF-8; undefined: there is none. */
export function sdpOf(message: SipMessage): string | undefined {
  if (message.body.length === 0) return undefined;
  if (isSdp(message)) return message.bodyText;
  const part = sdpPart(message);
  return part && plainText(part.content);
}

/** Whether the body may be left aside (RFC 3261 20.11). */
export function isOptional(message: SipMessage): boolean {
  return OPTIONAL.test(message.first('content-disposition') ?? '');
}

/**
 * Whether the body asks for more than we understand (RFC 3261 8.2.3, RFC 5621 8). Of parts only those count that say
 * so: by the letter silence means the same, but a location or a signature beside the offer shall not cost the call.
 */
export function demandsMore(message: SipMessage): boolean {
  if (message.body.length === 0 || isSdp(message)) return false;
  const parts = bodyParts(message);
  return !parts.some(isSession) || parts.some((part) => !isSession(part) && REQUIRED.test(part.disposition));
}

function isSdp(message: SipMessage): boolean {
  return SDP.test(message.first('content-type') ?? '');
}

function sdpPart(message: SipMessage): BodyPart | undefined {
  return bodyParts(message).find(isSession);
}

function isSession({ type, disposition, encoding }: BodyPart): boolean {
  return SDP.test(type) && SESSION.test(disposition) && AS_IT_IS.test(encoding);
}

function bodyParts(message: SipMessage): readonly BodyPart[] {
  return partsOf(message.first('content-type') ?? '', bufferOf(message.body).toString('latin1'));
}
