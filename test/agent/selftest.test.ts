/** The self-test of a running agent: what its hardware is told, and why it may not be. */
import test from 'ava';
import { SIMULATED_BOARD } from '#hal/sim/board.ts';
import { SimulatedHandset } from '#hal/sim/simulated_handset.ts';
import { until } from '../support/process.ts';
import { running } from './running_agent.ts';

test('lamps, bell and tone are tried, and every part is told of; one at a time', async (t) => {
  const hardware = new SimulatedHandset(SIMULATED_BOARD);
  const { agent, engine } = await running(t, 15_893, {}, { hardware });
  const [first, second] = [agent.selftest(), agent.selftest()];
  t.is(hardware.outputs.lamps.mute, 'on');
  t.is(hardware.outputs.lines[0], 'Self-test');
  await t.throwsAsync(second, { message: 'a self-test is under way' });
  await until('the bell', () => hardware.outputs.bell ?? undefined);
  const parts = await first;
  t.true(parts.length > 0 && parts.every(({ state }) => state === 'ok'));
  t.is(hardware.outputs.bell, null);
  t.is(hardware.outputs.lamps.mute, 'off');
  t.true(engine.commands.some((command) => command.kind === 'tone' && command.tone !== undefined));
});

test('who uses the telephone is not disturbed, and a telephone that ends says so', async (t) => {
  const hardware = new SimulatedHandset(SIMULATED_BOARD);
  const { agent } = await running(t, 15_894, {}, { hardware });
  hardware.operate({ kind: 'hook', state: 'off' });
  await t.throwsAsync(agent.selftest(), { message: /in use/ });
  hardware.operate({ kind: 'hook', state: 'on' });
  const cut = agent.selftest();
  const [outcome] = await Promise.allSettled([cut, agent.stop()]);
  t.is(outcome.status, 'rejected');
});
