/**
 * Evens out the arrival of sound. Samples lie in a ring at the place that their RTP timestamp names, so reordered
 * and repeated packets and any packet time need no care; the playhead takes a frame every 20 ms.
 *
 *        playhead                     newest
 *   ........|■■■■■■■■■□□□□■■■■■■■■■■■■■|.......      □ lost: the last frame, faded, then silence
 *            <------- depth ---------->
 *
 * A stream begins `TARGET` behind its first packet. A newest packet that comes too late moves the playhead back to
 * it: the gap has been heard already, and what follows needs the room. When for two seconds there was always
 * more than needed, one frame is left out.
 */
import { timestampDistance } from './rtp.ts';

const RING = 8192;
const FRAME = 160;
/** 40 ms. */
const TARGET = 2 * FRAME;
/** The playhead goes back at most 300 ms; what is later begins the stream anew. */
const MAX_SHIFT = 15 * FRAME;
/** More than 500 ms is never kept. */
const MAX_DEPTH = 25 * FRAME;
/** Frames over which the depth is watched, and after a late packet. */
const WATCH = 100;
const WATCH_AFTER_LATE = 500;
/** Empty frames after which the next packet begins the stream anew. */
const STARVED = 25;
/** Gain at the ends of the frames that fill a gap. */
const FADE = [1, 0.4, 0] as const;

export class JitterBuffer {
  readonly #ring = new Int16Array(RING);
  readonly #present = new Uint8Array(RING);
  readonly #last = new Int16Array(FRAME);
  #running = false;
  #playhead = 0;
  #newest = 0;
  #missing = STARVED;
  #watch = WATCH;
  #smallestDepth = RING;
  /** Times that the playhead moved otherwise than by taking. */
  leaps = 0;
  /** Packets that came too late to be played, and that came twice. */
  late = 0;
  duplicates = 0;

  /** Samples that wait to be played, lost ones among them included. */
  get depth(): number {
    return this.#running ? Math.max(0, timestampDistance(this.#newest, this.#playhead)) : 0;
  }

  /** Forgets the stream. */
  reset(): void {
    this.#running = false;
    this.#present.fill(0);
  }

  /**
   * Stores the first `count` samples of a packet. `isNewest`: its sequence number is the highest so far, so
   * the stream itself is late or leaps when its timestamp does. `elapsed`: samples of the frame taken last that have
   * been heard; a stream that begins is heard `TARGET` after its first packet, not after the next frame.
   */
  put(timestamp: number, samples: Int16Array, count: number, isNewest: boolean, elapsed = FRAME): void {
    if (count > RING / 4 || count === 0) return;
    if (!this.#running) this.#begin(timestamp, elapsed);
    let ahead = timestampDistance(timestamp, this.#playhead);
    if (ahead < 0) {
      if (!isNewest) {
        this.late++;
        return;
      }
      ahead = this.#goBackTo(timestamp, -ahead, elapsed);
    } else if (ahead + count > RING - FRAME) {
      if (!isNewest) return;
      this.#begin(timestamp, elapsed);
      ahead = this.ahead(timestamp);
    }
    this.#write(timestamp, samples, count);
    const end = (timestamp + count) >>> 0;
    if (timestampDistance(end, this.#newest) > 0) this.#newest = end;
    if (this.depth > MAX_DEPTH) this.#skipTo((this.#newest - TARGET - count) >>> 0);
  }

  /** Samples from the playhead to this timestamp. */
  ahead(timestamp: number): number {
    return timestampDistance(timestamp, this.#playhead);
  }

  #begin(timestamp: number, elapsed: number): void {
    this.#present.fill(0);
    this.#running = true;
    this.#playhead = (timestamp - TARGET + FRAME - elapsed) >>> 0;
    this.#newest = timestamp;
    this.leaps++;
    this.#missing = STARVED - TARGET / FRAME - 1;
    this.#watchFor(WATCH);
  }

  #goBackTo(timestamp: number, lateBy: number, elapsed: number): number {
    this.late++;
    if (lateBy > MAX_SHIFT) {
      this.#begin(timestamp, elapsed);
      return this.ahead(timestamp);
    }
    this.#playhead = timestamp;
    this.leaps++;
    this.#watchFor(WATCH_AFTER_LATE);
    return 0;
  }

  #write(timestamp: number, samples: Int16Array, count: number): void {
    if (this.#present[timestamp % RING] === 1) {
      this.duplicates++;
      return;
    }
    for (let i = 0; i < count; i++) {
      const at = (timestamp + i) % RING;
      this.#ring[at] = samples[i] ?? 0;
      this.#present[at] = 1;
    }
  }

  /** Takes the next `count` samples, a frame or nearly one; returns how many of them were really received. */
  take(frame: Int16Array, count = FRAME): number {
    let received = 0;
    if (this.#running) {
      for (let i = 0; i < count; i++) {
        const at = (this.#playhead + i) % RING;
        const present = this.#present[at] ?? 0;
        frame[i] = present === 1 ? (this.#ring[at] ?? 0) : this.#filling(i);
        received += present;
        this.#present[at] = 0;
      }
      this.#playhead = (this.#playhead + count) >>> 0;
      this.#watchDepth();
    } else frame.fill(0);
    if (received > 0) {
      for (let i = 0; i < FRAME; i++) this.#last[i] = frame[i] ?? 0;
      this.#missing = 0;
    } else if (++this.#missing >= STARVED) this.#running = false;
    return received;
  }

  /** Sample `i` of a frame that did not come. */
  #filling(i: number): number {
    const from = FADE[this.#missing] ?? 0;
    const to = FADE[this.#missing + 1] ?? 0;
    return Math.round((this.#last[i % FRAME] ?? 0) * (from + ((to - from) * i) / FRAME));
  }

  #watchFor(frames: number): void {
    this.#watch = frames;
    this.#smallestDepth = RING;
  }

  #watchDepth(): void {
    this.#smallestDepth = Math.min(this.#smallestDepth, this.depth);
    if (--this.#watch > 0) return;
    if (this.#smallestDepth > TARGET + FRAME) this.#skipTo((this.#playhead + FRAME) >>> 0);
    this.#watchFor(WATCH);
  }

  #skipTo(playhead: number): void {
    this.leaps++;
    while (timestampDistance(playhead, this.#playhead) > 0) {
      this.#present[this.#playhead % RING] = 0;
      this.#playhead = (this.#playhead + 1) >>> 0;
    }
  }
}
