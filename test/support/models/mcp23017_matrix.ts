/**
 * An MCP23017 with a keypad on its pins: registers in both bank layouts, pull-ups, interrupts with capture, and keys
 * as wires between pins or to ground. Without diodes a current finds its way through any keys that are closed, so
 * ghosts appear by themselves. Two outputs that meet at different levels are a violation.
 */
import type { I2cDevice } from './i2c_model_bus.ts';

/** By pairs, as with IOCON.BANK = 0. */
const [IODIR, IPOL, GPINTEN, DEFVAL, INTCON, IOCON, GPPU, INTF, INTCAP, GPIO, OLAT] = [
  0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20,
];
const BANK = 0x80;
const MIRROR = 0x40;
const SEQOP = 0x20;
const READ_ONLY = [INTF, INTCAP];

export class Mcp23017Model implements I2cDevice {
  readonly violations: string[] = [];
  readonly diodes: boolean;
  /** By address with BANK = 0. */
  #registers = new Uint8Array(0x16);
  #keys = new Set<string>();
  #pointer = 0;
  #first = true;
  /** Pins as last compared, for interrupts on change. */
  #compared = 0;
  #interrupt = false;
  /** Hears the level of the open-drain line INTA (or INTB): false is low, an interrupt. */
  onInterrupt: (high: boolean) => void = () => {};

  constructor({ diodes = false } = {}) {
    this.diodes = diodes;
    this.powerCycle();
  }

  powerCycle(): void {
    this.#registers.fill(0);
    this.#registers.fill(0xff, IODIR, IODIR + 2);
    this.#settle();
  }

  /** A key between two pins, the row first, or one pin and `GND`. */
  press(pin: string, other: string): void {
    this.#keys.add(`${pin} ${other}`);
    this.#settle();
  }

  release(pin: string, other: string): void {
    this.#keys.delete(`${pin} ${other}`);
    this.#settle();
  }

  /** A register by its address with BANK = 0, past all protocol. */
  peek(register: number): number {
    return register === GPIO || register === GPIO + 1
      ? this.#port(register)
      : (this.#registers[register] ?? 0);
  }

  /** As a disturbance would. */
  poke(register: number, value: number): void {
    this.#registers[register] = value;
    this.#settle();
  }

  /** Level of an output pin. */
  high(pin: string): boolean {
    return ((this.#levels() >> indexOf(pin)) & 1) === 1;
  }

  get interrupting(): boolean {
    return this.#interrupt;
  }

  start(reading: boolean): void {
    if (!reading) this.#first = true;
  }

  stop(): void {}

  write(octet: number): void {
    if (this.#first) {
      this.#pointer = octet;
      this.#first = false;
      return;
    }
    this.#store(this.#mapped(), octet);
    this.#advance();
  }

  read(): number {
    const register = this.#mapped();
    const value = register === undefined ? 0 : this.peek(register);
    this.#advance();
    // Reading either of them takes the interrupt of that port back.
    if (register !== undefined && (register & ~1) >= INTCAP && (register & ~1) <= GPIO) {
      this.#registers[INTF + (register & 1)] = 0;
      this.#compared = this.#levels();
      this.#settle();
    }
    return value;
  }

  /** Address with BANK = 0 of what the pointer means. */
  #mapped(): number | undefined {
    const banked = ((this.#registers[IOCON] ?? 0) & BANK) !== 0;
    const register = banked ? (this.#pointer & 0x0f) * 2 + ((this.#pointer >> 4) & 1) : this.#pointer;
    return register < this.#registers.length ? register : undefined;
  }

  #advance(): void {
    if (((this.#registers[IOCON] ?? 0) & SEQOP) === 0) this.#pointer = (this.#pointer + 1) % 0x16;
    // Without sequence it toggles between A and B.
    else this.#pointer ^= 1;
  }

  #store(register: number | undefined, octet: number): void {
    if (register === undefined) this.violations.push(`no register ${this.#pointer}`);
    else if (READ_ONLY.includes(register & ~1)) this.violations.push(`register ${register} is read only`);
    else if ((register & ~1) === IOCON) this.#registers.fill(octet, IOCON, IOCON + 2);
    // Writing the port writes the latch.
    else this.#registers[(register & ~1) === GPIO ? register + 2 : register] = octet;
    this.#settle();
  }

  #word(register: number): number {
    return (this.#registers[register] ?? 0) | ((this.#registers[register + 1] ?? 0) << 8);
  }

  #port(register: number): number {
    const shift = (register & 1) * 8;
    return ((this.#levels() ^ this.#word(IPOL)) >> shift) & 0xff;
  }

  /** Levels of all pins. */
  #levels(): number {
    const [inputs, latch, pulled] = [this.#word(IODIR), this.#word(OLAT), this.#word(GPPU)];
    let levels = 0;
    for (let pin = 0; pin < 16; pin++) {
      const net = this.#net(pin);
      const driven = net.filter((each) => each >= 0 && ((inputs >> each) & 1) === 0);
      const low = net.includes(-1) || driven.some((each) => ((latch >> each) & 1) === 0);
      const high = driven.some((each) => ((latch >> each) & 1) === 1);
      if (low && high) this.violations.push(`short: ${net.join(' ')}`);
      if (!low && (high || net.some((each) => each >= 0 && ((pulled >> each) & 1) === 1))) levels |= 1 << pin;
    }
    return levels;
  }

  /** Pins that can pull this one; ground is -1. With diodes current flows from column to row only. */
  #net(pin: number): number[] {
    const reached = new Set([pin]);
    for (const from of reached)
      for (const key of this.#keys) {
        const [row = '', column = ''] = key.split(' ');
        const [a, b] = [indexOf(row), indexOf(column)];
        if (a === from && (b === -1 || !this.diodes)) reached.add(b);
        else if (b === from && from !== -1) reached.add(a);
      }
    return [...reached];
  }

  /** Compares the pins, sets flags and captures, and moves the line. */
  #settle(): void {
    const levels = this.#levels();
    const [enabled, control] = [this.#word(GPINTEN), this.#word(INTCON)];
    const against = (this.#word(DEFVAL) & control) | (this.#compared & ~control);
    const differs = (levels ^ against) & enabled & this.#word(IODIR);
    for (const port of [0, 1]) {
      const bits = (differs >> (8 * port)) & 0xff;
      if (bits === 0 || this.#registers[INTF + port] !== 0) continue;
      this.#registers[INTF + port] = bits;
      this.#registers[INTCAP + port] = this.#port(GPIO + port);
    }
    this.#compared = levels;
    if (enabled === 0) this.#registers.fill(0, INTF, INTF + 2);
    const [a, b] = [this.#registers[INTF] !== 0, this.#registers[INTF + 1] !== 0];
    const interrupt = a || (b && ((this.#registers[IOCON] ?? 0) & MIRROR) !== 0);
    if (interrupt === this.#interrupt) return;
    this.#interrupt = interrupt;
    this.onInterrupt(!interrupt);
  }
}

function indexOf(pin: string): number {
  return pin === 'GND' ? -1 : Number(pin[1]) + (pin[0] === 'B' ? 8 : 0);
}
