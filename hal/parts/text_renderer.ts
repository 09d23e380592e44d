/** Lines of text as a picture: fixed columns, because the phone lays its lines out by columns. */
import { fitLine, fitLines } from './display_text.ts';
import { type FontName, font } from './font.ts';
import type { FrameBuffer } from './frame_buffer.ts';

/** Pixels between two glyphs. */
const SPACE = 1;
/** Lines that the phone has to show. */
const LINES = 4;

export interface TextLayout {
  readonly font: FontName;
  readonly columns: number;
  readonly rows: number;
  /** Pixels left of the first column, so that the text stands in the middle. */
  readonly margin: number;
}

/** What fits on so many pixels: by default in the larger font, unless four lines need the smaller one. */
export function textLayout(width: number, height: number, wanted?: FontName): TextLayout {
  const name = wanted ?? (height >= LINES * font('tall').height ? 'tall' : 'small');
  const cell = font(name);
  const pitch = cell.width + SPACE;
  const columns = Math.floor((width + SPACE) / pitch);
  const margin = Math.floor((width - columns * pitch + SPACE) / 2);
  return { font: name, columns, rows: Math.floor(height / cell.height), margin };
}

/** Draws the lines and nothing else; what does not fit is left out as display_text.ts says. */
export function renderText(lines: readonly string[], layout: TextLayout, picture: FrameBuffer): void {
  const { glyphs, width, height } = font(layout.font);
  const has = (char: string) => glyphs.has(char);
  picture.clear();
  for (const [row, line] of fitLines(lines, layout.rows).entries())
    for (const [column, char] of fitLine(line, layout.columns, has).entries())
      picture.stamp(layout.margin + column * (width + SPACE), row * height, glyphs.get(char) ?? []);
}
