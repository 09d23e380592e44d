/**
 * The RTP packet (RFC 3550 5.1), read and written in place: nothing is allocated for a packet.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |                           timestamp                           |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |                              SSRC                             |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |                      CSRC, CC of them                         |
 *   |      header extension: profile (16), words (16), words        |
 *   |                          payload, padding                     |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export const RTP_HEADER_LENGTH = 12;

/** What a packet says; one object serves every packet of a stream. `payload…` are offsets into the datagram. */
export interface RtpHeader {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payloadStart: number;
  payloadEnd: number;
}

export function emptyHeader(): RtpHeader {
  return {
    payloadType: 0,
    marker: false,
    sequence: 0,
    timestamp: 0,
    ssrc: 0,
    payloadStart: RTP_HEADER_LENGTH,
    payloadEnd: RTP_HEADER_LENGTH,
  };
}

/** Reads a datagram into `header`; false where it is no RTP packet (RFC 3550 A.1), RTCP included (RFC 5761 4). */
export function readRtp(octets: Uint8Array, header: RtpHeader): boolean {
  const first = octets[0] ?? 0;
  const second = octets[1] ?? 0;
  if (octets.length < RTP_HEADER_LENGTH || first >> 6 !== 2 || (second >= 192 && second <= 223)) return false;
  let start = RTP_HEADER_LENGTH + 4 * (first & 0x0f);
  let end = octets.length;
  if ((first & 0x10) !== 0) {
    if (start + 4 > end) return false;
    start += 4 + 4 * read16(octets, start + 2);
  }
  if (start > end) return false;
  if ((first & 0x20) !== 0) {
    const padding = octets[end - 1] ?? 0;
    if (padding === 0 || start + padding > end) return false;
    end -= padding;
  }
  header.payloadType = second & 0x7f;
  header.marker = second >= 0x80;
  header.sequence = read16(octets, 2);
  header.timestamp = read32(octets, 4);
  header.ssrc = read32(octets, 8);
  header.payloadStart = start;
  header.payloadEnd = end;
  return true;
}

/** Writes the twelve octets of a header without CSRC and extension at the start of `out`. */
export function writeRtpHeader(
  out: Uint8Array,
  header: Pick<RtpHeader, 'payloadType' | 'marker' | 'sequence' | 'timestamp' | 'ssrc'>,
): void {
  out[0] = 0x80;
  out[1] = (header.marker ? 0x80 : 0) | (header.payloadType & 0x7f);
  write16(out, 2, header.sequence);
  write32(out, 4, header.timestamp);
  write32(out, 8, header.ssrc);
}

export function read16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

export function read32(octets: Uint8Array, at: number): number {
  return ((read16(octets, at) << 16) | read16(octets, at + 2)) >>> 0;
}

export function write16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = (value >>> 8) & 0xff;
  octets[at + 1] = value & 0xff;
}

export function write32(octets: Uint8Array, at: number, value: number): void {
  write16(octets, at, value >>> 16);
  write16(octets, at + 2, value & 0xffff);
}

/** How far sequence number `a` is after `b`, -32768–32767. */
export function sequenceDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** How far timestamp `a` is after `b`, in ticks of the media clock, -2^31–2^31-1. */
export function timestampDistance(a: number, b: number): number {
  return (a - b) | 0;
}
