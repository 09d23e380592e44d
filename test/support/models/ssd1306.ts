/**
 * An SSD1306 behind I2C with its glass: control octets, commands with their arguments, graphics memory in three
 * addressing modes, and what a person sees. A command that the data sheet (rev 1.1, section 9) does not know is a
 * violation. After power has come the memory holds anything and the glass is dark.
 */
import type { I2cDevice } from './i2c_model_bus.ts';

/** Arguments of commands that have any. */
const ARGUMENTS: Readonly<Record<number, number>> = {
  ...{ 32: 1, 33: 2, 34: 2, 38: 6, 39: 6, 41: 5, 42: 5, 129: 1, 141: 1, 163: 2, 168: 1, 211: 1, 213: 1 },
  ...{ 217: 1, 218: 1, 219: 1 },
};

export interface ModelShape {
  /** Columns of graphics memory. */
  readonly columns: number;
  /** Size of the glass, which is wired to the middle of the memory. */
  readonly width: number;
  readonly height: number;
}

/** What SSD1306 and SH1106 have in common. */
export abstract class OledModel implements I2cDevice {
  readonly violations: string[] = [];
  readonly shape: ModelShape;
  /** Dots by segment driver and memory row: page after page, an octet a column. */
  protected memory: Uint8Array;
  protected column = 0;
  protected page = 0;
  protected flipped = false;
  protected pump = false;
  #scanReversed = false;
  #startLine = 0;
  #offset = 0;
  #rows = 64;
  #on = false;
  #allOn = false;
  #inverse = false;
  contrast = 0x7f;
  #control: 'control' | 'commands' | 'data' | 'command' | 'datum' = 'control';
  #pending: number[] = [];

  constructor(shape: ModelShape) {
    this.shape = shape;
    this.memory = new Uint8Array(shape.columns * 8);
    this.powerCycle();
  }

  powerCycle(): void {
    this.memory = this.memory.map((_, index) => (index * 73 + 41) & 0xff);
    this.column = 0;
    this.page = 0;
    this.flipped = false;
    this.pump = false;
    this.#scanReversed = false;
    this.#startLine = 0;
    this.#offset = 0;
    this.#rows = 64;
    this.#on = false;
    this.#allOn = false;
    this.#inverse = false;
    this.contrast = 0x7f;
    this.#pending = [];
  }

  start(reading: boolean): void {
    if (!reading) this.#control = 'control';
  }

  stop(): void {
    if (this.#pending.length > 0) this.violations.push(`command ${hex(this.#pending)} has no argument`);
    this.#pending = [];
  }

  write(octet: number): void {
    switch (this.#control) {
      case 'control':
        if ((octet & 0x3f) !== 0) this.violations.push(`control octet ${hex([octet])}`);
        this.#control =
          octet & 0x80 ? (octet & 0x40 ? 'datum' : 'command') : octet & 0x40 ? 'data' : 'commands';
        break;
      case 'commands':
        this.#command(octet);
        break;
      case 'command':
        this.#command(octet);
        this.#control = 'control';
        break;
      case 'data':
        this.store(octet);
        break;
      case 'datum':
        this.store(octet);
        this.#control = 'control';
        break;
    }
  }

  /** The status: bit 6 is set while the glass is switched off. */
  read(): number {
    return (this.#on ? 0 : 0x40) | 0x03;
  }

  #command(octet: number): void {
    this.#pending.push(octet);
    const [command = 0, ...given] = this.#pending;
    if (given.length < this.argumentsOf(command)) return;
    this.#pending = [];
    if (!this.#obeyCommon(command, given[0] ?? 0) && !this.obey(command, given))
      this.violations.push(`unknown command ${hex([command, ...given])}`);
  }

  protected abstract argumentsOf(command: number): number;
  /** False: unknown. */
  protected abstract obey(command: number, given: readonly number[]): boolean;
  protected abstract store(octet: number): void;

  #obeyCommon(command: number, given: number): boolean {
    if (command >= 0x40 && command <= 0x7f) this.#startLine = command & 0x3f;
    else if (command === 0x81) this.contrast = given;
    else if ((command & 0xfe) === 0xa0) this.flipped = command === 0xa1;
    else if ((command & 0xfe) === 0xa4) this.#allOn = command === 0xa5;
    else if ((command & 0xfe) === 0xa6) this.#inverse = command === 0xa7;
    else if (command === 0xa8) this.#rows = (given & 0x3f) + 1;
    else if ((command & 0xfe) === 0xae) this.#on = command === 0xaf;
    else if (command === 0xc0 || command === 0xc8) this.#scanReversed = command === 0xc8;
    else if (command === 0xd3) this.#offset = given & 0x3f;
    else return [0xd5, 0xd9, 0xda, 0xdb, 0xe3].includes(command);
    return true;
  }

  /** Whether a dot is lit, seen the way the module is meant to be held. */
  lit(x: number, y: number): boolean {
    if (!this.#on || !this.pump) return false;
    const { columns, width, height } = this.shape;
    // Held upright, the first segment is at the right edge and the first row at the bottom.
    const segment = columns - 1 - (x + (columns - width) / 2);
    const common = height - 1 - y;
    const row =
      ((this.#scanReversed ? this.#rows - 1 - common : common) + this.#startLine + this.#offset) % 64;
    const dot = ((this.memory[(row >> 3) * columns + segment] ?? 0) >> (row & 7)) & 1;
    return this.#allOn || (dot === 1) !== this.#inverse;
  }

  /** The glass as text, two rows of dots a line; trailing darkness is left out. */
  get art(): string {
    const { width, height } = this.shape;
    const lines = Array.from({ length: height / 2 }, (_, pair) =>
      Array.from({ length: width }, (_, x) => {
        const [upper, lower] = [this.lit(x, 2 * pair), this.lit(x, 2 * pair + 1)];
        return upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ';
      })
        .join('')
        .trimEnd(),
    );
    return lines.join('\n').trimEnd();
  }
}

export class Ssd1306Model extends OledModel {
  #mode: 'horizontal' | 'vertical' | 'page' = 'page';
  #columns: readonly [number, number] = [0, 127];
  #pages: readonly [number, number] = [0, 7];

  constructor(width = 128, height = 64) {
    super({ columns: 128, width, height });
  }

  protected override argumentsOf(command: number): number {
    return ARGUMENTS[command] ?? 0;
  }

  protected override obey(command: number, given: readonly number[]): boolean {
    const [first = 0, second = 0] = given;
    if (command <= 0x0f) this.column = (this.column & 0x70) | command;
    else if (command <= 0x1f) this.column = ((command & 0x07) << 4) | (this.column & 0x0f);
    else if (command === 0x20)
      this.#mode = (['horizontal', 'vertical', 'page'] as const)[first & 3] ?? 'page';
    else if (command === 0x21) this.#window(given);
    else if (command === 0x22) {
      this.#pages = [first & 7, second & 7];
      this.page = first & 7;
    } else if (command === 0x8d) this.pump = (first & 0x04) !== 0;
    else if (command >= 0xb0 && command <= 0xb7) this.page = command & 7;
    else return command === 0x2e;
    return true;
  }

  #window([first = 0, last = 0]: readonly number[]): void {
    this.#columns = [first & 0x7f, last & 0x7f];
    this.column = first & 0x7f;
  }

  /** Remapping counts while the memory is written. */
  protected override store(octet: number): void {
    const segment = this.flipped ? 127 - this.column : this.column;
    this.memory[this.page * 128 + segment] = octet;
    if (this.#mode === 'page') this.column = (this.column + 1) & 0x7f;
    else if (this.#mode === 'horizontal') this.#along(this.#nextColumn(), () => this.#nextPage());
    else this.#along(this.#nextPage(), () => this.#nextColumn());
  }

  #along(wrapped: boolean, across: () => boolean): void {
    if (wrapped) across();
  }

  /** True: it began anew. */
  #nextColumn(): boolean {
    const wraps = this.column === this.#columns[1];
    this.column = wraps ? this.#columns[0] : (this.column + 1) & 0x7f;
    return wraps;
  }

  #nextPage(): boolean {
    const wraps = this.page === this.#pages[1];
    this.page = wraps ? this.#pages[0] : (this.page + 1) & 7;
    return wraps;
  }
}

function hex(octets: readonly number[]): string {
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
}
