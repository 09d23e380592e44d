/**
 * What a peer accepts from outside: draft-vanrein-6bed4-04 4.2, with what draft-vanrein-6bed4-03 6 and the draft of
 * 2012 (6.1) ask and what programs in the field were found to lack. A datagram is one of
 *
 * - relayed: from the IPv4 address and port of a router, for the address that this router gave us;
 * - direct: from a neighbour under the same /64, or both under routers' prefixes of fc64::/16, whose bottom half
 *   names the very IPv4 address and port that the datagram comes from;
 * - refused, with a word.
 *
 * A mismatch of bottom half and origin is not corrected by an advertisement of ours, which the draft allows: it would
 * be an answer to whoever forges, and only a router's advertisement is believed anyway.
 */
import { type Ipv4End, type Ipv4Prefix, isForbiddenTarget, sameEnd } from '../address/ipv4.ts';
import { type Ipv6, mayBeSource } from '../address/ipv6.ts';
import { uint8 } from '../address/octets.ts';
import { endOf, isAt, isOfRouterPrefix, sameNetwork } from '../address/sixbed4.ts';
import { IcmpType } from '../packet/icmpv6.ts';
import {
  destinationOf,
  HEADER,
  isWellFormed,
  MTU,
  NextHeader,
  nextHeaderOf,
  sourceOf,
} from '../packet/ipv6.ts';
import { type Lease, leaseOfAddress } from './lease.ts';

/** Why a datagram of the outside is ignored. */
export type Refusal =
  /** Not one whole IPv6 packet: RoHC, another length than its header tells. */
  | 'malformed'
  /** Above the MTU of 1280 octets. */
  | 'too-long'
  /** A source that no packet on its way to us has: ::, ::1, groups, fe80::, v4-mapped, Teredo, 6to4. */
  | 'bad-source'
  /** It claims to be from ourselves. */
  | 'own-source'
  /** For an address that is not ours, or that this router did not give us. */
  | 'not-ours'
  /** Directly from somebody who cannot be a neighbour of ours, or by another's router and not of its own prefix. */
  | 'foreign-source'
  /** Directly, but the source is at another IPv4 address or port. */
  | 'spoofed'
  /** From a neighbour to whom nothing may be sent. */
  | 'forbidden-origin'
  /** An advertisement from who is not our router. */
  | 'forged-advertisement'
  /** From our router, but damaged or without an address that we could use. */
  | 'bad-advertisement'
  /** From another's router, which gives addresses under the prefix that names it only. */
  | 'foreign-prefix'
  /** From our router, in the format of 2012. */
  | 'old-format'
  /** Neighbour discovery that came over a router of IPv6 or was damaged on its way. */
  | 'hop-limit'
  | 'checksum'
  /** Neighbour discovery that is not for us, through the router, or of a kind that peers ignore. */
  | 'bad-discovery'
  /** An answer to nothing. */
  | 'unasked-advertisement'
  | 'unasked-probe'
  /** More solicitations than are answered. */
  | 'too-many-solicitations';

export function faultOf(octets: Uint8Array): Refusal | undefined {
  if (!isWellFormed(octets)) return 'malformed';
  return octets.length > MTU ? 'too-long' : undefined;
}

/** Which way a well-formed packet came to which address of ours, if it may. */
export function accept(
  packet: Uint8Array,
  from: Ipv4End,
  leases: readonly Lease[],
  onLink: readonly Ipv4Prefix[],
): { lease: Lease; direct: boolean } | Refusal {
  const source = sourceOf(packet);
  if (!mayBeSource(source)) return isAdvertisement(packet) ? 'forged-advertisement' : 'bad-source';
  const lease = leaseOfAddress(leases, destinationOf(packet));
  if (!lease) return 'not-ours';
  if (leaseOfAddress(leases, source) !== undefined) return 'own-source';
  if (sameEnd(from, lease.router.end)) {
    return lease.guest && !sameNetwork(source, lease.address) ? 'foreign-source' : { lease, direct: false };
  }
  if (!mayBeNeighbour(source, lease.address)) return 'foreign-source';
  if (!isAt(source, from)) return 'spoofed';
  return isForbiddenTarget(from, onLink) ? 'forbidden-origin' : { lease, direct: true };
}

/** Whether two addresses may bypass the routers: under one /64, or both where the prefix tells of 6bed4. */
function mayBeNeighbour(theirs: Ipv6, ours: Ipv6): boolean {
  return sameNetwork(theirs, ours) || (isOfRouterPrefix(theirs) && isOfRouterPrefix(ours));
}

/** Where to reach the holder of an address directly from ours; undefined: nowhere. */
export function neighbourEndOf(theirs: Ipv6, { address }: Lease): Ipv4End | undefined {
  return mayBeNeighbour(theirs, address) ? endOf(theirs) : undefined;
}

/** Neighbour discovery is the peer's own; every other packet is for its user. */
export function isDiscovery(packet: Uint8Array): boolean {
  if (nextHeaderOf(packet) !== NextHeader.icmp) return false;
  const type = uint8(packet, HEADER);
  return type >= IcmpType.routerSolicitation && type <= IcmpType.redirect;
}

function isAdvertisement(packet: Uint8Array): boolean {
  return nextHeaderOf(packet) === NextHeader.icmp && packet[HEADER] === IcmpType.routerAdvertisement;
}
