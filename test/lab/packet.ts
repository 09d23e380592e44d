/** Reads captured packets: Ethernet (or bare IP), IPv4 or IPv6, UDP, TCP or ICMP, and the first line of SIP. */
import type { Buffer } from 'node:buffer';
import type { Endpoint, Family } from '#address/endpoint.ts';
import { canonical } from '#address/ip.ts';

export interface Packet {
  /** Milliseconds since 1970, with fractions: the kernel's time stamp. */
  readonly time: number;
  /** Ports are 0 for ICMP. */
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly transport: 'udp' | 'tcp' | 'icmp' | 'other';
  /** TCP: the packet that opens a connection. */
  readonly opens: boolean;
  readonly payload: Buffer;
  /** Time to live, or hop limit. */
  readonly hops: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** Start line, where the payload begins with one. */
  readonly sip?: string;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TRANSPORTS: Readonly<Record<number, Packet['transport']>> = {
  6: 'tcp',
  17: 'udp',
  1: 'icmp',
  58: 'icmp',
};
const START_LINE = /^(?:SIP\/2\.0 \d{3}|[A-Z]+ sips?:\S+ SIP\/2\.0)/;

/** Undefined: neither IPv4 nor IPv6 (ARP, say), or cut off. */
export function readEthernet(frame: Buffer, time: number): Packet | undefined {
  if (frame.length < 34) return undefined;
  const type = frame.readUInt16BE(12);
  if (type === IPV4) return readIp4(frame.subarray(14), time);
  return type === IPV6 && frame.length >= 54 ? readIp6(frame.subarray(14), time) : undefined;
}

function readIp4(packet: Buffer, time: number): Packet {
  const head = ((packet[0] ?? 0x45) & 15) * 4;
  const body = packet.subarray(head, packet.readUInt16BE(2));
  const quad = (at: number) => packet.subarray(at, at + 4).join('.');
  return { ...carried(4, packet[9] ?? 0, quad(12), quad(16), body, time), hops: packet[8] ?? 0 };
}

function readIp6(packet: Buffer, time: number): Packet {
  const body = packet.subarray(40, 40 + packet.readUInt16BE(4));
  const groups = (at: number) =>
    Array.from({ length: 8 }, (_, i) => packet.readUInt16BE(at + 2 * i).toString(16)).join(':');
  const text = (at: number) => canonical(groups(at)) ?? groups(at);
  return { ...carried(6, packet[6] ?? 0, text(8), text(24), body, time), hops: packet[7] ?? 0 };
}

function carried(
  family: Family,
  protocol: number,
  from: string,
  to: string,
  body: Buffer,
  time: number,
): Omit<Packet, 'hops'> {
  const transport = TRANSPORTS[protocol] ?? 'other';
  const withPorts = (transport === 'udp' || transport === 'tcp') && body.length >= 8;
  const end = (address: string, at: number): Endpoint => ({
    ...{ family, address },
    port: withPorts ? body.readUInt16BE(at) : 0,
  });
  const payload = body.subarray(transport === 'tcp' && body.length >= 20 ? ((body[12] ?? 0x50) >> 4) * 4 : 8);
  const sip = startLineOf(payload);
  return {
    ...{ time, from: end(from, 0), to: end(to, 2), transport, payload },
    opens: transport === 'tcp' && ((body[13] ?? 0) & 0x12) === 0x02,
    ...(withPorts && sip !== undefined ? { sip } : {}),
    ...(transport === 'icmp' ? { icmp: { type: body[0] ?? 0, code: body[1] ?? 0 } } : {}),
  };
}

function startLineOf(payload: Buffer): string | undefined {
  const line = payload.toString('latin1', 0, 300).split('\r\n', 1)[0] ?? '';
  return START_LINE.test(line) ? line : undefined;
}
