/** Addresses that no request is ever sent to, wherever they were found: in a URI, a Route or DNS. */
import {
  contains,
  type IpAddress,
  isLinkLocal,
  isMapped,
  isMulticast,
  isTeredo,
  isUnspecified,
  parsePrefix,
} from '#address/ip.ts';

/** RFC 4291 2.5.5.1, deprecated. `::` and `::1` lie in it and are judged before. */
const COMPATIBLE = parsePrefix('::/96');

/** Why not; a short stable word, then words for people. First match counts. */
const REFUSED: readonly [why: string, is: (ip: IpAddress) => boolean][] = [
  ['a Teredo address (RFC 4380)', isTeredo],
  ['IPv4 written as IPv6 (RFC 4291 2.5.5.2)', isMapped],
  ['the unspecified address', isUnspecified],
  ['a multicast address', isMulticast],
  ['the broadcast address', ({ text }) => text === '255.255.255.255'],
  [
    'IPv4 written as IPv6 (RFC 4291 2.5.5.1)',
    (ip) => COMPATIBLE !== undefined && contains(COMPATIBLE, ip) && ip.bits !== 1n,
  ],
  // RFC 4007 6: on which link it is valid, nobody could say.
  [
    'a link-local address without a zone',
    (ip) => ip.family === 6 && ip.zone === undefined && isLinkLocal(ip),
  ],
];

/** Undefined: it may be used. */
export function whyRefused(ip: IpAddress): string | undefined {
  return REFUSED.find(([, is]) => is(ip))?.[0];
}
