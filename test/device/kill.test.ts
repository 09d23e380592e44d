/**
 * A telephone that is killed in the middle of a ring: what its unit does afterwards puts the ring to rest. And one whose
 * main thread stands still then: its keeper does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { description, expect, request, scenario } from '../interop/scenarios/steps.ts';
import { Adapter } from './adapter.ts';
import { accountAt, FarEnd } from './far_end.ts';
import type { Change } from './inside/watcher.ts';
import { builtKernel } from './kernel.ts';

const LIMIT = 50_000;
const kernel = builtKernel();
const RINGS = scenario(
  request('INVITE', { sdp: description(), retransmit: true }),
  expect(100, { optional: true }),
  expect(180),
  expect(200),
);

/** How F/R is made, and RM held. */
const WAYS = [
  { title: 'by PWM and the character device', onoff: false, pwm: 'fe20c000.pwm' },
  { title: 'by a toggled line of the character device', onoff: false, pwm: 'other.pwm' },
  { title: 'by PWM and onoff', onoff: true, pwm: 'fe20c000.pwm' },
  { title: 'by a toggled line of onoff', onoff: true, pwm: 'other.pwm' },
] as const;

const isHigh = (text: string): boolean => text === '1';

/** ms of the guest's clock at which nothing rings any more; Infinity: something does. */
function atRest(changes: readonly Change[], names: readonly string[]): number {
  const last = names.map((name) => changes.findLast((change) => change.name === name));
  if (last.some((change) => change !== undefined && isHigh(change.text))) return Number.POSITIVE_INFINITY;
  return Math.max(...last.map((change) => change?.at ?? 0));
}

for (const { title, onoff, pwm } of WAYS) {
  if (kernel === undefined) {
    test.skip(`a killed telephone rings no more, ${title} (needs the guest's kernel: npm run device-lab)`, (t) =>
      t.fail());
    continue;
  }
  test.serial(`a killed telephone rings no more, ${title}`, async (t) => {
    t.timeout(LIMIT + 10_000);
    const far = await FarEnd.open(t);
    const config = { ...accountAt('US'), accounts: [] };
    const adapter = await Adapter.start({ kernel, limit: LIMIT, config, onoff, pwm, network: far.network });
    const { puppet } = adapter.phone;
    t.teardown(() => puppet.guest.stop());
    t.log((await adapter.phone.partIs('line-interface', 'ok')).driver);
    await adapter.phone.restAfterwards();
    await adapter.watch();
    await far.sipp({ scenario: RINGS, port: 5070, target: `[${FarEnd.guest}]:5060`, user: '204' });
    await adapter.burst(1);
    await sleep(500);
    const before = await adapter.watched();
    t.is(atRest(before, ['rm']), Number.POSITIVE_INFINITY, 'it rings');
    const killed = await puppet.does('now');
    t.is(await puppet.does('end', 'phone', 'SIGKILL'), 'SIGKILL');
    const ended = await puppet.does('now');
    await sleep(3000);
    const changes = await adapter.watched();
    const rest = atRest(changes, ['rm', 'fr', 'enable']) - killed;
    t.log(
      `at rest ${Math.round(rest)} ms after the kill, of which it took ${Math.round(ended - killed)} to end`,
    );
    t.true(rest < 1000, JSON.stringify(changes.filter(({ at }) => at > killed - 200)));
    await puppet.leave();
  });

  test.serial(`a telephone that stands still rings no more, ${title}`, async (t) => {
    t.timeout(LIMIT + 10_000);
    const far = await FarEnd.open(t);
    const config = { ...accountAt('US'), accounts: [] };
    const options = { kernel, limit: LIMIT, config, onoff, pwm, network: far.network, hanging: true };
    const adapter = await Adapter.start(options);
    const { puppet } = adapter.phone;
    t.teardown(() => puppet.guest.stop());
    await adapter.phone.partIs('line-interface', 'ok');
    await adapter.watch();
    await far.sipp({ scenario: RINGS, port: 5070, target: `[${FarEnd.guest}]:5060`, user: '204' });
    await adapter.burst(1);
    await sleep(300);
    const still = await puppet.does('signal', 'phone', 'SIGVTALRM');
    await sleep(3000);
    const changes = await adapter.watched();
    const rest = atRest(changes, ['rm', 'fr', 'enable']) - still;
    t.log(`at rest ${Math.round(rest)} ms after it stood still`);
    t.true(rest > 0 && rest < 1000, JSON.stringify(changes.filter(({ at }) => at > still - 200)));
    t.is(await puppet.does('end', 'phone', 'SIGKILL'), 'SIGKILL', 'it did not end by itself');
    await puppet.leave();
  });
}
