/** The two ways of sound between frames of the phone (160 samples, 8 kHz) and blocks of the card (48 kHz). */
import { Decimator, FACTOR, Interpolator } from './resample.ts';

export const FRAME_SAMPLES = 160;
/** Frames that may wait for the ear: beyond, the oldest is dropped. */
const MOST_FRAMES = 6;
/** Frames waited for before sound starts: bursts of the network thread are shorter than this. */
const CUSHION = 2;
/** Frames (2 s) after which a queue that never ran low is shortened by one. */
const WINDOW = 100;

/** Microphone to frames. */
export class Mouth {
  readonly #decimator = new Decimator();
  readonly #deliver: (frame: Int16Array<ArrayBuffer>) => void;
  #frame = new Int16Array(FRAME_SAMPLES);
  #filled = 0;

  /** Each frame is the receiver's to keep. */
  constructor(deliver: (frame: Int16Array<ArrayBuffer>) => void) {
    this.#deliver = deliver;
  }

  speak(block: Float32Array): void {
    for (const value of block) {
      const sample = this.#decimator.push(value);
      if (sample === undefined) continue;
      this.#frame[this.#filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      if (this.#filled < FRAME_SAMPLES) continue;
      this.#deliver(this.#frame);
      this.#frame = new Int16Array(FRAME_SAMPLES);
      this.#filled = 0;
    }
  }
}

/** Frames to loudspeaker, through a short queue that follows the sender's clock. */
export class Ear {
  readonly #interpolator = new Interpolator();
  readonly #queue: Int16Array[] = [];
  readonly #block = new Float32Array(FACTOR);
  #inBlock = FACTOR;
  #inFrame = 0;
  #playing = false;
  #lowest = MOST_FRAMES;
  #played = 0;

  put(frame: Int16Array): void {
    this.#queue.push(frame);
    if (this.#queue.length > MOST_FRAMES) this.#skip();
    if (this.#queue.length >= CUSHION) this.#playing = true;
  }

  /** Nothing of the last call is left for the next one. */
  clear(): void {
    this.#queue.length = 0;
    this.#inFrame = 0;
    this.#playing = false;
  }

  /** Frames that wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Fills a block of the card. */
  hear(block: Float32Array): void {
    for (let i = 0; i < block.length; i++) {
      if (this.#inBlock === FACTOR) {
        this.#interpolator.push(this.#next(), this.#block);
        this.#inBlock = 0;
      }
      block[i] = this.#block[this.#inBlock++] ?? 0;
    }
  }

  #next(): number {
    const frame = this.#queue[0];
    if (!this.#playing || frame === undefined) {
      this.#playing = false;
      return 0;
    }
    const sample = (frame[this.#inFrame++] ?? 0) / 32768;
    if (this.#inFrame >= frame.length) this.#finished();
    return sample;
  }

  #finished(): void {
    this.#skip();
    this.#lowest = Math.min(this.#lowest, this.#queue.length);
    if (++this.#played < WINDOW) return;
    // The sender's clock is faster than the card's, or a burst was left over: delay that helps nobody.
    if (this.#lowest > CUSHION) this.#skip();
    this.#played = 0;
    this.#lowest = MOST_FRAMES;
  }

  #skip(): void {
    this.#queue.shift();
    this.#inFrame = 0;
  }
}
