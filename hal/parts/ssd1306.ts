/**
 * An OLED with an SSD1306 or SH1106. It remembers what the controller's memory holds and sends the columns that differ
 * from the wanted picture. Each transfer says where it belongs, so that none depends on the one before:
 *
 *     80 B0+page   80 column low   80 10+column high   40 data …
 *
 * The control octet 80 announces one command and another control octet, 40 data to the end, 00 commands to the end
 * (SSD1306 data sheet, section 8.1.5.2).
 */
import type { FontName } from './font.ts';
import { FrameBuffer } from './frame_buffer.ts';
import { COMMAND, CONTROLLERS, OLED_ROWS, type OledController } from './oled_controllers.ts';
import type { Panel, Step } from './panel.ts';
import { PanelSteps } from './panel_steps.ts';
import { type TextLayout, textLayout } from './text_layout.ts';
import { renderText } from './text_renderer.ts';
import { type Transfer, transfer } from './transfer.ts';

export interface OledOptions {
  readonly controller: OledController;
  /** Of the glass; the height in whole pages of 8. */
  readonly width: number;
  readonly height: number;
  /** Default: the larger one in which four lines fit. */
  readonly font?: FontName;
  readonly rotated?: boolean;
  /** 0 to 255; default: as the controller's maker says. */
  readonly contrast?: number;
}

const COMMANDS = 0x00;
const ONE_COMMAND = 0x80;
const DATA = 0x40;
/** Beside position and control octets in a transfer of 32. */
const MOST_COLUMNS = 26;
/** Clean columns that are cheaper to send again than a new transfer (address, 7 octets of position). */
const LARGEST_GAP = 8;
const UNKNOWN = -1;
/** Bit of the status that says whether the glass is switched on; off after power has come. */
const STATUS_SWITCH = 0x40;

export class Oled implements Panel {
  readonly statusRegister = COMMANDS;
  /** Column of the memory at which the left edge of the glass begins. */
  readonly #offset: number;
  readonly #settings: readonly number[];
  readonly #layout: TextLayout;
  readonly #picture: FrameBuffer;
  /** Octets of the memory, and which of them are to be said again. */
  readonly #memory: number[];
  readonly #stale: boolean[];
  readonly #steps = new PanelSteps(() => this.#step(), transfer(COMMANDS, [COMMAND.ON]));
  /** How the status reads when all is well: not every copy of the chip tells it. */
  #status: number | undefined;

  /** @throws RangeError when the glass is larger than the controller's memory, or ends within a page. */
  constructor({ controller, width, height, font, rotated = false, contrast }: OledOptions) {
    const table = CONTROLLERS[controller];
    if (width > table.columns || height > OLED_ROWS) throw new RangeError(`${width}x${height} is too large`);
    this.#offset = (table.columns - width) >> 1;
    this.#settings = table.settings({ height, rotated, contrast: contrast ?? table.contrast });
    this.#layout = textLayout(width, height, font);
    this.#picture = new FrameBuffer(width, height);
    this.#memory = Array.from({ length: this.#picture.octets.length }, () => UNKNOWN);
    this.#stale = this.#memory.map(() => false);
    this.reset();
  }

  show(lines: readonly string[]): void {
    renderText(lines, this.#layout, this.#picture);
  }

  next(): Transfer | undefined {
    return this.#steps.next();
  }

  done(): void {
    this.#steps.done();
  }

  reset(): void {
    this.#begin([COMMAND.OFF, ...this.#settings]);
    this.#memory.fill(UNKNOWN);
    this.#stale.fill(false);
  }

  refresh(): void {
    this.#begin(this.#settings);
    this.#stale.fill(true);
  }

  rest(): readonly Transfer[] {
    return [transfer(COMMANDS, [COMMAND.OFF])];
  }

  /** The first look after a start tells how it reads. */
  hasLostPower(status: number): boolean {
    const known = this.#status ?? status;
    this.#status = known;
    return ((status ^ known) & STATUS_SWITCH) !== 0;
  }

  #begin(commands: readonly number[]): void {
    this.#status = undefined;
    this.#steps.begin([{ transfer: transfer(COMMANDS, commands), apply: () => {} }]);
  }

  #step(): Step | undefined {
    const { octets } = this.#picture;
    return (
      this.#span((at) => this.#memory[at] !== octets[at]) ?? this.#span((at) => this.#stale[at] === true)
    );
  }

  #span(dirty: (at: number) => boolean): Step | undefined {
    const { octets, width } = this.#picture;
    const first = octets.findIndex((_, at) => dirty(at));
    if (first < 0) return undefined;
    const page = Math.floor(first / width);
    const end = Math.min(first + MOST_COLUMNS, (page + 1) * width);
    let last = first;
    for (let at = first + 1; at < end && at - last <= LARGEST_GAP + 1; at++) if (dirty(at)) last = at;
    const columns = octets.slice(first, last + 1);
    return {
      transfer: transfer(ONE_COMMAND, [...this.#position(page, first % width), DATA, ...columns]),
      apply: () => {
        for (const [index, octet] of columns.entries()) this.#memory[first + index] = octet;
        this.#stale.fill(false, first, last + 1);
      },
    };
  }

  /** Without the control octet in front: it is the register of the transfer. */
  #position(page: number, x: number): number[] {
    const column = x + this.#offset;
    const low = COMMAND.COLUMN_LOW | (column & 0x0f);
    return [COMMAND.PAGE | page, ONE_COMMAND, low, ONE_COMMAND, COMMAND.COLUMN_HIGH | (column >> 4)];
  }
}
