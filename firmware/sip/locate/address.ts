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

/** Why an address is refused: a short stable word to count by, and words for people. */
export interface Refusal {
  readonly kind: string;
  readonly why: string;
}

/** RFC 4291 2.5.5.1, deprecated. `::` and `::1` lie in it and are judged before. */
const COMPATIBLE = parsePrefix('::/96');

/** First match counts. `why` stands after "is". */
const REFUSALS: readonly (Refusal & { readonly is: (ip: IpAddress) => boolean })[] = [
  { kind: 'teredo', why: 'a Teredo address (RFC 4380)', is: isTeredo },
  { kind: 'mapped', why: 'IPv4 written as IPv6 (RFC 4291 2.5.5.2)', is: isMapped },
  { kind: 'unspecified', why: 'the unspecified address', is: isUnspecified },
  { kind: 'multicast', why: 'a multicast address', is: isMulticast },
  { kind: 'broadcast', why: 'the broadcast address', is: ({ text }) => text === '255.255.255.255' },
  {
    kind: 'compatible',
    why: 'IPv4 written as IPv6 (RFC 4291 2.5.5.1)',
    is: (ip) => COMPATIBLE !== undefined && contains(COMPATIBLE, ip) && ip.bits !== 1n,
  },
  {
    // RFC 4007 6: on which link it is valid, nobody could say.
    kind: 'link-local',
    why: 'a link-local address without a zone',
    is: (ip) => ip.family === 6 && ip.zone === undefined && isLinkLocal(ip),
  },
];

/** Undefined: it may be used. */
export function refusalOf(ip: IpAddress): Refusal | undefined {
  const found = REFUSALS.find(({ is }) => is(ip));
  return found && { kind: found.kind, why: found.why };
}
