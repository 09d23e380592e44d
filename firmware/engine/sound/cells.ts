/** What the media thread and the sound thread share besides the rings: a few numbers, each written by one side. */
import { SampleRing } from './ring.ts';

/** By the media thread. */
export const COMMAND = 0;
/** Index in `ROUTES`, -1: leave it. */
export const ROUTE = 1;
/** Thousandths, -1: leave it. */
export const VOLUME = 2;
/** By the sound thread: frames of 160 samples that its card's clock has counted. */
export const BEATS = 3;
/** Frames that it asked for ahead of the clock: a stream begins with some, and goes on with one before it runs dry. */
export const LEAD = 4;
/** Changes with each beat and each lead; the media thread waits for it. */
export const WAKE = 5;
const CELLS = 6;

/** The thread waits, devices closed; it plays; it ends. */
export const REST = 0;
export const RUN = 1;
export const END = 2;

/** A quarter of a second is more than ever waits. */
const RING = 2048;

export interface SharedSound {
  readonly cells: Int32Array;
  readonly mouth: SharedArrayBuffer;
  readonly ear: SharedArrayBuffer;
}

export function shareSound(): SharedSound {
  const cells = new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
  cells[ROUTE] = -1;
  cells[VOLUME] = -1;
  return { cells, mouth: SampleRing.share(RING), ear: SampleRing.share(RING) };
}
