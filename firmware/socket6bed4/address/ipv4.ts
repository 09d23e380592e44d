/** IPv4 as the outside of 6bed4 needs it: an address is an unsigned 32-bit number. */

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

/** Without leading zeros, which some read as octal. */
const QUAD = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const DECIMAL = /^(?:0|[1-9]\d{0,4})$/;

/** Reads four decimal octets and nothing else; undefined: it is no address. */
export function parseIpv4(text: string): number | undefined {
  const octets = QUAD.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
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
  const colon = text.indexOf(':');
  const ipv4 = parseIpv4(colon < 0 ? text : text.slice(0, colon));
  const digits = colon < 0 ? String(defaultPort) : text.slice(colon + 1);
  const port = Number(digits);
  if (ipv4 === undefined || !DECIMAL.test(digits) || port < 1 || port > 65535) return undefined;
  return { ipv4, port };
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
  const slash = text.indexOf('/');
  const ipv4 = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  const digits = slash < 0 ? '32' : text.slice(slash + 1);
  const length = Number(digits);
  if (ipv4 === undefined || !DECIMAL.test(digits) || length > 32) return undefined;
  return { ipv4: (ipv4 & mask(length)) >>> 0, length };
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
export function isForbiddenTarget(end: Ipv4End, onLink?: readonly Ipv4Prefix[]): boolean {
  const { ipv4 } = end;
  const first = ipv4 >>> 24;
  if (end.port === 0 || first === 0 || first >= 224) return true;
  if (!isPrivate(ipv4)) return false;
  return onLink === undefined || !onLink.some((prefix) => inIpv4Prefix(ipv4, prefix));
}

/** RFC 1918, RFC 1122 3.2.1.3 (loopback), RFC 3927. */
function isPrivate(ipv4: number): boolean {
  const first = ipv4 >>> 24;
  const second = (ipv4 >>> 16) & 255;
  switch (first) {
    case 10:
    case 127:
      return true;
    case 169:
      return second === 254;
    case 172:
      return second >>> 4 === 1;
    case 192:
      return second === 168;
    default:
      return false;
  }
}
