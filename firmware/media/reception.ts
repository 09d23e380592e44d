/**
 * What a receiver keeps about one source: validity of sequence numbers (RFC 3550 A.1), packets expected and
 * lost (A.3) and interarrival jitter (A.8).
 */
import { sequenceDistance } from './rtp.ts';

/** Packets missing in a row that are still the same stream, and packets late that are. */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

export class Reception {
  readonly ssrc: number;
  #base: number;
  #highest: number;
  #cycles = 0;
  /** The sequence number that would confirm a restart of the stream, -1 for none. */
  #badSequence = -1;
  #received = 0;
  /** Of the runs before the last leap of the sequence numbers. */
  #earlierReceived = 0;
  #earlierLost = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #transit = 0;
  #hasTransit = false;
  #jitter = 0;

  constructor(ssrc: number, sequence: number) {
    this.ssrc = ssrc;
    this.#base = sequence;
    this.#highest = sequence;
  }

  /** Counts a packet; false where its sequence number leaps and no second one confirms it. */
  update(sequence: number): boolean {
    const ahead = sequenceDistance(sequence, this.#highest) & 0xffff;
    if (ahead < MAX_DROPOUT) {
      if (sequence < this.#highest) this.#cycles += 0x10000;
      this.#highest = sequence;
    } else if (ahead <= 0x10000 - MAX_MISORDER) {
      if (sequence !== this.#badSequence) {
        this.#badSequence = (sequence + 1) & 0xffff;
        return false;
      }
      this.#restart(sequence);
    }
    this.#received++;
    return true;
  }

  #restart(sequence: number): void {
    this.#earlierReceived = this.totalReceived;
    this.#earlierLost = this.totalLost;
    this.#base = sequence;
    this.#highest = sequence;
    this.#cycles = 0;
    this.#badSequence = -1;
    this.#received = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
    this.#hasTransit = false;
  }

  /** Counts a packet's arrival, both times in ticks of the media clock (A.8). */
  arrived(timestamp: number, arrival: number): void {
    const transit = (Math.round(arrival) - timestamp) | 0;
    if (this.#hasTransit) {
      const difference = Math.abs((transit - this.#transit) | 0);
      this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#transit = transit;
    this.#hasTransit = true;
  }

  get received(): number {
    return this.#received;
  }

  /** Highest sequence number with its cycles, 32 bits. */
  get extendedHighest(): number {
    return (this.#cycles + this.#highest) >>> 0;
  }

  get expected(): number {
    return this.#cycles + this.#highest - this.#base + 1;
  }

  /** Packets expected but not received; negative where duplicates came (A.3). */
  get lost(): number {
    return this.expected - this.#received;
  }

  /** Packets received and missing since the beginning, leaps of the sequence numbers included. */
  get totalReceived(): number {
    return this.#earlierReceived + this.#received;
  }

  get totalLost(): number {
    return this.#earlierLost + Math.max(0, this.lost);
  }

  /** In ticks of the media clock. */
  get jitter(): number {
    return this.#jitter;
  }

  /** The part of packets lost since it was last asked, in 1/256 (A.3). */
  takeFractionLost(): number {
    const expected = this.expected - this.#expectedBefore;
    const received = this.#received - this.#receivedBefore;
    this.#expectedBefore = this.expected;
    this.#receivedBefore = this.#received;
    const lost = expected - received;
    return expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected));
  }
}
