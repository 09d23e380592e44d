/** ms. Each of the looks is put off or brought forward by a share of itself: a fleet shall not ask at the same moment. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const TIMINGS = {
  /** The first look after a start, by up to as much later again: when a whole street gets its power back. */
  first: 5 * MINUTE,
  /** Between looks. */
  interval: 24 * HOUR,
  /** After a look that failed; doubled each time, up to the interval. */
  retry: 15 * MINUTE,
  /** Nobody has used the telephone for so long: now it may start anew. */
  quiet: MINUTE,
  /** RAUC could not be told that the slot is good. */
  markAgain: MINUTE,
  /** The system could not be told to start anew. */
  restartAgain: MINUTE,
} as const;

/** As a share of the time. */
const JITTER = 0.1;

/** `random`: 0 to 1. */
export function firstLook(random: number): number {
  return TIMINGS.first * (1 + random);
}

export function nextLook(random: number): number {
  return jittered(TIMINGS.interval, random);
}

/** `failures`: looks that failed one after the other, at least 1. */
export function retryLook(failures: number, random: number): number {
  return jittered(Math.min(TIMINGS.retry * 2 ** (failures - 1), TIMINGS.interval), random);
}

function jittered(time: number, random: number): number {
  return time * (1 + JITTER * (2 * random - 1));
}
