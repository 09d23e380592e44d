/**
 * The sending half of a media session: a frame of sound in every 20 ms, packets out. The timestamp runs with the
 * clock whether something is sent or not (RFC 3550 5.1); keys take the place of sound (RFC 4733 2.5.1.1).
 */
import { toneOfKey } from './dtmf.ts';
import { encodeInto, type SampleCodec } from './g711.ts';
import { RTP_HEADER_LENGTH, writeRtpHeader } from './rtp.ts';
import { EVENT_LENGTH, EventSender } from './telephone_event.ts';
import { ToneGenerator } from './tone.ts';
import type { DtmfKey } from './types.ts';

const FRAME = 160;
/** Packets in rotation: the socket may still hold the last few. */
const POOL = 16;
/** Silence between keys that are sent as sound, ms. */
const GAP_MS = 60;
const MAX_QUEUE = 32;

/** Random numbers of a new source (RFC 3550 5.1, 8): `sequence` 16 bits, the others 32. */
export interface RtpSeed {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
}

export interface RtpSending {
  readonly codec: SampleCodec;
  readonly payloadType: number;
  readonly eventPayloadType?: number;
  /** Milliseconds of sound in a packet; rounded to frames of 20 ms. */
  readonly packetTime: number;
}

export class RtpSender {
  readonly ssrc: number;
  readonly #events = new EventSender();
  readonly #tones: ToneGenerator[] = [];
  readonly #header = { payloadType: 0, marker: true, sequence: 0, timestamp: 0, ssrc: 0 };
  readonly #tone = new Int16Array(FRAME);
  readonly #eventPackets = poolOf(RTP_HEADER_LENGTH + EVENT_LENGTH);
  #packets: Uint8Array[] = [];
  #next = 0;
  #filled = 0;
  #framesPerPacket = 1;
  #packetTimestamp = 0;
  #timestamp: number;
  #sequence: number;
  #talking = false;
  #sending: RtpSending | undefined;
  /** Packets and payload octets sent, for statistics and SR. */
  packets = 0;
  octets = 0;

  constructor(seed: RtpSeed) {
    this.ssrc = seed.ssrc;
    this.#header.ssrc = seed.ssrc;
    this.#sequence = seed.sequence & 0xffff;
    this.#timestamp = seed.timestamp >>> 0;
  }

  /** RTP timestamp of the frame that comes next. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /** Sets what is sent; allowed at any time, as a re-INVITE does. */
  configure(sending: RtpSending): void {
    const frames = Math.min(10, Math.max(1, Math.round(sending.packetTime / 20)));
    if (frames !== this.#framesPerPacket || this.#packets.length === 0) {
      this.#packets = poolOf(RTP_HEADER_LENGTH + frames * FRAME);
      this.#framesPerPacket = frames;
    }
    this.#filled = 0;
    this.#sending = sending;
  }

  /** Sends a key: as an event where the peer understands them, else as sound. False when too many wait. */
  press(key: DtmfKey, ms: number): boolean {
    if (this.#sending?.eventPayloadType !== undefined) return this.#events.press(key, ms);
    if (this.#tones.length >= MAX_QUEUE) return false;
    const tone = toneOfKey(key, ms);
    this.#tones.push(new ToneGenerator({ ...tone, intro: [...tone.intro, { hz: [], ms: GAP_MS }] }));
    return true;
  }

  /** Time went by in which nothing could be sent. */
  skip(frames: number): void {
    this.#timestamp = (this.#timestamp + frames * FRAME) >>> 0;
    this.#talking = false;
    this.#filled = 0;
  }

  /**
   * Takes 160 samples and gives the packet that they complete, if any. It is valid until fifteen further
   * packets were made.
   */
  frame(samples: Int16Array): Uint8Array | undefined {
    const sending = this.#sending;
    if (sending === undefined) {
      this.skip(1);
      return undefined;
    }
    const packet = this.#events.busy ? this.#event(sending) : this.#sound(sending, this.#keyed(samples));
    this.#timestamp = (this.#timestamp + FRAME) >>> 0;
    return packet;
  }

  #keyed(samples: Int16Array): Int16Array {
    const tone = this.#tones[0];
    if (tone === undefined) return samples;
    this.#tone.fill(0);
    tone.addTo(this.#tone);
    if (tone.ended) this.#tones.shift();
    return this.#tone;
  }

  #event(sending: RtpSending): Uint8Array | undefined {
    const packet = this.#eventPackets[this.#next];
    if (packet === undefined || !this.#events.next(this.#timestamp, packet, RTP_HEADER_LENGTH))
      return undefined;
    this.#filled = 0;
    const { marker, timestamp } = this.#events;
    return this.#finish(packet, sending.eventPayloadType ?? 0, marker, timestamp, EVENT_LENGTH);
  }

  #sound(sending: RtpSending, samples: Int16Array): Uint8Array | undefined {
    const packet = this.#packets[this.#next];
    if (packet === undefined) return undefined;
    if (this.#filled === 0) this.#packetTimestamp = this.#timestamp;
    encodeInto(sending.codec, samples, packet, RTP_HEADER_LENGTH + this.#filled * FRAME);
    if (++this.#filled < this.#framesPerPacket) return undefined;
    const marker = !this.#talking;
    this.#talking = true;
    this.#filled = 0;
    const length = packet.length - RTP_HEADER_LENGTH;
    return this.#finish(packet, sending.payloadType, marker, this.#packetTimestamp, length);
  }

  #finish(packet: Uint8Array, type: number, marker: boolean, timestamp: number, octets: number): Uint8Array {
    const header = this.#header;
    header.payloadType = type;
    header.marker = marker;
    header.sequence = this.#sequence;
    header.timestamp = timestamp;
    writeRtpHeader(packet, header);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#next = (this.#next + 1) % POOL;
    this.packets++;
    this.octets += octets;
    return packet;
  }
}

function poolOf(length: number): Uint8Array[] {
  return Array.from({ length: POOL }, () => new Uint8Array(length));
}
