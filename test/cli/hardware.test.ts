/** The verbs that need hardware and no running phone: their words, and their exit codes in a process of their own. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { dualtone } from './control.ts';
import { runMain } from './main_process.ts';

test('selftest ends with 0 when all is well, and with 1 and the parts when not', async (t) => {
  t.deepEqual(await dualtone('selftest'), { code: 0, out: 'all is well', err: '', booted: [] });
  const { code, err } = await dualtone('selftest', '--board', 'broken');
  t.deepEqual([code, err], [1, 'dualtone: failed: bell; why is said above']);
});

test('a selftest that a person ends early is no success, one with steps left out says so', async (t) => {
  const { code, out, err } = await dualtone('selftest', '--board', 'quit');
  t.deepEqual([code, out], [1, '']);
  t.is(err, 'dualtone: ended before all was tried; left out: hook, keypad');
  const skipped = await dualtone('selftest', '--board', 'skipped');
  t.deepEqual([skipped.code, skipped.out], [0, 'what was tried is well; left out: hook, keypad']);
});

test('rest names what it put to rest, and what it could not', async (t) => {
  t.is((await dualtone('rest', '--board', 'rotary-bell')).out, 'bell A: set');
  t.is((await dualtone('rest', '--board', 'broken')).code, 1);
});

test('selftest and rest have usage of their own', async (t) => {
  t.is((await dualtone('selftest', '--bord', 'sim')).code, 2);
  t.is((await dualtone('rest', 'now')).code, 2);
});

test('the simulated board passes its selftest in a process of its own, alone', async (t) => {
  const { code, out } = await runMain('selftest');
  t.is(code, 0);
  for (const words of ['native packages', 'GPIO: ', 'sound cards: ', 'hook', 'all is well'])
    t.true(out.includes(words));
});

test('a board that is not there fails part by part, within half a minute, and says why', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'dualtone-board-')), 'lab.json');
  writeFileSync(
    file,
    JSON.stringify({
      schema: 'dualtone.board/1',
      name: 'lab',
      description: 'on a chip that no machine has',
      driver: 'linux',
      gpio: { chip: ['no such chip'] },
      i2c: { bus: 'no such adapter' },
      parts: [
        { kind: 'hook', line: 17 },
        { kind: 'display-hd44780', address: '0x27', columns: 16, lines: 2 },
      ],
    }),
  );
  const before = performance.now();
  const { code, out, err } = await runMain('selftest', '--board', file);
  t.true(performance.now() - before < 30_000);
  t.is(code, 1);
  t.regex(out, /failed +hook .*GPIO/);
  t.regex(out, /failed +display-hd44780 .*(I2C|i2c-bus)/);
  t.is(err, 'dualtone: failed: hook, display-hd44780; why is said above\n');
});

test('a profile with a fault is refused with its place', async (t) => {
  const { code, err } = await runMain('selftest', '--board', './nowhere.json');
  t.is(code, 1);
  t.regex(err, /board profile \.\/nowhere\.json: cannot be read/);
});
