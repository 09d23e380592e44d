/**
 * What the options of DHCP are made of: text, names, addresses. A value that is not wholly what it should be is none:
 * half a list of servers is worse than no list.
 */
import { Buffer } from 'node:buffer';
import { mayUse } from '#address/classes.ts';
import { parseIp } from '#address/ip.ts';

/** RFC 1035 2.3.4, in octets. */
const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;
/** Names in one option; who sends more wants to keep us busy. */
const MOST_NAMES = 32;
const MOST_ADDRESSES = 32;
/** The two bits that make a length a pointer (RFC 1035 4.1.4). */
const POINTER = 0xc0;

/** Printable ASCII, without the NULs and blanks that servers put behind it. Undefined: it is no text, or empty. */
export function textIn(octets: Uint8Array): string | undefined {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
    .toString('latin1')
    .replace(/[\0\s]+$/, '')
    .trimStart();
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}

/** Lower case, without the dot at the end. Undefined: nothing that DNS could be asked for. */
export function domainOf(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (name.length > LONGEST_NAME - 2 || parseIp(name)?.family !== undefined) return undefined;
  const labels = name.split('.');
  return labels.every((label) => /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/.test(label)) ? name : undefined;
}

/**
 * A list of names as RFC 1035 writes them, pointers to names before in the same option included (RFC 3361, RFC 3397);
 * or, from servers that do not know the option, the names as text. Empty: it is neither.
 */
export function domainsIn(octets: Uint8Array): readonly string[] {
  const names = encodedNames(octets) ?? textIn(octets)?.split(/[\s,]+/) ?? [];
  const domains = names.map(domainOf);
  return domains.every((name) => name !== undefined) ? [...new Set(domains)] : [];
}

function encodedNames(octets: Uint8Array): readonly string[] | undefined {
  const names: string[] = [];
  for (let at = 0; at < octets.length; ) {
    const read = nameAt(octets, at);
    if (read === undefined || names.length >= MOST_NAMES) return undefined;
    names.push(read.name);
    at = read.next;
  }
  return names;
}

function nameAt(octets: Uint8Array, start: number): { name: string; next: number } | undefined {
  const labels: string[] = [];
  let next: number | undefined;
  let length = 1;
  // Pointers lead ever further back: then they come to an end.
  let limit = start;
  for (let at = start; ; ) {
    const size = octets[at];
    if (size === undefined) return undefined;
    if (size === 0) return { name: labels.join('.'), next: next ?? at + 1 };
    if ((size & POINTER) === POINTER) {
      const target = ((size & ~POINTER) << 8) | (octets[at + 1] ?? 0xff);
      if (target >= limit) return undefined;
      limit = target;
      next ??= at + 2;
      at = target;
      continue;
    }
    length += size + 1;
    if (size > LONGEST_LABEL || length > LONGEST_NAME || at + size >= octets.length) return undefined;
    labels.push(Buffer.from(octets.subarray(at + 1, at + 1 + size)).toString('latin1'));
    at += size + 1;
  }
}

/** A list of addresses of four octets each. */
export function ipv4In(octets: Uint8Array): readonly string[] {
  return addressesIn(octets, 4, (piece) => piece.join('.'));
}

/** A list of addresses of sixteen octets each. */
export function ipv6In(octets: Uint8Array): readonly string[] {
  return addressesIn(
    octets,
    16,
    (piece) => Buffer.from(piece).toString('hex').match(/.{4}/g)?.join(':') ?? '',
  );
}

function addressesIn(
  octets: Uint8Array,
  size: number,
  textOf: (piece: Uint8Array) => string,
): readonly string[] {
  if (octets.length % size !== 0 || octets.length > size * MOST_ADDRESSES) return [];
  const pieces = Array.from({ length: octets.length / size }, (_, i) =>
    octets.subarray(i * size, (i + 1) * size),
  );
  const all = pieces.map((piece) => parseIp(textOf(piece)));
  return [...new Set(all.flatMap((ip) => (ip !== undefined && mayUse(ip) ? [ip.text] : [])))];
}

/** Pieces of a code and a length of `width` octets each, then the value. Undefined: they do not fill the octets. */
export function piecesIn(
  octets: Uint8Array,
  width: 1 | 2,
): readonly (readonly [code: number, value: Uint8Array])[] | undefined {
  const pieces: (readonly [number, Uint8Array])[] = [];
  const number = (at: number) =>
    width === 1 ? (octets[at] ?? 0) : ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  for (let at = 0; at < octets.length; ) {
    const start = at + 2 * width;
    const end = start + number(at + width);
    if (start > octets.length || end > octets.length) return undefined;
    pieces.push([number(at), octets.subarray(start, end)]);
    at = end;
  }
  return pieces;
}
