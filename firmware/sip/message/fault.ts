/**
 * What is wrong with a message, by RFC 3261 and the torture tests of RFC 4475 and RFC 5118. Only what we have to
 * understand is judged: never a lower Via, Record-Route, an unknown header field or URI scheme, Date or Warning.
 */
import { decimal } from './chars.ts';
import { type HeaderName, headerSpelling } from './headers.ts';
import { MAX_BODY, MAX_FIELDS } from './limits.ts';
import type { SipMessage } from './message.ts';
import { parseUri } from './uri.ts';

export interface Fault {
  readonly status: 400 | 505 | 513;
  /** For the response's reason phrase and the log. */
  readonly reason: string;
  /** False for responses, for ACK, and where nothing says where an answer goes: to be dropped. */
  readonly answerable: boolean;
}

/** One of each in every request and response (RFC 3261 8.1.1); Max-Forwards may be missing (RFC 2543). */
const MANDATORY: readonly HeaderName[] = ['via', 'from', 'to', 'call-id', 'cseq'];
const AT_MOST_ONE: readonly HeaderName[] = [
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'content-length',
];

/** Their Contact is the remote target of a dialog, so it has to be understood (RFC 3261 12.1.1, 12.2.2). */
const TARGET_METHODS = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

const VERSION = /^SIP\/\d+\.\d+$/i;

/** The first fault found; undefined: the message can be worked with. */
export function faultOf(message: SipMessage): Fault | undefined {
  if (message.kind === 'request' && isOtherVersion(message.version)) {
    return fault(message, 'Version Not Supported', 505);
  }
  const size = oversizeOf(message);
  if (size !== undefined) return fault(message, size, 513);
  const reason =
    framingFault(message) ??
    fieldFault(message) ??
    (message.kind === 'request' ? requestFault(message) : responseFault(message));
  return reason === undefined ? undefined : fault(message, reason);
}

function fault(message: SipMessage, reason: string, status: Fault['status'] = 400): Fault {
  const answerable = message.kind === 'request' && message.method !== 'ACK' && message.has('via');
  return { status, reason, answerable };
}

function isOtherVersion(version: string): boolean {
  return VERSION.test(version) && version.slice(4) !== '2.0';
}

function oversizeOf(message: SipMessage): string | undefined {
  if (message.fieldCount > MAX_FIELDS) return 'Too Many Header Fields';
  return (message.contentLength ?? 0) > MAX_BODY ? 'Message Too Large' : undefined;
}

/** Lines and length. */
function framingFault(message: SipMessage): string | undefined {
  if (!message.isTerminated) return 'No Empty Line After Header Fields';
  if (!message.hasOnlyFields) return 'Malformed Header Line';
  if (hasStrayLineEnd(message.head)) return 'Line Not Ended By CRLF';
  const written = message.first('content-length');
  if (written === undefined) return undefined;
  const length = decimal(written);
  if (length === undefined) return 'Malformed Content-Length';
  return length > message.octetsAfterHead ? 'Content-Length Larger Than Body' : undefined;
}

/** A CR without LF or an LF without CR, which others may take for the end of a line. */
function hasStrayLineEnd(head: string): boolean {
  let at = 0;
  while (at < head.length) {
    const cr = head.indexOf('\r', at);
    const lf = head.indexOf('\n', at);
    if (lf !== cr + 1 || cr < 0) return cr >= 0 || lf >= 0;
    at = lf + 1;
  }
  return false;
}

/** The header fields without which no message means anything. */
function fieldFault(message: SipMessage): string | undefined {
  for (const name of MANDATORY) {
    if (!message.has(name)) return `Missing ${headerSpelling(name)}`;
  }
  for (const name of AT_MOST_ONE) {
    if (message.count(name) > 1) return `More Than One ${headerSpelling(name)}`;
  }
  if (message.from === undefined) return 'Malformed From';
  if (message.to === undefined) return 'Malformed To';
  if (message.callId === '') return 'Malformed Call-ID';
  if (message.cseq === undefined) return 'Malformed CSeq';
  return message.via === undefined ? 'Malformed Via' : undefined;
}

function requestFault(message: SipMessage): string | undefined {
  if (message.version.toUpperCase() !== 'SIP/2.0') return 'Malformed Request Line';
  if (message.cseq?.method !== message.method) return 'CSeq Method Does Not Match';
  const uri = parseUri(message.uri);
  if (uri === undefined) return 'Malformed Request-URI';
  // RFC 3261 19.1.1, table 1: a Request-URI has no header fields.
  if (uri.scheme !== 'other' && uri.scheme !== 'tel' && uri.headers !== '')
    return 'Header Fields In Request-URI';
  if (TARGET_METHODS.has(message.method) && message.has('contact') && message.contact === undefined) {
    return 'Malformed Contact';
  }
  return undefined;
}

function responseFault(message: SipMessage): string | undefined {
  if (message.version.toUpperCase() !== 'SIP/2.0') return 'Version Not Supported';
  return message.status < 100 || message.status > 699 ? 'Status Out Of Range' : undefined;
}
