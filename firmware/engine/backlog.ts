/**
 * How many datagrams wait between two threads. A port between threads has no end, so a flood would fill the memory
 * of the slower one, and keep the clock of the media thread waiting; what is too much is lost, as it is lost where
 * the buffer of a socket is full.
 */
export class Backlog {
  readonly #waiting: Int32Array;
  readonly #most: number;

  /** `cell`: four octets that both threads share. */
  constructor(cell: SharedArrayBuffer, most: number) {
    this.#waiting = new Int32Array(cell);
    this.#most = most;
  }

  /** One more waits; false: there is no room for it. */
  enter(): boolean {
    if (Atomics.load(this.#waiting, 0) >= this.#most) return false;
    Atomics.add(this.#waiting, 0, 1);
    return true;
  }

  /** The other thread took one. */
  leave(): void {
    Atomics.sub(this.#waiting, 0, 1);
  }
}

/** The cells of both directions, made for each media thread. */
export interface TunnelCells {
  readonly toThread: SharedArrayBuffer;
  readonly fromThread: SharedArrayBuffer;
}

export function newCells(): TunnelCells {
  return { toThread: new SharedArrayBuffer(4), fromThread: new SharedArrayBuffer(4) };
}

/** Datagrams of SIP on their way to the media thread, which takes all of them in a row: some two milliseconds. */
export const MOST_TO_THREAD = 128;
/** The main thread may be busy for longer. */
export const MOST_FROM_THREAD = 512;
