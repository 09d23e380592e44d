/** Writes pins and drawings of the boards' pages in docs/boards anew from the profiles: `node tools/boards/pages.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { BOARD_NAMES, loadBoard } from '#hal/boards/load.ts';
import type { LinuxBoard } from '#hal/boards/schema.ts';
import { drawing } from './drawing.ts';
import { pinOf } from './header.ts';
import { wiresOf } from './wires.ts';

const FOLDER = new URL('../../docs/boards/', import.meta.url);
const BEGIN = '<!-- pins: written by tools/boards/pages.ts -->';
const END = '<!-- end of pins -->';

/** Boards whose wires want to be seen. */
export const DRAWN = ['desk-matrix-oled', 'rotary-bell', 'ata-slic'];

export async function boardsWithPages(): Promise<readonly LinuxBoard[]> {
  const boards = await Promise.all(BOARD_NAMES.map(loadBoard));
  return boards.filter((board) => board.driver === 'linux');
}

/** The table of a board's pins, in the order of the header. */
export function pinTable(board: LinuxBoard): string {
  const wires = wiresOf(board).toSorted((a, b) => pinOf(a.line) - pinOf(b.line));
  const rows = wires.map(({ line, use, to }) => `| ${pinOf(line)} | GPIO${line} | ${use} | ${to} |`);
  return ['| pin | line | what | other end |', '|--:|---|---|---|', ...rows].join('\n');
}

/** A page with its table as the profile has it. Throws where the page has no place for it. */
export function withPins(page: string, board: LinuxBoard): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page of ${board.name} has no place for its pins`);
  return `${page.slice(0, from)}${BEGIN}\n\n${pinTable(board)}\n\n${page.slice(to)}`;
}

export const pageOf = (name: string): URL => new URL(`${name}.md`, FOLDER);
export const drawingOf = (name: string): URL => new URL(`${name}.svg`, FOLDER);
export { drawing };

if (import.meta.main) {
  for (const board of await boardsWithPages()) {
    const page = pageOf(board.name);
    writeFileSync(page, withPins(readFileSync(page, 'utf8'), board));
    if (DRAWN.includes(board.name)) writeFileSync(drawingOf(board.name), drawing(board));
  }
}
