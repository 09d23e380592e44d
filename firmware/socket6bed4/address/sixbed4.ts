/**
 * The address format of 6bed4 since draft-vanrein-6bed4-01: 114 bits say where a peer is, 14 are its own.
 *
 *    octet 0      8             9       12      14              15
 *    +------------+-------------+-------+-------+---------------+------------+
 *    | /64 prefix | ipv4[0]     | ipv4  | UDP   | ipv4[0] & 3   | lanip      |
 *    | of router  |   & 0xfc    | [1-3] | port  | lanip (6 bit) |    (8 bit) |
 *    +------------+-------------+-------+-------+---------------+------------+
 *
 * Bits 6 and 7 of octet 8 are U/L and I/G of an interface identifier (RFC 4291 2.5.1), both clear; the two bits of
 * the IPv4 address that they displace lead octet 14. The prefix is whatever the router says. Where it begins with
 * fc64::/16 it tells the router's own IPv4 address: fc64:<netid>:<ipv4>::/64.
 */
import type { Ipv4End } from './ipv4.ts';
import type { Ipv6 } from './ipv6.ts';
import { putUint16, putUint32, sameOctets, uint8, uint16, uint32 } from './octets.ts';

/** UDP port of routers. */
export const ROUTER_PORT = 25790;
/** The network in fc64:<netid>: that routers serve when nobody says another. */
export const DEFAULT_NETID = 0x0bed;
/** By habit, of a peer's 14 bits; 0 is the router's. */
const PEER_LANIP = 1;
const U_AND_G = 0x03;

/** The address of who is seen at `end` by the router of `prefix` (8 octets or more). `lanip`: 0 to 16383. */
export function addressOf(prefix: Uint8Array, { ipv4, port }: Ipv4End, lanip: number = PEER_LANIP): Ipv6 {
  const address = new Uint8Array(16);
  address.set(prefix.subarray(0, 8));
  putUint32(address, 8, ipv4 & 0xfcffffff);
  putUint16(address, 12, port);
  putUint16(address, 14, ((ipv4 >>> 10) & 0xc000) | lanip);
  return address;
}

/**
 * The end that the bottom half names, to be believed only under a prefix known as one of 6bed4. Undefined with the
 * U or G bit set: then the half means something else (draft-vanrein-6bed4-03 3.2).
 */
export function endOf(address: Ipv6): Ipv4End | undefined {
  if ((uint8(address, 8) & U_AND_G) !== 0) return undefined;
  return { ipv4: bottomIpv4(address), port: uint16(address, 12) };
}

/** Whether the bottom half names just this end: `endOf` without an object, for every packet. */
export function isAt(address: Ipv6, end: Ipv4End): boolean {
  return (
    (uint8(address, 8) & U_AND_G) === 0 &&
    uint16(address, 12) === end.port &&
    bottomIpv4(address) === end.ipv4
  );
}

/** Where U and G are clear. */
function bottomIpv4(address: Ipv6): number {
  return (uint32(address, 8) | ((uint8(address, 14) & 0xc0) << 18)) >>> 0;
}

/** The 14 bits that are the peer's own. */
export function lanipOf(address: Ipv6): number {
  return uint16(address, 14) & 0x3fff;
}

/** Whether the first 64 bits are the same. */
export function sameNetwork(a: Uint8Array, b: Uint8Array): boolean {
  return sameOctets(a, b, 8);
}

/** Whether the address lies in fc64::/16, where the prefix names the router. */
export function isOfRouterPrefix(address: Uint8Array): boolean {
  return uint16(address, 0) === 0xfc64;
}

/** The router that a prefix of fc64::/16 names, at the port of routers; undefined under any other prefix. */
export function routerOf(address: Uint8Array): Ipv4End | undefined {
  if (!isOfRouterPrefix(address)) return undefined;
  return { ipv4: uint32(address, 4), port: ROUTER_PORT };
}

/** fc64:<netid>:<ipv4>::/64 as 8 octets. */
export function routerPrefix(netid: number, ipv4: number): Uint8Array {
  return Uint8Array.of(0xfc, 0x64, netid >>> 8, netid, ipv4 >>> 24, ipv4 >>> 16, ipv4 >>> 8, ipv4);
}
