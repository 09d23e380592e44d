/**
 * The engine's clock: the card's while a card counts, its own otherwise. When the card falls silent its own takes
 * over within eight frames, so that calls go on; what was not counted meanwhile is told as missed.
 */
import { FRAME_MS, FrameClock } from '../clock.ts';

/** Without a beat for so long the card is not believed any more, ms: sound servers on busy machines pause for less. */
const SILENT_MS = 8 * FRAME_MS;
/** Beats of the card that are made up for in a row; what is more is left out. */
const MAX_CATCH_UP = 10;

export class PacedClock {
  readonly #onBeat: () => void;
  readonly #onMissed: (beats: number) => void;
  readonly #own: FrameClock;
  readonly #look = () => this.#watch();
  #watching: NodeJS.Timeout | undefined;
  #running = false;
  #beatAt = Number.NEGATIVE_INFINITY;

  constructor(onBeat: () => void, onMissed: (beats: number) => void) {
    this.#onBeat = onBeat;
    this.#onMissed = onMissed;
    this.#own = new FrameClock(onBeat, onMissed);
  }

  /** Whether a card makes the beats. */
  get paced(): boolean {
    return this.#watching !== undefined;
  }

  /** Begins to beat; does nothing while it beats. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#own.start();
  }

  stop(): void {
    this.#running = false;
    this.#own.stop();
    clearTimeout(this.#watching);
    this.#watching = undefined;
  }

  /** The card has counted so many frames. */
  beat(frames: number): void {
    if (!this.#running) return;
    this.#beatAt = performance.now();
    if (!this.paced) {
      this.#own.stop();
      this.#watching = setTimeout(this.#look, SILENT_MS);
    }
    for (let n = 0; n < Math.min(frames, MAX_CATCH_UP); n++) this.#onBeat();
    if (frames > MAX_CATCH_UP) this.#onMissed(frames - MAX_CATCH_UP);
  }

  #watch(): void {
    const silent = performance.now() - this.#beatAt;
    if (silent < SILENT_MS) {
      this.#watching = setTimeout(this.#look, SILENT_MS - silent);
      return;
    }
    this.#watching = undefined;
    this.#onMissed(Math.floor(silent / FRAME_MS));
    this.#own.start();
  }
}
