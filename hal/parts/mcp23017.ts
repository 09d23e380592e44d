/**
 * A keypad's matrix, single keys and lamps on an MCP23017: what its registers shall hold (Microchip DS20001952, section
 * 3.5; IOCON.BANK = 0, so A and B of each register are neighbours and a pair is written at once).
 *
 * Rows are outputs that only ever pull: a row that is not driven is an input, so that two keys of a column never join
 * a high output to a low one. At rest all rows pull, and any key brings its column down; the chip compares columns and
 * single keys with "high" (INTCON, DEFVAL), not with what they were: a key that is still down interrupts again.
 */
import { type Transfer, transfer } from './transfer.ts';

/** Addresses of the A registers; B is the next one. */
export const REGISTER = {
  IODIR: 0x00,
  IPOL: 0x02,
  GPINTEN: 0x04,
  DEFVAL: 0x06,
  INTCON: 0x08,
  IOCON: 0x0a,
  GPPU: 0x0c,
  INTF: 0x0e,
  INTCAP: 0x10,
  GPIO: 0x12,
  OLAT: 0x14,
} as const;

/** All registers. */
export const REGISTERS = 0x16;

/** INTA and INTB are one (MIRROR), and pull only (ODR): the chip may live at 5 V, the board does not. */
export const IOCON = 0x40 | 0x04;
/** Where IOCON is while BANK is set; with BANK clear it is GPINTENB, whose zero does no harm. */
const IOCON_IN_BANKS = 0x05;

/** `A0` to `B7`. */
export type ExpanderPin = string;

export interface ExpanderWiring {
  readonly rows: readonly ExpanderPin[];
  readonly columns: readonly ExpanderPin[];
  /** Keys from a pin to ground. */
  readonly single: readonly ExpanderPin[];
  readonly outputs: readonly ExpanderPin[];
}

/** Words of 16 pins: bit 0 is A0, bit 15 is B7. */
export class ExpanderRegisters {
  readonly #rows: readonly number[];
  readonly #columns: readonly number[];
  readonly #single: readonly number[];
  readonly #outputs: ReadonlyMap<ExpanderPin, number>;
  readonly #rowMask: number;
  readonly #inputs: number;
  /** Pins that have nothing to do are inputs with a pull-up. */
  readonly #resting: number;

  /** @throws RangeError when a pin is named twice, or one that cannot read shall do so. */
  constructor({ rows, columns, single, outputs }: ExpanderWiring) {
    const pins = [...rows, ...columns, ...single, ...outputs];
    const twice = pins.find((pin, index) => pins.indexOf(pin) !== index);
    if (twice !== undefined) throw new RangeError(`pin ${twice} has two things to do`);
    // Inputs there disturb SDA while they change (DS20001952, note of revision D to table 1-1).
    const deaf = [...rows, ...columns, ...single].find((pin) => pin.endsWith('7'));
    if (deaf !== undefined) throw new RangeError(`pin ${deaf} of an MCP23017 can be an output only`);
    this.#rows = rows.map(bitOf);
    this.#columns = columns.map(bitOf);
    this.#single = single.map(bitOf);
    this.#outputs = new Map(outputs.map((pin) => [pin, bitOf(pin)]));
    this.#rowMask = union(this.#rows);
    this.#inputs = union([...this.#columns, ...this.#single]);
    this.#resting = 0xffff & ~union(outputs.map(bitOf));
  }

  /** From whichever state to rest, with all rows pulling and, if `armed`, the interrupt on. */
  configuration(lit: ReadonlySet<ExpanderPin>, armed: boolean): readonly Transfer[] {
    return [
      transfer(IOCON_IN_BANKS, [0]),
      transfer(REGISTER.IOCON, [IOCON, IOCON]),
      this.interrupt(false),
      this.latches(lit),
      ...this.#constants().map(([register, word]) => pair(register, word)),
      this.drive('all'),
      ...(armed ? [this.interrupt(true)] : []),
    ];
  }

  /** One row pulls, or all of them. */
  drive(row: number | 'all'): Transfer {
    return pair(REGISTER.IODIR, this.#direction(row));
  }

  interrupt(on: boolean): Transfer {
    return pair(REGISTER.GPINTEN, on ? this.#inputs : 0);
  }

  /** Levels of the outputs; those of rows are always low. */
  latches(lit: ReadonlySet<ExpanderPin>): Transfer {
    return pair(REGISTER.OLAT, this.#latched(lit));
  }

  /** Bit c: the column pulls the word of GPIO down. */
  columns(gpio: number): number {
    return lowOf(gpio, this.#columns);
  }

  /** Bit k: the single key is closed. */
  singleKeys(gpio: number): number {
    return lowOf(gpio, this.#single);
  }

  /** Whether all registers, read at rest, are as they were left; else the chip has been without power or disturbed. */
  asConfigured(registers: Uint8Array, lit: ReadonlySet<ExpanderPin>, armed: boolean): boolean {
    const wanted: [register: number, word: number][] = [
      [REGISTER.IODIR, this.#direction('all')],
      [REGISTER.GPINTEN, armed ? this.#inputs : 0],
      [REGISTER.IOCON, word(IOCON, IOCON)],
      [REGISTER.OLAT, this.#latched(lit)],
      ...this.#constants(),
    ];
    return wanted.every(([register, word]) => wordAt(registers, register) === word);
  }

  #constants(): [register: number, word: number][] {
    return [
      [REGISTER.IPOL, 0],
      [REGISTER.DEFVAL, this.#inputs],
      [REGISTER.INTCON, this.#inputs],
      [REGISTER.GPPU, this.#resting],
    ];
  }

  #direction(row: number | 'all'): number {
    const driven = row === 'all' ? this.#rowMask : (this.#rows[row] ?? 0);
    return this.#resting & ~driven;
  }

  #latched(lit: ReadonlySet<ExpanderPin>): number {
    return union([...lit].map((pin) => this.#outputs.get(pin) ?? 0));
  }
}

/** The pair of registers from `at` on, A in the low half. */
export function wordAt(octets: Uint8Array, at: number): number {
  return word(octets[at] ?? 0, octets[at + 1] ?? 0);
}

function word(a: number, b: number): number {
  return a | (b << 8);
}

function pair(register: number, word: number): Transfer {
  return transfer(register, [word & 0xff, word >> 8]);
}

function bitOf(pin: ExpanderPin): number {
  const [, port, number] = /^([AB])([0-7])$/.exec(pin) ?? [];
  if (port === undefined) throw new RangeError(`an MCP23017 has no pin ${pin}`);
  return 1 << (Number(number) + (port === 'B' ? 8 : 0));
}

function union(bits: readonly number[]): number {
  return bits.reduce((all, bit) => all | bit, 0);
}

function lowOf(gpio: number, bits: readonly number[]): number {
  return bits.reduce((low, bit, index) => ((gpio & bit) === 0 ? low | (1 << index) : low), 0);
}
