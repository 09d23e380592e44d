/**
 * Writes messages. Every text handed in is octet text (`octetText` makes it of UTF-8). CR, LF and NUL in a value
 * become spaces: nothing that a peer or a person put there can begin a header field.
 */
import { Buffer } from 'node:buffer';
import { headerSpelling } from './headers.ts';
import { ownMessage, type SipMessage } from './message.ts';
import { reasonPhrase } from './status.ts';
import { type TopVia, withTopVia } from './top_via.ts';

/** Name in any spelling (known ones are written canonically) and value. */
export type HeaderLine = readonly [name: string, value: string];

interface Content {
  /** Octets, or text that is written as UTF-8. */
  readonly body?: Uint8Array | string;
  readonly contentType?: string;
}

export interface RequestParts extends Content {
  readonly method: string;
  readonly uri: string;
  /** In the order in which they are written, Via first; Content-Type and Content-Length are added. */
  readonly headers: readonly HeaderLine[];
}

export interface ResponseParts extends Content {
  readonly status: number;
  readonly reason?: string;
  /** Added to To where the request has no tag. */
  readonly toTag?: string;
  /** Written behind those that are copied. */
  readonly headers?: readonly HeaderLine[];
  /** What the server transport knows of the way the request came (RFC 3261 18.2.1, RFC 3581 4). */
  readonly topVia?: TopVia;
  /** Copies Record-Route: for what makes a dialog (RFC 3261 12.1.1). */
  readonly recordRoute?: boolean;
}

const NO_BODY = new Uint8Array(0);
const VERSION = 'SIP/2.0';
const UNSAFE = /[\r\n\0]/;

/** A request. The result is a view on the octets that go out. */
export function writeRequest(parts: RequestParts): SipMessage {
  const uri = safe(parts.uri);
  const body = bodyOctets(parts.body);
  const head = `${parts.method} ${uri} ${VERSION}\r\n${headerLines(parts.headers)}${contentLines(parts, body)}`;
  return ownMessage(head, body, {
    kind: 'request',
    method: parts.method,
    uri,
    version: VERSION,
    status: 0,
    reason: '',
  });
}

/**
 * The response to a request. Via, From, To, Call-ID, CSeq and, where asked for, Record-Route are the request's own
 * lines octet for octet; only the top Via gets `received` and `rport`, and To its tag (RFC 3261 8.2.6.2).
 */
export function writeResponse(request: SipMessage, parts: ResponseParts): SipMessage {
  const reason = safe(parts.reason ?? reasonPhrase(parts.status));
  const body = bodyOctets(parts.body);
  const head =
    `${VERSION} ${parts.status} ${reason}\r\n` +
    withTopVia(request.lines('via'), parts.topVia) +
    firstLine(request, 'from') +
    toLine(request, parts.toTag) +
    firstLine(request, 'call-id') +
    firstLine(request, 'cseq') +
    (parts.recordRoute === true ? request.lines('record-route') : '') +
    headerLines(parts.headers ?? []) +
    contentLines(parts, body);
  return ownMessage(head, body, {
    kind: 'response',
    method: '',
    uri: '',
    version: VERSION,
    status: parts.status,
    reason,
  });
}

/** One line of a field that may stand only once, even where a faulty request repeats it. */
function firstLine(request: SipMessage, name: 'from' | 'to' | 'call-id' | 'cseq'): string {
  const lines = request.lines(name);
  if (request.count(name) <= 1) return lines;
  const end = /\r\n(?![ \t])/.exec(lines);
  return end === null ? lines : lines.slice(0, end.index + 2);
}

function toLine(request: SipMessage, tag: string | undefined): string {
  const line = firstLine(request, 'to');
  if (tag === undefined || line === '' || request.to?.params.has('tag') === true) return line;
  return `${line.slice(0, -2)};tag=${tag}\r\n`;
}

function headerLines(headers: readonly HeaderLine[]): string {
  let text = '';
  for (const [name, value] of headers) text += `${headerSpelling(name)}: ${safe(value)}\r\n`;
  return text;
}

function contentLines(content: Content, body: Uint8Array): string {
  const type = content.contentType === undefined ? '' : `Content-Type: ${safe(content.contentType)}\r\n`;
  return `${type}Content-Length: ${body.length}\r\n`;
}

function bodyOctets(body: Uint8Array | string | undefined): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body, 'utf8') : (body ?? NO_BODY);
}

function safe(value: string): string {
  return UNSAFE.test(value) ? value.replace(/[\r\n\0]+/g, ' ') : value;
}
