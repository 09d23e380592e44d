/** How much text fits on a display of pixels. Knows the size of the fonts, and does without their glyphs. */
import type { FontName } from './font.ts';

/** Pixels between two glyphs. */
export const SPACE = 1;
/** Lines that the phone has to show. */
const LINES = 4;
/** Pixels of a glyph. */
const SIZE: Readonly<Record<FontName, { readonly width: number; readonly height: number }>> = {
  tall: { width: 5, height: 16 },
  small: { width: 5, height: 8 },
};

export interface TextLayout {
  readonly font: FontName;
  readonly columns: number;
  readonly rows: number;
  /** Pixels left of the first column, so that the text stands in the middle. */
  readonly margin: number;
}

/** What fits on so many pixels: by default in the larger font, unless four lines need the smaller one. */
export function textLayout(width: number, height: number, wanted?: FontName): TextLayout {
  const name = wanted ?? (height >= LINES * SIZE.tall.height ? 'tall' : 'small');
  const cell = SIZE[name];
  const pitch = cell.width + SPACE;
  const columns = Math.floor((width + SPACE) / pitch);
  const margin = Math.floor((width - columns * pitch + SPACE) / 2);
  return { font: name, columns, rows: Math.floor(height / cell.height), margin };
}
