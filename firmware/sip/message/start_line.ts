/** Request-Line and Status-Line (RFC 3261 7.1, 7.2). */
import { DIGIT, isAt, runEnd, SPACE, TOKEN } from './chars.ts';

/** What the start line says; `uri` is empty in a response, `status` 0 and `reason` empty in a request. */
export interface StartLine {
  readonly kind: 'request' | 'response';
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  readonly status: number;
  readonly reason: string;
}

/** Reads the first line of a message; undefined: it is none of SIP. */
export function readStartLine(text: string): StartLine | undefined {
  const end = text.indexOf('\r\n');
  const space = text.indexOf(' ');
  if (space <= 0 || space > end) return undefined;
  return isVersion(text, 0) ? readStatusLine(text, space, end) : readRequestLine(text, space, end);
}

function isVersion(text: string, at: number): boolean {
  const first = text.charCodeAt(at) | 0x20;
  return first === 0x73 && text.slice(at, at + 4).toUpperCase() === 'SIP/';
}

function readStatusLine(text: string, space: number, end: number): StartLine | undefined {
  const digitsEnd = runEnd(text, space + 1, DIGIT);
  if (digitsEnd === space + 1 || (digitsEnd < end && text.charCodeAt(digitsEnd) !== 0x20)) return undefined;
  return {
    kind: 'response',
    method: '',
    uri: '',
    version: text.slice(0, space),
    status: Number(text.slice(space + 1, Math.min(digitsEnd, space + 16))),
    reason: text.slice(Math.min(digitsEnd + 1, end), end),
  };
}

/** Too many spaces stay in the URI, where `faultOf` finds them. */
function readRequestLine(text: string, space: number, end: number): StartLine | undefined {
  if (runEnd(text, 0, TOKEN) !== space) return undefined;
  let versionEnd = end;
  while (isAt(text, versionEnd - 1, SPACE)) versionEnd -= 1;
  const last = text.lastIndexOf(' ', versionEnd - 1);
  if (last <= space || !isVersion(text, last + 1)) return undefined;
  return {
    kind: 'request',
    method: text.slice(0, space),
    uri: text.slice(space + 1, last),
    version: text.slice(last + 1, end),
    status: 0,
    reason: '',
  };
}
