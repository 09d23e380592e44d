import test from 'ava';
import { Oled, type OledOptions } from '#hal/parts/ssd1306.ts';
import type { Transfer } from '#hal/parts/transfer.ts';

const SSD1306 = { controller: 'ssd1306', width: 128, height: 64 } as const;
const hex = ({ register, octets }: Transfer) =>
  [register, ...octets].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');

function sent(panel: Oled): Transfer[] {
  const list: Transfer[] = [];
  for (let next = panel.next(); next !== undefined; next = panel.next()) {
    list.push(next);
    panel.done();
  }
  return list;
}

const begun = (options: OledOptions) => sent(new Oled(options)).map(hex);

test('An SSD1306 is dark, set up, filled, and only then switched on', (t) => {
  const list = begun(SSD1306);
  t.is(
    list[0],
    '00 ae d5 80 a8 3f d3 00 40 a1 c8 da 12 81 cf a4 a6 20 02 2e d9 f1 db 20 8d 14',
    'commands to the end',
  );
  t.is(list.length, 1 + 8 * 5 + 1, 'eight pages, each in five transfers');
  t.is(list[1], `80 b0 80 00 80 10 40${' 00'.repeat(26)}`);
  t.is(list[5], `80 b0 80 08 80 16 40${' 00'.repeat(24)}`, 'the last 24 columns');
  t.is(list.at(-1), '00 af');
});

test('An SH1106 has its own supply, and two columns more on the left', (t) => {
  const list = begun({ ...SSD1306, controller: 'sh1106' });
  t.is(list[0], '00 ae d5 80 a8 3f d3 00 40 a1 c8 da 12 81 80 a4 a6 d9 1f db 35 ad 8b 32');
  t.is(list[1]?.slice(0, 20), '80 b0 80 02 80 10 40');
});

test('Flat, narrow, dim and upside-down glasses differ where the data sheet says', (t) => {
  t.regex(begun({ ...SSD1306, height: 32 })[0] ?? '', /a8 1f .* da 02/);
  t.regex(begun({ ...SSD1306, rotated: true })[0] ?? '', / a0 c0 /);
  t.regex(begun({ ...SSD1306, contrast: 1 })[0] ?? '', / 81 01 /);
  t.regex(begun({ ...SSD1306, width: 72, height: 40 })[1] ?? '', /^80 b0 80 0c 80 11 40/, 'column 28');
});

test('Every transfer fits in a block, and no command is parted from its argument', (t) => {
  for (const controller of ['ssd1306', 'sh1106'] as const) {
    const panel = new Oled({ ...SSD1306, controller });
    panel.show(['WWWWWWWWWWWWWWWWWWWWW', 'iiiii', '', '8']);
    t.true(sent(panel).every(({ octets }) => octets.length >= 1 && octets.length <= 32));
  }
});

test('Only the columns that differ are sent', (t) => {
  const panel = new Oled(SSD1306);
  panel.show(['Talking         1:05']);
  sent(panel);
  panel.show(['Talking         1:07']);
  const list = sent(panel);
  t.deepEqual(
    list.map((each) => hex(each).slice(0, 20)),
    ['80 b0 80 03 80 17 40', '80 b1 80 03 80 17 40'],
    'two pages of one digit',
  );
  t.true(list.every(({ octets }) => octets.length <= 6 + 5));
  panel.show(['Talking         1:07']);
  t.is(panel.next(), undefined);
});

test('A few clean columns are sent along, more are leapt over', (t) => {
  const panel = new Oled({ ...SSD1306, font: 'small' });
  panel.show(['lllll']);
  sent(panel);
  panel.show(['iilll']);
  t.is(sent(panel).length, 1);
  panel.show(['liill']);
  t.is(sent(panel).length, 2);
});

test('Refreshing sets everything anew but never switches off', (t) => {
  const panel = new Oled(SSD1306);
  panel.show(['Talking']);
  sent(panel);
  panel.refresh();
  const list = sent(panel).map(hex);
  t.is(list[0], '00 d5 80 a8 3f d3 00 40 a1 c8 da 12 81 cf a4 a6 20 02 2e d9 f1 db 20 8d 14');
  t.is(list.length, 1 + 8 * 5 + 1);
  t.is(list.at(-1), '00 af');
});

test('What is shown during a refresh comes before the rest of it', (t) => {
  const panel = new Oled(SSD1306);
  sent(panel);
  panel.refresh();
  panel.next();
  panel.done();
  panel.show(['', '', '', 'x']);
  t.regex(hex(panel.next() ?? { register: 0, octets: new Uint8Array(), wait: 0 }), /^80 b[67]/);
});

test('A chip that tells nothing by its status is never taken for one that lost its power', (t) => {
  for (const status of [0x00, 0x43, 0xff]) {
    const panel = new Oled(SSD1306);
    sent(panel);
    t.false(panel.hasLostPower(status));
    t.false(panel.hasLostPower(status));
    t.true(panel.hasLostPower(status ^ 0x40));
    panel.reset();
    sent(panel);
    t.false(panel.hasLostPower(status ^ 0x40), 'the first look after a start tells how it reads');
  }
});

test('A glass that is larger than the memory, or ends within a page, is refused', (t) => {
  t.throws(() => new Oled({ ...SSD1306, width: 132 }), { instanceOf: RangeError });
  t.throws(() => new Oled({ ...SSD1306, height: 128 }), { instanceOf: RangeError });
  t.throws(() => new Oled({ ...SSD1306, height: 60 }), { instanceOf: RangeError });
});
