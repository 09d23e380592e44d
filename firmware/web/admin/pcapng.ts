/**
 * The trace as a capture that Wireshark and tshark read (draft-ietf-opsawg-pcapng). What passed in clear becomes IP
 * packets, as they may have been on the wire; what passed inside TLS becomes "exported PDUs", which carry the name of
 * their protocol, since an encrypted record is not what the trace has.
 *
 *   +------------+--------------+------ … ------+--------------+
 *   | block type | total length |  body, to 32  | total length |     all in the order of octets that the first
 *   |            |              |  bits padded  |    again     |     block shows by its magic number
 *   +------------+--------------+------ … ------+--------------+
 */
import { Buffer } from 'node:buffer';
import type { TraceEntry } from '#phone/types.ts';
import { type End, endOf } from './addresses.ts';
import { exportedPdu, TcpStreams, udpPacket } from './packets.ts';

const BLOCK = { section: 0x0a0d0d0a, interface: 1, enhancedPacket: 6 } as const;
const MAGIC = 0x1a2b3c4d;
/** Not known beforehand. */
const ANY_LENGTH = Buffer.alloc(8, 0xff);
/** Options: 0 ends the list, 1 is a comment, the others by block. */
const OPTION = { end: 0, comment: 1, application: 4, interfaceName: 2, packetFlags: 2 } as const;
/** LINKTYPE_RAW: a packet begins with its IP header. LINKTYPE_WIRESHARK_UPPER_PDU: with tags. */
const LINK = { raw: 101, exported: 252 } as const;
const [IN_CLEAR, DECRYPTED] = [0, 1];
/** Bits 0 and 1 of the flags. */
const DIRECTION = { in: 1, out: 2 } as const;

/** `application`: name and version of who writes. Entries whose ends are no addresses are left out. */
export function capture(entries: readonly TraceEntry[], application: string): Buffer {
  const streams = new TcpStreams();
  return Buffer.concat([
    section(application),
    networkInterface(LINK.raw, 'SIP in clear'),
    networkInterface(LINK.exported, 'SIP inside TLS'),
    ...entries.flatMap((entry) => packetsOf(entry, streams)),
  ]);
}

function section(application: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt16LE(1, 4);
  return block(
    BLOCK.section,
    head,
    ANY_LENGTH,
    option(
      OPTION.comment,
      Buffer.from('Passwords, digest responses and keys are masked; Content-Length is that of what is left.'),
    ),
    option(OPTION.application, Buffer.from(application)),
    option(OPTION.end),
  );
}

function networkInterface(link: number, name: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(link, 0);
  return block(BLOCK.interface, head, option(OPTION.interfaceName, Buffer.from(name)), option(OPTION.end));
}

function packetsOf(entry: TraceEntry, streams: TcpStreams): Buffer[] {
  const [local, remote] = [endOf(entry.local), endOf(entry.remote)];
  if (local === undefined || remote === undefined) return [];
  if (local.address.length !== remote.address.length) return [];
  const [from, to] = entry.direction === 'in' ? [remote, local] : [local, remote];
  const octets = withTrueLength(Buffer.from(entry.text, 'latin1'));
  if (entry.transport === 'tls') return [packet(entry, DECRYPTED, exportedPdu('sip', from, to, octets))];
  return inClear(entry, from, to, octets, streams).map((data) => packet(entry, IN_CLEAR, data));
}

function inClear(
  { transport }: TraceEntry,
  from: End,
  to: End,
  octets: Buffer,
  streams: TcpStreams,
): readonly Buffer[] {
  return transport === 'udp' ? [udpPacket(from, to, octets)] : streams.segments(from, to, octets);
}

function packet({ time, direction }: TraceEntry, where: number, data: Buffer): Buffer {
  const head = Buffer.alloc(20);
  // Microseconds, the resolution where an interface names none; the more significant half first.
  const microseconds = BigInt(Math.round(time)) * 1000n;
  head.writeUInt32LE(where, 0);
  head.writeUInt32LE(Number(microseconds >> 32n), 4);
  head.writeUInt32LE(Number(microseconds & 0xffff_ffffn), 8);
  head.writeUInt32LE(data.length, 12);
  head.writeUInt32LE(data.length, 16);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(DIRECTION[direction], 0);
  return block(
    BLOCK.enhancedPacket,
    head,
    padded(data),
    option(OPTION.packetFlags, flags),
    option(OPTION.end),
  );
}

function block(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const total = 12 + body.length;
  const frame = Buffer.alloc(total);
  frame.writeUInt32LE(type, 0);
  frame.writeUInt32LE(total, 4);
  body.copy(frame, 8);
  frame.writeUInt32LE(total, total - 4);
  return frame;
}

function option(code: number, value: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function padded(octets: Buffer): Buffer {
  return Buffer.concat([octets, Buffer.alloc(-octets.length & 3)]);
}

/** What was masked is shorter or longer now; a stream's reader would wait for the rest, or take it from the next message. */
function withTrueLength(octets: Buffer): Buffer {
  const end = octets.indexOf('\r\n\r\n');
  if (end < 0) return octets;
  const head = octets.subarray(0, end + 4).toString('latin1');
  const body = octets.subarray(end + 4);
  const told = head.replace(/^(Content-Length|l)([ \t]*:[ \t]*)\d+/im, `$1$2${body.length}`);
  return told === head ? octets : Buffer.concat([Buffer.from(told, 'latin1'), body]);
}
