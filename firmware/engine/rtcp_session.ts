/** The RTCP side of a session: when a report is due, what it says, what the peer's says (RFC 3550 6). */
import type { Reception } from '#media/reception.ts';
import { middleOf, ntpOf, type Report, readCompound, roundTripOf, writeCompound } from '#media/rtcp.ts';
import { averageSizeAfter, rtcpInterval } from '#media/rtcp_interval.ts';
import type { RtpSender } from '#media/rtp_sender.ts';

/** Octets a second: 5 % of G.711 with its headers. */
const BANDWIDTH = 500;
const UDP_AND_IP = 28;

export class RtcpSession {
  readonly #sender: RtpSender;
  readonly #cname: Uint8Array;
  readonly #random: () => number;
  readonly #packet = new Uint8Array(128);
  #averageSize = 100;
  #lastSent: number;
  #due: number;
  #initial = true;
  #packetsBefore = 0;
  /** The peer's last SR: middle NTP, and when it came (ms). */
  #lastSr = 0;
  #lastSrAt = 0;
  roundTripMs: number | undefined;

  constructor(sender: RtpSender, cname: Uint8Array, random: () => number, now: number) {
    this.#sender = sender;
    this.#cname = cname;
    this.#random = random;
    this.#lastSent = now;
    this.#due = now + this.#interval(undefined);
  }

  /** The report to send now, if one is due (6.3.6: reconsidered once). Valid until the next call. */
  due(now: number, reception: Reception | undefined): Uint8Array | undefined {
    if (now < this.#due) return undefined;
    const reconsidered = this.#lastSent + this.#interval(reception);
    if (reconsidered > now) {
      this.#due = reconsidered;
      return undefined;
    }
    const packet = this.report(now, reception, false);
    this.#initial = false;
    this.#lastSent = now;
    this.#due = now + this.#interval(reception);
    return packet;
  }

  /** A report, with BYE when leaving (6.6). */
  report(now: number, reception: Reception | undefined, leaving: boolean): Uint8Array {
    const length = writeCompound(this.#packet, this.#content(now, reception), this.#cname, leaving);
    this.#averageSize = averageSizeAfter(this.#averageSize, length + UDP_AND_IP);
    this.#packetsBefore = this.#sender.packets;
    return this.#packet.subarray(0, length);
  }

  /** Takes a report of the peer; what is invalid is ignored. */
  receive(octets: Uint8Array, now: number): void {
    const compound = readCompound(octets);
    if (compound === undefined) return;
    this.#averageSize = averageSizeAfter(this.#averageSize, octets.length + UDP_AND_IP);
    for (const { sender, blocks } of compound.reports) {
      if (sender !== undefined) {
        this.#lastSr = middleOf(sender.ntpSeconds, sender.ntpFraction);
        this.#lastSrAt = now;
      }
      for (const block of blocks) {
        if (block.ssrc !== this.#sender.ssrc) continue;
        this.roundTripMs = roundTripOf(block, middleAt(now)) ?? this.roundTripMs;
      }
    }
  }

  #content(now: number, reception: Reception | undefined): Report {
    const { ssrc, packets, octets, timestamp } = this.#sender;
    const blocks = reception === undefined ? [] : [this.#block(reception, now)];
    if (packets === this.#packetsBefore) return { ssrc, blocks };
    const { seconds, fraction } = ntpOf(unixTime(now));
    const sender = {
      ntpSeconds: seconds,
      ntpFraction: fraction,
      rtpTimestamp: timestamp,
      packets: packets >>> 0,
      octets: octets >>> 0,
    };
    return { ssrc, sender, blocks };
  }

  #block(reception: Reception, now: number) {
    return {
      ssrc: reception.ssrc,
      fractionLost: reception.takeFractionLost(),
      lost: reception.lost,
      highest: reception.extendedHighest,
      jitter: reception.jitter,
      lastSr: this.#lastSr,
      delaySinceLastSr: this.#lastSr === 0 ? 0 : Math.round(((now - this.#lastSrAt) * 65536) / 1000),
    };
  }

  #interval(reception: Reception | undefined): number {
    const weSent = this.#sender.packets > this.#packetsBefore;
    return rtcpInterval({
      members: reception === undefined ? 1 : 2,
      senders: (weSent ? 1 : 0) + (reception === undefined ? 0 : 1),
      weSent,
      bandwidth: BANDWIDTH,
      averageSize: this.#averageSize,
      initial: this.#initial,
      random: this.#random(),
    });
  }
}

/** Milliseconds since 1970 of a time of the monotonic clock. */
function unixTime(now: number): number {
  return performance.timeOrigin + now;
}

function middleAt(now: number): number {
  const { seconds, fraction } = ntpOf(unixTime(now));
  return middleOf(seconds, fraction);
}
