/** Reads a display of pixels as a person does: by the shapes of its letters. */
import { type FontName, font } from '#hal/parts/font.ts';
import { FrameBuffer } from '#hal/parts/frame_buffer.ts';
import { textLayout } from '#hal/parts/text_layout.ts';

const shapes = new Map<FontName, ReadonlyMap<string, string>>();

/** Characters by the pixels of their cell, row after row. */
function shapesOf(name: FontName): ReadonlyMap<string, string> {
  const known = shapes.get(name);
  if (known !== undefined) return known;
  const { width, height, glyphs } = font(name);
  const cells = [...glyphs].map(([char, glyph]): [string, string] => {
    const cell = new FrameBuffer(width, Math.ceil(height / 8) * 8);
    cell.stamp(0, 0, glyph);
    const pixels = Array.from({ length: width * height }, (_, at) =>
      cell.get(at % width, Math.floor(at / width)) ? '#' : '.',
    );
    return [pixels.join(''), char];
  });
  // Of those that look alike the first, which is ASCII.
  const byPixels = new Map(cells.reverse());
  shapes.set(name, byPixels);
  return byPixels;
}

/** @param pixels rows of `#` and `.`; what is no character is read as `?`. */
export function readPixels(pixels: readonly string[]): readonly string[] {
  const layout = textLayout(pixels[0]?.length ?? 0, pixels.length);
  const { width, height } = font(layout.font);
  const known = shapesOf(layout.font);
  return Array.from({ length: layout.rows }, (_, row) =>
    Array.from({ length: layout.columns }, (_, column) => {
      const left = layout.margin + column * (width + 1);
      const rows = pixels.slice(row * height, (row + 1) * height);
      return known.get(rows.map((each) => each.slice(left, left + width)).join('')) ?? '?';
    }).join(''),
  );
}
