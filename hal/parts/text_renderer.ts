/** Lines of text as a picture: fixed columns, because the phone lays its lines out by columns. */
import { fitLine, fitLines } from './display_text.ts';
import { font } from './font.ts';
import type { FrameBuffer } from './frame_buffer.ts';
import { SPACE, type TextLayout } from './text_layout.ts';

/** Draws the lines and nothing else; what does not fit is left out as display_text.ts says. */
export function renderText(lines: readonly string[], layout: TextLayout, picture: FrameBuffer): void {
  const { glyphs, width, height } = font(layout.font);
  const has = (char: string) => glyphs.has(char);
  picture.clear();
  for (const [row, line] of fitLines(lines, layout.rows).entries())
    for (const [column, char] of fitLine(line, layout.columns, has).entries())
      picture.stamp(layout.margin + column * (width + SPACE), row * height, glyphs.get(char) ?? []);
}
