/** Every board drives its parts to the events that the simulated handset makes; and what a part may suffer. */
import test from 'ava';
import { BOARD_NAMES, loadBoard } from '#hal/boards/load.ts';
import type { LinuxBoard } from '#hal/boards/schema.ts';
import { keyEvents } from '#hal/parts/key_names.ts';
import type { Digit } from '#hal/parts/pulse_coding.ts';
import { SIMULATED_BOARD } from '#hal/sim/board.ts';
import { SimulatedHandset } from '#hal/sim/simulated_handset.ts';
import type { HalEvent, Key } from '#hal/types.ts';
import { BoardStand } from '../support/board_stand.ts';
import { Hd44780Model } from '../support/models/pcf8574_hd44780.ts';

const REAL = BOARD_NAMES.filter((name) => name !== 'sim');
const DIGITS: readonly Digit[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];
const KEYS: readonly Key[] = [...DIGITS, '*', '#'];

async function realBoard(name: string): Promise<LinuxBoard> {
  const board = await loadBoard(name);
  if (board.driver !== 'linux') throw new Error(`${name} has no parts`);
  return board;
}

async function started(name: string): Promise<BoardStand> {
  const stand = new BoardStand(await realBoard(name));
  await stand.start();
  return stand;
}

/** What the simulated handset says of the same deeds. */
async function simulated(deeds: readonly HalEvent[]): Promise<readonly HalEvent[]> {
  const events: HalEvent[] = [];
  const handset = new SimulatedHandset(SIMULATED_BOARD);
  await handset.start((event) => events.push(event));
  for (const deed of deeds) handset.operate(deed);
  return events;
}

const strokes = (keys: readonly Key[]): HalEvent[] =>
  keys.flatMap((key) => [true, false].map((down): HalEvent => ({ kind: 'key', key, down })));

for (const name of REAL) {
  test(`${name}: hook, dial, digits and flash are those of the simulated handset`, async (t) => {
    const stand = await started(name);
    const keys = stand.has('dial') ? DIGITS : KEYS.filter((key) => stand.keys.includes(key));
    const deeds: HalEvent[] = [];
    if (stand.hasHook) {
      await stand.lift();
      deeds.push({ kind: 'hook', state: 'off' });
    }
    for (const key of keys) await (stand.has('dial') ? stand.dial(key as Digit) : stand.press(key));
    deeds.push(...strokes(keys));
    if (stand.hasHook) {
      await stand.flash();
      await stand.putDown();
      deeds.push({ kind: 'flash' }, { kind: 'hook', state: 'on' });
    }
    const expected = await simulated(deeds);
    t.deepEqual(stand.heard(), stand.hasHook ? expected : expected.slice(1));
    await stand.stop();
  });

  test(`${name}: every function key, encoder and socket says what it is`, async (t) => {
    const stand = await started(name);
    stand.heard();
    const named = stand.keys.filter((key) => !KEYS.includes(key as Key));
    for (const key of named) await stand.press(key);
    t.deepEqual(
      stand.heard(),
      named.flatMap((key) => [...keyEvents(key, true), ...keyEvents(key, false)]),
    );
    if (stand.has('encoder')) {
      for (const step of [1, 1, -1] as const) await stand.turn(step);
      t.deepEqual(
        stand.heard(),
        [1, 1, -1].map((step) => ({ kind: 'volume', step })),
      );
    }
    if (stand.has('headset')) {
      await stand.plugHeadset(true);
      await stand.plugHeadset(false);
      t.deepEqual(stand.heard(), [
        { kind: 'headset', plugged: true },
        { kind: 'headset', plugged: false },
      ]);
    }
    await stand.stop();
  });

  test(`${name}: when it stops no line is held, and whatever was driven is low`, async (t) => {
    const stand = await started(name);
    stand.handset.perform({ kind: 'bell', cadence: [1000, 4000] });
    for (const lamp of ['status', 'line', 'mute', 'speaker'])
      stand.handset.perform({ kind: 'lamp', name: lamp, pattern: 'on' });
    await stand.run(300);
    await stand.stop();
    t.deepEqual(stand.gpio.taken, []);
    const last = new Map(stand.gpio.written.map(({ line, voltage }) => [line, voltage]));
    const rows = stand.has('keypad') ? stand.part('keypad').rows : [];
    t.deepEqual(
      [...last].filter(([line, voltage]) => voltage === 1 && !rows.includes(line)),
      [],
    );
    t.is(stand.swings.at(-1)?.wave, undefined);
  });

  test(`${name}: without GPIO every part says so, nothing throws, and all come back`, async (t) => {
    const stand = new BoardStand(await realBoard(name));
    stand.gpio.gone = true;
    await stand.start();
    const byLines = (part: string) => !part.startsWith('display') && part !== 'line-interface';
    const lines = () => stand.handset.parts().filter(({ part }) => byLines(part));
    const silent = (driver: string) => driver !== 'sound card' && driver !== 'sysfs PWM';
    t.true(
      lines()
        .filter(({ driver }) => silent(driver))
        .every(({ state, note }) => state === 'failed' && /no GPIO chip/.test(note)),
    );
    stand.handset.perform({ kind: 'lamp', name: 'status', pattern: 'on' });
    stand.gpio.plug();
    await stand.run(1100);
    t.true(lines().every(({ state }) => state === 'ok'));
    await stand.stop();
  });
}

test('keys held on a keypad: any number of them, and no ghost', async (t) => {
  const stand = await started('desk-matrix-oled');
  stand.heard();
  await stand.hold('1', true);
  await stand.hold('5', true);
  await stand.hold('9', true);
  t.deepEqual(
    stand.heard(),
    ['1', '5', '9'].map((key) => ({ kind: 'key', key: key as Key, down: true }) as HalEvent),
  );
  // 1, 2 and 4 would be three corners of a rectangle; 5 is the fourth, and down already.
  await stand.hold('5', false);
  await stand.hold('9', false);
  stand.heard();
  await stand.hold('2', true);
  await stand.hold('4', true);
  t.deepEqual(stand.heard(), [{ kind: 'key', key: '2', down: true }]);
});

test('a keypad whose fingers are slow is scanned with patience', async (t) => {
  const board = await realBoard('desk-matrix-oled');
  const parts = board.parts.map((part) => (part.kind === 'keypad' ? { ...part, settle: 30 } : part));
  const stand = new BoardStand({ ...board, parts });
  await stand.start();
  stand.heard();
  await stand.hold('7', true);
  await stand.run(400);
  await stand.hold('7', false);
  await stand.run(400);
  t.deepEqual(stand.heard(), strokes(['7']));
});

test('a key is told within 30 ms of the contact', async (t) => {
  const stand = await started('desk-matrix-oled');
  stand.heard();
  const pressed = stand.timing.now();
  const { rows, columns } = stand.part('keypad');
  stand.gpio.join(rows[0] ?? 0, columns[0] ?? 0);
  while (stand.events.length === 0 && stand.timing.now() < pressed + 100) await stand.run(1);
  t.true(stand.timing.now() - pressed <= 30, `${stand.timing.now() - pressed} ms`);
});

test('edges that are lost heal at the next look, at hook and keypad', async (t) => {
  const stand = await started('desk-matrix-oled');
  stand.heard();
  stand.gpio.deaf = true;
  await stand.lift();
  await stand.run(600);
  t.deepEqual(stand.heard(), [{ kind: 'hook', state: 'off' }]);
  await stand.hold('8', true);
  await stand.run(600);
  await stand.hold('8', false);
  await stand.run(100);
  t.deepEqual(stand.heard(), strokes(['8']));
});

test('a chip that leaves in a call takes its parts with it, and they come back as they were', async (t) => {
  const stand = await started('desk-matrix-oled');
  await stand.lift();
  stand.handset.perform({ kind: 'lamp', name: 'speaker', pattern: 'on' });
  await stand.run(10);
  stand.heard();
  stand.gpio.unplug();
  await stand.run(10);
  t.regex(stand.status('hook')?.note ?? '', /has left/);
  t.is(stand.status('hook')?.state, 'failed');
  stand.handset.perform({ kind: 'lamp', name: 'status', pattern: 'on' });
  await stand.run(8000);
  stand.gpio.plug();
  await stand.run(10_500);
  t.is(stand.status('hook')?.state, 'ok');
  // Still lifted: nothing to say.
  t.deepEqual(stand.heard(), []);
  t.is(stand.gpio.voltage(24), 1);
  t.is(stand.gpio.voltage(23), 1);
  await stand.putDown();
  t.deepEqual(stand.heard(), [{ kind: 'hook', state: 'on' }]);
});

test('a keypad whose chip leaves lets its keys go; a key that is still held then is pressed anew', async (t) => {
  const stand = await started('desk-matrix-oled');
  stand.heard();
  await stand.hold('6', true);
  stand.gpio.unplug();
  await stand.run(10);
  t.deepEqual(stand.heard(), strokes(['6']));
  stand.gpio.plug();
  await stand.run(1500);
  t.deepEqual(stand.heard(), [{ kind: 'key', key: '6', down: true }]);
});

for (const name of REAL) {
  test(`${name}: parts that only drive lines hear that their chip has left, and are back as they were`, async (t) => {
    const stand = await started(name);
    const driving = () =>
      stand.handset
        .parts()
        .filter(
          ({ part, driver }) =>
            /^(lamps|amplifier|line-interface)$/.test(part) ||
            (part === 'bell' && !/^(sound card|sysfs PWM|bell)$/.test(driver)),
        );
    for (const lamp of ['status', 'line']) stand.handset.perform({ kind: 'lamp', name: lamp, pattern: 'on' });
    await stand.run(10);
    const parts = driving().map(({ part }) => part);
    const levels = stand.gpio.driven;
    stand.gpio.unplug();
    for (const { part } of stand.handset.parts().filter((each) => parts.includes(each.part)))
      t.is(stand.status(part)?.state, 'failed', part);
    stand.gpio.plug();
    await stand.run(3000);
    for (const part of parts) t.is(stand.status(part)?.state, 'ok', part);
    t.deepEqual(stand.gpio.driven, levels);
    await stand.stop();
  });
}

test('the handset that was put down while its switch was away is heard when it is back', async (t) => {
  const stand = await started('rotary-usb');
  await stand.lift();
  stand.heard();
  stand.gpio.unplug();
  stand.gpio.join(17, 'ground', false);
  await stand.run(500);
  stand.gpio.plug();
  await stand.run(1500);
  t.deepEqual(stand.heard(), [{ kind: 'hook', state: 'on' }]);
});

test('a line that another program has fails one part, by name, and no other', async (t) => {
  const stand = new BoardStand(await realBoard('rotary-usb'));
  stand.gpio.occupy(27);
  await stand.start();
  t.deepEqual(
    stand.handset.parts().map(({ part, state }) => [part, state]),
    [
      ['hook', 'ok'],
      ['dial', 'failed'],
      ['bell', 'ok'],
      ['amplifier', 'ok'],
    ],
  );
  t.regex(stand.status('dial')?.note ?? '', /line 27 is in use/);
  stand.gpio.vacate(27);
  await stand.run(1100);
  t.is(stand.status('dial')?.state, 'ok');
  stand.heard();
  await stand.dial('3');
  t.deepEqual(stand.heard(), strokes(['3']));
});

test('a bus that hangs keeps nobody from stopping', async (t) => {
  const stand = await started('desk-mcp-lcd');
  stand.isStuck = true;
  const before = stand.timing.now();
  await stand.stop();
  t.true(stand.timing.now() - before <= 2000);
});

test('a stopped handset is silent', async (t) => {
  const stand = await started('rotary-usb');
  await stand.stop();
  stand.heard();
  await stand.lift();
  stand.handset.perform({ kind: 'bell', cadence: [1000, 4000] });
  await stand.run(60_000);
  t.deepEqual(stand.heard(), []);
  t.deepEqual(stand.gpio.taken, []);
});

test('a display that is unplugged in a call fails alone, and shows the newest lines when it is back', async (t) => {
  const stand = await started('desk-mcp-lcd');
  const lcd = new Hd44780Model(20, 4);
  stand.bus.attach(0x27, lcd);
  stand.handset.perform({ kind: 'display', lines: ['Talking         0:01', 'bob@example.test', '', ''] });
  await stand.run(3000);
  stand.bus.detach(0x27);
  await stand.run(4000);
  t.regex(stand.status('display-hd44780')?.note ?? '', /acknowledges/);
  t.is(stand.status('keypad-mcp23017')?.state, 'ok');
  stand.handset.perform({ kind: 'display', lines: ['Talking         0:09', 'bob@example.test', '', ''] });
  lcd.powerCycle(stand.timing.now() * 1000);
  stand.bus.attach(0x27, lcd);
  await stand.run(6000);
  t.is(stand.status('display-hd44780')?.state, 'ok');
  t.is(lcd.text[0], 'Talking         0:09');
});

test('an expander without power fails with its keypad and lamps, and both come back', async (t) => {
  const stand = await started('desk-mcp-lcd');
  stand.handset.perform({ kind: 'lamp', name: 'mute', pattern: 'on' });
  await stand.run(100);
  t.true(stand.expander.high('B5'));
  stand.bus.detach(0x20);
  await stand.run(1000);
  t.is(stand.status('keypad-mcp23017')?.state, 'failed');
  t.is(stand.status('lamps')?.state, 'ok');
  stand.expander.powerCycle();
  stand.bus.attach(0x20, stand.expander);
  await stand.run(12_000);
  t.is(stand.status('keypad-mcp23017')?.state, 'ok');
  t.true(stand.expander.high('B5'));
  stand.heard();
  await stand.press('5');
  t.deepEqual(stand.heard(), strokes(['5']));
});

test('a bus that somebody holds fails what is on it; calls and the hook go on', async (t) => {
  const stand = await started('desk-matrix-oled');
  stand.heard();
  stand.bus.stuck = true;
  stand.handset.perform({ kind: 'display', lines: ['Dial a number'] });
  await stand.run(10_000);
  t.is(stand.status('display-ssd1306')?.state, 'failed');
  await stand.lift();
  t.deepEqual(stand.heard(), [{ kind: 'hook', state: 'off' }]);
  stand.bus.stuck = false;
  await stand.run(40_000);
  t.is(stand.status('display-ssd1306')?.state, 'ok');
});

test('lamps follow their patterns to the millisecond', async (t) => {
  const stand = await started('intercom');
  const began = stand.timing.now();
  stand.gpio.written.splice(0);
  stand.handset.perform({ kind: 'lamp', name: 'line', pattern: 'double' });
  await stand.run(1300);
  t.deepEqual(
    stand.gpio.written.map(({ at, voltage }) => [Math.round(at - began), voltage]),
    [
      [0, 1],
      [150, 0],
      [300, 1],
      [450, 0],
      [1200, 1],
    ],
  );
});
