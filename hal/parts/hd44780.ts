/**
 * A text display with an HD44780 behind a PCF8574. It remembers what the chip holds (cells and glyphs) and sends what
 * differs from the wanted picture, each transfer with its own address, so that none depends on the one before.
 */
import { fitLine, fitLines } from './display_text.ts';
import { font, rowsOf } from './font.ts';
import { nearestRomCode, romCode } from './hd44780_characters.ts';
import { chooseGlyphs, SLOTS, type Slots } from './hd44780_glyphs.ts';
import { data, half, instruction, PIN, type Stroke, strokes } from './hd44780_strokes.ts';
import type { Panel, Step } from './panel.ts';
import { PanelSteps } from './panel_steps.ts';
import type { Transfer } from './transfer.ts';

export interface Hd44780Options {
  readonly columns: number;
  /** A single line is wired as two halves of one. */
  readonly lines: 1 | 2 | 4;
  /** Default: lit. */
  readonly backlight?: boolean;
}

/** Instructions: data sheet, table 6. */
const CLEAR = 0x01;
const HOME = 0x02;
const ENTRY_FORWARD = 0x06;
const DISPLAY_OFF = 0x08;
const DISPLAY_ON = 0x0c;
/** 4 bits, two lines (four are two long ones), 5 x 8 dots. */
const FUNCTION = 0x28;
const SET_CGRAM = 0x40;
const SET_DDRAM = 0x80;

/** ms: clear and home take 1.52; a timer may count from up to one before. */
const SLOW = 3;

interface Preparation {
  readonly strokes: readonly Stroke[];
  /** ms to wait afterwards. */
  readonly wait: number;
  readonly clears?: boolean;
}

/** "Initializing by Instruction" (data sheet, figure 24): right in whichever state the chip was left. */
const INITIALISATION: readonly Preparation[] = [
  // More than 40 ms after the supply has come.
  { strokes: [], wait: 41 },
  // More than 4.1 ms.
  { strokes: [half(0x3)], wait: 6 },
  // More than 100 µs.
  { strokes: [half(0x3)], wait: 2 },
  { strokes: [half(0x3), half(0x2)], wait: 0 },
  { strokes: [FUNCTION, DISPLAY_OFF, CLEAR].map(instruction), wait: SLOW, clears: true },
  { strokes: [instruction(ENTRY_FORWARD)], wait: 0 },
];

/**
 * The same for a chip that works, in the dark of one millisecond: the picture stays. If a disturbance has put it out
 * of step, the first half completes an instruction, home at the longest.
 */
const RESYNCHRONISATION: readonly Preparation[] = [
  { strokes: [half(0x3)], wait: SLOW },
  { strokes: [half(0x3), half(0x3), half(0x2), instruction(FUNCTION)], wait: 0 },
  { strokes: [ENTRY_FORWARD, HOME].map(instruction), wait: SLOW },
];

/** Cells, or rows of a glyph, that fit in a transfer beside their address. */
const MOST_DATA = 6;
/** A clean cell between two dirty ones is cheaper to write again than to leap over. */
const LARGEST_GAP = 1;
/** Rows of a glyph. */
const DOTS = 8;
const MOST_CELLS = 80;
const UNKNOWN = -1;
const BLANK = 0x20;

const GLYPHS = font('small').glyphs;
const has = (char: string) => romCode(char) !== undefined || GLYPHS.has(char);

/** A slot of the chip's glyph memory: the character drawn there, and how many of its rows so far. */
interface Drawn {
  readonly char: string;
  readonly rows: number;
}

export class Hd44780 implements Panel {
  /** A PCF8574 has no registers. */
  readonly statusRegister = undefined;
  readonly #columns: number;
  readonly #lines: number;
  readonly #backlight: boolean;
  /** Codes on the glass, and which of them are to be said again. */
  readonly #cells: number[];
  readonly #stale: boolean[];
  readonly #slots: (Drawn | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #wanted: readonly number[];
  #wantedSlots: Slots = Array.from({ length: SLOTS }, () => undefined);
  readonly #steps: PanelSteps;

  /** @throws RangeError when the chip has no memory for so many cells. */
  constructor({ columns, lines, backlight = true }: Hd44780Options) {
    if (columns * lines > MOST_CELLS)
      throw new RangeError(`${columns}x${lines} is more than ${MOST_CELLS} cells`);
    this.#columns = columns;
    this.#lines = lines;
    this.#backlight = backlight;
    this.#cells = Array.from({ length: columns * lines }, () => UNKNOWN);
    this.#stale = this.#cells.map(() => false);
    this.#wanted = this.#cells.map(() => BLANK);
    this.#steps = new PanelSteps(() => this.#step(), strokes([instruction(DISPLAY_ON)], backlight));
    this.reset();
  }

  show(lines: readonly string[]): void {
    const chars = fitLines(lines, this.#lines).flatMap((line) => fitLine(line, this.#columns, has));
    this.#wantedSlots = chooseGlyphs(chars, this.#wantedSlots, new Set(this.#cells));
    this.#wanted = chars.map((char) => {
      const slot = this.#wantedSlots.indexOf(char);
      return romCode(char) ?? (slot >= 0 ? slot : nearestRomCode(char));
    });
  }

  next(): Transfer | undefined {
    return this.#steps.next();
  }

  done(): void {
    this.#steps.done();
  }

  reset(): void {
    this.#begin(INITIALISATION);
    this.#cells.fill(UNKNOWN);
    this.#stale.fill(false);
  }

  refresh(): void {
    this.#begin(RESYNCHRONISATION);
    this.#stale.fill(true);
  }

  rest(): readonly Transfer[] {
    return [strokes([instruction(DISPLAY_OFF)], false)];
  }

  /** E and R/W are left low; a port that comes to power is high on every pin. */
  hasLostPower(port: number): boolean {
    return (port & (PIN.E | PIN.RW)) !== 0;
  }

  #begin(preamble: readonly Preparation[]): void {
    this.#slots.fill(undefined);
    this.#steps.begin(
      preamble.map(({ strokes: list, wait, clears }) => ({
        transfer: strokes(list, this.#backlight, wait),
        apply: () => {
          if (clears) this.#cells.fill(BLANK);
        },
      })),
    );
  }

  /** What is ready goes out at once, and takes the place of glyphs that are given up, before others are drawn there. */
  #step(): Step | undefined {
    return (
      this.#span((cell) => this.#cells[cell] !== this.#wanted[cell]) ??
      this.#glyph() ??
      this.#span((cell) => this.#stale[cell] === true)
    );
  }

  #isDrawn(slot: number): boolean {
    const drawn = this.#slots[slot];
    return drawn?.char === this.#wantedSlots[slot] && drawn?.rows === DOTS;
  }

  #glyph(): Step | undefined {
    const slot = this.#wantedSlots.findIndex(
      (_, each) => this.#wanted.includes(each) && !this.#isDrawn(each),
    );
    const char = this.#wantedSlots[slot];
    if (char === undefined) return undefined;
    const drawn = this.#slots[slot];
    const from = drawn?.char === char ? drawn.rows : 0;
    const rows = rowsOf(GLYPHS.get(char) ?? [], DOTS).slice(from, from + MOST_DATA);
    return {
      transfer: strokes([instruction(SET_CGRAM | (slot * DOTS + from)), ...rows.map(data)], this.#backlight),
      apply: () => {
        this.#slots[slot] = { char, rows: from + rows.length };
      },
    };
  }

  /** From the first dirty cell on, as far as one transfer reaches; cells whose glyph is not drawn yet have to wait. */
  #span(dirty: (cell: number) => boolean): Step | undefined {
    const ready = (cell: number) => {
      const code = this.#wanted[cell] ?? BLANK;
      return code >= SLOTS || this.#isDrawn(code);
    };
    const first = this.#wanted.findIndex((_, cell) => dirty(cell) && ready(cell));
    if (first < 0) return undefined;
    const end = Math.min(first + MOST_DATA, first - (first % this.#run) + this.#run);
    let last = first;
    for (let cell = first + 1; cell < end && ready(cell) && cell - last <= LARGEST_GAP + 1; cell++)
      if (dirty(cell)) last = cell;
    const codes = this.#wanted.slice(first, last + 1);
    return {
      transfer: strokes([instruction(SET_DDRAM | this.#address(first)), ...codes.map(data)], this.#backlight),
      apply: () => {
        for (const [index, code] of codes.entries()) this.#cells[first + index] = code;
        this.#stale.fill(false, first, last + 1);
      },
    };
  }

  /** Cells that follow each other in the chip's memory. */
  get #run(): number {
    return this.#lines === 1 ? this.#columns / 2 : this.#columns;
  }

  /** The chip knows two lines, the second from 40 on; the third goes on where the first ends, the fourth the second. */
  #address(cell: number): number {
    const run = Math.floor(cell / this.#run);
    return (run % 2) * 0x40 + (run >= 2 ? this.#run : 0) + (cell % this.#run);
  }
}
