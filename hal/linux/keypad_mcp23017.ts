/**
 * A keypad and lamps on an MCP23017. At rest it sleeps until the interrupt line moves, or, where there is none, looks
 * every 20 ms; while a key is down or bouncing it scans. Four looks a second read every register: they find what a
 * lost interrupt would have said, and a chip that has been without power.
 */
import { KeyMatrix, type KeyMatrixEvent } from '../parts/key_matrix.ts';
import { type KeyName, keyEvents } from '../parts/key_names.ts';
import { type ExpanderPin, ExpanderRegisters, REGISTER, REGISTERS, wordAt } from '../parts/mcp23017.ts';
import { SwitchedLamps } from '../parts/switched_lamps.ts';
import type { Transfer } from '../parts/transfer.ts';
import type { HalCommand, PartStatus } from '../types.ts';
import { type HalError, type HalErrorCode, halErrorOf } from './error.ts';
import type { GpioLines } from './gpio/types.ts';
import type { I2cBus } from './i2c/types.ts';
import type { Part, PartEvents, Timing } from './part.ts';

export interface ExpanderKeypadOptions {
  readonly address: number;
  readonly rows: readonly ExpanderPin[];
  readonly columns: readonly ExpanderPin[];
  /** By row and column; null: there is no key. */
  readonly keys: readonly (readonly (KeyName | null)[])[];
  /** Keys from a pin to ground. */
  readonly single?: readonly { readonly pin: ExpanderPin; readonly key: KeyName }[];
  readonly lamps?: readonly { readonly pin: ExpanderPin; readonly name: string }[];
  /** ms of quiet after which a key is believed. */
  readonly debounce?: number | undefined;
}

export interface ExpanderSurroundings {
  readonly bus: I2cBus;
  readonly timing: Pick<Timing, 'now' | 'after'>;
  readonly events: Pick<PartEvents, 'emit' | 'failed'>;
  /** The line of INTA, with edges on, pulled up; the keypad closes it. */
  readonly interrupt?: Pick<GpioLines, 'onEdges' | 'onLost' | 'close'> | undefined;
}

/** ms from one scan to the next, and between looks while nothing is pressed. */
const SCAN = 8;
const LOOK = 20;
const LOOK_BESIDE_INTERRUPT = 250;
/** ms between looks at all registers. */
const CHECK = 250;
const TRIES = 4;
/** ms between tries: a key that is let go and pressed again meanwhile must not go unseen. */
const PAUSE = 10;
/** Errors that may be a disturbance. */
const PASSING: readonly HalErrorCode[] = ['NAK', 'BUSY', 'IO'];

/** Rejects with a HalError when it does not answer. */
export async function openExpanderKeypad(
  options: ExpanderKeypadOptions,
  surroundings: ExpanderSurroundings,
): Promise<Part> {
  const keypad = new ExpanderKeypad(options, surroundings);
  await keypad.open();
  return keypad;
}

class ExpanderKeypad implements Part {
  readonly name = 'keypad-mcp23017';
  readonly #options: ExpanderKeypadOptions;
  readonly #at: ExpanderSurroundings;
  readonly #registers: ExpanderRegisters;
  readonly #lamps: SwitchedLamps;
  readonly #matrix: KeyMatrix;
  readonly #single: KeyMatrix;
  #lit: ReadonlySet<ExpanderPin> = new Set();
  #configured = false;
  #scanning = false;
  /** ms: the last look at all registers. */
  #checked = Number.NEGATIVE_INFINITY;
  #tries = 0;
  #failure: HalError | undefined;
  #closed = false;
  #running: Promise<void> | undefined;
  /** Something has happened since the last turn. */
  #stirred = false;
  #wake = () => {};

  constructor(options: ExpanderKeypadOptions, surroundings: ExpanderSurroundings) {
    const { rows, columns, single = [], lamps = [], debounce } = options;
    this.#options = options;
    this.#at = surroundings;
    this.#registers = new ExpanderRegisters({
      rows,
      columns,
      single: single.map(({ pin }) => pin),
      outputs: lamps.map(({ pin }) => pin),
    });
    const quiet = debounce === undefined ? {} : { debounce };
    this.#matrix = new KeyMatrix({ rows: rows.length, columns: columns.length, ...quiet });
    this.#single = new KeyMatrix({ rows: 1, columns: single.length, diodes: true, ...quiet });
    this.#lamps = new SwitchedLamps(lamps);
  }

  async open(): Promise<void> {
    this.#at.interrupt?.onEdges(() => this.#stir());
    this.#at.interrupt?.onLost((error) => this.#fail(error));
    try {
      while (!this.#configured) await this.#turn().catch((error) => this.#retry(error));
    } catch (error) {
      this.#closed = true;
      this.#at.interrupt?.close();
      throw error;
    }
    this.#running = this.#run().catch((error) => this.#fail(error));
  }

  perform(command: HalCommand): void {
    if (command.kind !== 'lamp') return;
    this.#lamps.set(command.name, command.pattern, this.#at.timing.now());
    this.#stir();
  }

  status(): PartStatus {
    const driver = `MCP23017 at 0x${this.#options.address.toString(16)}`;
    if (this.#failure) return { part: this.name, state: 'failed', driver, note: this.#failure.message };
    const note = this.#at.interrupt ? '' : `no interrupt line: asked every ${LOOK} ms`;
    return { part: this.name, state: 'ok', driver, note };
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#running;
    this.#closed = true;
    this.#wake();
    await this.#running;
    this.#at.interrupt?.close();
    try {
      await this.#send(this.#registers.latches(new Set()));
      await this.#send(this.#registers.interrupt(false));
    } catch {
      // Out of reach; its lamps are without power, or as they were.
    }
  }

  async #run(): Promise<void> {
    while (!this.#closed && this.#failure === undefined) {
      await this.#pause();
      if (!this.#closed) await this.#turn().catch((error) => this.#retry(error));
    }
  }

  async #turn(): Promise<void> {
    this.#stirred = false;
    if (!this.#configured) await this.#configure();
    await this.#light();
    if (this.#scanning) await this.#scan();
    else await this.#look();
    this.#tries = 0;
  }

  async #configure(): Promise<void> {
    this.#lit = this.#lamps.litAt(this.#at.timing.now());
    const armed = this.#armed && !this.#scanning;
    for (const transfer of this.#registers.configuration(this.#lit, armed)) await this.#send(transfer);
    this.#configured = true;
  }

  async #light(): Promise<void> {
    const lit = this.#lamps.litAt(this.#at.timing.now());
    if (lit.size === this.#lit.size && [...lit].every((pin) => this.#lit.has(pin))) return;
    await this.#send(this.#registers.latches(lit));
    this.#lit = lit;
  }

  /** Reading GPIO takes the interrupt back; while a key is down, it comes again at once. */
  async #look(): Promise<void> {
    const gpio = this.#checkIsDue ? await this.#check() : wordAt(await this.#read(REGISTER.GPIO, 2), 0);
    if (gpio === undefined) return;
    if (this.#registers.columns(gpio) === 0 && this.#registers.singleKeys(gpio) === 0) return;
    if (this.#armed) await this.#send(this.#registers.interrupt(false));
    this.#scanning = true;
    await this.#scan();
  }

  get #checkIsDue(): boolean {
    return this.#at.timing.now() - this.#checked >= CHECK;
  }

  /** The pins, all rows pulling; undefined where the registers are not ours: then the pins mean nothing. */
  async #check(): Promise<number | undefined> {
    this.#checked = this.#at.timing.now();
    const octets = await this.#read(0, REGISTERS);
    this.#configured = this.#registers.asConfigured(octets, this.#lit, this.#armed && !this.#scanning);
    if (this.#configured) return wordAt(octets, REGISTER.GPIO);
    this.#stirred = true;
    return undefined;
  }

  async #scan(): Promise<void> {
    // What has stood for long enough is believed before the bus is busy with the next scan.
    this.#hear(undefined, this.#at.timing.now());
    if (this.#checkIsDue) {
      await this.#send(this.#registers.drive('all'));
      if ((await this.#check()) === undefined) return;
    }
    const begun = this.#at.timing.now();
    const rows: number[] = [];
    let singleKeys = 0;
    for (const row of this.#options.rows.keys()) {
      await this.#send(this.#registers.drive(row));
      const gpio = wordAt(await this.#read(REGISTER.GPIO, 2), 0);
      rows.push(this.#registers.columns(gpio));
      singleKeys = this.#registers.singleKeys(gpio);
    }
    this.#hear({ rows, singleKeys }, begun);
    if (!this.#matrix.idle || !this.#single.idle) return;
    await this.#send(this.#registers.drive('all'));
    if (this.#armed) await this.#send(this.#registers.interrupt(true));
    this.#scanning = false;
  }

  /** What a scan saw that began at `at`, or only the passing of time. */
  #hear(
    seen: { readonly rows: readonly number[]; readonly singleKeys: number } | undefined,
    at: number,
  ): void {
    const { keys, single = [] } = this.#options;
    const [matrix, alone] =
      seen === undefined
        ? ([{ kind: 'tick' }, { kind: 'tick' }] as const)
        : ([
            { kind: 'scan', rows: seen.rows },
            { kind: 'scan', rows: [seen.singleKeys] },
          ] as const);
    this.#tell(this.#matrix.handle(matrix, at), (row, column) => keys[row]?.[column]);
    this.#tell(this.#single.handle(alone, at), (_, column) => single[column]?.key);
  }

  get #armed(): boolean {
    return this.#at.interrupt !== undefined;
  }

  #tell(
    events: readonly KeyMatrixEvent[],
    nameOf: (row: number, column: number) => KeyName | null | undefined,
  ): void {
    for (const { row, column, down } of events) {
      const name = nameOf(row, column);
      if (name) for (const event of keyEvents(name, down)) this.#at.events.emit(event);
    }
  }

  #stir(): void {
    this.#stirred = true;
    if (!this.#scanning) this.#wake();
  }

  /** Until the next scan or look is due, a lamp changes, or something stirs. */
  #pause(): Promise<void> {
    const { timing } = this.#at;
    const look = this.#armed ? LOOK_BESIDE_INTERRUPT : LOOK;
    const now = timing.now();
    const lamps = Math.max(0, this.#lamps.nextChange(now) - now);
    const believed = Math.max(0, Math.min(this.#matrix.deadline, this.#single.deadline) - now);
    const ms = Math.min(this.#scanning ? SCAN : look, believed, lamps);
    if (this.#stirred && !this.#scanning) return Promise.resolve();
    return this.#sleep(ms);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#at.timing.after(ms, resolve);
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
  }

  async #retry(error: unknown): Promise<void> {
    const failure = halErrorOf(error, `MCP23017 at 0x${this.#options.address.toString(16)}`);
    this.#configured = false;
    this.#tries += 1;
    if (this.#tries >= TRIES || !PASSING.includes(failure.code)) throw failure;
    await this.#sleep(PAUSE);
    this.#stirred = true;
  }

  #fail(error: HalError): void {
    if (this.#failure !== undefined || this.#closed) return;
    this.#failure = error;
    this.#wake();
    this.#at.events.failed(error);
  }

  #send({ register, octets }: Transfer): Promise<void> {
    return this.#at.bus.writeBlock(this.#options.address, register, octets);
  }

  async #read(register: number, length: number): Promise<Uint8Array> {
    const octets = await this.#at.bus.readBlock(this.#options.address, register, length);
    if (octets.length < length) throw new Error(`${octets.length} of ${length} octets`);
    return octets;
  }
}
