/**
 * Reads what comes back on the socket of SIP plug and play. The servers out there speak poor SIP: 200 without the
 * empty line at its end, NOTIFY with our own Via on top, From and To not exchanged, To without tag, another maker's
 * Event, from another port than 5060. So one rule: a NOTIFY with our Call-ID whose body is a URL is an answer.
 */
import { Buffer } from 'node:buffer';

/** Octets; a server's NOTIFY has some hundred. */
const LARGEST = 8192;
const LONGEST_URL = 2048;
/** Lines of the header part that are looked at. */
const MOST_LINES = 128;

/** Why a datagram is no answer, for the counters. */
export type PnpRefusal = 'too large' | 'no SIP' | 'other Call-ID' | 'no URL' | 'other request';

export type PnpAnswer =
  /** A response to our SUBSCRIBE. A 200 says only that somebody is there. */
  | { readonly kind: 'response'; readonly status: number }
  /** `reply`: the 200 to it, to be sent to where it came from. */
  | { readonly kind: 'url'; readonly url: string; readonly reply: Uint8Array }
  | { readonly kind: 'refused'; readonly why: PnpRefusal };

/** `tag`: for the To of our 200, where the server left it out. */
export function readPnpAnswer(
  octets: Uint8Array,
  isOurs: (callId: string) => boolean,
  tag: string,
): PnpAnswer {
  if (octets.length > LARGEST) return refused('too large');
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1');
  const { head, body } = split(text);
  const [start = '', ...fields] = head;
  const status = /^SIP\/2\.0\s+(\d{3})(?:\s|$)/i.exec(start)?.[1];
  const method = /^([A-Za-z]+)\s+\S+\s+SIP\/2\.0\s*$/i.exec(start)?.[1]?.toUpperCase();
  if (status === undefined && method === undefined) return refused('no SIP');
  if (!isOurs(fieldValue(fields, 'call-id', 'i') ?? '')) return refused('other Call-ID');
  if (status !== undefined) return { kind: 'response', status: Number(status) };
  if (method !== 'NOTIFY') return refused('other request');
  const url = urlIn(body) ?? urlInContentType(fieldValue(fields, 'content-type', 'c') ?? '');
  return url === undefined ? refused('no URL') : { kind: 'url', url, reply: replyTo(fields, tag) };
}

function refused(why: PnpRefusal): PnpAnswer {
  return { kind: 'refused', why };
}

/** Lines, continued ones joined (RFC 3261 7.3.1), up to the first empty line; the rest is the body. */
function split(text: string): { readonly head: readonly string[]; readonly body: string } {
  const begin = /^[\r\n]*/.exec(text)?.[0].length ?? 0;
  const end = /\r?\n\r?\n/.exec(text.slice(begin));
  const head = end === null ? text.slice(begin) : text.slice(begin, begin + end.index);
  const body = end === null ? '' : text.slice(begin + end.index + end[0].length);
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/, MOST_LINES);
  return { head: lines, body };
}

function nameOf(line: string): string {
  const colon = line.indexOf(':');
  return colon < 0 ? '' : line.slice(0, colon).trim().toLowerCase();
}

function fieldValue(fields: readonly string[], name: string, compact: string): string | undefined {
  const line = fields.find((field) => [name, compact].includes(nameOf(field)));
  return line?.slice(line.indexOf(':') + 1).trim();
}

/** A scheme that a configuration may be fetched by, and what a URL may consist of, braces of macros included. */
const URL_TEXT = /^(?:https?|tftp):\/\/[!#-;=?-~]+$/i;

/**
 * Content-Length is not looked at: a server that counts wrongly would cut its own URL short. White space, NUL and
 * angle brackets round it are passed over; anything behind it is not read.
 */
function urlIn(body: string): string | undefined {
  const [word = ''] = body.replace(/^[\s\0<"]+/, '').split(/[\s\0>"]/, 1);
  return word.length <= LONGEST_URL && URL_TEXT.test(word) ? word : undefined;
}

/** RFC 6080's own form, message/external-body (RFC 4483), says it in a parameter. */
function urlInContentType(type: string): string | undefined {
  return /^message\/external-body\b/i.test(type)
    ? urlIn(/;\s*url\s*=\s*"([^"]*)"/i.exec(type)?.[1] ?? '')
    : undefined;
}

/** What a response repeats of its request (RFC 3261 8.2.6.2), with compact names. */
const ECHOED: readonly (readonly string[])[] = [
  ['via', 'v'],
  ['from', 'f'],
  ['to', 't'],
  ['call-id', 'i'],
  ['cseq'],
];

function replyTo(fields: readonly string[], tag: string): Uint8Array {
  const lines = ECHOED.flatMap((names) => {
    const found = fields.filter((field) => names.includes(nameOf(field))).map(trimmed);
    if (names.includes('via')) return found;
    const [first] = found;
    if (first === undefined) return [];
    return names.includes('to') && !/;\s*tag\s*=/i.test(first) ? [`${first};tag=${tag}`] : [first];
  });
  return Buffer.from(['SIP/2.0 200 OK', ...lines, 'Content-Length: 0', '', ''].join('\r\n'), 'latin1');
}

/** A lone CR in a line of theirs must not begin a line of ours. */
function trimmed(line: string): string {
  return line.replace(/[\r\0]+/g, ' ').trimEnd();
}
