/** One agent after the other: a new configuration takes over when nobody uses the telephone. */
import { rmSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { loadBoard } from '#hal/boards/load.ts';
import type { HalEvent } from '#hal/types.ts';
import type { Layer } from '#provisioning/types.ts';
import { Succession } from '../../firmware/telephone/succession.ts';
import { ALONE } from '../support/alone.ts';
import { scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';

const HOOK_OFF: HalEvent = { kind: 'hook', state: 'off' };
const HOOK_ON: HalEvent = { kind: 'hook', state: 'on' };

function named(name: string): readonly Layer[] {
  const net = { sipPort: 15_891 };
  const audio = { input: 'silence', output: 'null' };
  return [{ origin: 'drop file', from: 'test', value: { ...ALONE, name, net, audio } }];
}

async function stand(t: ExecutionContext) {
  const data = scratch('succession');
  const applied: string[] = [];
  const succession = new Succession(
    {
      ...{ options: { data, log: 'warn' }, board: await loadBoard('sim'), version: '0.0.0-test' },
      ...{ mac: 'dca632010203', log: () => {}, hands: () => {}, resync: () => {}, mayResync: () => false },
      fleet: () => ({
        clock: { source: 'system', offsetMs: 0, zone: 'UTC' },
        provisioning: { state: 'settled', givenUp: 0, changes: 0 },
        syslog: null,
      }),
      ...{ time: Date.now, onDate: () => {}, servers: () => {}, isNews: () => false },
      neighbours: { read: () => undefined, keep: () => {} },
    },
    { applied: ({ name }) => applied.push(name), upToDate: () => {}, failed: (reason) => t.fail(reason) },
  );
  t.teardown(async () => {
    await succession.stop();
    rmSync(data, { recursive: true });
  });
  await succession.apply(named('one'));
  return { succession, applied };
}

test.serial(
  'with the receiver in somebody’s hand it waits, and so does who asks when the telephone is idle',
  async (t) => {
    const { succession, applied } = await stand(t);
    succession.control.operate(HOOK_OFF);
    let isIdle = false;
    const idle = succession.idle().then(() => {
      isIdle = true;
    });
    await succession.apply(named('two'));
    t.deepEqual(applied, ['one']);
    t.false(succession.isUpToDate);
    t.false(isIdle);
    succession.control.operate(HOOK_ON);
    await until('the second one', () => applied.length === 2);
    await idle;
    t.deepEqual(applied, ['one', 'two']);
    t.true(succession.isUpToDate);
  },
);

test.serial('at rest it takes over at once', async (t) => {
  const { succession, applied } = await stand(t);
  await succession.idle();
  await succession.apply(named('two'));
  t.deepEqual(applied, ['one', 'two']);
});
