/** The choice of the GPIO driver on a machine without GPIO: a reason for each, and no crash. */
import { existsSync } from 'node:fs';
import test from 'ava';
import { chooseGpio } from '#hal/linux/gpio/choose.ts';

const hasGpio = existsSync('/dev/gpiochip0') || existsSync('/sys/class/gpio');

test('each driver says why it can or cannot be used', async (t) => {
  const { driver, reasons } = await chooseGpio();
  t.is(
    driver === undefined,
    reasons.every(({ usable }) => !usable),
  );
  t.true(reasons.every(({ why }) => why.length > 10));
  if (hasGpio) return t.pass();
  t.deepEqual(
    reasons.map((reason) => reason.driver),
    ['character device', 'onoff'],
  );
});

test('a driver that is forced is the only one looked at', async (t) => {
  for (const name of ['character device', 'onoff'] as const) {
    const { reasons } = await chooseGpio(name);
    t.deepEqual(
      reasons.map((reason) => reason.driver),
      [name],
    );
  }
});
