/** Board profiles: those that come with the telephone can be built, and what cannot be is refused with its place. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { addressClaims, lineClaims } from '#hal/boards/claims.ts';
import { conflicts, RASPBERRY_PI } from '#hal/boards/conflicts.ts';
import { harmfulOutputs } from '#hal/boards/harmful.ts';
import { BOARD_NAMES, loadBoard } from '#hal/boards/load.ts';
import { BoardError, readBoard, readBoardText } from '#hal/boards/read.ts';
import type { LinuxBoard } from '#hal/boards/schema.ts';
import { CALLER_ID_SCHEMES } from '#hal/parts/caller_id_procedure.ts';
import { boardJsonSchema } from '../../tools/json_schema.ts';
import { mutations } from '../support/mutate.ts';

const FOLDER = new URL('../../hal/boards/', import.meta.url);

async function real(name: string): Promise<LinuxBoard> {
  const board = await loadBoard(name);
  if (board.driver !== 'linux') throw new Error(`${name} has no parts`);
  return board;
}

function problems(value: unknown): readonly string[] {
  try {
    readBoard(value, 'mine.json');
    return [];
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    return error.problems.map(({ path, reason }) => `${path}: ${reason}`);
  }
}

const board = (parts: readonly object[], more: object = {}) => ({
  schema: 'dualtone.board/1',
  name: 'mine',
  description: '',
  driver: 'linux',
  gpio: { chip: RASPBERRY_PI },
  parts,
  ...more,
});

test('every profile of the folder is known by its name, and by no other', async (t) => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json') && !file.includes('schema'));
  t.deepEqual(files.map((file) => file.replace('.json', '')).sort(), [...BOARD_NAMES].sort());
  for (const name of BOARD_NAMES) t.is((await loadBoard(name)).name, name);
});

test('every profile can be built: no line, channel or address twice, none that is taken', async (t) => {
  for (const name of BOARD_NAMES.filter((each) => each !== 'sim')) {
    const profile = await real(name);
    t.deepEqual(conflicts(profile), [], name);
    const lines = lineClaims(profile).map(({ what }) => what);
    t.is(new Set(lines).size, lines.length);
    const reserved = [
      0,
      1,
      14,
      15,
      ...(profile.i2c ? [2, 3] : []),
      ...(profile.sound?.by === 'i2s' ? [18, 19, 20, 21] : []),
    ];
    t.deepEqual(
      lines.filter((line) => reserved.includes(line)),
      [],
      name,
    );
    t.is(new Set(addressClaims(profile).map(({ what }) => what)).size, addressClaims(profile).length);
  }
});

test('coils, ring generators, amplifiers, relays and buzzers are put to rest, lamps are not', async (t) => {
  const harmful = async (name: string) =>
    harmfulOutputs(await real(name)).map((output) => [
      output.name,
      output.kind === 'line' ? output.offset : `channel ${output.channel}`,
    ]);
  t.deepEqual(await harmful('rotary-bell'), [
    ['bell A', 17],
    ['bell B', 27],
  ]);
  t.deepEqual(await harmful('ata-slic'), [
    ['F/R', 'channel 0'],
    ['RM', 17],
    ['F/R', 12],
  ]);
  t.deepEqual(await harmful('rotary-usb'), [['amplifier enable', 23]]);
  t.deepEqual(await harmful('intercom'), [['bell relay', 23]]);
  t.deepEqual(await harmful('desk-mcp-lcd'), [
    ['buzzer', 'channel 1'],
    ['buzzer', 13],
  ]);
  t.deepEqual(await harmful('desk-matrix-oled'), []);
});

const HOOK = { kind: 'hook', line: 17 };
const OLED = { kind: 'display-ssd1306', address: '0x3c', width: 128, height: 64 };
const LCD = { kind: 'display-hd44780', address: '0x27', columns: 20, lines: 4 };
const KEYPAD = { kind: 'keypad', rows: [5, 6], columns: [12], keys: [['1'], ['2']] };
const PWM = { chip: ['fe20c000.pwm'], channel: 0 };
const BUZZER = { kind: 'bell', driver: 'buzzer', line: 12, pwm: PWM };
const SLIC = { kind: 'line-interface', module: 'AG1171', shk: { line: 22 }, rm: 23, fr: 18, pwm: PWM };
const I2C = { i2c: { bus: 1 } };
const I2S = { sound: { input: 'a', output: 'a', by: 'i2s' } };
const EXPANDER = {
  kind: 'keypad-mcp23017',
  address: '0x20',
  rows: ['A0'],
  columns: ['B0'],
  keys: [['1']],
};

test('a relay and an amplifier that are on while their line is low are put to rest high', (t) => {
  const inverted = [
    { kind: 'bell', driver: 'relay', line: 23, active: 'low' },
    { kind: 'amplifier', line: 24, active: 'low', for: ['bell'] },
  ];
  const profile = readBoard(board(inverted), 'mine.json') as LinuxBoard;
  t.deepEqual(
    harmfulOutputs(profile).map((output) => output.kind === 'line' && [output.offset, output.activeLow]),
    [
      [23, true],
      [24, true],
    ],
  );
});

for (const [why, value, expected] of [
  [
    'a line twice',
    board([HOOK, { kind: 'headset', line: 17 }]),
    '/parts/1/line: line 17 is taken by hook (/parts/0/line)',
  ],
  [
    'the EEPROM of add-on boards',
    board([{ ...HOOK, line: 1 }]),
    '/parts/0/line: line 1 belongs to the EEPROM of add-on boards',
  ],
  [
    'the serial console',
    board([{ ...HOOK, line: 15 }]),
    '/parts/0/line: line 15 belongs to the serial console',
  ],
  [
    'a line of the I2C bus in use',
    board([{ ...HOOK, line: 2 }, OLED], I2C),
    '/parts/0/line: line 2 belongs to the I2C bus of this board',
  ],
  [
    'a line of I2S',
    board([{ ...HOOK, line: 20 }], I2S),
    '/parts/0/line: line 20 belongs to the sound card on I2S',
  ],
  [
    'a line beyond the header',
    board([{ ...HOOK, line: 40 }]),
    '/parts/0/line: line 40 is not on the header, which has 0 to 27',
  ],
  [
    'an address twice',
    board([OLED, { kind: 'display-hd44780', address: '0x3c', columns: 20, lines: 4 }], I2C),
    '/parts/1/address: I2C address 0x3c is taken by ssd1306 (/parts/0/address)',
  ],
  [
    'the codec at the address of a display',
    board([OLED], { ...I2C, sound: { input: 'a', output: 'a', address: '0x3c' } }),
    '/sound/address: I2C address 0x3c is taken by ssd1306 (/parts/0/address)',
  ],
  [
    'a PWM channel twice',
    board([BUZZER, SLIC]),
    '/parts/1/pwm/channel: PWM channel 0 is taken by buzzer (/parts/0/pwm/channel)',
  ],
  [
    'a PWM channel on a line that it does not reach',
    board([{ ...BUZZER, line: 13 }]),
    '/parts/0/pwm/channel: PWM channel 0 comes out at 12, 18, not at 13',
  ],
  [
    'a PWM channel that is elsewhere on a Raspberry Pi 5',
    board([{ ...SLIC, pwm: { chip: ['fe20c000.pwm', '1f00098000.pwm'], channel: 0 } }]),
    '/parts/0/pwm/channel: PWM channel 0 comes out at 12 of a Raspberry Pi 5, not at 18',
  ],
  ['a display without a bus', board([OLED]), '/i2c: is missing, and ssd1306 (/parts/0/address) hangs on it'],
  [
    'a matrix with a row too few',
    board([{ ...KEYPAD, keys: [['1']] }]),
    '/parts/0/keys: wants 2 rows of 1 keys',
  ],
  [
    'a matrix with a key too many',
    board([{ ...KEYPAD, keys: [['1', '2'], ['3']] }]),
    '/parts/0/keys: wants 2 rows of 1 keys',
  ],
  [
    'a pin of the expander twice',
    board([{ ...EXPANDER, lamps: [{ pin: 'B0', name: 'line' }] }], I2C),
    '/parts/0/lamps/0/pin: pin B0 is taken twice',
  ],
  [
    'an expander at the address of none',
    board([{ ...EXPANDER, address: '0x30' }], I2C),
    '/parts/0/address: an MCP23017 has one of 0x20 to 0x27, not 0x30',
  ],
  [
    'a character display at the address of no port',
    board([{ ...LCD, address: '0x28' }], I2C),
    '/parts/0/address: a PCF8574 has one of 0x20 to 0x27 or 0x38 to 0x3f, not 0x28',
  ],
  [
    'a display of pixels at the address of none',
    board([{ ...OLED, address: '0x3e' }], I2C),
    '/parts/0/address: such a display has one of 0x3c to 0x3d, not 0x3e',
  ],
  [
    'more characters than the chip remembers',
    board([{ ...LCD, columns: 40 }], I2C),
    '/parts/0/columns: 40 x 4 are 160 characters; an HD44780 has memory for 80',
  ],
  [
    'a single line of unequal halves',
    board([{ ...LCD, columns: 15, lines: 1 }], I2C),
    '/parts/0/columns: 15 is odd; a single line is wired as two halves of equal length',
  ],
  [
    'a display wider than its controller',
    board([{ ...OLED, width: 132 }], I2C),
    '/parts/0/width: the SSD1306 has 128 columns, not 132',
  ],
  [
    'a display higher than its controller',
    board([{ ...OLED, height: 128 }], I2C),
    '/parts/0/height: the SSD1306 has 64 rows, not 128',
  ],
  [
    'a display that ends within a page',
    board([{ ...OLED, height: 60 }], I2C),
    '/parts/0/height: rows come in pages of 8; 60 are none',
  ],
  [
    'a key on a pin that cannot hear',
    board([{ ...EXPANDER, single: [{ pin: 'A7', key: 'mute' }] }], I2C),
    '/parts/0/single/0/pin: pin A7 of an MCP23017 can be an output only: a lamp may be there',
  ],
  [
    'a way of caller ID that there is not',
    board([{ ...SLIC, fr: 12, callerId: 'telepathy' }]),
    '/parts/0/callerId: ',
  ],
  [
    'a burst that heats the coil',
    board([{ kind: 'bell', driver: 'coil', a: 17, b: 27, burst: 5000 }]),
    '/parts/0/burst: Invalid value: Expected <=2000 but received 5000',
  ],
  [
    'a name of no key',
    board([{ kind: 'keys', keys: [{ line: 4, key: 'speeker' }] }]),
    '/parts/0/keys/0/key: ',
  ],
  [
    'an unknown key of the profile',
    board([{ ...HOOK, pin: 4 }]),
    '/parts/0/pin: is no key of a board profile',
  ],
  ['an unknown part', board([{ kind: 'hoook', line: 17 }]), '/parts/0/kind: '],
  ['a part without its line', board([{ kind: 'hook' }]), '/parts/0/line: is missing'],
  ['no driver', { ...board([]), driver: undefined }, '/driver: is missing: one of ("sim" | "linux")'],
  [
    'an address as a number',
    board([{ ...OLED, address: 60 }], I2C),
    '/parts/0/address: wants text such as "0x27", with quotes',
  ],
  [
    'an address that no device has',
    board([{ ...OLED, address: '0x99' }], I2C),
    '/parts/0/address: wants text such as "0x27", with quotes',
  ],
  [
    'a pin that the expander has not',
    board([{ ...EXPANDER, rows: ['C0'] }], I2C),
    '/parts/0/rows/0: pins are called "A0" to "A7"',
  ],
  ['a name with blanks', { ...board([HOOK]), name: 'My phone' }, '/name: may have small letters, digits'],
  [
    'a flash whose ends are swapped',
    board([{ ...HOOK, flash: { min: 600, max: 80 } }]),
    '/parts/0/flash: min has to be less than max',
  ],
  [
    'two hooks',
    board([HOOK, { kind: 'hook', line: 4 }]),
    '/parts/1: a telephone has one handset, which is that of hook (/parts/0)',
  ],
  [
    'a hook beside a line',
    board([{ ...SLIC, fr: 12 }, HOOK]),
    '/parts/1: a telephone has one handset, which is that of line-interface (/parts/0)',
  ],
  [
    'a text where a number belongs',
    board([{ ...HOOK, line: '17' }]),
    '/parts/0/line: Invalid type: Expected number but received "17"',
  ],
  ['no chip', board([HOOK], { gpio: { chip: [] } }), '/gpio/chip: Invalid length'],
  ['an unknown driver', { ...board([]), driver: 'windows' }, '/driver: '],
] as const) {
  test(`a profile with ${why} is refused where it is wrong`, (t) => {
    const [first = '', ...others] = problems(value);
    t.true(first.startsWith(expected), first);
    t.deepEqual(others, []);
  });
}

test('a line may have its own flash, coding and caller ID, a display its light, lamps the pins that cannot hear', (t) => {
  const own = { flash: { min: 80, max: 300 }, coding: 'NZ', callerId: 'off' };
  const lamp = { pin: 'B7', name: 'line' };
  const parts = [
    { ...SLIC, ...own },
    { ...LCD, backlight: false },
    { ...EXPANDER, lamps: [lamp] },
  ];
  t.deepEqual(problems(board([...parts, { ...OLED, contrast: 40, font: 'small' }], I2C)), []);
  t.deepEqual(problems(board([{ ...OLED, controller: 'sh1106', width: 132 }], I2C)), []);
});

test('channel 2 of a Raspberry Pi 5 comes out where channel 0 of others does', (t) => {
  const pwm = { chip: ['1f00098000.pwm'], channel: 2 };
  t.deepEqual(problems(board([{ ...SLIC, pwm }])), []);
});

test('the hook that the page of the intercom offers has room there', async (t) => {
  const intercom = await real('intercom');
  const page = readFileSync(new URL('../../docs/boards/intercom.md', import.meta.url), 'utf8');
  const [, part = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  const raw = JSON.parse(readFileSync(new URL('intercom.json', FOLDER), 'utf8'));
  t.deepEqual(problems({ ...raw, parts: [...raw.parts, JSON.parse(part)] }), []);
  t.is(
    intercom.parts.some(({ kind }) => kind === 'hook'),
    false,
  );
});

test('every way of caller ID is on the page', (t) => {
  const page = readFileSync(new URL('../../docs/boards/README.md', import.meta.url), 'utf8');
  for (const scheme of [...CALLER_ID_SCHEMES, 'off']) t.true(page.includes(`| \`${scheme}\` |`), scheme);
});

test('on another chip only the lines of the profile count', (t) => {
  t.deepEqual(
    problems(
      board(
        [
          { ...HOOK, line: 40 },
          { kind: 'headset', line: 1 },
        ],
        { gpio: { chip: ['lab'] } },
      ),
    ),
    [],
  );
});

test('a file is a board by its path; what cannot be read says which one', async (t) => {
  const path = new URL('intercom.json', FOLDER).pathname;
  t.deepEqual(await loadBoard(path), await loadBoard('intercom'));
  await t.throwsAsync(loadBoard('./nowhere.json'), {
    instanceOf: BoardError,
    message: /nowhere\.json: cannot be read/,
  });
  await t.throwsAsync(loadBoard('desk'), {
    message: /there is no such board; there are sim, desk-matrix-oled/,
  });
  t.throws(() => readBoardText('{', 'mine.json'), { message: /mine\.json: is no JSON/ });
});

test('the published JSON Schema is the one that the reader has', (t) => {
  const published = JSON.parse(readFileSync(new URL('dualtone.board.schema.json', FOLDER), 'utf8'));
  t.deepEqual(published, JSON.parse(JSON.stringify(boardJsonSchema())), 'run node tools/json_schema.ts');
});

test('a hundred thousand spoiled profiles are read or refused', async (t) => {
  const seeds = ['desk-mcp-lcd', 'rotary-bell', 'ata-slic'].map((name) =>
    readFileSync(new URL(`${name}.json`, FOLDER)),
  );
  let refused = 0;
  for (const octets of mutations(seeds, 100_000, 7)) {
    try {
      readBoardText(Buffer.from(octets).toString('utf8'), 'mine.json');
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      refused++;
    }
  }
  t.true(refused > 50_000);
});
