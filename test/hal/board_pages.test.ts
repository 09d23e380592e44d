/** The wiring pages say what the profiles say. */
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { lineClaims } from '#hal/boards/claims.ts';
import { HEADER, pinOf } from '../../tools/boards/header.ts';
import {
  boardsWithPages,
  DRAWN,
  drawing,
  drawingOf,
  pageOf,
  pinTable,
  withPins,
} from '../../tools/boards/pages.ts';

/** Lines named by a table or a drawing. */
const namedIn = (text: string): number[] => [...text.matchAll(/GPIO(\d+)/g)].map(([, line]) => Number(line));

test('the header has 40 pins, each line once, and the pins that everybody knows', (t) => {
  t.is(HEADER.length, 40);
  const lines = HEADER.filter((pin) => typeof pin === 'number').toSorted((a, b) => a - b);
  t.deepEqual(
    lines,
    Array.from({ length: 28 }, (_, line) => line),
  );
  t.deepEqual([2, 3, 17, 18, 27, 12, 21].map(pinOf), [3, 5, 11, 12, 13, 32, 40]);
  const grounds = HEADER.flatMap((pin, index) => (pin === 'GND' ? [index + 1] : []));
  t.deepEqual(grounds, [6, 9, 14, 20, 25, 30, 34, 39]);
});

test('every board has a page whose pins are the profile’s', async (t) => {
  for (const board of await boardsWithPages()) {
    const page = readFileSync(pageOf(board.name), 'utf8');
    t.is(withPins(page, board), page, `${board.name}: run node tools/boards/pages.ts`);
    const table = namedIn(pinTable(board));
    for (const { what, use } of lineClaims(board)) t.true(table.includes(what), `${board.name}: ${use}`);
  }
});

test('what a page says in words names no line that the board has not', async (t) => {
  const foreign: Readonly<Record<string, readonly number[]>> = {
    'desk-matrix-oled': [4],
    intercom: [6, 24],
  };
  for (const board of await boardsWithPages()) {
    const page = readFileSync(pageOf(board.name), 'utf8');
    const known = [...namedIn(pinTable(board)), ...(foreign[board.name] ?? [])];
    t.deepEqual(
      namedIn(page).filter((line) => !known.includes(line)),
      [],
      board.name,
    );
  }
});

test('three boards are drawn, as the profiles have them, and their pages show it', async (t) => {
  const boards = (await boardsWithPages()).filter(({ name }) => DRAWN.includes(name));
  t.is(boards.length, 3);
  for (const board of boards) {
    const svg = readFileSync(drawingOf(board.name), 'utf8');
    t.is(svg, drawing(board), `${board.name}: run node tools/boards/pages.ts`);
    t.true(readFileSync(pageOf(board.name), 'utf8').includes(`(${board.name}.svg)`));
    for (const { use } of lineClaims(board)) t.true(svg.includes(`>${use}<`), `${board.name}: ${use}`);
  }
});

test('the overview lists every board', async (t) => {
  const overview = readFileSync(pageOf('README'), 'utf8');
  for (const { name } of await boardsWithPages()) t.true(overview.includes(`(${name}.md)`), name);
  t.true(existsSync(pageOf('README')));
});
