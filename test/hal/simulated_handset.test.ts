import test from 'ava';
import { SIMULATED_BOARD } from '#hal/sim/board.ts';
import { SimulatedHandset } from '#hal/sim/simulated_handset.ts';
import type { HalEvent } from '#hal/types.ts';

test('the hook comes first, then what is operated', async (t) => {
  const handset = new SimulatedHandset(SIMULATED_BOARD);
  const seen: HalEvent[] = [];
  handset.operate({ kind: 'hook', state: 'off' });
  await handset.start((event) => seen.push(event));
  handset.operate({ kind: 'key', key: '5', down: true });
  t.deepEqual(seen, [
    { kind: 'hook', state: 'off' },
    { kind: 'key', key: '5', down: true },
  ]);
});

test('outputs show what was performed, and rest after stop', async (t) => {
  const handset = new SimulatedHandset(SIMULATED_BOARD);
  await handset.start(() => {});
  handset.perform({ kind: 'display', lines: ['Kitchen', '', '', ''] });
  handset.perform({ kind: 'lamp', name: 'status', pattern: 'on' });
  handset.perform({ kind: 'bell', cadence: [1000, 4000] });
  t.deepEqual(handset.outputs, {
    lines: ['Kitchen', '', '', ''],
    lamps: { status: 'on' },
    bell: [1000, 4000],
  });
  handset.perform({ kind: 'bell' });
  t.is(handset.outputs.bell, null);
  await handset.stop();
  t.deepEqual(handset.outputs, { lines: [], lamps: {}, bell: null });
});

test('after stop nobody hears the handset', async (t) => {
  const handset = new SimulatedHandset(SIMULATED_BOARD);
  const seen: HalEvent[] = [];
  await handset.start((event) => seen.push(event));
  await handset.stop();
  handset.operate({ kind: 'flash' });
  t.deepEqual(seen, [{ kind: 'hook', state: 'on' }]);
});

test('every part of the board is there and simulated', (t) => {
  const parts = new SimulatedHandset(SIMULATED_BOARD).parts();
  t.deepEqual(
    parts.map(({ part }) => part),
    ['hook', 'keypad', 'display', 'bell', 'lamps', 'volume'],
  );
  t.true(parts.every(({ state, driver }) => state === 'ok' && driver === 'sim'));
});
