/**
 * The receiving half of a media session: datagrams in, a frame of sound out every 20 ms. One source is heard at a
 * time; another SSRC takes over when two of its packets follow each other (RFC 3550 A.1). Packets that carry our
 * own SSRC are heard too: that is how the echo of a test server comes back.
 */
import { type SampleCodec, sampleCodecOf } from './g711.ts';
import { Playout } from './playout.ts';
import { Reception } from './reception.ts';
import { emptyHeader, type RtpHeader, readRtp, sequenceDistance } from './rtp.ts';
import { EventReceiver } from './telephone_event.ts';
import type { Codec, DtmfKey } from './types.ts';

/** Ticks of the media clock in a millisecond. */
const TICKS_PER_MS = 8;
/** 200 ms of sound in one packet. */
const MAX_SAMPLES = 1600;

export class RtpReceiver {
  readonly #playout = new Playout();
  readonly #header: RtpHeader = emptyHeader();
  readonly #samples = new Int16Array(MAX_SAMPLES);
  readonly #events: EventReceiver;
  #codecs: (SampleCodec | undefined)[] = [];
  #eventPayloadType = -1;
  #reception: Reception | undefined;
  #newSsrc = -1;
  #newSequence = -1;
  #receivedBefore = 0;
  #lostBefore = 0;
  /** Milliseconds, on the clock of `receive`; -Infinity before the first packet. */
  heardAt = Number.NEGATIVE_INFINITY;

  /** `onKey` is called once for each key that the peer presses, when it ends. */
  constructor(onKey: (key: DtmfKey, ms: number) => void) {
    this.#events = new EventReceiver(onKey);
  }

  /** Sets what the peer may send. */
  configure(receive: readonly Codec[], eventPayloadType: number | undefined): void {
    this.#codecs = [];
    for (const codec of receive) this.#codecs[codec.payloadType] = sampleCodecOf(codec);
    this.#eventPayloadType = eventPayloadType ?? -1;
  }

  /** Reads the header of a datagram; the result is valid until the next call, undefined for what is no RTP of ours. */
  read(octets: Uint8Array): Readonly<RtpHeader> | undefined {
    const header = this.#header;
    if (!readRtp(octets, header)) return undefined;
    const known =
      header.payloadType === this.#eventPayloadType || this.#codecs[header.payloadType] !== undefined;
    return known ? header : undefined;
  }

  /** Takes the packet whose header was just read. `now` in ms. False when it is not counted as received. */
  receive(octets: Uint8Array, now: number): boolean {
    const { ssrc, sequence, timestamp, payloadType, payloadStart, payloadEnd } = this.#header;
    const reception = this.#receptionOf(ssrc, sequence);
    if (reception === undefined) return false;
    const isNewest =
      reception.received === 0 || sequenceDistance(sequence, reception.extendedHighest & 0xffff) > 0;
    if (!reception.update(sequence)) return false;
    this.heardAt = now;
    if (payloadType === this.#eventPayloadType) {
      this.#events.receive(octets, payloadStart, payloadEnd, this.#header, now);
      return true;
    }
    // Event packets keep the timestamp of their beginning, so only sound tells of jitter.
    reception.arrived(timestamp, now * TICKS_PER_MS);
    const codec = this.#codecs[payloadType];
    const count = payloadEnd - payloadStart;
    if (codec === undefined || count > MAX_SAMPLES) return true;
    for (let i = 0; i < count; i++) this.#samples[i] = codec.decoded[octets[payloadStart + i] ?? 0] ?? 0;
    this.#playout.put(timestamp, this.#samples, count, isNewest, now);
    return true;
  }

  /** Takes the next 160 samples; returns how many were really received. */
  frame(samples: Int16Array, now: number): number {
    this.#events.tick(now);
    return this.#playout.take(samples, now);
  }

  /** The source that is heard, for reports. */
  get reception(): Reception | undefined {
    return this.#reception;
  }

  /** Packets of all sources so far. */
  get received(): number {
    return this.#receivedBefore + (this.#reception?.totalReceived ?? 0);
  }

  get lost(): number {
    return this.#lostBefore + (this.#reception?.totalLost ?? 0);
  }

  get jitterMs(): number {
    return (this.#reception?.jitter ?? 0) / TICKS_PER_MS;
  }

  #receptionOf(ssrc: number, sequence: number): Reception | undefined {
    const current = this.#reception;
    if (current?.ssrc === ssrc) return current;
    if (current !== undefined && !(ssrc === this.#newSsrc && sequence === this.#newSequence)) {
      this.#newSsrc = ssrc;
      this.#newSequence = (sequence + 1) & 0xffff;
      return undefined;
    }
    this.#receivedBefore = this.received;
    this.#lostBefore = this.lost;
    this.#newSsrc = -1;
    this.#playout.reset();
    this.#events.reset();
    this.#reception = new Reception(ssrc, sequence);
    return this.#reception;
  }
}
