/**
 * Keeps a display showing the newest lines: one transfer at a time, each chosen when the one before has arrived. A
 * look at the chip every two seconds finds out that it was unplugged, also if it is back already; once a minute
 * everything is said again, because a disturbed display does not complain.
 */
import type { Panel } from '../parts/panel.ts';
import type { Transfer } from '../parts/transfer.ts';
import type { HalCommand, PartStatus } from '../types.ts';
import { type HalError, type HalErrorCode, halErrorOf } from './error.ts';
import type { I2cBus } from './i2c/types.ts';
import type { Part, PartEvents, Timing } from './part.ts';

/** What a display needs of the machine that it hangs on. */
export interface PanelSurroundings {
  readonly bus: I2cBus;
  readonly timing: Pick<Timing, 'after'>;
  readonly events: Pick<PartEvents, 'failed'>;
}

export interface PanelDriverOptions extends PanelSurroundings {
  readonly name: string;
  /** For people: `SSD1306 128x64 at 0x3c`. */
  readonly driver: string;
  readonly address: number;
  readonly panel: Panel;
}

/** ms between two looks at the chip. */
const LOOK = 2000;
const LOOKS_PER_REFRESH = 30;
/** Tries at one picture, from the initialisation on, and ms between them: a disturbance of the bus is over by then. */
const TRIES = 3;
const PAUSE = 50;
/** Errors that may be a disturbance. */
const PASSING: readonly HalErrorCode[] = ['NAK', 'BUSY', 'IO'];

export class PanelDriver implements Part {
  readonly #options: PanelDriverOptions;
  #tries = 0;
  #looks = 0;
  #closed = false;
  #failure: HalError | undefined;
  /** Under way while it is set; resolves at the end, whatever it is. */
  #running: Promise<void> | undefined;
  #callOff = () => {};

  private constructor(options: PanelDriverOptions) {
    this.#options = options;
  }

  /** Ready when the display shows nothing, as it should. @throws HalError `NAK`, `BUSY`, `GONE`, `IO` when it is not there. */
  static async open(options: PanelDriverOptions): Promise<PanelDriver> {
    const driver = new PanelDriver(options);
    await driver.#update();
    driver.#watch();
    return driver;
  }

  get name(): string {
    return this.#options.name;
  }

  perform(command: HalCommand): void {
    if (command.kind !== 'display' || this.#closed) return;
    this.#options.panel.show(command.lines);
    this.#run(() => this.#update());
  }

  status(): PartStatus {
    const { name, driver } = this.#options;
    const state = this.#failure === undefined ? 'ok' : 'failed';
    return { part: name, state, driver, note: this.#failure?.message ?? '' };
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#running;
    this.#closed = true;
    this.#callOff();
    await this.#running;
    try {
      for (const transfer of this.#options.panel.rest()) await this.#write(transfer);
    } catch {
      // Dark already, or out of reach.
    }
  }

  /** Starts the work unless some is under way: that will go on until the newest picture is shown. */
  #run(work: () => Promise<void>): void {
    if (this.#running !== undefined || this.#failure !== undefined || this.#closed) return;
    this.#running = work()
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#running = undefined;
        // Asked for between the last look for work and now.
        if (this.#options.panel.next() !== undefined) this.#run(() => this.#update());
      });
  }

  /** Sends until there is nothing left to send. */
  async #update(): Promise<void> {
    const { panel } = this.#options;
    for (let transfer = panel.next(); transfer !== undefined && !this.#closed; transfer = panel.next()) {
      try {
        await this.#write(transfer);
        panel.done();
        if (transfer.wait > 0) await this.#sleep(transfer.wait);
      } catch (error) {
        await this.#retry(error);
      }
    }
    this.#tries = 0;
  }

  /** Nobody knows what has arrived: all of it once more. */
  async #retry(error: unknown): Promise<void> {
    const failure = halErrorOf(error, this.#options.driver);
    this.#options.panel.reset();
    this.#tries += 1;
    if (this.#tries >= TRIES || !PASSING.includes(failure.code)) throw failure;
    await this.#sleep(PAUSE);
  }

  #watch(): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#callOff = this.#options.timing.after(LOOK, () => {
      this.#run(() => this.#look());
      this.#watch();
    });
  }

  async #look(): Promise<void> {
    const { bus, address, panel } = this.#options;
    try {
      const { statusRegister } = panel;
      const status =
        statusRegister === undefined
          ? await bus.receiveByte(address)
          : await bus.readByte(address, statusRegister);
      this.#looks += 1;
      if (panel.hasLostPower(status)) panel.reset();
      else if (this.#looks % LOOKS_PER_REFRESH === 0) panel.refresh();
    } catch (error) {
      await this.#retry(error);
    }
    await this.#update();
  }

  #write({ register, octets }: Transfer): Promise<void> {
    const { bus, address } = this.#options;
    return bus.writeBlock(address, register, octets);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.timing.after(ms, resolve);
    });
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined || this.#closed) return;
    this.#failure = halErrorOf(error, this.#options.driver);
    this.#callOff();
    this.#options.events.failed(this.#failure);
  }
}
