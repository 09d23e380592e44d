/** A line toggled by a thread, and outputs at rest, on a chip of gpio-sim. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HalError } from '#hal/linux/error.ts';
import { chooseGpio } from '#hal/linux/gpio/choose.ts';
import type { GpioDriverName, GpioLines } from '#hal/linux/gpio/types.ts';
import { Keeper } from '#hal/linux/keeper.ts';
import { putToRest } from '#hal/linux/outputs_at_rest.ts';
import { openPwm, type PwmOutput } from '#hal/linux/pwm.ts';
import type { Checks, Figures } from './check.ts';
import { SimulatedChip } from './gpio_sim.ts';

const RING = 18;
const keeper = new Keeper();
let chip: SimulatedChip | undefined;

function phoneChip(): SimulatedChip {
  chip ??= new SimulatedChip('phone', 32);
  return chip;
}

async function ringLine(
  name: GpioDriverName,
): Promise<{ readonly lines: GpioLines; readonly pwm: PwmOutput }> {
  phoneChip();
  const { driver } = await chooseGpio(name);
  assert.ok(driver);
  const lines = await driver.request(['phone'], [{ offset: RING, direction: 'out' }], 'ring');
  return { lines, pwm: await openPwm({ by: 'line', lines, offset: RING }, keeper, () => {}) };
}

/** How often the line changed, looked at every few milliseconds. */
async function changesDuring(ms: number): Promise<number> {
  const file = phoneChip().pullFile(RING).replace(/pull$/, 'value');
  let changes = 0;
  let last = readFileSync(file, 'utf8');
  for (const end = performance.now() + ms; performance.now() < end; await sleep(4)) {
    const now = readFileSync(file, 'utf8');
    if (now !== last) changes += 1;
    last = now;
  }
  return changes;
}

async function rings(name: GpioDriverName): Promise<Figures> {
  const { lines, pwm } = await ringLine(name);
  pwm.start({ frequency: 20, duty: 0.5 }, 60_000);
  const changes = await changesDuring(2000);
  pwm.stop();
  await sleep(20);
  const { edges, mean, p99, most } = pwm.jitter() ?? { edges: 0, mean: 0, p99: 0, most: 0 };
  // Two processors of a busy machine make gaps in the guest's time.
  assert.ok(changes >= 68 && changes <= 82, `${changes} changes in 2 s at 20 Hz`);
  assert.equal(phoneChip().level(RING), 0);
  assert.equal(await changesDuring(100), 0);
  await pwm.close();
  await pwm.close();
  assert.throws(() => pwm.start({ frequency: 20, duty: 0.5 }, 10), HalError);
  lines.close();
  return { changes, edges, 'mean ms late': mean.toFixed(3), p99: p99.toFixed(1), most: most.toFixed(2) };
}

async function limited(): Promise<undefined> {
  const { lines, pwm } = await ringLine('character device');
  pwm.start({ frequency: 25, duty: 1 }, 200);
  await sleep(100);
  assert.equal(phoneChip().level(RING), 1);
  await sleep(200);
  assert.equal(phoneChip().level(RING), 0);
  await pwm.close();
  lines.close();
  return undefined;
}

async function unplugged(): Promise<undefined> {
  const { lines, pwm } = await ringLine('character device');
  pwm.start({ frequency: 25, duty: 0.5 }, 60_000);
  await sleep(100);
  phoneChip().unplug();
  await sleep(300);
  assert.throws(() => pwm.start({ frequency: 25, duty: 0.5 }, 10), HalError);
  pwm.stop();
  await pwm.close();
  lines.close();
  phoneChip().plug();
  return undefined;
}

/** A process that rings is killed; what it leaves high is put to rest afterwards. */
async function killed(name: GpioDriverName): Promise<Figures> {
  phoneChip().pull(RING, 0);
  const program = `
    import { chooseGpio } from '#hal/linux/gpio/choose.ts';
    const { driver } = await chooseGpio('${name}');
    const lines = await driver.request(['phone'], [{ offset: ${RING}, direction: 'out', value: 1 }], 'x');
    console.log('up');
    setInterval(() => {}, 1000);`;
  const args = ['--no-warnings', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  assert.equal(phoneChip().level(RING), 1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = phoneChip().level(RING);
  const output = { kind: 'line', name: 'ring', chip: ['phone'], offset: RING } as const;
  const [rested] = await putToRest([output]);
  assert.equal(rested?.ok, true, rested?.note);
  assert.equal(phoneChip().level(RING), 0);
  assert.equal(existsSync('/sys/class/gpio/gpio530'), false);
  return { 'level left by the killed process': left, note: rested?.note ?? '' };
}

async function restReports(): Promise<undefined> {
  phoneChip();
  const rested = await putToRest([
    { kind: 'line', name: 'coil', chip: ['nobody'], offset: 1 },
    { kind: 'pwm', name: 'ring', chip: ['nobody'], channel: 0 },
    { kind: 'line', name: 'amplifier', chip: ['phone'], offset: 5, activeLow: true },
  ]);
  assert.deepEqual(
    rested.map(({ name, ok }) => [name, ok]),
    [
      ['coil', false],
      ['ring', true],
      ['amplifier', true],
    ],
  );
  assert.match(rested[0]?.note ?? '', /no GPIO chip is called nobody; there are: phone/);
  return undefined;
}

export const checks: Checks = {
  'a thread toggles a line of the character device at 20 Hz': () => rings('character device'),
  'a thread toggles a line of onoff at 20 Hz': () => rings('onoff'),
  'a toggled line is at rest after its limit': limited,
  'a toggled line whose chip is unplugged fails, and nothing else does': unplugged,
  'what a killed process left of the character device is put to rest': () => killed('character device'),
  'what a killed process left of onoff is put to rest': () => killed('onoff'),
  'rest is reported for each output, whatever became of others': restReports,
};
