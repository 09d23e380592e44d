import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { font } from '#hal/parts/font.ts';
import { FrameBuffer } from '#hal/parts/frame_buffer.ts';
import { textLayout } from '#hal/parts/text_layout.ts';
import { renderText } from '#hal/parts/text_renderer.ts';

function drawn(lines: readonly string[], width: number, height: number, name?: 'small' | 'tall') {
  const picture = new FrameBuffer(width, height);
  renderText(lines, textLayout(width, height, name), picture);
  return picture;
}

function art(picture: FrameBuffer): string {
  return Array.from({ length: picture.height / 2 }, (_, pair) =>
    Array.from({ length: picture.width }, (_, x) => {
      const [upper, lower] = [picture.get(x, 2 * pair), picture.get(x, 2 * pair + 1)];
      return upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ';
    })
      .join('')
      .trimEnd(),
  )
    .join('\n')
    .trimEnd();
}

const golden = (name: string) =>
  readFileSync(new URL(`../data/display/${name}.txt`, import.meta.url), 'utf8').trimEnd();

test('The layout knows the sizes of the fonts without their glyphs', (t) => {
  for (const name of ['tall', 'small'] as const) {
    const { width, height } = font(name);
    const { columns, rows } = textLayout(20 * (width + 1), 5 * height, name);
    t.deepEqual([columns, rows], [20, 5]);
    t.deepEqual(textLayout(20 * (width + 1) - 2, 5 * height - 1, name).columns, 19);
  }
});

test('Four lines of 21 columns fit on 128x64, eight in the small font, four on 128x32', (t) => {
  t.deepEqual(textLayout(128, 64), { font: 'tall', columns: 21, rows: 4, margin: 1 });
  t.deepEqual(textLayout(128, 64, 'small'), { font: 'small', columns: 21, rows: 8, margin: 1 });
  t.deepEqual(textLayout(128, 32), { font: 'small', columns: 21, rows: 4, margin: 1 });
  t.deepEqual(textLayout(128, 32, 'tall'), { font: 'tall', columns: 21, rows: 2, margin: 1 });
});

test('A call in progress is drawn as it always was', (t) => {
  const lines = ['Talking         1:05', 'Jürgen Groß', '204@[2001:db8::1]', '0123456789*#'];
  t.is(art(drawn(lines, 128, 64)), golden('talking_tall'));
  t.is(art(drawn(lines, 128, 32)), golden('talking_small'));
});

test('Letters of many languages are drawn as they always were', (t) => {
  const lines = [
    'Ångström façade œuvre',
    'Žluťoučký kůň příšer',
    'ĞŞİŁÓDŹ ñandú ¿Qué?',
    '☎✆✉♪✓✗★←↑→↓↗↙ €“„”',
  ];
  t.is(art(drawn(lines, 128, 64)), golden('languages_tall'));
  t.is(art(drawn(lines, 128, 32)), golden('languages_small'));
});

test('Drawing anew leaves nothing of the old picture', (t) => {
  const picture = new FrameBuffer(128, 64);
  const layout = textLayout(128, 64);
  renderText(['WWWWWWWWWWWWWWWWWWWWW', 'ÅÅÅÅÅ', 'ggggg', '#####'], layout, picture);
  renderText(['x'], layout, picture);
  t.deepEqual(picture.octets, drawn(['x'], 128, 64).octets);
});

test('A picture keeps what is set within it and nothing without', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -9, max: 40 }), fc.integer({ min: -9, max: 40 }), (x, y) => {
      const picture = new FrameBuffer(20, 16);
      picture.set(x, y);
      const inside = x >= 0 && x < 20 && y >= 0 && y < 16;
      const lit = picture.octets.reduce(
        (sum, octet) => sum + octet.toString(2).replaceAll('0', '').length,
        0,
      );
      const kept = picture.get(x, y) === inside && lit === Number(inside);
      picture.set(x, y, false);
      return kept && picture.octets.every((octet) => octet === 0);
    }),
  );
  t.throws(() => new FrameBuffer(8, 12), { instanceOf: RangeError });
});

test('A glyph may straddle pages and edges', (t) => {
  const picture = new FrameBuffer(4, 16);
  picture.stamp(3, 6, [0b1111, 0b1]);
  t.deepEqual([...picture.octets], [0, 0, 0, 0xc0, 0, 0, 0, 0x03]);
});
