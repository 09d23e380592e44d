/** Hosts as they stand in URIs and Via: names, IPv4, and IPv6 references in brackets, with a zone or without. */
import { HOST, isAt, runEnd } from './chars.ts';

const OPEN = 0x5b;
const CLOSE = 0x5d;

/**
 * Where the host that begins at `at` ends, brackets included; -1: there is none. What stands in the brackets
 * is only looked at for its characters.
 */
export function hostEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== OPEN) {
    const end = runEnd(text, at, HOST);
    return end > at ? end : -1;
  }
  let end = at + 1;
  while (isIpv6Character(text, end)) end += 1;
  return end > at + 1 && text.charCodeAt(end) === CLOSE ? end + 1 : -1;
}

/** Hexadecimal digits, colons, dots, and what a zone may hold: `%25eth0`, `%eth0.1-a_b~`. */
function isIpv6Character(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return isAt(text, at, HOST) || code === 0x3a || code === 0x25 || code === 0x7e;
}

/** The address before the zone, and the zone behind `%` (or `%25`, RFC 6874), empty without one. */
export function splitZone(address: string): readonly [address: string, zone: string] {
  const percent = address.indexOf('%');
  if (percent < 0) return [address, ''];
  const zone = address.slice(percent + 1);
  return [address.slice(0, percent), zone.startsWith('25') && zone.length > 2 ? zone.slice(2) : zone];
}
