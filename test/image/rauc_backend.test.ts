/** RAUC's custom backend, and the ten minutes of a slot on trial: asked as RAUC and systemd ask, on a boot state of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type BootState, written } from './boot_state.ts';
import { Partition } from './bootstate_tool.ts';

const GOOD = { seq: '1', order: 'a b', a_left: '3', b_left: '3', a_good: '1', b_good: '1' };

function cardWith(...[t, state]: [ConstructorParameters<typeof Partition>[0], BootState]): Partition {
  const card = new Partition(t);
  card.put('a', written(state));
  return card;
}

test('the primary slot is the one that U-Boot would start', async (t) => {
  const table: readonly [string, string, string, string][] = [
    ['a b', '3', '3', 'A'],
    ['a b', '1', '0', 'A'],
    ['a b', '0', '1', 'B'],
    ['a b', '0', '0', 'A'],
    ['b a', '3', '3', 'B'],
    ['b a', '0', '2', 'B'],
    ['b a', '2', '0', 'A'],
    ['b a', '0', '0', 'B'],
  ];
  for (const [order, a_left, b_left, primary] of table) {
    const card = cardWith(t, { ...GOOD, order, a_left, b_left });
    const { out, code } = await card.tool('rauc-backend', ['get-primary']);
    t.deepEqual([out, code], [`${primary}\n`, 0], `${order}, ${a_left}, ${b_left}`);
  }
});

test('an installation into B: bad while it is written, then first with three starts, good when it has served', async (t) => {
  const card = cardWith(t, { ...GOOD, fell: 'b', board: 'sim' });
  const ask = async (...words: string[]) => (await card.tool('rauc-backend', words)).out.trim();

  await ask('set-state', 'B', 'bad');
  t.is(await ask('get-state', 'B'), 'bad');
  t.is(await ask('get-state', 'A'), 'good');
  t.is(await ask('get-primary'), 'A', 'a power cut now starts A');

  await ask('set-primary', 'B');
  t.is(await ask('get-primary'), 'B');
  t.is(await ask('get-state', 'B'), 'bad', 'on trial');
  const installed = await card.get();
  t.deepEqual([installed.order, installed.b_left, installed.fell], ['b a', '3', undefined]);

  await card.set('b_left=2');
  await ask('set-state', 'B', 'good');
  t.is(await ask('get-state', 'B'), 'good');
  const state = await card.get();
  t.deepEqual({ ...state, seq: '' }, { ...GOOD, seq: '', order: 'b a', board: 'sim' });
});

test('a slot that has all its starts is not written for being good once more', async (t) => {
  const card = cardWith(t, GOOD);
  t.is((await card.tool('rauc-backend', ['set-state', 'A', 'good'])).code, 0);
  t.is((await card.get()).seq, '1');
  await card.set('a_left=2');
  await card.tool('rauc-backend', ['set-state', 'A', 'good']);
  t.is((await card.get()).a_left, '3');
});

test('a slot that was good and has no start left is not good', async (t) => {
  const card = cardWith(t, { ...GOOD, b_left: '0' });
  t.is((await card.tool('rauc-backend', ['get-state', 'B'])).out, 'bad\n');
});

test('the current slot is the one that the kernel was told', async (t) => {
  const card = cardWith(t, GOOD);
  const cmdline = join(card.folder, 'cmdline');
  writeFileSync(cmdline, 'root=PARTUUID=d0a17e01-08 ro dualtone.slot=b rauc.slot=B quiet\n');
  t.is((await card.tool('rauc-backend', ['get-current'], { RAUC_CMDLINE: cmdline })).out, 'B\n');
  writeFileSync(cmdline, 'quiet\n');
  t.is((await card.tool('rauc-backend', ['get-current'], { RAUC_CMDLINE: cmdline })).code, 1);
});

test('what RAUC does not ask is refused', async (t) => {
  const card = cardWith(t, GOOD);
  const refused = [
    [],
    ['get-state'],
    ['get-state', 'C'],
    ['set-state', 'A', 'fine'],
    ['set-primary', 'a'],
    ['get-primary', 'A'],
  ];
  for (const words of refused) t.is((await card.tool('rauc-backend', words)).code, 1, words.join(' '));
  t.is((await card.get()).seq, '1');
});

test('after ten minutes a slot that was never good starts anew, and a good one goes on', async (t) => {
  const table: readonly [string, BootState, boolean][] = [
    ['dualtone.slot=a', GOOD, false],
    ['dualtone.slot=b', { ...GOOD, b_good: '' }, true],
    ['dualtone.slot=a', { ...GOOD, b_good: '' }, false],
    ['dualtone.slot=c', { ...GOOD, b_good: '', a_good: '' }, false],
    ['quiet', { ...GOOD, a_good: '' }, false],
  ];
  for (const [words, state, again] of table) {
    const card = cardWith(t, state);
    const cmdline = join(card.folder, 'cmdline');
    writeFileSync(cmdline, `ro ${words} quiet\n`);
    const env = { DUALTONE_CMDLINE: cmdline, DUALTONE_REBOOT: 'echo REBOOT' };
    const { code, out } = await card.tool('trial', [], env);
    t.deepEqual([code, out.includes('REBOOT')], [0, again], `${words}: ${out}`);
  }
});
