/** Board profiles: those that come with the telephone can be built, and what cannot be is refused with its place. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { addressClaims, lineClaims } from '#hal/boards/claims.ts';
import { conflicts } from '#hal/boards/conflicts.ts';
import { harmfulOutputs } from '#hal/boards/harmful.ts';
import { BOARD_NAMES, loadBoard } from '#hal/boards/load.ts';
import { BoardError, readBoard, readBoardText } from '#hal/boards/read.ts';
import type { LinuxBoard } from '#hal/boards/schema.ts';
import { CALLER_ID_SCHEMES } from '#hal/parts/caller_id_procedure.ts';
import { boardJsonSchema } from '../../tools/json_schema.ts';
import { mutations } from '../support/mutate.ts';
import { board, EXPANDER, HOOK, I2C, LCD, OLED, problems, SLIC } from './board_pieces.ts';

const FOLDER = new URL('../../hal/boards/', import.meta.url);

async function real(name: string): Promise<LinuxBoard> {
  const board = await loadBoard(name);
  if (board.driver !== 'linux') throw new Error(`${name} has no parts`);
  return board;
}

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

test('a key may be on two parts, and so may a lamp: one in the handset, say', (t) => {
  const parts = [
    { ...EXPANDER, lamps: [{ pin: 'B1', name: 'mute' }] },
    { kind: 'keys', keys: [{ line: 4, key: '1' }] },
    { kind: 'lamps', lamps: [{ line: 5, name: 'mute' }] },
  ];
  t.deepEqual(problems(board(parts, I2C)), []);
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
