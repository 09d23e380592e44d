/** A request of lines that is looked at again and again, until it is closed or fails for the first time. */
import { type HalError, halErrorOf } from './error.ts';
import type { GpioLines } from './gpio/types.ts';
import type { PartEvents, Timing } from './part.ts';

export class RequestInUse {
  readonly #lines: GpioLines;
  readonly #timing: Pick<Timing, 'after'>;
  readonly #events: Pick<PartEvents, 'failed'>;
  readonly #doing: string;
  #callOff = () => {};
  #open = true;

  /** @param doing for people: what fails when it fails */
  constructor(
    lines: GpioLines,
    timing: Pick<Timing, 'after'>,
    events: Pick<PartEvents, 'failed'>,
    doing: string,
  ) {
    this.#lines = lines;
    this.#timing = timing;
    this.#events = events;
    this.#doing = doing;
    lines.onLost((error) => this.#fail(error));
  }

  get open(): boolean {
    return this.#open;
  }

  /** Does it while the request is open; what it throws closes the request, and is told. */
  attempt(action: () => void): void {
    if (!this.#open) return;
    try {
      action();
    } catch (error) {
      this.#fail(halErrorOf(error, this.#doing));
    }
  }

  /** Attempts it in so many ms, in place of what was to come before. */
  after(ms: number, action: () => void): void {
    this.callOff();
    if (this.#open) this.#callOff = this.#timing.after(ms, () => this.attempt(action));
  }

  /** Nothing is to come. */
  callOff(): void {
    this.#callOff();
  }

  close(): void {
    this.#open = false;
    this.callOff();
    this.#lines.close();
  }

  #fail(error: HalError): void {
    if (!this.#open) return;
    this.close();
    this.#events.failed(error);
  }
}
