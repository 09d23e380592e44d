/**
 * The handset of a browser, seen from the media thread: frames of 160 samples come and go over a MessagePort. Frames
 * of the microphone arrive in bursts, so a cushion is kept; what exceeds it is dropped, oldest first.
 */
import type { MessagePort } from 'node:worker_threads';

const FRAME = 160;
/** Frames that wait before the first is used, and at most. */
const CUSHION = 2;
const LONGEST = 8;

export class WebSound {
  readonly #port: MessagePort;
  readonly #frames = Array.from({ length: LONGEST }, () => new Int16Array(FRAME));
  #first = 0;
  #count = 0;
  #flowing = false;
  #attached = false;

  /** Messages of `port`: a frame of the mouth (Int16Array of 160), or whether anybody listens (boolean). */
  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: unknown) => {
      if (typeof message === 'boolean') {
        this.#attached = message;
        this.restart();
      } else if (message instanceof Int16Array && message.length === FRAME) this.#push(message);
    });
  }

  /** Forgets what waits. */
  restart(): void {
    this.#count = 0;
    this.#flowing = false;
  }

  /** Next frame of the microphone; silence while none is there. */
  read(frame: Int16Array): void {
    if (this.#count >= CUSHION) this.#flowing = true;
    const next = this.#frames[this.#first];
    if (!this.#flowing || this.#count === 0 || next === undefined) {
      this.#flowing = false;
      frame.fill(0);
      return;
    }
    frame.set(next);
    this.#first = (this.#first + 1) % LONGEST;
    this.#count--;
  }

  /** A frame for the loudspeaker. */
  write(frame: Int16Array): void {
    if (!this.#attached) return;
    const copy = frame.slice();
    this.#port.postMessage(copy, [copy.buffer]);
  }

  close(): void {
    this.#port.close();
  }

  #push(frame: Int16Array): void {
    if (this.#count === LONGEST) {
      this.#first = (this.#first + 1) % LONGEST;
      this.#count--;
    }
    this.#frames[(this.#first + this.#count) % LONGEST]?.set(frame);
    this.#count++;
  }
}
