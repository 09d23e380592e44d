/** The unit of the telephone, under a real systemd in a guest: who hangs is ended, puts the ring to rest and is back. */
import { existsSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { description, expect, request, scenario } from '../interop/scenarios/steps.ts';
import { Adapter } from './adapter.ts';

import { accountAt, FarEnd } from './far_end.ts';
import { builtKernel } from './kernel.ts';
import { printed, property } from './systemd.ts';

const LIMIT = 80_000;
/** s: shorter than the unit's own, for a test. */
const WATCHDOG = 4;
const RINGS = scenario(
  request('INVITE', { sdp: description(), retransmit: true }),
  expect(100, { optional: true }),
  expect(180),
  expect(200),
);
const kernel = builtKernel();

/** What befalls the telephone, and ms within which nothing may ring any more. */
const TRIALS = [
  { what: 'whose main thread stands still', signal: 'SIGVTALRM', within: 1000 },
  { what: 'that is stopped altogether', signal: 'SIGSTOP', within: WATCHDOG * 1000 + 2500 },
] as const;

async function served(t: ExecutionContext, kernelPath: string): Promise<Adapter> {
  const far = await FarEnd.open(t);
  const config = { ...accountAt('US'), accounts: [] };
  const adapter = await Adapter.wired({ kernel: kernelPath, limit: LIMIT, config, network: far.network });
  const { phone } = adapter;
  t.teardown(() => phone.puppet.guest.stop());
  try {
    await phone.serve([`WatchdogSec=${WATCHDOG}`, 'Environment=XDG_STATE_HOME=/run/state']);
    await phone.partIs('line-interface', 'ok');
  } catch (error) {
    t.log(await printed(phone.puppet));
    throw error;
  }
  await adapter.watch();
  await far.sipp({ scenario: RINGS, port: 5070, target: `[${FarEnd.guest}]:5060`, user: '204' });
  await adapter.burst(1);
  return adapter;
}

for (const { what, signal, within } of TRIALS) {
  const title = `a telephone ${what} in the middle of a ring is at rest, and started anew by its unit`;
  if (kernel === undefined || !existsSync('/lib/systemd/systemd')) {
    test.skip(`${title} (needs the guest's kernel: npm run device-lab, and systemd)`, (t) => t.fail());
    continue;
  }
  test.serial(title, async (t) => {
    t.timeout(LIMIT + 10_000);
    const adapter = await served(t, kernel);
    const { phone } = adapter;
    const { puppet } = phone;
    const main = await property(puppet, 'MainPID');
    const ready = async () => (await property(puppet, 'ActiveState')) === 'active';
    await phone.until('it has told that it is ready', 10_000, ready);
    // The second ring begins six seconds after the first: for longer than the watchdog waits it has told that it lives.
    await adapter.burst(2);
    t.is(await property(puppet, 'NRestarts'), '0', await printed(puppet));
    const struck = await puppet.does('signal', Number(main), signal);
    await phone.until(
      'it is started anew',
      30_000,
      async () => (await property(puppet, 'NRestarts')) === '1',
    );
    await phone.answers();
    await phone.partIs('line-interface', 'ok');
    const changes = await adapter.watched();
    const falls = changes.filter(({ name, text, at }) => name === 'rm' && text === '0' && at > struck);
    const rest = (falls[0]?.at ?? Number.POSITIVE_INFINITY) - struck;
    t.log(`RM is low ${Math.round(rest)} ms after`);
    t.true(rest < within, JSON.stringify(changes.slice(-12)));
    t.is(changes.findLast(({ name }) => name === 'rm')?.text, '0');
    t.not(await property(puppet, 'MainPID'), main);
    await phone.until('it has told so again', 10_000, ready);
    await puppet.leave();
  });
}
