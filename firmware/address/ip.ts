/**
 * IP addresses and prefixes as frozen values. The npm package `ip-address` reads them; its objects are mutable
 * and its grammar is wider than the RFCs' (`::1%`, `/64` inside an address), so nothing of it leaves this file.
 */
import { Address4, Address6 } from 'ip-address';
import type { Family } from './endpoint.ts';

/** An address. Equal addresses have equal `text`. */
export interface IpAddress {
  readonly family: Family;
  /** Canonical: dotted quad, or RFC 5952 with the zone, if any, behind `%`. No brackets. */
  readonly text: string;
  /** The 32 or 128 bits as one number. */
  readonly bits: bigint;
  /** RFC 4007 zone, without `%`. */
  readonly zone?: string;
}

/** A block of addresses: the first `length` bits of `bits`. */
export interface IpPrefix {
  readonly family: Family;
  /** `192.0.2.0/24`, `2001:db8::/32`; host bits are zero. */
  readonly text: string;
  readonly bits: bigint;
  readonly length: number;
}

/** RFC 4291 2.2 with zone and mapped quad: nothing longer is an address, and the reader need not look. */
const MAX_TEXT = 80;
const QUAD = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
/** Zones are interface names or indices; `-._~` as in the unreserved characters of RFC 3986. */
const ZONE = /^[\w.~-]{1,32}$/;

/** Reads an address without brackets. Undefined: it is none (a host name, a leading zero, an empty zone, a prefix). */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > MAX_TEXT) return undefined;
  return text.includes(':') ? parseIp6(text) : parseIp4(text);
}

function parseIp4(text: string): IpAddress | undefined {
  if (!QUAD.test(text)) return undefined;
  return Object.freeze({ family: 4, text, bits: new Address4(text).bigInt() });
}

function parseIp6(text: string): IpAddress | undefined {
  const percent = text.indexOf('%');
  const zone = percent < 0 ? undefined : text.slice(percent + 1);
  const plain = percent < 0 ? text : text.slice(0, percent);
  if (zone !== undefined && !ZONE.test(zone)) return undefined;
  const quad = plain.slice(plain.lastIndexOf(':') + 1);
  if (/[^\da-fA-F:.]/.test(plain) || (quad.includes('.') && !QUAD.test(quad))) return undefined;
  if (!Address6.isValid(plain)) return undefined;
  const address = new Address6(plain);
  const bits = address.bigInt();
  // RFC 5952 5: the dotted form where the prefix says that the rest is an IPv4 address.
  const canonical = bits >> 32n === 0xffffn ? `::ffff:${quadOf(bits & 0xffffffffn)}` : address.correctForm();
  if (zone === undefined) return Object.freeze({ family: 6, text: canonical, bits });
  return Object.freeze({ family: 6, text: `${canonical}%${zone}`, bits, zone });
}

function quadOf(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
}

/** The IPv4 address inside `::ffff:0:0/96`; every other address as it is. */
export function unmapped(ip: IpAddress): IpAddress {
  return isMapped(ip) ? (parseIp4(quadOf(ip.bits & 0xffffffffn)) ?? ip) : ip;
}

/** The canonical text of an address, or undefined if `text` is none. */
export function canonical(text: string): string | undefined {
  return parseIp(text)?.text;
}

/** Whether two texts name the same address; a zone counts. */
export function sameAddress(a: string, b: string): boolean {
  return a === b || (canonical(a) ?? a) === (canonical(b) ?? b);
}

/**
 * Reads `192.0.2.0/24`, `2001:db8::/32`, or a bare address (all its bits count). Undefined: it is none, has a
 * zone, or is IPv4 written inside IPv6: an allow list must not look tighter or wider than it is.
 */
export function parsePrefix(text: string): IpPrefix | undefined {
  const [, address = '', length] = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const ip = parseIp(address);
  if (ip === undefined || ip.zone !== undefined || isMapped(ip)) return undefined;
  const width = ip.family === 4 ? 32 : 128;
  const kept = length === undefined ? width : Number(length);
  if (kept > width) return undefined;
  const host = BigInt(width - kept);
  const bits = (ip.bits >> host) << host;
  const first = ip.family === 4 ? quadOf(bits) : Address6.fromBigInt(bits).correctForm();
  return Object.freeze({ family: ip.family, text: `${first}/${kept}`, bits, length: kept });
}

/** Whether an address lies in a prefix. A v4-mapped address counts as the IPv4 address that it is. */
export function contains(prefix: IpPrefix, address: IpAddress | string): boolean {
  const ip = typeof address === 'string' ? parseIp(address) : address;
  if (ip === undefined) return false;
  const plain = unmapped(ip);
  if (plain.family !== prefix.family) return false;
  const host = BigInt((prefix.family === 4 ? 32 : 128) - prefix.length);
  return plain.bits >> host === prefix.bits >> host;
}

type Classify = (address: IpAddress | string) => boolean;

/** A class of addresses; a text that is no address belongs to none. */
function classOf(...prefixes: readonly string[]): Classify {
  const blocks = prefixes.flatMap((text) => parsePrefix(text) ?? []);
  return (address) => {
    const ip = typeof address === 'string' ? parseIp(address) : address;
    return ip !== undefined && blocks.some((block) => contains(block, ip));
  };
}

/** RFC 1122 3.2.1.3, RFC 4291 2.5.3. */
export const isLoopback: Classify = classOf('127.0.0.0/8', '::1/128');
/** RFC 1122 3.2.1.3 ("this host"), RFC 4291 2.5.2; in SDP the old way to hold (RFC 3264 8.4). */
export const isUnspecified: Classify = classOf('0.0.0.0/32', '::/128');
/** RFC 3927, RFC 4291 2.5.6. */
export const isLinkLocal: Classify = classOf('169.254.0.0/16', 'fe80::/10');
/** RFC 1918 and unique local addresses (RFC 4193). */
export const isPrivate: Classify = classOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7');
/** RFC 5771, RFC 4291 2.7. */
export const isMulticast: Classify = classOf('224.0.0.0/4', 'ff00::/8');
/** RFC 4380 2.6: this /32 and no neighbour of it in 2001::/16. */
export const isTeredo: Classify = classOf('2001::/32');
/** RFC 3056 2. */
export const is6to4: Classify = classOf('2002::/16');

/** RFC 4291 2.5.5.2: an IPv4 address in the clothes of IPv6; never on the wire. */
export function isMapped(ip: IpAddress): boolean {
  return ip.family === 6 && ip.bits >> 32n === 0xffffn;
}
