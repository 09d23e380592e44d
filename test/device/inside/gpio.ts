/** Both GPIO drivers on chips of gpio-sim. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { HalError } from '#hal/linux/error.ts';
import { chooseGpio } from '#hal/linux/gpio/choose.ts';
import type { GpioDriver, GpioDriverName, GpioEdge, GpioLines, Level } from '#hal/linux/gpio/types.ts';
import type { Checks, Figures } from './check.ts';
import { SETTLED, SimulatedChip } from './gpio_sim.ts';

const HOOK = 4;
const LAMP = 5;
const ROWS = [8, 9, 10, 11];
const COLUMNS = [12, 13, 14, 15];

/** The second of two chips: its numbers in sysfs do not begin where those of the system do. */
let chips: readonly [SimulatedChip, SimulatedChip] | undefined;

function phoneChip(): SimulatedChip {
  chips ??= [new SimulatedChip('other', 8), new SimulatedChip('phone', 32)];
  return chips[1];
}

async function driverCalled(name: GpioDriverName): Promise<GpioDriver> {
  phoneChip();
  const { driver, reasons } = await chooseGpio(name);
  assert.ok(driver, JSON.stringify(reasons));
  return driver;
}

const code = (expected: string) => (error: unknown) => error instanceof HalError && error.code === expected;

interface HeardEdge extends GpioEdge {
  readonly heard: number;
}

/** What the listener heard while `act` went on, and when. */
async function edgesWhile(lines: GpioLines, act: () => Promise<void>): Promise<readonly HeardEdge[]> {
  const heard: HeardEdge[] = [];
  lines.onEdges((edges) => heard.push(...edges.map((edge) => ({ ...edge, heard: performance.now() }))));
  await act();
  await sleep(8 * SETTLED);
  return heard;
}

async function everyEdge(driver: GpioDriver): Promise<Figures> {
  const chip = phoneChip();
  chip.pull(HOOK, 0);
  const lines = await driver.request(['phone'], [{ offset: HOOK, direction: 'in', edges: true }], 'hook');
  // sysfs keeps one edge, and a busy machine makes the guest late.
  const [toggles, pause] = driver.name === 'onoff' ? [30, 4 * SETTLED] : [60, SETTLED];
  const pulls: { readonly level: Level; readonly at: number }[] = [];
  const edges = await edgesWhile(lines, async () => {
    for (let n = 0; n < toggles; n += 1) {
      const level = n % 2 === 0 ? 1 : 0;
      pulls.push({ level, at: performance.now() });
      chip.pull(HOOK, level);
      await sleep(pause + (n % 7));
    }
  });
  lines.close();
  assert.deepEqual(
    edges.map(({ level, offset }) => [offset, level]),
    pulls.map(({ level }) => [HOOK, level]),
  );
  const late = edges.map(({ at }, n) => at - (pulls[n]?.at ?? 0));
  const delivery = edges.map(({ at, heard }) => heard - at);
  assert.ok(Math.min(...late) >= 0, 'an edge came before its pull');
  assert.ok(Math.min(...delivery) >= 0, 'an edge was heard before its time');
  return {
    edges: edges.length,
    'ms from pull to edge, median': median(late),
    'ms from edge to listener, median': median(delivery),
  };
}

const median = (values: readonly number[]): string =>
  (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0).toFixed(2);

/** A contact that bounces for 12 ms. */
async function debounced(driver: GpioDriver): Promise<Figures> {
  const chip = phoneChip();
  chip.pull(HOOK, 0);
  const lines = await driver.request(
    ['phone'],
    [{ offset: HOOK, direction: 'in', edges: true, debounceUs: 60_000 }],
    'hook',
  );
  let settled = 0;
  const edges = await edgesWhile(lines, async () => {
    for (let n = 0; n < 9; n += 1) {
      chip.pull(HOOK, n % 2 === 0 ? 1 : 0);
      await sleep(1.5);
    }
    settled = performance.now();
  });
  lines.close();
  assert.deepEqual(
    edges.map(({ level }) => level),
    [1],
  );
  const after = (edges[0]?.at ?? 0) - settled;
  assert.ok(after > 5, `reported ${after} ms after the last bounce`);
  return { 'ms after the last bounce': after.toFixed(1) };
}

async function matrix(driver: GpioDriver): Promise<undefined> {
  const chip = phoneChip();
  for (const column of COLUMNS) chip.pull(column, 1);
  const lines = await driver.request(
    ['phone'],
    [
      ...COLUMNS.map((offset) => ({ offset, direction: 'in', bias: 'pull-up', edges: true }) as const),
      ...ROWS.map((offset) => ({ offset, direction: 'out', drive: 'open-drain', value: 0 }) as const),
    ],
    'keypad',
  );
  for (const row of ROWS) assert.equal(chip.level(row), 0, 'idle: all rows are low');
  chip.pull(13, 0);
  for (const active of ROWS) {
    lines.write(new Map(ROWS.map((row) => [row, row === active ? 0 : 1])));
    assert.equal(chip.level(active), 0);
    const levels = lines.read();
    assert.deepEqual(
      COLUMNS.map((column) => levels.get(column)),
      [1, 0, 1, 1],
    );
  }
  lines.close();
  return undefined;
}

async function busy(driver: GpioDriver): Promise<undefined> {
  const hook = [{ offset: HOOK, direction: 'in' }] as const;
  const lines = await driver.request(['phone'], hook, 'first');
  await assert.rejects(driver.request(['phone'], hook, 'second'), code('BUSY'));
  lines.close();
  lines.close();
  assert.throws(() => lines.read(), code('GONE'));
  (await driver.request(['phone'], hook, 'second')).close();
  return undefined;
}

async function absent(driver: GpioDriver): Promise<undefined> {
  await assert.rejects(driver.request(['nobody'], [{ offset: 1, direction: 'in' }], 'x'), code('ABSENT'));
  await assert.rejects(driver.request(['phone'], [{ offset: 99, direction: 'in' }], 'x'), code('ABSENT'));
  return undefined;
}

async function inverted(driver: GpioDriver): Promise<undefined> {
  const chip = phoneChip();
  chip.pull(HOOK, 1);
  const lines = await driver.request(
    ['phone'],
    [
      { offset: HOOK, direction: 'in', activeLow: true, edges: true },
      { offset: 20, direction: 'out', activeLow: true, value: 1 },
    ],
    'lamp',
  );
  assert.equal(chip.level(20), 0);
  assert.equal(lines.read().get(HOOK), 0);
  lines.write(new Map([[20, 0]]));
  assert.equal(chip.level(20), 1);
  const edges = await edgesWhile(lines, async () => chip.pull(HOOK, 0));
  lines.close();
  assert.deepEqual(
    edges.map(({ level }) => level),
    [1],
  );
  return undefined;
}

async function unplugged(driver: GpioDriver): Promise<undefined> {
  const chip = phoneChip();
  const lines = await driver.request(['phone'], [{ offset: HOOK, direction: 'in', edges: true }], 'hook');
  let lost: HalError | undefined;
  lines.onEdges(() => {});
  lines.onLost((error) => {
    lost = error;
  });
  chip.unplug();
  try {
    await sleep(200);
    assert.throws(() => lines.read(), HalError);
    if (driver.name === 'character device') assert.equal(lost?.code, 'GONE');
    lines.close();
    await assert.rejects(
      driver.request(['phone'], [{ offset: HOOK, direction: 'in' }], 'hook'),
      code('ABSENT'),
    );
  } finally {
    chip.plug();
  }
  (await driver.request(['phone'], [{ offset: HOOK, direction: 'in' }], 'hook')).close();
  return undefined;
}

/** Who only drives lines hears it too, once. */
async function unpluggedOutputs(driver: GpioDriver): Promise<Figures> {
  const chip = phoneChip();
  const lines = await driver.request(['phone'], [{ offset: LAMP, direction: 'out', value: 1 }], 'lamp');
  const lost: HalError[] = [];
  lines.onLost((error) => lost.push(error));
  await sleep(300);
  assert.deepEqual(lost, []);
  const began = performance.now();
  chip.unplug();
  try {
    while (lost.length === 0 && performance.now() < began + 5000) await sleep(10);
    const heard = Math.round(performance.now() - began);
    await sleep(300);
    assert.equal(lost.length, 1);
    lines.close();
    return { 'ms until it was heard': heard };
  } finally {
    chip.plug();
  }
}

async function bias(): Promise<undefined> {
  const driver = await driverCalled('character device');
  const lines = await driver.request(
    ['phone'],
    [
      { offset: 6, direction: 'in', bias: 'pull-up' },
      { offset: 7, direction: 'in', bias: 'pull-down' },
    ],
    'biased',
  );
  assert.deepEqual([...lines.read().values()], [1, 0]);
  assert.deepEqual(lines.notes, []);
  lines.close();
  return undefined;
}

/** 128 events are kept for two lines, the oldest go first: that of the hook, while another line is noisy. */
async function overrun(): Promise<Figures> {
  const chip = phoneChip();
  const noisy = HOOK + 1;
  chip.pull(HOOK, 0);
  const driver = await driverCalled('character device');
  const inputs = [HOOK, noisy].map((offset) => ({ offset, direction: 'in', edges: true }) as const);
  const lines = await driver.request(['phone'], inputs, 'hook');
  const nap = new Int32Array(new SharedArrayBuffer(4));
  const edges = await edgesWhile(lines, async () => {
    chip.pull(HOOK, 1);
    for (let n = 1; n <= 140; n += 1) {
      Atomics.wait(nap, 0, 0, SETTLED);
      chip.pull(noisy, n % 2 === 1 ? 1 : 0);
    }
  });
  lines.close();
  assert.ok(edges.length < 141, `${edges.length} edges, none was dropped`);
  assert.equal(edges.findLast(({ offset }) => offset === HOOK)?.level, 1);
  return { edges: edges.length };
}

/** Ends the process from within, while edges come in. */
async function exitWhileFiring(): Promise<undefined> {
  const chip = phoneChip();
  const program = `
    import { chooseGpio } from '#hal/linux/gpio/choose.ts';
    const { driver } = await chooseGpio();
    const lines = await driver.request(['phone'], [{ offset: ${HOOK}, direction: 'in', edges: true }], 'x');
    let left = 3;
    lines.onEdges(() => { left -= 1; if (left === 0) process.exit(7); });
    setTimeout(() => process.exit(8), 10000);`;
  const args = ['--no-warnings', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const pulling = setInterval(() => chip.pull(HOOK, chip.level(HOOK) === 1 ? 0 : 1), SETTLED);
  const [status] = await once(child, 'exit');
  clearInterval(pulling);
  assert.equal(status, 7);
  return undefined;
}

async function chosen(): Promise<undefined> {
  phoneChip();
  const { driver, reasons } = await chooseGpio();
  assert.equal(driver?.name, 'character device');
  assert.match(reasons[0]?.why ?? '', /phone at \/dev\/gpiochip\d/);
  const forced = await chooseGpio('onoff');
  assert.equal(forced.driver?.name, 'onoff');
  assert.match(forced.reasons[0]?.why ?? '', /other from \d+, phone from \d+|phone from \d+, other from \d+/);
  return undefined;
}

const OF_EACH = {
  'every edge comes in its order, with its time': everyEdge,
  'a contact that bounces gives one edge': debounced,
  'rows are driven and columns read in one request': matrix,
  'a line has one owner, and is free once closed': busy,
  'a chip or line that is not there is said so': absent,
  'levels of an active-low line are logical': inverted,
  'a chip that is unplugged is noticed, and used again when it is back': unplugged,
  'a chip that is unplugged is noticed by who only drives its lines, once': unpluggedOutputs,
} as const;

function ofEach(name: GpioDriverName): Checks {
  return Object.fromEntries(
    Object.entries(OF_EACH).map(([title, check]) => [
      `${name}: ${title}`,
      async () => check(await driverCalled(name)),
    ]),
  );
}

export const checks: Checks = {
  'the character device is chosen where it is there, and onoff when asked for': chosen,
  ...ofEach('character device'),
  ...ofEach('onoff'),
  'character device: bias is set': bias,
  'character device: an edge that the kernel had to drop is made up for': overrun,
  'the process may end while edges come in': exitWhileFiring,
};
