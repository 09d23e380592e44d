/** What one page may cost. */

/** Octets of one message from a page. */
export const MESSAGE_OCTETS = 4096;
/** Pages open at the same time. */
export const PAGES = 8;
/** Octets waiting for a page above which sound is left out (six frames), and above which it is cut off. */
export const SOUND_BACKLOG = 6 * 320;
export const CUT_OFF_BACKLOG = 4 * 1024 * 1024;
/** Trace entries that a new page is shown. */
export const TRACE_BACKLOG = 200;

/** Rates per second and what may come at once: people's fingers, and 50 frames of sound a second. */
export const RATES = {
  messages: { perSecond: 50, atOnce: 100 },
  frames: { perSecond: 75, atOnce: 150 },
} as const;

/** A token bucket; `now` in ms. */
export class Bucket {
  readonly #perSecond: number;
  readonly #atOnce: number;
  #left: number;
  #last: number;

  constructor(rate: { readonly perSecond: number; readonly atOnce: number }, now: number) {
    this.#perSecond = rate.perSecond;
    this.#atOnce = rate.atOnce;
    this.#left = rate.atOnce;
    this.#last = now;
  }

  /** False when there was too much. */
  take(now: number): boolean {
    this.#left = Math.min(this.#atOnce, this.#left + ((now - this.#last) / 1000) * this.#perSecond);
    this.#last = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
