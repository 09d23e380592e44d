/**
 * What tells the two common OLED controllers apart: size of their memory, supply and the commands of their start.
 * SSD1306: Solomon Systech data sheet rev 1.1, section 9, and its application note of section 3. SH1106: Sino Wealth
 * data sheet version 2.2, commands 1 to 22. Both take pages of eight rows, column by column.
 */

export type OledController = 'ssd1306' | 'sh1106';

export interface OledSettings {
  readonly height: number;
  /** The module is mounted upside down. */
  readonly rotated: boolean;
  /** 0 to 255. */
  readonly contrast: number;
}

export interface ControllerTable {
  /** Columns of the memory; the glass is wired to the middle of them. */
  readonly columns: number;
  readonly contrast: number;
  /** At most 31 commands, all but switching on and off. May be said again while the picture stands. */
  settings(settings: OledSettings): readonly number[];
}

/** Rows of pixels that each of them can drive. */
export const OLED_ROWS = 64;

export const COMMAND = { OFF: 0xae, ON: 0xaf, PAGE: 0xb0, COLUMN_LOW: 0x00, COLUMN_HIGH: 0x10 } as const;

/** Commands that both understand, each with its argument. */
function common({ height, rotated, contrast }: OledSettings): number[] {
  return [
    // Rows in use; the first of them on top; the memory begins with them.
    ...[0xa8, height - 1, 0xd3, 0x00, 0x40],
    // Left and right, top and bottom: upright is both reversed.
    ...(rotated ? [0xa0, 0xc0] : [0xa1, 0xc8]),
    // How the glass is wired to the rows: tall ones in alternation, flat ones in sequence.
    ...[0xda, height > 32 ? 0x12 : 0x02],
    ...[0x81, contrast],
    // The picture comes from memory, and a set bit is light.
    ...[0xa4, 0xa6],
  ];
}

export const CONTROLLERS: Readonly<Record<OledController, ControllerTable>> = {
  ssd1306: {
    columns: 128,
    contrast: 0xcf,
    settings: (settings) => [
      // About 100 pictures a second.
      ...[0xd5, 0x80],
      ...common(settings),
      // Page addressing, as SH1106 knows no other; no scrolling.
      ...[0x20, 0x02, 0x2e],
      // Precharge 15 clocks and 1, VCOMH 0.77 of the supply: as the charge pump needs them; and the pump.
      ...[0xd9, 0xf1, 0xdb, 0x20, 0x8d, 0x14],
    ],
  },
  sh1106: {
    columns: 132,
    contrast: 0x80,
    settings: (settings) => [
      ...[0xd5, 0x80],
      ...common(settings),
      // Precharge 15 clocks and 1, VCOMH as after reset; the converter on, at 8.0 V.
      ...[0xd9, 0x1f, 0xdb, 0x35, 0xad, 0x8b, 0x32],
    ],
  },
};
