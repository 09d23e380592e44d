/** IPv4 as the outside of 6bed4 needs it: an address is an unsigned 32-bit number. */
import { isIPv4 } from 'node:net';

/** One end of the outer UDP over IPv4. */
export interface Ipv4End {
  /** 0 to 2^32 - 1. */
  readonly ipv4: number;
  readonly port: number;
}

/** `192.168.0.0/16`: the first `length` bits of `ipv4`. */
export interface Ipv4Prefix {
  readonly ipv4: number;
  readonly length: number;
}

/** Reads four decimal octets and nothing else; undefined: it is no address. */
export function parseIpv4(text: string): number | undefined {
  return isIPv4(text) ? text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0) : undefined;
}

/** `192.0.2.1`. */
export function ipv4Text(ipv4: number): string {
  return `${ipv4 >>> 24}.${(ipv4 >>> 16) & 255}.${(ipv4 >>> 8) & 255}.${ipv4 & 255}`;
}

/** `192.0.2.1:25790`. */
export function endText(end: Ipv4End): string {
  return `${ipv4Text(end.ipv4)}:${end.port}`;
}

/** Reads `192.0.2.1:25790`, or `192.0.2.1` with `defaultPort`. Undefined: it is neither, or the port is not 1–65535. */
export function parseEnd(text: string, defaultPort: number): Ipv4End | undefined {
  const [, address = '', digits = defaultPort] = /^(.*?)(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  const ipv4 = parseIpv4(address);
  const port = Number(digits);
  return ipv4 === undefined || port > 65535 ? undefined : { ipv4, port };
}

/** A number of 48 bits that stands for the end in a Map. */
export function endKey(end: Ipv4End): number {
  return end.ipv4 * 65536 + end.port;
}

export function sameEnd(a: Ipv4End, b: Ipv4End): boolean {
  return a.ipv4 === b.ipv4 && a.port === b.port;
}

/** Reads `192.168.0.0/16`, or an address alone (all 32 bits count). Bits behind the prefix are cleared. */
export function parseIpv4Prefix(text: string): Ipv4Prefix | undefined {
  const [, address = '', length = 32] = /^(.*?)(?:\/(\d|[12]\d|3[0-2]))?$/.exec(text) ?? [];
  const ipv4 = parseIpv4(address);
  return ipv4 === undefined ? undefined : { ipv4: (ipv4 & mask(+length)) >>> 0, length: +length };
}

/** Whether the address lies in the prefix. */
export function inIpv4Prefix(ipv4: number, prefix: Ipv4Prefix): boolean {
  return ((ipv4 ^ prefix.ipv4) & mask(prefix.length)) === 0;
}

function mask(length: number): number {
  // A shift by 32 is a shift by 0.
  return length === 0 ? 0 : -1 << (32 - length);
}

/**
 * Whether nothing may be sent there: whoever can name an IPv6 address to us could otherwise make us send UDP into
 * private networks, to ourselves or to groups. What lies in `onLink` is allowed all the same, but never port 0,
 * 0.0.0.0/8 or 224.0.0.0/3.
 */
export function isForbiddenTarget({ ipv4, port }: Ipv4End, onLink: readonly Ipv4Prefix[] = []): boolean {
  const first = ipv4 >>> 24;
  if (port === 0 || first === 0 || first >= 224) return true;
  return isPrivate(ipv4) && !onLink.some((prefix) => inIpv4Prefix(ipv4, prefix));
}

/** RFC 1918, RFC 1122 3.2.1.3 (loopback), RFC 3927. */
function isPrivate(ipv4: number): boolean {
  const first = ipv4 >>> 24;
  const both = ipv4 >>> 16;
  return first === 10 || first === 127 || both === 0xa9fe || both >>> 4 === 0xac1 || both === 0xc0a8;
}
