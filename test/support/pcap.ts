/** Writes a capture of an RTP stream that SIPp can play: Ethernet, IPv4, UDP, RTP with PCMA, 20 ms a packet. */
import { writeFileSync } from 'node:fs';

const ETHERNET = 14;
const IPV4 = 20;
const UDP = 8;
const RTP = 12;

/** `payloads`: one entry a packet, 160 octets of G.711 each. */
export function writeRtpCapture(file: string, payloads: readonly Uint8Array[], payloadType = 8): void {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  writeFileSync(
    file,
    Buffer.concat([header, ...payloads.flatMap((payload, n) => record(payload, n, payloadType))]),
  );
}

function record(payload: Uint8Array, n: number, payloadType: number): Buffer[] {
  const length = ETHERNET + IPV4 + UDP + RTP + payload.length;
  const stamp = Buffer.alloc(16);
  const ms = n * 20;
  stamp.writeUInt32LE(1_700_000_000 + Math.floor(ms / 1000), 0);
  stamp.writeUInt32LE((ms % 1000) * 1000, 4);
  stamp.writeUInt32LE(length, 8);
  stamp.writeUInt32LE(length, 12);
  const frame = Buffer.alloc(length - payload.length);
  frame.writeUInt16BE(0x0800, 12);
  frame[ETHERNET] = 0x45;
  frame.writeUInt16BE(length - ETHERNET, ETHERNET + 2);
  frame[ETHERNET + 8] = 64;
  frame[ETHERNET + 9] = 17;
  frame.set([127, 0, 0, 1, 127, 0, 0, 1], ETHERNET + 12);
  frame.writeUInt16BE(6000, ETHERNET + IPV4);
  frame.writeUInt16BE(6002, ETHERNET + IPV4 + 2);
  frame.writeUInt16BE(UDP + RTP + payload.length, ETHERNET + IPV4 + 4);
  const rtp = ETHERNET + IPV4 + UDP;
  frame[rtp] = 0x80;
  frame[rtp + 1] = payloadType | (n === 0 ? 0x80 : 0);
  frame.writeUInt16BE(1000 + n, rtp + 2);
  frame.writeUInt32BE(n * 160, rtp + 4);
  frame.writeUInt32BE(0x5349_5070, rtp + 8);
  return [stamp, frame, Buffer.from(payload)];
}
