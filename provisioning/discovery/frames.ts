/**
 * Ethernet frames as a packet socket sees and sends them: the datagram of DHCP inside, or the router's message. The kernel has
 * looked at them before (filters in sources/packet_socket.ts); lengths are checked here all the same.
 */
import { Buffer } from 'node:buffer';
import { parseIp } from '#address/ip.ts';

const ETHERNET = 14;
const IPV6 = 40;
const UDP = 8;
export const PROTOCOL = { udp: 17, icmpv6: 58 } as const;
/** RFC 4861 6.1.2: a router on the link, for every other would have lowered it. */
const ON_LINK = 255;

/** What a UDP datagram of IPv4 to `port` carries. */
export function payload4(frame: Uint8Array, port: number): Uint8Array | undefined {
  const packet = frame.subarray(ETHERNET);
  const header = 4 * ((packet[0] ?? 0) & 0xf);
  if ((packet[0] ?? 0) >> 4 !== 4 || header < 20 || packet[9] !== PROTOCOL.udp) return undefined;
  // A fragment has no ports, and nothing of DHCP is that long.
  if ((((packet[6] ?? 0) & 0x3f) | (packet[7] ?? 0)) !== 0) return undefined;
  return udpPayload(packet.subarray(header), port);
}

/** What a UDP datagram of IPv6 to `port` carries. */
export function payload6(frame: Uint8Array, port: number): Uint8Array | undefined {
  const packet = frame.subarray(ETHERNET);
  if ((packet[0] ?? 0) >> 4 !== 6 || packet[6] !== PROTOCOL.udp) return undefined;
  return udpPayload(packet.subarray(IPV6), port);
}

function udpPayload(datagram: Uint8Array, port: number): Uint8Array | undefined {
  if (datagram.length < UDP) return undefined;
  const view = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const length = view.readUInt16BE(4);
  if (view.readUInt16BE(2) !== port || length < UDP || length > view.length) return undefined;
  return datagram.subarray(UDP, length);
}

/** The ICMPv6 message of a router on this link; undefined: it came from elsewhere, or is none. */
export function routerMessage(frame: Uint8Array): Uint8Array | undefined {
  const packet = frame.subarray(ETHERNET);
  if (packet.length < IPV6 || (packet[0] ?? 0) >> 4 !== 6) return undefined;
  if (packet[6] !== PROTOCOL.icmpv6 || packet[7] !== ON_LINK) return undefined;
  // RFC 4861 6.1.2: its source is link-local.
  if (packet[8] !== 0xfe || ((packet[9] ?? 0) & 0xc0) !== 0x80) return undefined;
  const length = ((packet[4] ?? 0) << 8) | (packet[5] ?? 0);
  return IPV6 + length > packet.length ? undefined : packet.subarray(IPV6, IPV6 + length);
}

/** Source of the packet inside, canonical. */
export function sourceOf6(frame: Uint8Array): string {
  const digits = Buffer.from(frame.subarray(ETHERNET + 8, ETHERNET + 24)).toString('hex');
  return parseIp(digits.match(/.{4}/g)?.join(':') ?? '')?.text ?? '';
}

/** Ends of a datagram. Addresses without zone; `mac`: six octets, the sender's own. */
export interface DatagramEnds {
  readonly from: string;
  readonly mac: Uint8Array;
  readonly ports: { readonly from: number; readonly to: number };
}

const ETHERTYPE = { 4: [0x08, 0x00], 6: [0x86, 0xdd] } as const;
const BROADCAST = Buffer.alloc(6, 0xff);
const HOPS = 64;

/** A datagram to everybody on the link, 255.255.255.255. */
export function frameToAll4(payload: Uint8Array, { from, mac, ports }: DatagramEnds): Uint8Array {
  // RFC 768: without a checksum, for Ethernet has one.
  const udp = udpOf(payload, ports);
  const header = Buffer.from([0x45, 0, ...two(20 + udp.length), 0, 0, 0, 0, HOPS, PROTOCOL.udp, 0, 0]);
  const packet = Buffer.concat([header, octetsOf(from, 4), Buffer.alloc(4, 0xff), udp]);
  packet.writeUInt16BE(checksum(packet.subarray(0, 20)), 10);
  return Buffer.concat([BROADCAST, mac.subarray(0, 6), Uint8Array.from(ETHERTYPE[4]), packet]);
}

/** A datagram to a group of the link, such as ff02::1:2. */
export function frameToGroup6(payload: Uint8Array, group: string, ends: DatagramEnds): Uint8Array {
  const udp = udpOf(payload, ends.ports);
  return frame6(udp, { protocol: PROTOCOL.udp, hops: 1, checksumAt: 6 }, group, ends);
}

/** RFC 4861 4.1: a message to all routers of the link. */
export function frameToRouters(message: Uint8Array, ends: Pick<DatagramEnds, 'from' | 'mac'>): Uint8Array {
  return frame6(message, { protocol: PROTOCOL.icmpv6, hops: ON_LINK, checksumAt: 2 }, 'ff02::2', ends);
}

interface Inside6 {
  readonly protocol: number;
  readonly hops: number;
  /** Where the checksum stands. */
  readonly checksumAt: number;
}

/** Checksum over the addresses as well (RFC 8200 8.1); group to Ethernet by RFC 2464 7. */
function frame6(
  message: Uint8Array,
  { protocol, hops, checksumAt }: Inside6,
  group: string,
  { from, mac }: Pick<DatagramEnds, 'from' | 'mac'>,
): Uint8Array {
  const [source, destination] = [octetsOf(from, 16), octetsOf(group, 16)];
  const body = Buffer.from(message);
  body.writeUInt16BE(0, checksumAt);
  const summed = Buffer.concat([
    source,
    destination,
    Uint8Array.of(0, 0, ...two(body.length), 0, 0, 0, protocol),
    body,
  ]);
  // RFC 8200 8.1: zero would mean that there is none.
  body.writeUInt16BE(checksum(summed) || 0xffff, checksumAt);
  const header = Uint8Array.of(0x60, 0, 0, 0, ...two(body.length), protocol, hops);
  const ethernet = Buffer.from([
    0x33,
    0x33,
    ...destination.subarray(12),
    ...mac.subarray(0, 6),
    ...ETHERTYPE[6],
  ]);
  return Buffer.concat([ethernet, header, source, destination, body]);
}

function udpOf(payload: Uint8Array, ports: DatagramEnds['ports']): Buffer {
  const header = [...two(ports.from), ...two(ports.to), ...two(UDP + payload.length), 0, 0];
  return Buffer.concat([Uint8Array.from(header), payload]);
}

function two(value: number): readonly [number, number] {
  return [value >> 8, value & 0xff];
}

function octetsOf(address: string, length: 4 | 16): Buffer {
  return Buffer.from((parseIp(address)?.bits ?? 0n).toString(16).padStart(2 * length, '0'), 'hex');
}

/** RFC 1071. */
function checksum(octets: Buffer): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
