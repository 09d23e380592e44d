/**
 * ICMPv6, RFC 4443:
 *
 *     0                   1                   2                   3
 *    +---------------+---------------+-------------------------------+
 *    |     Type      |     Code      |           Checksum            |
 *    +---------------+---------------+-------------------------------+
 *    |  MTU, pointer, identifier and sequence number, or unused      |
 *    +---------------------------------------------------------------+
 *    |  of an error: as much of the offending packet as fits         |
 *    +---------------------------------------------------------------+
 */
import { Buffer } from 'node:buffer';
import { type Ipv6, isMulticast, isUnspecified } from '../address/ipv6.ts';
import { putUint16, putUint32, uint8, uint16 } from '../address/octets.ts';
import { checksum } from './checksum.ts';
import { upperLayerOf } from './extension.ts';
import * as IcmpCode from './icmp_code.ts';
import * as IcmpType from './icmp_type.ts';
import {
  destinationOf,
  HEADER,
  HOP_LIMIT,
  MTU,
  NextHeader,
  newPacket,
  nextHeaderOf,
  sourceOf,
} from './ipv6.ts';
import type { UdpEnd } from './udp.ts';

export { IcmpCode, IcmpType };

/** Below are errors. */
const FIRST_INFORMATIONAL = 128;
/** Octets before what an error quotes, and before the data of an echo. */
const ICMP_HEADER = 8;
const BODY = HEADER + ICMP_HEADER;

export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** The datagram that did not arrive, its addresses as views. Whether it was ours says `from`. */
  readonly from: UdpEnd;
  readonly to: UdpEnd;
}

/** A whole packet around `message`, whose checksum field (octets 2 and 3) is computed here. */
export function icmpPacket(
  source: Ipv6,
  destination: Ipv6,
  hopLimit: number,
  message: Uint8Array,
): Uint8Array {
  const packet = newPacket(source, destination, NextHeader.icmp, hopLimit, message.length);
  packet.set(message, HEADER);
  putUint16(packet, 42, 0);
  putUint16(packet, 42, checksum(packet));
  return packet;
}

/** Whether a well-formed packet holds a message of ICMPv6 whose checksum is right. */
export function isIcmpIntact(packet: Uint8Array): boolean {
  return nextHeaderOf(packet) === NextHeader.icmp && packet.length >= HEADER + 4 && checksum(packet) === 0;
}

/** The answer to an echo request (RFC 4443 4.2); undefined: the packet is no request, or not one to be answered. */
export function echoReply(packet: Uint8Array): Uint8Array | undefined {
  const isRequest = packet[40] === IcmpType.echoRequest && packet[41] === 0 && packet.length >= BODY;
  const asker = sourceOf(packet);
  const own = destinationOf(packet);
  if (!isRequest || !isIcmpIntact(packet) || !isOneNode(asker) || isMulticast(own)) return undefined;
  const message = Uint8Array.from(packet.subarray(HEADER));
  message[0] = IcmpType.echoReply;
  return icmpPacket(own, asker, HOP_LIMIT, message);
}

/**
 * An error about `offending`, a well-formed packet, at most 1280 octets long. Undefined where RFC 4443 2.4 (e)
 * forbids one: about an error or a redirect, about a packet to a group (the two exceptions serve routers of groups,
 * which 6bed4 has not) or from what is no single node. About a fragment but the first one there is none either, for
 * nobody can see what it is part of.
 */
export function icmpError(
  from: Ipv6,
  offending: Uint8Array,
  type: number,
  code: number,
  parameter: number,
): Uint8Array | undefined {
  const source = sourceOf(offending);
  const upper = upperLayerOf(offending);
  if (!isOneNode(source) || isMulticast(destinationOf(offending)) || !upper) return undefined;
  if (upper.nextHeader === NextHeader.icmp && !isInformational(uint8(offending, upper.offset)))
    return undefined;
  const header = Uint8Array.of(type, code, 0, 0, 0, 0, 0, 0);
  putUint32(header, 4, parameter);
  const message = Buffer.concat([header, offending.subarray(0, MTU - BODY)]);
  return icmpPacket(from, source, HOP_LIMIT, message);
}

function isOneNode(address: Ipv6): boolean {
  return !isMulticast(address) && !isUnspecified(address);
}

/** Whether an error may be sent about a message of this type. */
function isInformational(type: number): boolean {
  return type >= FIRST_INFORMATIONAL && type !== IcmpType.redirect;
}

/**
 * The error in a well-formed packet. Undefined: it holds none, it is damaged, or what it quotes is not the begin of
 * a UDP datagram with both ports, as all of ours are.
 */
export function readError(packet: Uint8Array): IcmpError | undefined {
  const type = uint8(packet, 40);
  const quoted = packet.subarray(BODY);
  if (type >= FIRST_INFORMATIONAL || quoted.length < HEADER || !isIcmpIntact(packet)) return undefined;
  const upper = upperLayerOf(quoted);
  if (uint8(quoted, 0) >>> 4 !== 6 || upper?.nextHeader !== NextHeader.udp) return undefined;
  if (quoted.length < upper.offset + 4) return undefined;
  return {
    type,
    code: uint8(packet, 41),
    from: { address: sourceOf(quoted), port: uint16(quoted, upper.offset) },
    to: { address: destinationOf(quoted), port: uint16(quoted, upper.offset + 2) },
  };
}
