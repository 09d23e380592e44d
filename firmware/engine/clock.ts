/**
 * Beats every 20 ms on the monotonic clock and does not drift: each beat is due at start + n * 20 ms, however late the
 * one before came. A timer of the event loop, which is good to about a millisecond, brings it near; the rest
 * is slept in Atomics.wait, which is good to some 0.1 ms and costs no CPU. Datagrams wait in the kernel
 * meanwhile, at most `NEAR_MS`.
 */

/** Milliseconds of a frame. */
export const FRAME_MS = 20;
/** What the timer leaves over. */
const NEAR_MS = 1.5;
/** Beats that are made up for in a row after a stall; what is more is left out. */
const MAX_CATCH_UP = 10;

export class FrameClock {
  readonly #onBeat: (due: number) => void;
  readonly #onMissed: (beats: number) => void;
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  readonly #wake = () => this.#approach();
  readonly #wakeAfterReading = () => this.#beat();
  #timer: NodeJS.Timeout | undefined;
  #reading: NodeJS.Immediate | undefined;
  #due = 0;

  /** `onBeat` gets the time that was due (ms of performance.now()); `onMissed` how many beats were left out. */
  constructor(onBeat: (due: number) => void, onMissed: (beats: number) => void = () => {}) {
    this.#onBeat = onBeat;
    this.#onMissed = onMissed;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins to beat 20 ms from now; does nothing while it beats. */
  start(): void {
    if (this.running) return;
    this.#due = performance.now() + FRAME_MS;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#reading);
    this.#timer = undefined;
  }

  #arm(): void {
    const delay = Math.max(0, Math.floor(this.#due - performance.now() - NEAR_MS));
    this.#timer = setTimeout(this.#wake, delay);
  }

  #approach(): void {
    const left = this.#due - performance.now();
    if (left > NEAR_MS + 1) {
      this.#arm();
      return;
    }
    if (left > 0) Atomics.wait(this.#cell, 0, 0, left);
    // After a stall the sockets are read first: what came meanwhile must not be taken for lost.
    if (left < -FRAME_MS) this.#reading = setImmediate(this.#wakeAfterReading);
    else this.#beat();
  }

  #beat(): void {
    let now = performance.now();
    for (let beats = 0; this.running && now >= this.#due && beats < MAX_CATCH_UP; beats++) {
      const due = this.#due;
      this.#due += FRAME_MS;
      this.#onBeat(due);
      now = performance.now();
    }
    if (!this.running) return;
    if (now >= this.#due) {
      const missed = Math.floor((now - this.#due) / FRAME_MS) + 1;
      this.#due += missed * FRAME_MS;
      this.#onMissed(missed);
    }
    this.#arm();
  }
}
