import test from 'ava';
import fc from 'fast-check';
import { font } from '#hal/parts/font.ts';
import { Hd44780 } from '#hal/parts/hd44780.ts';
import { nearestRomCode, romCode } from '#hal/parts/hd44780_characters.ts';
import { chooseGlyphs } from '#hal/parts/hd44780_glyphs.ts';
import { data, half, instruction, strokes } from '#hal/parts/hd44780_strokes.ts';
import type { Transfer } from '#hal/parts/transfer.ts';
import { romCharacter } from '../support/models/hd44780_rom_a00.ts';

const hex = ({ register, octets }: Transfer) => Buffer.from([register, ...octets]).toString('hex');

/** All transfers until the picture stands. */
function sent(panel: Hd44780): Transfer[] {
  const list: Transfer[] = [];
  for (let next = panel.next(); next !== undefined; next = panel.next()) {
    list.push(next);
    panel.done();
  }
  return list;
}

function shown(lines: readonly string[], columns = 20): Hd44780 {
  const panel = new Hd44780({ columns, lines: columns === 16 ? 2 : 4 });
  panel.show(lines);
  sent(panel);
  return panel;
}

test('An instruction is two halves, each taken over by E, with RS standing before', (t) => {
  t.is(hex(strokes([instruction(0x28)], true)), '082c288c88');
  t.is(hex(strokes([instruction(0x80), data(0x41)], true)), '088c880c08094d491d19');
  t.is(hex(strokes([half(0x3)], false)), '003430');
  t.is(hex(strokes([data(0xff)], false)), '01f5f1f5f1');
});

test('The display is initialised by the instructions of the data sheet, with their waits', (t) => {
  const panel = new Hd44780({ columns: 20, lines: 4 });
  const list = sent(panel);
  t.deepEqual(
    list.map((each) => [hex(each), each.wait]),
    [
      ['0808', 41],
      ['083c38', 6],
      ['083c38', 2],
      ['083c382c28', 0],
      // 28 08 01
      ['082c288c880c088c880c081c18', 3],
      // 06
      ['080c086c68', 0],
      // 0c: blank cells are there already
      ['080c08ccc8', 0],
    ],
  );
});

test('Cells of four lines have the addresses of two long ones', (t) => {
  for (const [columns, lines, addresses] of [
    [20, 4, [0x00, 0x40, 0x14, 0x54]],
    [16, 2, [0x00, 0x40]],
    [16, 4, [0x00, 0x40, 0x10, 0x50]],
    [16, 1, [0x00]],
  ] as const) {
    const panel = new Hd44780({ columns, lines });
    sent(panel);
    panel.show(Array.from({ length: lines }, () => 'x'));
    t.deepEqual(
      sent(panel).map((each) => (((each.octets[1] ?? 0) & 0xf0) | ((each.octets[3] ?? 0) >> 4)) & 0x7f),
      [...addresses],
    );
  }
});

test('A single line of 16 is wired as two halves of eight', (t) => {
  const panel = new Hd44780({ columns: 16, lines: 1 });
  sent(panel);
  panel.show(['0123456789']);
  t.deepEqual(
    sent(panel).map(({ octets }) => ((octets[1] ?? 0) & 0xf0) | ((octets[3] ?? 0) >> 4)),
    [0x80, 0x86, 0xc0],
  );
});

test('Only what has changed is sent: a second of a call costs four octets a digit', (t) => {
  const panel = shown(['Talking         1:05', 'Jürgen', '204@example.test', '']);
  panel.show(['Talking         1:06', 'Jürgen', '204@example.test', '']);
  const [only, ...more] = sent(panel);
  t.deepEqual(more, []);
  t.is(only && hex(only), '089c983c38093d396d69', 'address 13, then 6');
  panel.show(['Talking         1:06', 'Jürgen', '204@example.test', '']);
  t.is(panel.next(), undefined);
});

test('A clean cell between two that changed is written along, wider gaps are leapt over', (t) => {
  const panel = shown(['abcdefgh', '', '', '']);
  panel.show(['AbCdefGh', '', '', '']);
  t.deepEqual(
    sent(panel).map(({ octets }) => octets.length),
    [4 + 1 + 3 * 4, 4 + 1 + 4],
  );
});

test('No transfer is longer than a block', (t) => {
  const panel = new Hd44780({ columns: 20, lines: 4 });
  panel.show(['é'.repeat(20), 'ABCDEFGHIJKLMNOPQRST', 'ñöäüßçàâêîôûÀÂÊÎÔÛËÏ', 'x']);
  t.true(sent(panel).every(({ octets }) => octets.length >= 1 && octets.length <= 32));
});

test('The newest picture wins over one half sent', (t) => {
  const panel = shown(['', '', '', '']);
  panel.show(['old old old old old', 'old', 'old', 'old']);
  panel.next();
  panel.show(['', '', '', '']);
  panel.done();
  t.is(sent(panel).length, 1, 'what has arrived already is taken back, the rest is never sent');
});

test('Glyphs go to those needed most; who has a slot keeps it; those on the glass are given up last', (t) => {
  const none = Array.from({ length: 8 }, () => undefined);
  t.deepEqual(chooseGlyphs([...'àéaé'], none, new Set()).slice(0, 3), ['é', 'à', undefined]);
  const full = chooseGlyphs([...'çèéêàâîô'], none, new Set());
  t.deepEqual(chooseGlyphs([...'ôîâ'], full, new Set()), full, 'what is not needed stays for another time');
  const next = chooseGlyphs([...'ôîâű'], full, new Set([0, 1, 2]));
  t.deepEqual([next.slice(0, 4), next.indexOf('ű')], [full.slice(0, 3).concat('ű'), 3]);
});

test('A new glyph is drawn before a cell shows it', (t) => {
  const panel = shown(['', '', '', '']);
  panel.show(['é', '', '', '']);
  const list = sent(panel).map(hex);
  t.is(list.length, 3, 'two parts of the glyph, then the cell');
  t.regex(list[0] ?? '', /^084c480c08/);
  t.regex(list[2] ?? '', /^088c880c08/);
});

test('A glyph that is given up half drawn is not half of the next one', (t) => {
  const panel = shown(['', '', '', '']);
  panel.show(['é', '', '', '']);
  panel.next();
  panel.done();
  panel.show(['à', '', '', '']);
  t.regex(sent(panel).map(hex)[0] ?? '', /^084c480c08/, 'from its first row');
});

test('Refreshing says everything again, without clearing or switching off', (t) => {
  const panel = shown(['Talking', 'é', '', '']);
  panel.refresh();
  const list = sent(panel);
  t.deepEqual(
    list.slice(0, 3).map((each) => [hex(each), each.wait]),
    [
      ['083c38', 3],
      ['083c383c382c282c288c88', 0],
      ['080c086c680c082c28', 3],
    ],
  );
  const cells = list.slice(3).filter(({ octets }) => ((octets[1] ?? 0) & 0x80) !== 0);
  t.is(cells.length, 4 * 4, 'twenty cells a line, six at a time');
  t.deepEqual(list.at(-1)?.octets, Uint8Array.of(0x0c, 0x08, 0xcc, 0xc8));
});

test('What changes during a refresh comes first', (t) => {
  const panel = shown(['Talking', '', '', '']);
  panel.refresh();
  for (let preamble = 3; preamble > 0; preamble--) {
    panel.next();
    panel.done();
  }
  panel.show(['Talking', '', '', 'Held']);
  t.regex(
    hex(panel.next() ?? { register: 0, octets: new Uint8Array(), wait: 0 }),
    /^08dcd84c48/,
    'address 54',
  );
});

test('Every letter of Latin-1 is in the ROM, or can be drawn, or has its stand-in', (t) => {
  const letters = Array.from({ length: 0x5f }, (_, index) => String.fromCharCode(0xa1 + index)).filter(
    (char) => !'\u00ad¿'.includes(char),
  );
  for (const char of letters) {
    const code = romCode(char);
    if (code !== undefined) t.is(romCharacter(code), char);
    else t.true(font('small').glyphs.has(char), char);
    t.not(nearestRomCode(char), 0x3f, `${char} has a stand-in`);
  }
});

test('Whatever the font can draw has a stand-in in the ROM that a person can read', (t) => {
  const unknown = [...font('small').glyphs.keys()].filter(
    (char) => !'?¿'.includes(char) && nearestRomCode(char) === 0x3f,
  );
  t.deepEqual(unknown, []);
  t.is(
    [...'ÀÇÉÎÕÚŸàçéîõúÿŁøæœ'].map((char) => romCharacter(nearestRomCode(char))).join(''),
    'ACEIOUYaceiouyLöäö',
  );
});

test('More cells than the chip has are refused', (t) => {
  t.throws(() => new Hd44780({ columns: 40, lines: 4 }), { instanceOf: RangeError });
});

test('Any lines, in any order, come to rest', (t) => {
  const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 25 }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 8 }), (pictures) => {
      const panel = new Hd44780({ columns: 16, lines: 2 });
      for (const picture of pictures) {
        panel.show(picture);
        panel.next();
        panel.done();
      }
      return sent(panel).length < 200;
    }),
  );
  t.pass();
});
