/** When the next RTCP report is due (RFC 3550 6.2, 6.3, A.7). */

/** Seconds; half of it before the first report. */
const MINIMUM_INTERVAL = 5;
const SENDER_SHARE = 0.25;
/** Makes up for timer reconsideration, which converges below the mean (6.3.1). */
const COMPENSATION = Math.E - 1.5;

export interface IntervalInput {
  readonly members: number;
  readonly senders: number;
  readonly weSent: boolean;
  /** Octets a second for RTCP: 5 % of the session's bandwidth. */
  readonly bandwidth: number;
  /** Mean size of compound packets, octets, lower layers included. */
  readonly averageSize: number;
  readonly initial: boolean;
  /** 0–1. */
  readonly random: number;
}

/** Milliseconds until the next report. */
export function rtcpInterval(input: IntervalInput): number {
  const { members, senders, weSent, bandwidth, averageSize, initial, random } = input;
  let share = bandwidth;
  let count = members;
  if (senders <= members * SENDER_SHARE) {
    share *= weSent ? SENDER_SHARE : 1 - SENDER_SHARE;
    count = weSent ? senders : members - senders;
  }
  const minimum = initial ? MINIMUM_INTERVAL / 2 : MINIMUM_INTERVAL;
  const deterministic = Math.max(minimum, (averageSize * count) / share);
  return (1000 * deterministic * (random + 0.5)) / COMPENSATION;
}

/** The running mean of packet sizes (6.3.3). */
export function averageSizeAfter(average: number, size: number): number {
  return size / 16 + (average * 15) / 16;
}
