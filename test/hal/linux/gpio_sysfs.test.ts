/** Chips of /sys/class/gpio by their labels, on a directory that looks like it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { codeOfErrno, HalError, halErrorOf } from '#hal/linux/error.ts';
import { freeExported, sysfsChip, sysfsChips } from '#hal/linux/gpio/sysfs.ts';
import { fakeSysfs } from './fake_sysfs.ts';

test('a chip is found by any of the labels it may have', (t) => {
  const root = fakeSysfs((clean) => t.teardown(clean));
  t.deepEqual(sysfsChip(['pinctrl-rp1', 'pinctrl-bcm2711'], root), {
    label: 'pinctrl-bcm2711',
    base: 512,
    lines: 58,
  });
});

test('a chip that is not there is said so, with those that are', (t) => {
  const root = fakeSysfs((clean) => t.teardown(clean));
  const error = t.throws(() => sysfsChip(['pinctrl-rp1'], root), { instanceOf: HalError });
  t.is(error?.code, 'ABSENT');
  t.regex(error?.message ?? '', /pinctrl-bcm2711, raspberrypi-exp-gpio/);
});

test('a kernel without these files has no chips', (t) => {
  t.deepEqual(sysfsChips('/nowhere'), []);
});

test('a line that was left exported is set by its voltage and given back', (t) => {
  const root = fakeSysfs((clean) => t.teardown(clean));
  t.false(freeExported(520, 0, root));
  mkdirSync(join(root, 'gpio520'));
  t.true(freeExported(520, 1, root));
  t.is(readFileSync(join(root, 'gpio520/active_low'), 'utf8'), '0');
  t.is(readFileSync(join(root, 'gpio520/direction'), 'utf8'), 'high');
  t.is(readFileSync(join(root, 'unexport'), 'utf8'), '520');
});

test('an error is told by what can be done about it', (t) => {
  const cases = {
    EREMOTEIO: 'NAK',
    ENXIO: 'NAK',
    EBUSY: 'BUSY',
    ENODEV: 'GONE',
    EACCES: 'DENIED',
    EPIPE: 'IO',
  };
  for (const [errno, code] of Object.entries(cases)) t.is(codeOfErrno(errno), code as never);
  t.is(codeOfErrno(undefined), 'IO');
  const error = new HalError('NAK', 'it did not answer');
  t.is(halErrorOf(error, 'elsewhere'), error);
  t.is(halErrorOf(Object.assign(new Error('no'), { code: 'EBUSY' }), 'line 4').message, 'line 4: no');
});
