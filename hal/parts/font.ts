/** The two fonts of the project as a display uses them: drawn in hal/parts/font, packed by tools/font.ts. */
import { FONT_TABLE } from './font_table.ts';

export type FontName = keyof typeof FONT_TABLE;

/** Columns of pixels, left first, bit 0 on top. */
export type Glyph = readonly number[];

export interface Font {
  /** Pixels of a glyph, without the space to the next one. */
  readonly width: number;
  readonly height: number;
  /** By the character as one code unit. The space has one, too. */
  readonly glyphs: ReadonlyMap<string, Glyph>;
}

const unpacked = new Map<FontName, Font>();

export function font(name: FontName): Font {
  const known = unpacked.get(name) ?? unpack(name);
  unpacked.set(name, known);
  return known;
}

function unpack(name: FontName): Font {
  const { width, height, glyphs: lines } = FONT_TABLE[name];
  const digits = height / 4;
  const size = 1 + width * digits;
  const glyphs = new Map<string, Glyph>([[' ', Array.from({ length: width }, () => 0)]]);
  for (const line of lines)
    for (let at = 0; at < line.length; at += size)
      glyphs.set(line.charAt(at), columnsOf(line.slice(at + 1, at + size), digits));
  return { width, height, glyphs };
}

function columnsOf(hexadecimal: string, digits: number): Glyph {
  return Array.from({ length: hexadecimal.length / digits }, (_, x) =>
    Number.parseInt(hexadecimal.slice(x * digits, (x + 1) * digits), 16),
  );
}

/** The same glyph by rows, top first; the left column is the highest of `width` bits. */
export function rowsOf(glyph: Glyph, height: number): number[] {
  return Array.from({ length: height }, (_, y) =>
    glyph.reduce((row, column) => (row << 1) | ((column >> y) & 1), 0),
  );
}
