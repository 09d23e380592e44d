/** The Internet checksum of RFC 1071 with the pseudo header of RFC 8200 8.1. */
import { uint8, uint16 } from '../address/octets.ts';
import { nextHeaderOf } from './ipv6.ts';

/**
 * Over the upper layer of a whole IPv6 packet, from octet 40 to `end`, its checksum field included as it stands: 0
 * says that the packet is intact; with the field zero it is what belongs there. `nextHeader` is that of the upper
 * layer, should the IPv6 header not tell it.
 */
export function checksum(packet: Uint8Array, end = packet.length, nextHeader = nextHeaderOf(packet)): number {
  let sum = end - 40 + nextHeader;
  const even = end & ~1;
  // The addresses of the pseudo header stand in octets 8 to 39, right before the upper layer: one sum over both.
  for (let i = 8; i < even; i += 2) sum += uint16(packet, i);
  if (even !== end) sum += uint8(packet, even) << 8;
  // 65 575 octets add up to just above 2^31: a number of JavaScript holds it, two folds make 16 bits of it.
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
