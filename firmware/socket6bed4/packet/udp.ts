/**
 * UDP over IPv6, RFC 768 and RFC 8200 8.1:
 *
 *     0                   1                   2                   3
 *    +-------------------------------+-------------------------------+
 *    |          Source port          |       Destination port        |
 *    +-------------------------------+-------------------------------+
 *    |            Length             |           Checksum            |
 *    +-------------------------------+-------------------------------+
 */
import type { Ipv6 } from '../address/ipv6.ts';
import { putUint16, uint16 } from '../address/octets.ts';
import { checksum } from './checksum.ts';
import { HEADER, NextHeader, newPacket, nextHeaderOf } from './ipv6.ts';

const UDP_HEADER = 8;
const PAYLOAD = HEADER + UDP_HEADER;

/** Octets of the largest datagram's payload. */
export const MOST_UDP_PAYLOAD = 65_535 - UDP_HEADER;

export interface UdpEnd {
  readonly address: Ipv6;
  readonly port: number;
}

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** A view of the packet. */
  readonly payload: Uint8Array;
}

/** A whole packet; above 1280 octets it has to be fragmented. Throws a RangeError above 65 527 octets of payload. */
export function udpPacket(from: UdpEnd, to: UdpEnd, payload: Uint8Array, hopLimit: number): Uint8Array {
  const length = UDP_HEADER + payload.length;
  const packet = newPacket(from.address, to.address, NextHeader.udp, hopLimit, length);
  putUint16(packet, 40, from.port);
  putUint16(packet, 42, to.port);
  putUint16(packet, 44, length);
  packet.set(payload, PAYLOAD);
  // RFC 8200 8.1: a computed 0 is sent as ffff, for 0 says that there is no checksum.
  putUint16(packet, 46, checksum(packet) || 0xffff);
  return packet;
}

/**
 * The datagram of a well-formed packet. Undefined: it is not UDP, its length or checksum is wrong, or it has no
 * checksum. Octets behind the datagram (RFC 9868 5) are ignored, as kernels do.
 */
export function readUdp(packet: Uint8Array): UdpDatagram | undefined {
  if (nextHeaderOf(packet) !== NextHeader.udp || packet.length < PAYLOAD) return undefined;
  const end = HEADER + uint16(packet, 44);
  if (end < PAYLOAD || end > packet.length) return undefined;
  if (uint16(packet, 46) === 0 || checksum(packet, end) !== 0) return undefined;
  return {
    sourcePort: uint16(packet, 40),
    destinationPort: uint16(packet, 42),
    payload: packet.subarray(PAYLOAD, end),
  };
}
