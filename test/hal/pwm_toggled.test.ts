/** Two lines in opposite phase by a thread, on files that stand for sysfs. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { HalError } from '#hal/linux/error.ts';
import type { GpioLines } from '#hal/linux/gpio/types.ts';
import { Keeper } from '#hal/linux/keeper.ts';
import { openPwm } from '#hal/linux/pwm.ts';

/** Lines 17 and 27 as files, and what stands in them. */
function twoLines() {
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-lines-'));
  const path = (offset: number) => join(folder, `gpio${offset}`);
  for (const offset of [17, 27]) writeFileSync(path(offset), '0');
  const lines: Pick<GpioLines, 'handle'> = { handle: (offset) => ({ by: 'sysfs', path: path(offset) }) };
  const levels = () => [17, 27].map((offset) => readFileSync(path(offset), 'utf8')).join('');
  return { lines: lines as GpioLines, levels };
}

test('the ends of a coil swing against each other, and both rest afterwards', async (t) => {
  const { lines, levels } = twoLines();
  const output = await openPwm({ by: 'line', lines, offset: 17, opposite: 27 }, new Keeper(), ({ message }) =>
    t.fail(message),
  );
  output.start({ frequency: 2, duty: 0.5 }, 10_000);
  const seen = new Set<string>();
  for (let look = 0; look < 60; look++) {
    await sleep(25);
    seen.add(levels());
    if (seen.has('10') && seen.has('01')) break;
  }
  t.true(seen.has('10') && seen.has('01'), [...seen].join());
  t.false(seen.has('11'));
  output.stop();
  for (let look = 0; look < 40 && levels() !== '00'; look++) await sleep(25);
  t.is(levels(), '00');
  await output.close();
});

test('a swing ends at its limit although nobody stops it, the keeper neither', async (t) => {
  const { lines, levels } = twoLines();
  const sleeping = { guard: async () => ({ on: () => {}, off: () => {}, close: async () => {} }) };
  const place = { by: 'line', lines, offset: 17, opposite: 27 } as const;
  const output = await openPwm(place, sleeping, ({ message }) => t.fail(message));
  output.start({ frequency: 25, duty: 0.5 }, 500);
  let swung = false;
  for (let look = 0; look < 200 && !swung; look++) {
    await sleep(2);
    swung = levels() !== '00';
  }
  t.true(swung);
  for (let look = 0; look < 40 && levels() !== '00'; look++) await sleep(25);
  t.is(levels(), '00');
  await output.close();
});

test('a thread that cannot set its line says so at once, not at the next ring', async (t) => {
  const lines: Pick<GpioLines, 'handle'> = { handle: () => ({ by: 'sysfs', path: '/dev/full' }) };
  const told = Promise.withResolvers<HalError>();
  const place = { by: 'line', lines: lines as GpioLines, offset: 17 } as const;
  const output = await openPwm(place, new Keeper(), told.resolve);
  output.start({ frequency: 25, duty: 0.5 }, 1000);
  t.regex((await told.promise).message, /the thread that toggles a line: .*ENOSPC/);
  await output.close();
});
