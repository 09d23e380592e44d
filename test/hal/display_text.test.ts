import test from 'ava';
import fc from 'fast-check';
import { fitLine, fitLines } from '#hal/parts/display_text.ts';
import { font } from '#hal/parts/font.ts';
import { mutations } from '../support/mutate.ts';

const ascii = (char: string) => /^[ -~]$/.test(char);
const drawn = (char: string) => font('tall').glyphs.has(char);
const fitted = (line: string, columns = 20, has = ascii) => fitLine(line, columns, has).join('');

test('A line is padded to the columns of the display', (t) => {
  t.is(fitted('Busy', 8), 'Busy    ');
});

test('A line that is too long loses its widest gap first, so that its right end stays', (t) => {
  t.is(fitted('Talking         1:05', 16), 'Talking     1:05');
  t.is(fitted('Kitchen  2       204', 16), 'Kitchen  2   204');
  t.is(fitted('alice@example.test', 16), 'alice@example.te');
  t.is(fitted('a     '.repeat(4), 12), 'a a     a   ', 'one gap gives way, then the end');
});

test('Where lines are more than rows, empty ones give way first, then the last', (t) => {
  t.deepEqual(fitLines(['', 'Please hang up', '', ''], 2), ['Please hang up', '']);
  t.deepEqual(fitLines(['Dial', '0123', '', '# to call'], 2), ['Dial', '0123']);
  t.deepEqual(fitLines(['', 'x', '', ''], 4), ['', 'x', '', '']);
  t.deepEqual(fitLines(['x'], 4), ['x', '', '', '']);
});

const REPLACEMENTS: readonly [text: string, shown: string, why: string][] = [
  ['Zo\u0308e', 'Zoe', 'a mark that cannot be drawn'],
  ['Ąžuolas', 'Azuolas', 'letters with marks'],
  ['ﬁne', 'fine', 'a ligature'],
  ['№ 5', 'No 5', 'a compatibility sign'],
  ['a\u00a0b', 'a b', 'a space that does not break'],
  ['Ｈ！', 'H ! ', 'wide letters keep two columns'],
  ['日本', '? ? ', 'letters that nobody has drawn keep two columns'],
  ['👩‍👩‍👧 1️⃣', '?  1 ', 'a family is one picture, a keycap its digit'],
  ['Привет', '??????', 'another alphabet'],
  ['\ud800x', '?x', 'half a character'],
  ['′″−‐⁄', '\'"--/', 'signs with a plain likeness'],
];

for (const [text, shown, why] of REPLACEMENTS)
  test(`On a display with ASCII only "${text.toWellFormed()}" reads "${shown}": ${why}`, (t) => {
    t.is(fitted(text).trimEnd(), shown.trimEnd());
  });

test('Signs with a likeness in the font are shown as that', (t) => {
  t.is(fitted('📞☏⭐→', 8, drawn), '☎ ☎★ →  ');
});

test('Any text fills exactly the columns, with characters that the display has', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
      const cells = fitLine(text, columns, drawn);
      return cells.length === columns && cells.every(drawn);
    }),
  );
  t.pass();
});

test('A hundred thousand damaged names are shown without complaint', (t) => {
  const seeds = ['Jürgen Groß', 'Żółć 👩‍👩‍👧', '日本語 ﬁ', 'sip:204@[2001:db8::1]'].map((text) =>
    Buffer.from(text, 'utf16le'),
  );
  for (const octets of mutations(seeds, 100_000, 7)) {
    const cells = fitLine(Buffer.from(octets).toString('utf16le'), 20, drawn);
    if (cells.length !== 20 || !cells.every(drawn)) t.fail(Buffer.from(octets).toString('hex'));
  }
  t.pass();
});
