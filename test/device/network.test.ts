/** A guest is reached through a tap in a network namespace. */
import { threadId } from 'node:worker_threads';
import test from 'ava';
import { command, ip } from '../lab/command.ts';
import { Guest } from './guest.ts';
import { builtKernel } from './kernel.ts';

const kernel = builtKernel();
const NAMESPACE = `dualtone-guest-${process.pid}-${threadId}`;
/** Asks from inside the namespace: socat, which the laboratory of networks needs too. */
const ask = (address: string, text: string): Promise<string> =>
  command('ip', ['netns', 'exec', NAMESPACE, 'socat', '-t', '1', '-', `UDP:${address}:4000`], text);

if (kernel === undefined) {
  test.skip("a guest answers over both families (needs the guest's kernel: npm run device-lab)", (t) =>
    t.fail());
} else {
  test('a guest answers over both families', async (t) => {
    t.timeout(60_000);
    await ip([`netns add ${NAMESPACE}`]);
    t.teardown(() => ip([`netns del ${NAMESPACE}`]));
    await ip(['tuntap add dev tap0 mode tap', 'link set tap0 up'], NAMESPACE);
    await ip(['addr add fd00:9::1/64 dev tap0 nodad', 'addr add 10.9.0.1/24 dev tap0'], NAMESPACE);
    const { promise: listening, resolve } = Promise.withResolvers<unknown>();
    const guest = new Guest({
      kernel,
      limit: 40_000,
      program: ['test/device/inside/network.ts'],
      network: { namespace: NAMESPACE, tap: 'tap0', addresses: ['fd00:9::2/64', '10.9.0.2/24'] },
      onMessage: resolve,
    });
    t.teardown(() => guest.stop());
    await Promise.race([listening, guest.ended]);
    t.is(await ask('[fd00:9::2]', 'six'), 'heard six');
    t.is(await ask('10.9.0.2', 'four'), 'heard four');
    await ask('10.9.0.2', 'end');
    t.is(await guest.ended, 0);
  });
}
