/**
 * Ethernet frames as a packet socket sees them: the datagram of DHCP inside, or the router's message. The kernel has
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

/** ff02::2, and the Ethernet group that it is (RFC 2464 7). */
const ALL_ROUTERS = Buffer.from(`ff02${'0'.repeat(26)}02`, 'hex');
const ALL_ROUTERS_MAC = [0x33, 0x33, 0, 0, 0, 2];
const ETHERTYPE_IPV6 = [0x86, 0xdd];

/**
 * A message to all routers of the link, with its checksum (RFC 8200 8.1).
 *
 * @param from link-local, without zone
 * @param mac six octets
 */
export function frameToRouters(message: Uint8Array, from: string, mac: Uint8Array): Uint8Array {
  const source = Buffer.from((parseIp(from)?.bits ?? 0n).toString(16).padStart(32, '0'), 'hex');
  const icmp = Buffer.from(message);
  icmp.writeUInt16BE(0, 2);
  const lengths = Uint8Array.of(0, 0, icmp.length >> 8, icmp.length & 0xff, 0, 0, 0, PROTOCOL.icmpv6);
  icmp.writeUInt16BE(checksum(Buffer.concat([source, ALL_ROUTERS, lengths, icmp])), 2);
  const header = Uint8Array.of(0x60, 0, 0, 0, icmp.length >> 8, icmp.length & 0xff, PROTOCOL.icmpv6, ON_LINK);
  const ethernet = Uint8Array.from([...ALL_ROUTERS_MAC, ...mac.subarray(0, 6), ...ETHERTYPE_IPV6]);
  return Buffer.concat([ethernet, header, source, ALL_ROUTERS, icmp]);
}

/** RFC 1071. */
function checksum(octets: Buffer): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
