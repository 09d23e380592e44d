/**
 * A text display: HD44780U behind a PCF8574, as its pins see the bus. Nibbles are taken over when E falls; what comes
 * while the chip is busy, or with RS moving together with E, is written down as a violation and not obeyed.
 */
import { font, rowsOf } from '#hal/parts/font.ts';
import { romCharacter } from './hd44780_rom_a00.ts';
import type { I2cDevice } from './i2c_model_bus.ts';

const RS = 0x01;
const RW = 0x02;
const E = 0x04;
const BACKLIGHT = 0x08;

/** µs, at the slowest clock that the data sheet allows (190 instead of 270 kHz). */
const EXECUTION = 37 * (270 / 190);
const SLOW_EXECUTION = 1520 * (270 / 190);
const POWER_ON = 40_000;

export class Hd44780Model implements I2cDevice {
  readonly columns: number;
  readonly lines: number;
  readonly violations: string[] = [];
  #ddram = new Uint8Array(0x80).fill(0x20);
  #cgram = new Uint8Array(0x40);
  #port = 0xff;
  #busyUntil = 0;
  /** Interface of 8 bits until told otherwise. */
  #wide = true;
  #upper: number | undefined;
  #address = 0;
  #inGlyphs = false;
  #increment = 1;
  #shift = 0;
  #twoLines = false;
  #on = false;

  constructor(columns: number, lines: number, at = 0) {
    this.columns = columns;
    this.lines = lines;
    this.powerCycle(at);
  }

  /** The supply was away. Glyph memory then holds anything; so does the port, whose pins are all high. */
  powerCycle(at: number): void {
    this.#ddram.fill(0x20);
    this.#cgram = this.#cgram.map((_, index) => (index * 37 + 11) & 0x1f);
    this.#port = 0xff;
    this.#busyUntil = at + POWER_ON;
    this.#wide = true;
    this.#upper = undefined;
    this.#address = 0;
    this.#inGlyphs = false;
    this.#increment = 1;
    this.#shift = 0;
    this.#twoLines = false;
    this.#on = false;
  }

  /** A disturbance has clocked E once: the halves are out of step. */
  loseStep(): void {
    this.#upper = this.#upper === undefined ? 0 : undefined;
  }

  start(): void {}
  stop(): void {}

  write(octet: number, at: number): void {
    const before = this.#port;
    this.#port = octet;
    const rises = (before & E) === 0 && (octet & E) !== 0;
    if (rises && ((before ^ octet) & (RS | RW)) !== 0) this.violations.push('RS or R/W moves with E');
    const falls = (before & E) !== 0 && (octet & E) === 0;
    // What was on the pins until now counts; a read does not write.
    if (falls && (before & RW) === 0) this.#latch(before >> 4, (before & RS) !== 0, at);
  }

  /** Pins of the port: nobody but the port drives them low here. */
  read(): number {
    return this.#port;
  }

  #latch(nibble: number, data: boolean, at: number): void {
    if (at < this.#busyUntil) {
      this.violations.push(`busy for another ${Math.ceil(this.#busyUntil - at)} µs`);
      return;
    }
    // The lower data pins are not wired, and read as low.
    if (this.#wide) {
      this.#execute(nibble << 4, data, at);
    } else if (this.#upper === undefined) {
      this.#upper = nibble;
    } else {
      const octet = (this.#upper << 4) | nibble;
      this.#upper = undefined;
      this.#execute(octet, data, at);
    }
  }

  #execute(octet: number, data: boolean, at: number): void {
    const slow = !data && octet < 0x04 && octet > 0;
    this.#busyUntil = at + (slow ? SLOW_EXECUTION : EXECUTION);
    if (data) this.#store(octet);
    else if (octet & 0x80) this.#goTo(octet & 0x7f, false);
    else if (octet & 0x40) this.#goTo(octet & 0x3f, true);
    else if (octet & 0x20) this.#function(octet);
    else if (octet & 0x10) this.#shift += octet & 0x08 ? (octet & 0x04 ? -1 : 1) : 0;
    else if (octet & 0x08) this.#on = (octet & 0x04) !== 0;
    else if (octet & 0x04) this.#increment = octet & 0x02 ? 1 : -1;
    else if (octet & 0x02) this.#home();
    else if (octet & 0x01) this.#clear();
  }

  #function(octet: number): void {
    this.#wide = (octet & 0x10) !== 0;
    this.#upper = undefined;
    this.#twoLines = (octet & 0x08) !== 0;
  }

  #home(): void {
    this.#goTo(0, false);
    this.#shift = 0;
  }

  #clear(): void {
    this.#ddram.fill(0x20);
    this.#increment = 1;
    this.#home();
  }

  #goTo(address: number, inGlyphs: boolean): void {
    this.#address = address;
    this.#inGlyphs = inGlyphs;
  }

  #store(octet: number): void {
    if (this.#inGlyphs) {
      this.#cgram[this.#address & 0x3f] = octet & 0x1f;
      this.#address = (this.#address + this.#increment) & 0x3f;
      return;
    }
    this.#ddram[this.#address] = octet;
    this.#address = this.#next(this.#address + this.#increment);
  }

  /** Two lines of 40 cells, 00 to 27 and 40 to 67. */
  #next(address: number): number {
    const wraps: Readonly<Record<number, number>> = { 40: 0x40, 104: 0x00, 63: 0x27, [-1]: 0x67 };
    return wraps[address] ?? address;
  }

  /** The codes in the cells of the glass. */
  codes(): number[] {
    const half = this.lines === 1 ? this.columns / 2 : this.columns;
    return Array.from({ length: this.columns * this.lines }, (_, cell) => {
      const run = Math.floor(cell / half);
      const within = (cell % half) + (run >= 2 ? half : 0) - this.#shift;
      return this.#ddram[(run % 2) * 0x40 + ((within + 40) % 40)] ?? 0;
    });
  }

  /** Dots of one of the eight glyphs, eight rows of five. */
  dots(slot: number): number[] {
    return Array.from(this.#cgram.subarray((slot & 7) * 8, (slot & 7) * 8 + 8));
  }

  get lit(): boolean {
    return (this.#port & BACKLIGHT) !== 0;
  }

  /** What a person reads, line by line; ▯ is a glyph that is no character. Switched off there is nothing to read. */
  get text(): string[] {
    const visible = this.#on && this.#twoLines;
    const cells = this.codes().map((code) => (visible ? this.#character(code) : ' '));
    return Array.from({ length: this.lines }, (_, line) =>
      cells.slice(line * this.columns, (line + 1) * this.columns).join(''),
    );
  }

  #character(code: number): string {
    const char = code >= 0x10 ? (romCharacter(code) ?? ' ') : glyphNamed(this.dots(code));
    return char === '␠' ? ' ' : char;
  }
}

const NAMES = new Map(
  [...font('small').glyphs].map(([char, glyph]) => [rowsOf(glyph, 8).join(), char] as const).reverse(),
);

/** What is read where `char` is drawn: some letters have the same dots. */
export function readsAs(char: string): string {
  const glyph = font('small').glyphs.get(char);
  return glyph === undefined ? char : glyphNamed(rowsOf(glyph, 8));
}

function glyphNamed(rows: readonly number[]): string {
  return NAMES.get(rows.join()) ?? '▯';
}
