/** A channel of the chip's PWM, on a directory that looks like /sys/class/pwm. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { HalError } from '#hal/linux/error.ts';
import { openSysfsPwm } from '#hal/linux/pwm_sysfs.ts';

const PLACE = { chip: ['pwmchip0'], channel: 0 };

/** A chip whose channel 0 somebody has left swinging. */
function fakePwm(t: ExecutionContext) {
  const root = mkdtempSync(join(tmpdir(), 'dualtone-pwm-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const chip = join(root, 'pwmchip0');
  mkdirSync(join(chip, 'pwm0'), { recursive: true });
  writeFileSync(join(chip, 'npwm'), '2\n');
  const files = { period: 1_000_000, duty_cycle: 500_000, enable: 1 };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(chip, 'pwm0', name), `${value}\n`);
  const read = (name: string) => Number(readFileSync(join(chip, name), 'utf8'));
  const channel = () => ['period', 'duty_cycle', 'enable'].map((name) => read(`pwm0/${name}`));
  return { root, read, channel };
}

test('it is at rest when opened, swings by half its period, and rests when stopped and closed', async (t) => {
  const { root, read, channel } = fakePwm(t);
  const watched: (number | 'off' | 'closed')[] = [];
  const guard = {
    on: (limit: number) => watched.push(limit),
    off: () => watched.push('off'),
    close: async () => void watched.push('closed'),
  };
  const pwm = await openSysfsPwm(PLACE, async () => guard, root);
  t.deepEqual(channel(), [1_000_000, 0, 0]);
  pwm.start({ frequency: 20, duty: 0.5 }, 2050);
  t.deepEqual(channel(), [50_000_000, 25_000_000, 1]);
  pwm.stop();
  t.deepEqual(channel(), [50_000_000, 0, 0]);
  pwm.start({ frequency: 25, duty: 0.5 }, 2050);
  await pwm.close();
  t.deepEqual(channel(), [40_000_000, 0, 0]);
  t.is(read('unexport'), 0);
  t.deepEqual(watched, [2050, 'off', 2050, 'closed']);
  t.throws(() => pwm.start({ frequency: 20, duty: 0.5 }, 100), { instanceOf: HalError });
});

test('a level that does no harm is watched over by nobody', async (t) => {
  const { root, channel } = fakePwm(t);
  const watched: unknown[] = [];
  const guard = {
    on: (limit: number) => watched.push(limit),
    off: () => watched.push('off'),
    close: async () => {},
  };
  const pwm = await openSysfsPwm(PLACE, async () => guard, root);
  pwm.start({ frequency: 20, duty: 1 }, Number.POSITIVE_INFINITY);
  t.deepEqual(channel(), [50_000_000, 50_000_000, 1]);
  t.deepEqual(watched, ['off']);
  await pwm.close();
});

test('a chip that is not there, and a channel that it has not, are absent', async (t) => {
  const { root } = fakePwm(t);
  const none = async () => ({ on: () => {}, off: () => {}, close: async () => {} });
  for (const place of [
    { chip: ['fe20c000.pwm'], channel: 0 },
    { chip: ['pwmchip0'], channel: 2 },
  ])
    await t.throwsAsync(openSysfsPwm(place, none, root), { instanceOf: HalError, code: 'ABSENT' });
});
