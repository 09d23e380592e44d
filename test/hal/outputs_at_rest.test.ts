/** Outputs that could do harm go to rest, whoever left them on; on a directory that looks like /sys/class/gpio. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type HarmfulOutput, putToRest } from '#hal/linux/outputs_at_rest.ts';
import { BASE, exportsLines, fakeSysfs } from './linux/fake_sysfs.ts';

const relay = (offset: number, activeLow: boolean): HarmfulOutput => ({
  kind: 'line',
  name: 'bell relay',
  chip: ['pinctrl-bcm2711'],
  offset,
  ...(activeLow && { activeLow }),
});
/** As without /dev/gpiochip. */
const NO_DEVICE = {
  reasons: [{ driver: 'character device', usable: false, why: 'there is no /dev/gpiochip' }],
} as const;

test('outputs that nobody can reach are told, not thrown; but a PWM that is not here cannot ring', async (t) => {
  const rested = await putToRest([
    { kind: 'pwm', name: 'F/R', chip: ['nobody.pwm'], channel: 0 },
    { kind: 'line', name: 'RM', chip: ['nobody'], offset: 17 },
  ]);
  t.deepEqual(
    rested.map(({ name, ok }) => [name, ok]),
    [
      ['F/R', true],
      ['RM', false],
    ],
  );
  for (const { name, note } of rested) t.false(note.startsWith(`${name}:`), note);
});

for (const [what, activeLow, direction] of [
  ['that is on while its line is high is left low', false, 'low'],
  ['that is on while its line is low is left high', true, 'high'],
] as const) {
  test(`by sysfs, an output ${what}: one that a killed process had exported`, async (t) => {
    const root = fakeSysfs((clean) => t.teardown(clean));
    const folder = join(root, `gpio${BASE + 23}`);
    mkdirSync(folder);
    const rested = await putToRest([relay(23, activeLow)], { root, device: async () => NO_DEVICE });
    t.deepEqual(rested, [{ name: 'bell relay', ok: true, note: 'set, and given back' }]);
    t.is(readFileSync(join(folder, 'direction'), 'utf8'), direction);
    // What the voltage is called must not turn it over.
    t.is(readFileSync(join(folder, 'active_low'), 'utf8'), '0');
    t.is(readFileSync(join(root, 'unexport'), 'utf8'), `${BASE + 23}`);
    t.false(existsSync(join(root, 'export')));
  });

  test(`by sysfs, an output ${what}: one that nobody holds, once udev has given it to us`, async (t) => {
    const root = fakeSysfs((clean) => t.teardown(clean));
    exportsLines(root, (close) => t.teardown(close));
    const rested = await putToRest([relay(24, activeLow)], { root, device: async () => NO_DEVICE });
    t.deepEqual(rested, [{ name: 'bell relay', ok: true, note: 'set' }]);
    t.is(readFileSync(join(root, `gpio${BASE + 24}`, 'direction'), 'utf8'), direction);
    t.is(readFileSync(join(root, 'unexport'), 'utf8'), `${BASE + 24}`);
  });
}

test('a line that was left exported goes to rest before the character device is looked for', async (t) => {
  const root = fakeSysfs((clean) => t.teardown(clean));
  const folder = join(root, `gpio${BASE + 23}`);
  mkdirSync(folder);
  const { promise, resolve } = Promise.withResolvers<typeof NO_DEVICE>();
  const resting = putToRest([relay(9, false), relay(23, true)], { root, device: () => promise });
  t.is(readFileSync(join(folder, 'direction'), 'utf8'), 'high');
  exportsLines(root, (close) => t.teardown(close));
  resolve(NO_DEVICE);
  t.deepEqual(
    (await resting).map(({ ok }) => ok),
    [true, true],
  );
});

test('a line that the chip has not, one of no chip and one that never comes are told', async (t) => {
  const root = fakeSysfs((clean) => t.teardown(clean));
  const device = async () => NO_DEVICE;
  // It would be the first of another chip.
  mkdirSync(join(root, `gpio${BASE + 58}`));
  const [beyond] = await putToRest([relay(58, false)], { root, device });
  t.like(beyond, { ok: false, note: 'line 58 of pinctrl-bcm2711: the chip has only 58' });
  t.false(existsSync(join(root, `gpio${BASE + 58}`, 'direction')));
  const [stranger] = await putToRest([{ ...relay(1, false), chip: ['nobody'] }], { root, device });
  t.false(stranger?.ok);
  t.regex(stranger?.note ?? '', /no GPIO chip in .* is called nobody; there are: pinctrl-bcm2711/);
  const [late] = await putToRest([relay(25, false)], { root, device });
  t.false(late?.ok);
  const [nothing] = await putToRest([relay(25, false)], { root: '/nowhere', device });
  t.is(nothing?.note, 'GPIO cannot be used here: there is no /dev/gpiochip');
});
