/**
 * Keeps one part of a board going. What is missing, unplugged or wedged is failed with its reason and tried again after
 * 1, 2, 5, 10, then every 30 s; the rest of the telephone only sees the status, and keys that were held come up. A part
 * that came back is given the commands that hold.
 */
import type { HalCommand, HalEvent, PartStatus } from '../types.ts';
import { HalError, halErrorOf } from './error.ts';
import { HeldKeys } from './held_keys.ts';
import { inTime } from './in_time.ts';
import type { Part, PartEvents, Timing } from './part.ts';

/** ms. */
const BACK_OFF = [1000, 2000, 5000, 10_000, 30_000];
/** ms: who worked for so long before it failed begins the back-off anew. */
const STEADY = 30_000;
/** ms: an opening that takes longer hangs. */
const OPENING = 5000;
/** ms that a part has to close before nobody waits for it. */
const CLOSING = 1000;

export interface Supervised {
  readonly name: string;
  /** What `status` calls the driver while there is no part. */
  readonly driver: string;
  open(events: PartEvents): Promise<Part>;
  readonly timing: Timing;
  emit(event: HalEvent): void;
  /** Commands whose effect lasts, as they were given last. */
  holding(): Iterable<HalCommand>;
}

export class Supervisor {
  readonly #supervised: Supervised;
  readonly #held = new HeldKeys();
  #part: Part | undefined;
  #failure: HalError | undefined;
  #told = '';
  #failures = 0;
  #openedAt = 0;
  /** Counts the openings: what an earlier one still says is not heard. */
  #attempt = 0;
  #callOff = () => {};
  #settled = () => {};
  #closed = false;

  constructor(supervised: Supervised) {
    this.#supervised = supervised;
  }

  get status(): PartStatus {
    const { name, driver } = this.#supervised;
    const own = this.#part?.status();
    return own === undefined
      ? { part: name, state: 'failed', driver, note: this.#failure?.message ?? 'not started' }
      : { ...own, part: name };
  }

  /** Resolves when the part is open, or has failed for the first time. */
  start(): Promise<void> {
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    void this.#open();
    return settled;
  }

  perform(command: HalCommand): void {
    try {
      this.#part?.perform?.(command);
    } catch (error) {
      this.#failed(halErrorOf(error, this.#supervised.name));
    }
  }

  /** Ends within a second and a bit, whatever the part does. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#attempt++;
    this.#callOff();
    this.#settled();
    const part = this.#part;
    this.#part = undefined;
    if (part !== undefined) await this.#closeInTime(part);
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    const isMine = () => attempt === this.#attempt;
    const { timing, name } = this.#supervised;
    this.#callOff = timing.after(OPENING, () =>
      this.#failed(new HalError('BUSY', `${name} did not answer within ${OPENING / 1000} s`)),
    );
    try {
      const part = await this.#supervised.open(this.#events(isMine));
      if (isMine()) this.#opened(part);
      else await part.close();
    } catch (error) {
      if (isMine()) this.#failed(halErrorOf(error, name));
    }
  }

  #events(isMine: () => boolean): PartEvents {
    return {
      emit: (event) => {
        if (!isMine()) return;
        this.#held.see(event);
        this.#supervised.emit(event);
      },
      failed: (error) => {
        if (isMine()) this.#failed(error);
      },
      changed: () => {
        if (isMine()) this.#tell();
      },
    };
  }

  #opened(part: Part): void {
    this.#callOff();
    this.#part = part;
    this.#failure = undefined;
    this.#openedAt = this.#supervised.timing.now();
    for (const command of this.#supervised.holding()) this.perform(command);
    this.#tell();
    this.#settled();
  }

  #failed(error: HalError): void {
    if (this.#closed) return;
    this.#attempt++;
    this.#callOff();
    const { timing } = this.#supervised;
    const part = this.#part;
    this.#part = undefined;
    this.#failure = error;
    if (part !== undefined) {
      if (timing.now() - this.#openedAt >= STEADY) this.#failures = 0;
      void this.#closeInTime(part);
    }
    const wait = BACK_OFF[Math.min(this.#failures, BACK_OFF.length - 1)] ?? 0;
    this.#failures++;
    this.#callOff = timing.after(wait, () => void this.#open());
    for (const event of this.#held.release()) this.#supervised.emit(event);
    this.#tell();
    this.#settled();
  }

  #closeInTime(part: Part): Promise<void> {
    return inTime(part.close(), CLOSING, this.#supervised.timing);
  }

  /** Once for each status, not for each attempt. */
  #tell(): void {
    const { status } = this;
    const text = JSON.stringify(status);
    if (text === this.#told || this.#closed) return;
    this.#told = text;
    this.#supervised.emit({ kind: 'part', status });
  }
}
