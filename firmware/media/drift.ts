/**
 * Two clocks that call themselves 8 kHz differ by some parts of a million, so whatever waits between them grows or
 * shrinks. This control watches what waits and says how much faster it has to be used up. A proportional part
 * brings the level back, an integral part learns the difference of the clocks (then the level stays with no error).
 *
 * Critically damped: level' = 1000 (drift - correction) ms/s, so that with both roots at W
 * the gains are 2W/1000 and W²/1000. A drift of 400 ppm moves the level by 3 ms at most.
 */

/** 1/s. Slow beside jitter, quick beside the buffers that it has to protect. */
const W = 0.05;
const PROPORTIONAL = (2 * W) / 1000;
const INTEGRAL = (W * W) / 1000;
/** ms over which levels are averaged. */
const WINDOW = 1000;
/** Quartz is good to 100 ppm, two of them and a warm case to 400; what is more is no clock. */
const MOST_LEARNED = 600e-6;
/** A sixtieth of a semitone: nobody hears it come. */
const MOST = 1000e-6;

export class DriftControl {
  #target: number | undefined;
  #sum = 0;
  #count = 0;
  #since = Number.NaN;
  #learned = 0;
  /** How much faster than nominal the waiting sound is to be used up. */
  correction = 0;

  /** `target`: the level to hold, ms; absent: whatever is found at first. */
  constructor(target?: number) {
    this.#target = target;
  }

  /** The difference of the clocks as far as it is known. */
  get drift(): number {
    return this.#learned;
  }

  /** Takes notice of a level, ms, at `now`, ms. */
  measure(level: number, now: number): void {
    if (Number.isNaN(this.#since)) this.#since = now;
    this.#sum += level;
    this.#count++;
    const ms = now - this.#since;
    if (ms < WINDOW) return;
    const mean = this.#sum / this.#count;
    this.#begin(now);
    if (this.#target === undefined) this.#target = mean;
    else this.#correct(mean - this.#target, Math.min(ms, 2 * WINDOW) / 1000);
  }

  /** From now on this is the level to hold; absent: what is found next. What was learned stays. */
  aimAt(target?: number): void {
    this.#target = target;
    this.correction = this.#learned;
    this.#begin(Number.NaN);
  }

  #begin(now: number): void {
    this.#sum = 0;
    this.#count = 0;
    this.#since = now;
  }

  #correct(error: number, seconds: number): void {
    const wanted = this.#learned + PROPORTIONAL * error;
    this.correction = Math.min(MOST, Math.max(-MOST, wanted));
    // At its limit the control learns nothing of the clocks.
    if (wanted !== this.correction) return;
    const learned = this.#learned + INTEGRAL * error * seconds;
    this.#learned = Math.min(MOST_LEARNED, Math.max(-MOST_LEARNED, learned));
  }
}
