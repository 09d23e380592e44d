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
import { type Ipv6, isMulticast, isUnspecified } from '../address/ipv6.ts';
import { putUint16, putUint32, uint16, uint32 } from '../address/octets.ts';
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

export { IcmpCode, IcmpType };

/** Octets before what an error quotes, and before the data of an echo. */
const ICMP_HEADER = 8;
const BODY = HEADER + ICMP_HEADER;

export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** The MTU of `packetTooBig`, the pointer of `parameterProblem`; 0 otherwise. */
  readonly parameter: number;
  /** The datagram that did not arrive. Whether it was ours says `source`, a view as `destination` is. */
  readonly quoted: {
    readonly source: Ipv6;
    readonly destination: Ipv6;
    readonly sourcePort: number;
    readonly destinationPort: number;
  };
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
  if (!isRequest || !isIcmpIntact(packet)) return undefined;
  const asker = sourceOf(packet);
  const own = destinationOf(packet);
  if (isMulticast(own) || isMulticast(asker) || isUnspecified(asker)) return undefined;
  const message = Uint8Array.from(packet.subarray(HEADER));
  message[0] = IcmpType.echoReply;
  return icmpPacket(own, asker, HOP_LIMIT, message);
}

/**
 * An error about `offending`, a well-formed packet, at most 1280 octets long. Undefined where RFC 4443 2.4 (e)
 * forbids one: about an error or a redirect, about a packet to a group or from what is no single node. About a
 * fragment but the first one there is none either, for nobody can see what it is part of.
 */
export function icmpError(
  from: Ipv6,
  offending: Uint8Array,
  type: number,
  code: number,
  parameter: number,
): Uint8Array | undefined {
  const source = sourceOf(offending);
  if (isMulticast(source) || isUnspecified(source)) return undefined;
  // The two exceptions of 2.4 (e.3): path MTU discovery for groups, and options that ask for an error.
  const evenToGroups =
    type === IcmpType.packetTooBig || (type === IcmpType.parameterProblem && code === IcmpCode.option);
  if (isMulticast(destinationOf(offending)) && !evenToGroups) return undefined;
  const upper = upperLayerOf(offending);
  if (upper === undefined) return undefined;
  if (upper.nextHeader === NextHeader.icmp && !isInformational(offending[upper.offset])) return undefined;
  const quoted = offending.subarray(0, MTU - BODY);
  const message = new Uint8Array(ICMP_HEADER + quoted.length);
  message[0] = type;
  message[1] = code;
  putUint32(message, 4, parameter);
  message.set(quoted, ICMP_HEADER);
  return icmpPacket(from, source, HOP_LIMIT, message);
}

/** Whether an error may be sent about a message of this type; a type cut off is none that is known. */
function isInformational(type: number | undefined): boolean {
  return type !== undefined && type >= 128 && type !== IcmpType.redirect;
}

/**
 * The error in a well-formed packet. Undefined: it holds none, it is damaged, or what it quotes is not the begin of
 * a UDP datagram with both ports, as all of ours are.
 */
export function readError(packet: Uint8Array): IcmpError | undefined {
  const type = packet[40] ?? 0;
  if (type >= 128 || packet.length < BODY + HEADER || !isIcmpIntact(packet)) return undefined;
  const quoted = packet.subarray(BODY);
  if ((quoted[0] ?? 0) >>> 4 !== 6) return undefined;
  const upper = upperLayerOf(quoted);
  if (upper?.nextHeader !== NextHeader.udp || quoted.length < upper.offset + 4) return undefined;
  const hasParameter = type === IcmpType.packetTooBig || type === IcmpType.parameterProblem;
  return {
    type,
    code: packet[41] ?? 0,
    parameter: hasParameter ? uint32(packet, 44) : 0,
    quoted: {
      source: sourceOf(quoted),
      destination: destinationOf(quoted),
      sourcePort: uint16(quoted, upper.offset),
      destinationPort: uint16(quoted, upper.offset + 2),
    },
  };
}
