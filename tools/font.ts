/**
 * Makes hal/parts/font_table.ts of the drawings in hal/parts/font: `node tools/font.ts`.
 *
 * A drawing is text in blocks, with an empty line between. A block that begins with `@` is a strip of glyphs:
 *
 *     @3 A B          the first row of pixels belongs to row 3 of the cell; then the names of the glyphs
 *     ..#.. ####.     each row of pixels has as many groups as there are names
 *     .#.#. #...#
 *
 * A name is the character itself or U+ and its number; `A^` is the form of A that carries a mark above. Strips at
 * `@above` are marks that find their height by the letter below, `gap` rows away. Any other block is prose.
 * Letters that are not drawn are composed as Unicode decomposes them.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Rows of pixels, top first; bit 0 is the left column. */
export type Rows = readonly number[];

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly glyphs: ReadonlyMap<string, Rows>;
  readonly marksAbove: ReadonlyMap<string, Rows>;
}

/** Latin letters outside of Latin-1 and Latin Extended-A: Romanian with comma below. */
const FURTHER_LETTERS = 'ȘșȚț';
const SOFT_HYPHEN = 0xad;
/** Dotted letters lose their dot to a mark above. */
const DOTLESS: Readonly<Record<string, string>> = { i: 'ı', j: 'ȷ' };
/** Unicode says cedilla, but no Latvian puts one below a g. */
const DRAWN_OTHERWISE: Readonly<Record<string, string>> = { ģ: 'g\u0312' };

/** @throws Error that names the strip, when a drawing does not fit its cell. */
export function readDrawing(text: string): Drawing {
  const [, width, height, gap] = /^cell (\d+)x(\d+) gap (\d+)$/m.exec(text)?.map(Number) ?? [];
  if (width === undefined || height === undefined || gap === undefined) throw new Error('cell is missing');
  const glyphs = new Map<string, Rows>();
  const marksAbove = new Map<string, Rows>();
  for (const block of text.split(/\n{2,}/).filter((each) => each.startsWith('@'))) {
    const [head = '', ...lines] = block.trimEnd().split('\n');
    const [at = '', ...names] = head.slice(1).split(' ');
    const top = at === 'above' ? 0 : Number(at);
    if (top + lines.length > height) throw new Error(`@${at}: hangs out of the cell: ${head}`);
    for (const [name, pixels] of strip(head, names, lines, width)) {
      if (at === 'above') marksAbove.set(name, pixels);
      else glyphs.set(name, placed(pixels, top, height));
    }
  }
  return { width, height, gap, glyphs, marksAbove };
}

function strip(head: string, names: readonly string[], lines: readonly string[], width: number) {
  const cells = lines.map((line) => line.split(' '));
  for (const row of cells)
    if (row.length !== names.length || row.some((cell) => !/^[.#]+$/.test(cell) || cell.length !== width))
      throw new Error(`not ${names.length} glyphs of ${width} columns: "${row.join(' ')}" in ${head}`);
  return names.map((name, index): [string, Rows] => [
    name.replace(/^U\+([0-9A-F]+)$/, (_, code) => String.fromCodePoint(Number.parseInt(code, 16))),
    cells.map((row) =>
      [...(row[index] ?? '')].reduce((bits, pixel, x) => bits | (Number(pixel === '#') << x), 0),
    ),
  ]);
}

function placed(pixels: Rows, top: number, height: number): number[] {
  return Array.from({ length: height }, (_, y) => pixels[y - top] ?? 0);
}

/** Every character that can be shown, in the order of Unicode. @throws Error that names a letter without a drawing. */
export function composeFont(drawing: Drawing): Map<string, Rows> {
  const drawn = [...drawing.glyphs.keys()].filter((name) => name.length === 1 && !/\p{M}/u.test(name));
  const all = new Set([...codes(0x21, 0x7e), ...codes(0xa1, 0x17f), ...FURTHER_LETTERS, ...drawn]);
  all.delete(String.fromCodePoint(SOFT_HYPHEN));
  const glyphs = [...all].map((char): [string, Rows] => [char, glyphOf(char, drawing)]);
  return new Map(glyphs.sort(([a], [b]) => a.charCodeAt(0) - b.charCodeAt(0)));
}

function codes(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index));
}

function glyphOf(char: string, drawing: Drawing): Rows {
  const { glyphs, marksAbove, gap, height } = drawing;
  const drawn = glyphs.get(char);
  if (drawn !== undefined) return drawn;
  const [letter = '', mark = '', ...more] = DRAWN_OTHERWISE[char] ?? char.normalize('NFD');
  const above = marksAbove.get(mark);
  const base = above
    ? (glyphs.get(`${letter}^`) ?? glyphs.get(DOTLESS[letter] ?? letter))
    : glyphs.get(letter);
  if (base === undefined || more.length > 0) throw new Error(`${char}: nobody has drawn it`);
  const top = base.findIndex((row) => row !== 0) - gap - (above?.length ?? 0);
  const marked = above ? placed(above, Math.max(0, top), height) : glyphs.get(mark);
  if (marked === undefined) throw new Error(`${char}: its mark is not drawn`);
  return base.map((row, y) => row | (marked[y] ?? 0));
}

/** Characters of hexadecimal digits in a line of the table. */
const LINE = 90;

/** The text of font_table.ts: for each glyph its character, then its columns, left first, bit 0 on top. */
export function fontTable(drawings: Readonly<Record<string, string>>): string {
  const fonts = Object.entries(drawings).map(([name, text]) => {
    const drawing = readDrawing(text);
    const digits = drawing.height / 4;
    const packed = [...composeFont(drawing)].map(
      ([char, rows]) => char + columns(rows, drawing.width, digits),
    );
    const perLine = Math.floor(LINE / (1 + drawing.width * digits));
    const lines = Array.from({ length: Math.ceil(packed.length / perLine) }, (_, index) =>
      packed.slice(index * perLine, (index + 1) * perLine).join(''),
    );
    return [
      `  ${name}: {`,
      `    width: ${drawing.width},`,
      `    height: ${drawing.height},`,
      '    glyphs: [',
      ...lines.map((line) => `      ${quoted(line)},`),
      '    ],',
      '  },',
    ].join('\n');
  });
  return `/** Made by tools/font.ts of the drawings in hal/parts/font: change those. */\nexport const FONT_TABLE = {\n${fonts.join('\n')}\n};\n`;
}

function columns(rows: Rows, width: number, digits: number): string {
  return Array.from({ length: width }, (_, x) =>
    rows
      .reduce((bits, row, y) => bits | (((row >> x) & 1) << y), 0)
      .toString(16)
      .padStart(digits, '0'),
  ).join('');
}

/** As the formatter wants it: with the quotation marks that it holds less of, single ones if in doubt. */
function quoted(text: string): string {
  const mark = text.split("'").length > text.split('"').length ? '"' : "'";
  return mark + text.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark;
}

const FONTS = new URL('../hal/parts/font/', import.meta.url);

/** What is drawn, by the name of the font. */
export function drawings(): Record<string, string> {
  const read = (name: string) => readFileSync(new URL(`${name}.txt`, FONTS), 'utf8');
  return { small: read('small'), tall: read('tall') };
}

if (import.meta.main) writeFileSync(new URL('../font_table.ts', FONTS), fontTable(drawings()));
