/**
 * Keys as RTP events (RFC 4733 2.3), sent and received.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *   |     event     |E|R| volume    |          duration             |
 *   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * All packets of one event have the timestamp of its beginning; the duration grows, the last packet has E and is
 * sent three times. Any of them may be lost, so an event is known by its timestamp, never by its first packet.
 */
import { eventOfKey, keyOfEvent } from './dtmf.ts';
import { read16, sequenceDistance, write16 } from './rtp.ts';
import type { DtmfKey } from './types.ts';

export const EVENT_LENGTH = 4;
const END = 0x80;
const TICKS_PER_MS = 8;
/** Ticks between updates: one frame of sound. */
const UPDATE = 160;
const END_PACKETS = 3;
/** -10 dBm0, as the volume field counts (2.3.4). */
const VOLUME = 10;
const SHORTEST_MS = 40;
/** Held below the 0xffff ticks after which an event needs a second segment (2.5.1.3). */
const LONGEST_MS = 8000;
const MAX_QUEUE = 32;

/** Turns key presses into event packets, one a frame. */
export class EventSender {
  readonly #queue: { readonly event: number; readonly total: number }[] = [];
  #duration = 0;
  #ends = 0;
  /** Of the packet that `next` wrote: M bit and RTP timestamp. */
  marker = false;
  timestamp = 0;

  /** Queues a key for `ms` milliseconds; false when too many wait. */
  press(key: DtmfKey, ms: number): boolean {
    if (this.#queue.length >= MAX_QUEUE) return false;
    const held = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms));
    this.#queue.push({ event: eventOfKey(key), total: Math.round(held * TICKS_PER_MS) });
    return true;
  }

  /** Whether events take the place of sound in this frame. */
  get busy(): boolean {
    return this.#queue.length > 0;
  }

  /** Writes the payload for the frame that begins at `now` (RTP timestamp); false when there is none. */
  next(now: number, out: Uint8Array, at: number): boolean {
    const current = this.#queue[0];
    if (current === undefined) return false;
    this.marker = this.#duration === 0;
    if (this.marker) this.timestamp = now;
    this.#duration = Math.min(current.total, this.#duration + UPDATE);
    const ended = this.#duration === current.total;
    out[at] = current.event;
    out[at + 1] = (ended ? END : 0) | VOLUME;
    write16(out, at + 2, this.#duration);
    if (ended && ++this.#ends === END_PACKETS) {
      this.#queue.shift();
      this.#duration = 0;
      this.#ends = 0;
    }
    return true;
  }
}

/** An event whose end has not been seen. `before`: ticks of its earlier segments. */
interface Held {
  readonly event: number;
  readonly key: DtmfKey;
  timestamp: number;
  duration: number;
  before: number;
}

/** A key whose packets stop is let go after three intervals of the recommended 50 ms (2.5.2.2), and some jitter. */
const LOST_END_MS = 200;
/** Packets that are this much late belong to the past, further back the sender began anew. */
const MAX_MISORDER = 100;

/** Hears key presses in event packets: each once, when it ends. */
export class EventReceiver {
  readonly #onKey: (key: DtmfKey, ms: number) => void;
  #held: Held | undefined;
  #heardAt = 0;
  #newest = -1;
  /** The last event that was reported. */
  #doneEvent = -1;
  #doneTimestamp = 0;
  #doneDuration = 0;

  constructor(onKey: (key: DtmfKey, ms: number) => void) {
    this.#onKey = onKey;
  }

  /** Takes the payload `octets[start..end)` of an event packet; `now` in ms. What is no key is ignored. */
  receive(
    octets: Uint8Array,
    start: number,
    end: number,
    packet: { readonly timestamp: number; readonly sequence: number; readonly marker: boolean },
    now: number,
  ): void {
    if (end - start < EVENT_LENGTH) return;
    const event = octets[start] ?? 0;
    const key = keyOfEvent(event);
    if (key === undefined) return;
    const duration = read16(octets, start + 2);
    const isEnd = ((octets[start + 1] ?? 0) & END) !== 0;
    if (!this.#belongs(event, packet.timestamp) && !this.#begins(event, key, duration, packet)) return;
    const held = this.#held;
    if (held === undefined) return;
    held.duration = Math.max(held.duration, duration);
    this.#heardAt = now;
    if (this.#newest < 0 || sequenceDistance(packet.sequence, this.#newest) > 0)
      this.#newest = packet.sequence;
    if (isEnd) this.#finish();
  }

  /** Ends a key whose last packets were lost. */
  tick(now: number): void {
    if (this.#held !== undefined && now - this.#heardAt >= LOST_END_MS) this.#finish();
  }

  /** Forgets everything: another source sends now. */
  reset(): void {
    this.#held = undefined;
    this.#newest = -1;
    this.#doneEvent = -1;
  }

  #belongs(event: number, timestamp: number): boolean {
    return this.#held?.event === event && this.#held.timestamp === timestamp;
  }

  /** Whether a packet opens an event, or the next segment of the one that is held; false for echoes of the past. */
  #begins(
    event: number,
    key: DtmfKey,
    duration: number,
    packet: { readonly timestamp: number; readonly sequence: number; readonly marker: boolean },
  ): boolean {
    const { timestamp, sequence, marker } = packet;
    const distance = this.#newest < 0 ? 1 : sequenceDistance(sequence, this.#newest);
    if (distance < 0 && distance > -MAX_MISORDER) return false;
    if (event === this.#doneEvent && timestamp === this.#doneTimestamp) {
      // Some senders never move their timestamp: a fresh first packet that counts from the beginning is a new press.
      if (!marker || distance <= 0 || duration >= this.#doneDuration) return false;
    }
    const held = this.#held;
    if (held !== undefined) {
      const segmentEnd = (held.timestamp + held.duration) >>> 0;
      if (!marker && held.event === event && timestamp === segmentEnd) {
        held.before += held.duration;
        held.timestamp = timestamp;
        held.duration = 0;
        return true;
      }
      this.#finish();
    }
    this.#held = { event, key, timestamp, duration, before: 0 };
    return true;
  }

  #finish(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#doneEvent = held.event;
    this.#doneTimestamp = held.timestamp;
    this.#doneDuration = held.duration;
    this.#onKey(held.key, Math.round((held.before + held.duration) / TICKS_PER_MS));
  }
}
