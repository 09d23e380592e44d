/** The watch of addresses and routes in a namespace, where they come and go as we like. */
import type { ExecutionContext } from 'ava';
import type { Host } from '../lab/host.ts';
import { inLab } from '../lab/in_lab.ts';
import { Lab } from '../lab/lab.ts';
import { type PeerProcess, until } from '../support/process.ts';
import type { Sight } from './watch_child.ts';

const CHILD = new URL('./watch_child.ts', import.meta.url).pathname;
/** Milliseconds: the phone has a second for everything, of which this is the first part. */
const SOON = 500;
const FURTHER = '2d00:1ab:7::7';

interface Watched {
  readonly host: Host;
  readonly process: PeerProcess;
  readonly sights: () => readonly Sight[];
}

async function watched(lab: Lab, how: 'netlink' | 'monitor'): Promise<Watched> {
  const host = await lab.host('phone');
  const process = host.run(globalThis.process.execPath, [CHILD, how]);
  const sights = () =>
    process.output.split('\n').flatMap((line): readonly Sight[] => {
      return line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : [];
    });
  await until(
    'the watch begins',
    () => sights().some((sight) => sight.how !== undefined),
    8000,
    () => process.output,
  );
  return { host, process, sights };
}

/** ms from the beginning of `change` until its result was seen. */
async function noticed(
  { sights, process }: Watched,
  change: () => Promise<void> | void,
  isIt: (sight: Sight) => boolean,
): Promise<number> {
  const began = Date.now();
  const before = sights().length;
  await change();
  const found = await until(
    'the change is seen',
    () => sights().slice(before).find(isIt),
    5000,
    () => process.output,
  );
  return found.at - began;
}

function within(t: ExecutionContext, ms: number, what: string, limit = SOON): void {
  t.true(ms < limit, `${what} was noticed after ${ms} ms`);
}

const has = (address: string) => (sight: Sight) => sight.addresses?.includes(address) === true;
const lacks = (address: string) => (sight: Sight) => sight.addresses?.includes(address) === false;

for (const how of ['netlink', 'monitor'] as const) {
  inLab()(`addresses, routes and links that come and go are noticed at once by ${how}`, async (t) => {
    t.timeout(60_000);
    await using lab = await Lab.create();
    const watch = await watched(lab, how);
    const { host, sights } = watch;
    t.is(sights()[0]?.how, how === 'netlink' ? 'netlink' : 'ip monitor');
    t.deepEqual([...(sights()[0]?.addresses ?? [])].sort(), [host.ipv4, host.ipv6].sort());
    within(t, await noticed(watch, () => host.addAddress(FURTHER), has(FURTHER)), 'an address');
    within(t, await noticed(watch, () => host.removeAddress(FURTHER), lacks(FURTHER)), 'its loss');
    within(t, await noticed(watch, () => host.down(), lacks(host.ipv6)), 'a link that went down');
    within(t, await noticed(watch, () => host.up(), has(host.ipv6)), 'a link that came up');
  });

  inLab()(`an interface that goes down and up 20 times leaves nothing behind (${how})`, async (t) => {
    t.timeout(60_000);
    await using lab = await Lab.create();
    const watch = await watched(lab, how);
    const { host, process, sights } = watch;
    for (let round = 0; round < 20; round++) {
      await noticed(watch, () => host.down(), lacks(host.ipv6));
      await noticed(watch, () => host.up(), has(host.ipv6));
    }
    process.kill('SIGTERM');
    t.is(await process.exit(5000), 0, process.output);
    const end = sights().at(-1);
    t.deepEqual([end?.left, end?.more], [[], 0]);
  });
}

inLab()('other name servers are noticed within a second', async (t) => {
  t.timeout(30_000);
  await using lab = await Lab.create();
  const watch = await watched(lab, 'netlink');
  const change = () => watch.host.setResolvers(['10.77.9.9']);
  within(t, await noticed(watch, change, ({ resolvers }) => resolvers === true), 'the change', 1000);
});

inLab()('when `ip monitor` dies it is started again, and nothing is missed', async (t) => {
  t.timeout(30_000);
  await using lab = await Lab.create();
  const watch = await watched(lab, 'monitor');
  const { host, process } = watch;
  const children = host.run('pgrep', ['-P', String(process.id)]);
  await children.exit(5000);
  const [child = ''] = children.output.trim().split('\n');
  t.regex(child, /^\d+$/);
  globalThis.process.kill(Number(child));
  within(t, await noticed(watch, () => host.addAddress(FURTHER), has(FURTHER)), 'an address', 1500);
});
