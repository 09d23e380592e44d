/**
 * RTCP compound packets (RFC 3550 6): sender and receiver reports, source description, goodbye.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |V=2|P|  count  |   PT 200–204  |   length in words minus one   |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |                        SSRC of sender                         |
 *   +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 *   | SR only: NTP seconds, NTP fraction, RTP timestamp, packets, octets
 *   +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 *   | each block: SSRC, fraction lost (8) lost (24), highest sequence,
 *   | jitter, last SR, delay since last SR
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
import { read16, read32, write16, write32 } from './rtp.ts';

const SR = 200;
const RR = 201;
const SDES = 202;
const BYE = 203;
const CNAME = 1;
const BLOCK_LENGTH = 24;
const NTP_EPOCH_SECONDS = 2_208_988_800;

export interface ReportBlock {
  readonly ssrc: number;
  /** In 1/256. */
  readonly fractionLost: number;
  /** Signed, 24 bits. */
  readonly lost: number;
  readonly highest: number;
  /** Ticks of the media clock. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last SR, 0 for none. */
  readonly lastSr: number;
  /** 1/65536 s. */
  readonly delaySinceLastSr: number;
}

export interface SenderInfo {
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
}

export interface Report {
  readonly ssrc: number;
  /** Present in an SR. */
  readonly sender?: SenderInfo;
  readonly blocks: readonly ReportBlock[];
}

/** A compound packet as received: its reports, the canonical names and those who leave. */
export interface Compound {
  readonly reports: readonly Report[];
  readonly names: readonly { readonly ssrc: number; readonly cname: string }[];
  readonly leaving: readonly number[];
}

/**
 * Writes SR or RR, SDES with CNAME and, when leaving, BYE (RFC 3550 6.1). Returns the octets written; `out` holds
 * at least 128 octets. `cname` is ASCII, at most 40 octets.
 */
export function writeCompound(out: Uint8Array, report: Report, cname: Uint8Array, leaving = false): number {
  let at = writeReport(out, report);
  at = writeSdes(out, at, report.ssrc, cname);
  if (leaving) {
    writeStart(out, at, 1, BYE, 8);
    write32(out, at + 4, report.ssrc);
    at += 8;
  }
  return at;
}

function writeStart(out: Uint8Array, at: number, count: number, type: number, length: number): void {
  out[at] = 0x80 | count;
  out[at + 1] = type;
  write16(out, at + 2, length / 4 - 1);
}

function writeReport(out: Uint8Array, { ssrc, sender, blocks }: Report): number {
  let at = 8;
  if (sender !== undefined) {
    write32(out, at, sender.ntpSeconds);
    write32(out, at + 4, sender.ntpFraction);
    write32(out, at + 8, sender.rtpTimestamp);
    write32(out, at + 12, sender.packets);
    write32(out, at + 16, sender.octets);
    at += 20;
  }
  for (const block of blocks) {
    write32(out, at, block.ssrc);
    write32(out, at + 4, lossWord(block));
    write32(out, at + 8, block.highest);
    write32(out, at + 12, Math.floor(block.jitter));
    write32(out, at + 16, block.lastSr);
    write32(out, at + 20, block.delaySinceLastSr);
    at += BLOCK_LENGTH;
  }
  writeStart(out, 0, blocks.length, sender === undefined ? RR : SR, at);
  write32(out, 4, ssrc);
  return at;
}

/** Fraction and cumulative number, the latter held at its 24 bits (A.3). */
function lossWord(block: ReportBlock): number {
  const lost = Math.min(0x7fffff, Math.max(-0x800000, block.lost));
  return (block.fractionLost << 24) | (lost & 0xffffff);
}

function writeSdes(out: Uint8Array, at: number, ssrc: number, cname: Uint8Array): number {
  // Items end with at least one null octet, up to the next word (6.5).
  const length = 4 + 4 * Math.ceil((4 + 2 + cname.length + 1) / 4);
  out.fill(0, at, at + length);
  writeStart(out, at, 1, SDES, length);
  write32(out, at + 4, ssrc);
  out[at + 8] = CNAME;
  out[at + 9] = cname.length;
  out.set(cname, at + 10);
  return at + length;
}

/** Reads a compound packet; undefined where RFC 3550 A.2 calls it invalid. Never throws. */
export function readCompound(octets: Uint8Array): Compound | undefined {
  const reports: Report[] = [];
  const names: { ssrc: number; cname: string }[] = [];
  const leaving: number[] = [];
  let at = 0;
  while (at < octets.length) {
    const end = endOfPacket(octets, at);
    if (end === undefined) return undefined;
    const type = octets[at + 1] ?? 0;
    const count = (octets[at] ?? 0) & 0x1f;
    if (type === SR || type === RR) {
      const report = readReport(octets, at, end, count, type === SR);
      if (report === undefined) return undefined;
      reports.push(report);
    } else if (at === 0) return undefined;
    else if (type === SDES) readNames(octets, at + 4, end, count, names);
    else if (type === BYE) readLeaving(octets, at + 4, end, count, leaving);
    at = end;
  }
  return reports.length === 0 ? undefined : { reports, names, leaving };
}

/** Where the packet at `at` ends; padding is allowed in the last packet only (A.2). */
function endOfPacket(octets: Uint8Array, at: number): number | undefined {
  const first = octets[at] ?? 0;
  const end = at + 4 * (read16(octets, at + 2) + 1);
  if (at + 4 > octets.length || first >> 6 !== 2 || end > octets.length) return undefined;
  if ((first & 0x20) !== 0 && (at === 0 || end !== octets.length)) return undefined;
  return end;
}

function readReport(
  octets: Uint8Array,
  start: number,
  end: number,
  count: number,
  isSender: boolean,
): Report | undefined {
  let at = start + (isSender ? 28 : 8);
  if (at + count * BLOCK_LENGTH > end) return undefined;
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count; i++, at += BLOCK_LENGTH) blocks.push(readBlock(octets, at));
  const ssrc = read32(octets, start + 4);
  if (!isSender) return { ssrc, blocks };
  const sender = {
    ntpSeconds: read32(octets, start + 8),
    ntpFraction: read32(octets, start + 12),
    rtpTimestamp: read32(octets, start + 16),
    packets: read32(octets, start + 20),
    octets: read32(octets, start + 24),
  };
  return { ssrc, sender, blocks };
}

function readBlock(octets: Uint8Array, at: number): ReportBlock {
  return {
    ssrc: read32(octets, at),
    fractionLost: octets[at + 4] ?? 0,
    lost: (read32(octets, at + 4) << 8) >> 8,
    highest: read32(octets, at + 8),
    jitter: read32(octets, at + 12),
    lastSr: read32(octets, at + 16),
    delaySinceLastSr: read32(octets, at + 20),
  };
}

function readNames(
  octets: Uint8Array,
  from: number,
  end: number,
  count: number,
  names: { ssrc: number; cname: string }[],
): void {
  let at = from;
  for (let chunk = 0; chunk < count && at + 4 <= end; chunk++) {
    const ssrc = read32(octets, at);
    at += 4;
    while (at < end && octets[at] !== 0) {
      const stop = at + 2 + (octets[at + 1] ?? 0);
      if (stop > end) return;
      if (octets[at] === CNAME) names.push({ ssrc, cname: textOf(octets.subarray(at + 2, stop)) });
      at = stop;
    }
    at = from + 4 * Math.floor((at - from) / 4 + 1);
  }
}

/** A name for people and logs: what is not printable ASCII is a dot. */
function textOf(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += octet > 31 && octet < 127 ? String.fromCharCode(octet) : '.';
  return text;
}

function readLeaving(octets: Uint8Array, from: number, end: number, count: number, leaving: number[]): void {
  for (let i = 0; i < count && from + 4 * i + 4 <= end; i++) leaving.push(read32(octets, from + 4 * i));
}

/** NTP time of a moment in milliseconds since 1970 (RFC 3550 4). */
export function ntpOf(unixMs: number): { readonly seconds: number; readonly fraction: number } {
  const seconds = Math.floor(unixMs / 1000);
  const fraction = Math.floor((unixMs / 1000 - seconds) * 0x1_0000_0000);
  return { seconds: (seconds + NTP_EPOCH_SECONDS) >>> 0, fraction };
}

/** The middle 32 bits of an NTP time, as reports quote it. */
export function middleOf(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

/** Round trip in ms from a report block that quotes our SR and came at `arrival` (middle NTP), if it can be known (6.4.1). */
export function roundTripOf(block: ReportBlock, arrival: number): number | undefined {
  if (block.lastSr === 0) return undefined;
  const units = (arrival - block.lastSr - block.delaySinceLastSr) | 0;
  return units < 0 ? undefined : (units * 1000) / 65536;
}
