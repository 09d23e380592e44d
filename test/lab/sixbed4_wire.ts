/** What 6bed4 looks like on a link: a captured UDP datagram as the IPv6 packet that it carries. */
import type { Buffer } from 'node:buffer';
import type { Packet } from './packet.ts';

/** An empty datagram keeps a mapping, or probes; the others are IPv6. */
export type FrameKind =
  | 'empty'
  | 'router solicitation'
  | 'router advertisement'
  | 'neighbour solicitation'
  | 'neighbour advertisement'
  | 'icmp'
  | 'data';

export interface Frame {
  readonly packet: Packet;
  readonly kind: FrameKind;
  /** The Seen flag of the traffic class. */
  readonly seen: boolean;
  /** What UDP inside carries; empty where there is none. */
  readonly payload: Buffer;
}

const HEADER = 40;
const UDP_HEADER = 8;
const UDP = 17;
const ICMPV6 = 58;
const SEEN = 0x20;
const DISCOVERY: Readonly<Record<number, FrameKind>> = {
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
};

/** Undefined: no 6bed4. */
export function frameOf(packet: Packet): Frame | undefined {
  const { transport, payload } = packet;
  if (transport !== 'udp') return undefined;
  if (payload.length === 0) return { packet, kind: 'empty', seen: false, payload };
  if (payload.length < HEADER || (payload[0] ?? 0) >> 4 !== 6) return undefined;
  const trafficClass = ((payload.readUInt16BE(0) >> 4) & 0xff) as number;
  const next = payload[6];
  const kind = next === ICMPV6 ? (DISCOVERY[payload[HEADER] ?? 0] ?? 'icmp') : 'data';
  const inside = next === UDP ? payload.subarray(HEADER + UDP_HEADER) : payload.subarray(payload.length);
  return { packet, kind, seen: (trafficClass & SEEN) !== 0, payload: inside };
}

/** Between which IPv4 addresses, in which direction, and of what kind. */
export interface Wanted {
  readonly from?: string;
  readonly to?: string;
  readonly kind?: FrameKind;
}

export function frames(packets: readonly Packet[], wanted: Wanted): readonly Frame[] {
  return packets.flatMap((packet) => {
    const { from, to, kind } = wanted;
    if ((from ?? packet.from.address) !== packet.from.address) return [];
    if ((to ?? packet.to.address) !== packet.to.address) return [];
    const frame = frameOf(packet);
    return frame === undefined || (kind ?? frame.kind) !== frame.kind ? [] : [frame];
  });
}
