/** IP packets around SIP messages, with right lengths and checksums, and Wireshark's exported PDUs. */
import { Buffer } from 'node:buffer';
import type { End } from './addresses.ts';

const TCP = 6;
const UDP = 17;
const HOP_LIMIT = 64;
/** Payload of one packet: 65,535 less the headers. */
const MOST_UDP = 65_507;
const MOST_TCP = 60_000;
/** PSH and ACK. */
const TCP_FLAGS = 0x18;

export function udpPacket(from: End, to: End, octets: Buffer): Buffer {
  const payload = octets.subarray(0, MOST_UDP);
  const header = Buffer.alloc(8);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  const datagram = Buffer.concat([header, payload]);
  // RFC 768: no checksum would be zero, so zero is written as its other form.
  datagram.writeUInt16BE(transportChecksum(UDP, from, to, datagram) || 0xffff, 6);
  return ipPacket(UDP, from, to, datagram);
}

/** Segments of connections whose beginning nobody saw: each goes on where the one before in its direction ended. */
export class TcpStreams {
  readonly #next = new Map<string, number>();

  segments(from: End, to: End, octets: Buffer): readonly Buffer[] {
    const [forth, back] = [`${nameOf(from)} ${nameOf(to)}`, `${nameOf(to)} ${nameOf(from)}`];
    const packets: Buffer[] = [];
    for (let at = 0; at < octets.length; at += MOST_TCP) {
      const payload = octets.subarray(at, at + MOST_TCP);
      const sequence = this.#next.get(forth) ?? 1;
      packets.push(tcpPacket(from, to, sequence, this.#next.get(back) ?? 1, payload));
      this.#next.set(forth, (sequence + payload.length) >>> 0);
    }
    return packets;
  }
}

const nameOf = ({ address, port }: End): string => `${address.toString('hex')}:${port}`;

function tcpPacket(from: End, to: End, sequence: number, acknowledged: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt32BE(sequence, 4);
  header.writeUInt32BE(acknowledged, 8);
  header[12] = (header.length / 4) << 4;
  header[13] = TCP_FLAGS;
  header.writeUInt16BE(0xffff, 14);
  const segment = Buffer.concat([header, payload]);
  segment.writeUInt16BE(transportChecksum(TCP, from, to, segment), 16);
  return ipPacket(TCP, from, to, segment);
}

function ipPacket(protocol: number, from: End, to: End, payload: Buffer): Buffer {
  const header = from.address.length === 4 ? ipv4Header : ipv6Header;
  return Buffer.concat([header(protocol, from, to, payload.length), payload]);
}

/** RFC 791 3.1, without options. */
function ipv4Header(protocol: number, from: End, to: End, length: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + length, 2);
  header[8] = HOP_LIMIT;
  header[9] = protocol;
  from.address.copy(header, 12);
  to.address.copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

/** RFC 8200 3. */
function ipv6Header(protocol: number, from: End, to: End, length: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(length, 4);
  header[6] = protocol;
  header[7] = HOP_LIMIT;
  from.address.copy(header, 8);
  to.address.copy(header, 24);
  return header;
}

/** Over the pseudo-header too (RFC 9293 3.1, RFC 8200 8.1: the same sum for both families). */
function transportChecksum(protocol: number, from: End, to: End, segment: Buffer): number {
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(segment.length, 0);
  pseudo[7] = protocol;
  return checksum(Buffer.concat([from.address, to.address, pseudo, segment]));
}

/** RFC 1071: the ones' complement of the sum of 16-bit words. */
function checksum(octets: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < octets.length; at += 2) sum += octets.readUInt16BE(at);
  if (octets.length % 2 === 1) sum += (octets.at(-1) ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}

/** Tags of Wireshark's epan/exported_pdu.h; each with its length, both of 16 bits, most significant octet first. */
const PDU = { end: 0, dissector: 12, ipv4: [20, 21], ipv6: [22, 23], portType: 24, ports: [25, 26] } as const;
/** OLD_PT_TCP of the same file. */
const PORT_TYPE_TCP = 2;

/** What `dissector` shall read, as it came out of an encrypted connection. */
export function exportedPdu(dissector: string, from: End, to: End, octets: Buffer): Buffer {
  const [source, destination] = from.address.length === 4 ? PDU.ipv4 : PDU.ipv6;
  return Buffer.concat([
    // Its length is a multiple of four, filled with zeros.
    tag(PDU.dissector, Buffer.concat([Buffer.from(dissector), Buffer.alloc(-dissector.length & 3)])),
    tag(source, from.address),
    tag(destination, to.address),
    tag(PDU.portType, number(PORT_TYPE_TCP)),
    tag(PDU.ports[0], number(from.port)),
    tag(PDU.ports[1], number(to.port)),
    tag(PDU.end, Buffer.alloc(0)),
    octets,
  ]);
}

function tag(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

function number(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value, 0);
  return octets;
}
