import test from 'ava';
import type { HalError } from '#hal/linux/error.ts';
import { HeldKeys } from '#hal/linux/held_keys.ts';
import { openExpanderKeypad } from '#hal/linux/keypad_mcp23017.ts';
import type { Part } from '#hal/linux/part.ts';
import type { HalEvent } from '#hal/types.ts';
import { I2cModelBus } from '../support/models/i2c_model_bus.ts';
import { JumpingTiming } from '../support/models/jumping_timing.ts';
import { Mcp23017Model } from '../support/models/mcp23017_matrix.ts';
import { seededRandom } from '../support/mutate.ts';

const ADDRESS = 0x20;
const ROWS = ['A0', 'A1', 'A2', 'A3'];
const COLUMNS = ['B0', 'B1', 'B2'];
const KEYS = [
  ['1', '2', '3'],
  ['4', '5', '6'],
  ['7', '8', '9'],
  ['*', '0', '#'],
] as const;

function stand({ interrupt = true, diodes = false } = {}) {
  const timing = new JumpingTiming();
  const bus = new I2cModelBus(timing);
  const model = new Mcp23017Model({ diodes });
  const events: HalEvent[] = [];
  const failures: HalError[] = [];
  const line = new InterruptLine();
  bus.attach(ADDRESS, model);
  model.onInterrupt = (high) => line.move(high);
  const held = new HeldKeys();
  const emit = (event: HalEvent) => {
    held.see(event);
    events.push(event);
  };
  const failed = (error: HalError) => {
    failures.push(error);
    events.push(...held.release());
  };
  const open = (): Promise<Part> =>
    timing.until(
      openExpanderKeypad(
        {
          address: ADDRESS,
          rows: ROWS,
          columns: COLUMNS,
          keys: KEYS,
          single: [
            { pin: 'A6', key: 'hold' },
            { pin: 'B6', key: 'volume+' },
          ],
          lamps: [{ pin: 'B7', name: 'line' }],
        },
        {
          bus,
          timing,
          events: { emit, failed },
          ...(interrupt ? { interrupt: line } : {}),
        },
      ),
    );
  const key = (name: string): [string, string] => {
    const row = KEYS.findIndex((each) => each.some((one) => one.includes(name)));
    return [ROWS[row] ?? '', COLUMNS[KEYS[row]?.findIndex((one) => one.includes(name)) ?? 0] ?? ''];
  };
  const press = (name: string) => model.press(...key(name));
  const release = (name: string) => model.release(...key(name));
  return { timing, bus, model, events, failures, line, open, press, release };
}

class InterruptLine {
  #listener: () => void = () => {};
  #lost: (error: HalError) => void = () => {};
  /** Edges that get lost. */
  deaf = false;
  closed = 0;
  moved = 0;

  onEdges(listener: (edges: readonly never[]) => void): void {
    this.#listener = () => listener([]);
  }

  onLost(listener: (error: HalError) => void): void {
    this.#lost = listener;
  }

  move(_high: boolean): void {
    this.moved += 1;
    if (!this.deaf) this.#listener();
  }

  lose(error: HalError): void {
    this.#lost(error);
  }

  close(): void {
    this.closed += 1;
  }
}

const told = (events: readonly HalEvent[]) =>
  events
    .map((event) => ('down' in event ? `${event.key} ${event.down ? 'down' : 'up'}` : event.kind))
    .join(', ');

test('Every key is told down and up, within 25 ms of the press', async (t) => {
  const { timing, model, events, line, open, press, release } = stand();
  await open();
  for (const name of '1234567890*#') {
    line.moved = 0;
    press(name);
    await timing.run(25);
    t.is(told(events), `${name} down`);
    release(name);
    await timing.run(60);
    t.is(told(events), `${name} down, ${name} up`);
    t.true(line.moved <= 2, 'the scan itself interrupts nobody');
    events.length = 0;
  }
  t.deepEqual(model.violations, []);
});

test('Keys to ground and volume keys are told as what they are', async (t) => {
  const { timing, model, events, open } = stand();
  await open();
  model.press('A6', 'GND');
  await timing.run(50);
  model.press('B6', 'GND');
  await timing.run(50);
  model.release('A6', 'GND');
  await timing.run(50);
  t.deepEqual(events, [
    { kind: 'function', key: 'hold', down: true },
    { kind: 'volume', step: 1 },
    { kind: 'function', key: 'hold', down: false },
  ]);
});

test('Bounce of 15 ms is one press', async (t) => {
  const { timing, events, open, press, release } = stand();
  await open();
  for (let edge = 0; edge < 7; edge++) {
    press('5');
    await timing.run(1);
    release('5');
    await timing.run(1);
  }
  press('5');
  await timing.run(100);
  t.is(told(events), '5 down');
});

test('Three keys at the corners of a rectangle tell of no fourth one; with diodes it may be pressed, too', async (t) => {
  const { timing, events, open, press, release } = stand();
  await open();
  for (const name of '124') {
    press(name);
    await timing.run(100);
  }
  t.is(told(events), '1 down, 2 down', 'the third makes a ghost: nothing new is believed');
  release('2');
  await timing.run(100);
  t.is(told(events), '1 down, 2 down, 2 up, 4 down');
});

test('At rest the bus is quiet: four looks a second, and without an interrupt line fifty', async (t) => {
  for (const [interrupt, least, most] of [
    [true, 4 * 25, 4 * 26],
    [false, 50 * 5, 50 * 6 + 4 * 26],
  ] as const) {
    const { timing, bus, open } = stand({ interrupt });
    await open();
    await timing.run(1000);
    const before = bus.octets;
    await timing.run(1000);
    const spent = bus.octets - before;
    t.true(spent >= least && spent <= most, `${spent} octets a second`);
  }
});

test('Without an interrupt line keys are told as well, a little later', async (t) => {
  const { timing, events, open, press, release } = stand({ interrupt: false });
  const part = await open();
  t.regex(part.status().note, /no interrupt line/);
  press('7');
  await timing.run(60);
  t.is(told(events), '7 down');
  release('7');
  await timing.run(60);
  t.is(told(events), '7 down, 7 up');
});

test('A lost interrupt costs a quarter of a second, not the key', async (t) => {
  const { timing, events, line, open, press, release } = stand();
  await open();
  line.deaf = true;
  press('3');
  await timing.run(300);
  t.is(told(events), '3 down');
  release('3');
  await timing.run(100);
  t.is(told(events), '3 down, 3 up');
});

test('A moment without power is found out, and keys work on', async (t) => {
  const { timing, model, events, failures, open, press } = stand();
  await open();
  await timing.run(1000);
  model.powerCycle();
  await timing.run(300);
  press('9');
  await timing.run(50);
  t.is(told(events), '9 down');
  t.deepEqual(failures, []);
});

test('A moment without power while a key is held invents no other key', async (t) => {
  const { timing, model, events, open, press, release } = stand();
  await open();
  press('8');
  await timing.run(100);
  model.powerCycle();
  await timing.run(1000);
  release('8');
  await timing.run(1000);
  t.deepEqual(
    events.filter((event) => event.kind === 'key' && event.key !== '8'),
    [],
  );
  t.is(told(events.slice(-1)), '8 up');
});

test('A plug that is out for a moment costs no quarter of a second', async (t) => {
  const { timing, bus, model, failures, open, press } = stand();
  await open();
  await timing.run(251);
  press('8');
  await timing.run(60);
  const pulled = model.peek(0x0d);
  bus.detach(ADDRESS);
  await timing.run(15);
  model.powerCycle();
  bus.attach(ADDRESS, model);
  await timing.run(25);
  t.is(model.peek(0x0d), pulled, 'the pull-ups of the columns are back');
  t.deepEqual(failures, []);
});

test('A keypad that is pulled out is reported once, its keys come up, and opened again it works', async (t) => {
  const { timing, bus, model, events, failures, line, open, press, release } = stand();
  const part = await open();
  press('1');
  await timing.run(100);
  bus.detach(ADDRESS);
  await timing.run(1000);
  t.is(told(events), '1 down, 1 up');
  t.deepEqual(
    failures.map(({ code }) => code),
    ['NAK'],
  );
  t.is(part.status().state, 'failed');
  const spent = bus.octets;
  await timing.run(10_000);
  t.is(bus.octets, spent);
  await timing.until(part.close());
  t.is(line.closed, 1);
  release('1');
  model.powerCycle();
  bus.attach(ADDRESS, model);
  await open();
  press('2');
  await timing.run(50);
  t.is(told(events), '1 down, 1 up, 2 down');
});

test('Without a chip opening fails with what happened, and gives the line back', async (t) => {
  const { bus, line, open } = stand();
  bus.detach(ADDRESS);
  await t.throwsAsync(open(), { name: 'HalError', message: /0x20/ });
  t.is(line.closed, 1);
});

test('When the interrupt line has left, the keypad has failed', async (t) => {
  const { timing, failures, line, open } = stand();
  await open();
  const { HalError } = await import('#hal/linux/error.ts');
  line.lose(new HalError('GONE', 'the chip has left'));
  await timing.run(1000);
  t.deepEqual(
    failures.map(({ code }) => code),
    ['GONE'],
  );
});

test('Lamps blink in their patterns, also while a key is held, and are dark when closed', async (t) => {
  const { timing, model, open, press } = stand();
  const part = await open();
  part.perform?.({ kind: 'lamp', name: 'line', pattern: 'fast' });
  part.perform?.({ kind: 'lamp', name: 'somebody else', pattern: 'on' });
  const seen = async () => {
    let changes = 0;
    let was = model.high('B7');
    for (let ms = 0; ms < 1000; ms++) {
      await timing.run(1);
      if (model.high('B7') !== was) changes += 1;
      was = model.high('B7');
    }
    return changes;
  };
  t.true(Math.abs((await seen()) - 8) <= 1, 'every 125 ms');
  press('1');
  t.true(Math.abs((await seen()) - 8) <= 1);
  part.perform?.({ kind: 'lamp', name: 'line', pattern: 'on' });
  await timing.run(100);
  t.true(model.high('B7'));
  await timing.until(part.close());
  t.false(model.high('B7'));
});

test('Closing is over when it is over', async (t) => {
  const { timing, bus, events, open, press } = stand();
  const part = await open();
  press('6');
  await timing.run(100);
  await timing.until(part.close());
  await timing.until(part.close());
  t.is(told(events), '6 down');
  const spent = bus.octets;
  await timing.run(10_000);
  t.is(bus.octets, spent);
});

test('Whatever is pressed, disturbed or lost: no key is invented, none is left down', async (t) => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const { timing, bus, model, events, failures, line, open, press, release } = stand();
    await open();
    bus.disturb = () => random() < 0.0005;
    const wanted: string[] = [];
    for (let step = 0; step < 25 && failures.length === 0; step++) {
      const name = '1234567890*#'.charAt(below(12));
      line.deaf = below(4) === 0;
      press(name);
      await timing.run(400 + below(200));
      release(name);
      await timing.run(100 + below(200));
      wanted.push(`${name} down`, `${name} up`);
    }
    if (failures.length === 0) t.is(told(events), wanted.join(', '), `seed ${seed}`);
    t.deepEqual(model.violations, []);
    t.is(events.filter((event) => 'down' in event && event.down).length * 2, events.length);
  }
});
