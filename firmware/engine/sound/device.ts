/**
 * One direction of the sound card as the sound thread holds it: opened when it is due, given up when it fails, and
 * tried again after a while. A reason is told once, not at every try.
 */

/** What the paths need of a card; hal/linux/sound/pcm.ts has it. Samples are mono, 16 bits, of the card's rate. */
export interface CardPcm {
  /** Samples a second, and in the buffer. */
  readonly rate: number;
  readonly buffer: number;
  readonly xruns: number;
  /** Forgets what was not played; to be filled and started again. @throws when it is gone */
  empty(): void;
  start(): void;
  /** Blocks until `count` are there; fewer, or 0, after a loss. @throws when it is gone */
  read(into: Int16Array, count: number): number;
  /** Blocks until there is room; false after an underrun. @throws when it is gone */
  write(from: Int16Array, count: number): boolean;
  /** Captured and not read, or room for writing. */
  waiting(): number;
  delay(): number;
  close(): void;
}

export type Part = 'input' | 'output';

export interface DeviceState {
  readonly part: Part;
  readonly state: 'ok' | 'failed';
  readonly note: string;
  /** Times that its sound was interrupted since it was opened, where it was. */
  readonly xruns?: number;
}

/** ms until the next try; the last stays. */
const BACK_OFF = [250, 1000, 2000, 5000] as const;
/** A device that worked for so long fails as if for the first time, ms. */
const PROVEN = 10_000;
/** Interruptions are told once in so many ms at most. */
const TELLING = 1000;

export class Device<T extends { close(): void }> {
  readonly #part: Part;
  readonly #open: (() => T) | undefined;
  readonly #tell: (state: DeviceState) => void;
  #opened: T | undefined;
  #tries = 0;
  #openedAt = 0;
  #told = '';
  #xruns = 0;
  #toldXrunsAt = Number.NEGATIVE_INFINITY;
  /** When the next try is due, ms; Infinity: it is open, or there is none to open. */
  deadline: number;

  /** `open`: absent where the part is no card. */
  constructor(part: Part, open: (() => T) | undefined, tell: (state: DeviceState) => void) {
    this.#part = part;
    this.#open = open;
    this.#tell = tell;
    this.deadline = open === undefined ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  get opened(): T | undefined {
    return this.#opened;
  }

  /** Whether the last that was told of it is that it cannot be used. */
  get failing(): boolean {
    return this.#told.startsWith('failed');
  }

  /** Opens it where that is due. */
  tick(now: number, note: (opened: T) => string): void {
    if (now < this.deadline || this.#open === undefined) return;
    try {
      this.#opened = this.#open();
      this.#openedAt = now;
      this.#xruns = 0;
      this.deadline = Number.POSITIVE_INFINITY;
      this.#say('ok', note(this.#opened));
    } catch (error) {
      this.#failed(error, now);
    }
  }

  /** Does `action` with the open device; undefined, and the device given up, where that throws. */
  attempt<R>(now: number, action: (opened: T) => R): R | undefined {
    if (this.#opened === undefined) return undefined;
    try {
      return action(this.#opened);
    } catch (error) {
      if (now - this.#openedAt > PROVEN) this.#tries = 0;
      this.#opened.close();
      this.#failed(error, now);
      return undefined;
    }
  }

  /** Tells how often its sound was interrupted, when that has changed. */
  count(xruns: number, now: number): void {
    if (xruns === this.#xruns || now - this.#toldXrunsAt < TELLING) return;
    this.#xruns = xruns;
    this.#toldXrunsAt = now;
    this.#tell({ part: this.#part, state: 'ok', note: '', xruns });
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
    this.#tries = 0;
    if (this.#open !== undefined) this.deadline = Number.NEGATIVE_INFINITY;
  }

  #failed(error: unknown, now: number): void {
    this.#opened = undefined;
    this.deadline = now + (BACK_OFF[this.#tries] ?? BACK_OFF[3]);
    this.#tries = Math.min(this.#tries + 1, BACK_OFF.length - 1);
    this.#say('failed', error instanceof Error ? error.message : String(error));
  }

  #say(state: 'ok' | 'failed', note: string): void {
    if (this.#told === state + note) return;
    this.#told = state + note;
    this.#tell({ part: this.#part, state, note });
  }
}
