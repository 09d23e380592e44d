/** The chain of extension headers between the IPv6 header and the upper layer, RFC 8200 4. */
import { uint8, uint16 } from '../address/octets.ts';
import { HEADER, NextHeader, nextHeaderOf } from './ipv6.ts';

/** Of next header, then the length in eights of octets beyond 8. */
const WITH_LENGTH: readonly number[] = [
  NextHeader.hopByHop,
  NextHeader.routing,
  NextHeader.destinationOptions,
];
/** No honest packet has more (RFC 8200 4.1). */
const MOST_HEADERS = 8;

/**
 * The first header that is no extension header, and where it begins. Undefined: the chain is cut off or too long, or
 * the packet is a fragment but the first one, of whose upper layer nobody can say where it begins.
 */
export function upperLayerOf(packet: Uint8Array): { nextHeader: number; offset: number } | undefined {
  let nextHeader = nextHeaderOf(packet);
  let offset = HEADER;
  for (let count = 0; count < MOST_HEADERS; count += 1) {
    const isFragment = nextHeader === NextHeader.fragment;
    if (!isFragment && !WITH_LENGTH.includes(nextHeader)) return { nextHeader, offset };
    if (offset + 8 > packet.length) return undefined;
    if (isFragment && uint16(packet, offset + 2) >>> 3 !== 0) return undefined;
    nextHeader = uint8(packet, offset);
    offset += isFragment ? 8 : 8 + 8 * uint8(packet, offset + 1);
  }
  return undefined;
}
