import { readFileSync } from 'node:fs';
import test from 'ava';
import { type FontName, font, rowsOf } from '#hal/parts/font.ts';
import { drawings, fontTable, readDrawing } from '../../tools/font.ts';

const NAMES: readonly FontName[] = ['small', 'tall'];
const all = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index));

function art(name: FontName, char: string): string {
  const { glyphs, height, width } = font(name);
  return rowsOf(glyphs.get(char) ?? [], height)
    .map((row) => row.toString(2).padStart(width, '0').replaceAll('0', '.').replaceAll('1', '#'))
    .join('\n');
}

test('The table of the fonts is made of the drawings as they are', (t) => {
  const table = readFileSync(new URL('../../hal/parts/font_table.ts', import.meta.url), 'utf8');
  t.is(table, fontTable(drawings()), 'run: node tools/font.ts');
});

for (const name of NAMES) {
  test(`The ${name} font has ASCII, Latin-1, Latin Extended-A, the euro, arrows and telephones`, (t) => {
    const wanted = [...all(0x20, 0x7e), ...all(0xa1, 0xac), ...all(0xae, 0x17f), ...'ȘșȚț€←↑→↓☎✆✉…–“”‘’'];
    t.deepEqual(
      wanted.filter((char) => !font(name).glyphs.has(char)),
      [],
    );
  });

  test(`Only the space is blank in the ${name} font, and few characters look alike`, (t) => {
    const { glyphs } = font(name);
    const blank = [...glyphs].filter(([, glyph]) => glyph.every((column) => column === 0));
    t.deepEqual(
      blank.map(([char]) => char),
      [' '],
    );
    const seen = new Map<string, string>();
    const alike: string[] = [];
    for (const [char, glyph] of glyphs) {
      const twin = seen.get(glyph.join());
      if (twin !== undefined) alike.push(twin + char);
      seen.set(glyph.join(), char);
    }
    t.deepEqual(alike, LOOK_ALIKE[name]);
  });

  test(`Capitals of the ${name} font leave the last row to what hangs below the line`, (t) => {
    const { glyphs, height } = font(name);
    const hanging = all(0x41, 0x5a).filter((char) =>
      glyphs.get(char)?.some((column) => column >> (height - 1)),
    );
    t.deepEqual(hanging, []);
  });
}

/** Small letters and capitals of the same shape, where a mark leaves both the same room; Icelandic eth and Croatian d. */
const LOOK_ALIKE: Readonly<Record<FontName, readonly string[]>> = {
  small: [...'Òò Óó Ôô Õõ ÐĐ Ōō Ŏŏ Őő Ŵŵ Źź Żż Žž'.split(' ')],
  tall: ['ÐĐ'],
};

test('Letters with marks are composed: the mark above the low or small form, the dot of i gone', (t) => {
  t.is(art('small', 'É'), '...#.\n..#..\n#####\n#....\n####.\n#....\n#####\n.....');
  t.is(art('small', 'í'), '...#.\n..#..\n.##..\n..#..\n..#..\n..#..\n.###.\n.....');
  t.is(art('small', 'ç'), '.....\n.....\n.###.\n#....\n#....\n#...#\n.###.\n.##..');
  t.is(
    art('tall', 'Ü'),
    '.....\n.#.#.\n.....\n#...#\n#...#\n#...#\n#...#\n#...#\n#...#\n#...#\n#...#\n#...#\n.###.\n.....\n.....\n.....',
  );
});

test('A drawing that does not fit its cell is refused with its place', (t) => {
  const head = 'cell 5x8 gap 0\n\n';
  t.throws(() => readDrawing(`${head}@7 A\n.....\n#####`), { message: /hangs out of the cell: @7 A/ });
  t.throws(() => readDrawing(`${head}@0 A B\n##### ####`), { message: /not 2 glyphs of 5 columns/ });
  t.throws(() => readDrawing('@0 A\n#####'), { message: /cell is missing/ });
});
