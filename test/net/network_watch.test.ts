/** The watch with eyes of the test's: what wakes it, what it tells, what it does when nobody wakes it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { addressesOf, type OwnAddresses } from '#net/watch/addresses.ts';
import { byIpMonitor } from '#net/watch/ip_monitor.ts';
import { byNetlink } from '#net/watch/netlink.ts';
import { NetworkWatch, type NetworkWatchOptions } from '#net/watch/network_watch.ts';
import type { WakeUpEvents, WakeUpSource } from '#net/watch/wake_up.ts';
import { until } from './support.ts';

function having(...addresses: readonly string[]): OwnAddresses {
  const own = addresses.map((address) => ({ address, prefixLength: 24, interface: 'eth0' }));
  return addressesOf({ addresses: own, defaultRoute: { 4: true, 6: false } });
}

/** A source of wake-ups that the test plays. */
class Source {
  readonly open: WakeUpSource = async (events) => {
    this.events = events;
    return { name: this.name, close: () => this.closed++ };
  };
  readonly name: string;
  events: WakeUpEvents | undefined;
  closed = 0;

  constructor(name: string) {
    this.name = name;
  }
}

interface Watching {
  readonly told: string[];
  readonly how: string[];
  readonly watch: NetworkWatch;
  looks: number;
  now: OwnAddresses;
}

function watching(t: ExecutionContext, options: NetworkWatchOptions = {}): Watching {
  const all = { told: [] as string[], how: [] as string[], looks: 0, now: having('192.0.2.1') };
  const watch = new NetworkWatch(
    {
      addresses: ({ ipv4 }) => all.told.push(ipv4.join(' ')),
      resolvers: () => all.told.push('resolvers'),
      watching: (how) => all.how.push(how),
    },
    {
      look: () => {
        all.looks++;
        return all.now;
      },
      patience: 0,
      resolvConf: '/nonexistent',
      ...options,
    },
  );
  t.teardown(() => watch.close());
  return Object.assign(all, { watch });
}

test('many wake-ups are one look, and what is the same is not told', async (t) => {
  const source = new Source('test');
  const seen = watching(t, { wakeUps: [source.open] });
  await until(() => seen.how.length > 0);
  t.deepEqual(seen.how, ['test']);
  const before = seen.looks;
  for (let count = 0; count < 1000; count++) source.events?.wake();
  await until(() => seen.looks > before);
  await sleep(120);
  t.is(seen.looks, before + 1);
  t.deepEqual(seen.told, []);
  seen.now = having('192.0.2.2');
  source.events?.wake();
  await until(() => seen.told.length > 0);
  t.deepEqual(seen.told, ['192.0.2.2']);
  t.is(seen.watch.current, seen.now);
});

test('what happened before somebody could wake us is seen as soon as it can', async (t) => {
  const source = new Source('test');
  const seen = watching(t, { wakeUps: [source.open], patience: 20 });
  seen.now = having('192.0.2.2');
  await until(() => seen.told.length > 0);
  t.deepEqual(seen.told, ['192.0.2.2']);
});

test('a source that is missing or lost gives way to the next, and at last we look by ourselves', async (t) => {
  const [first, second] = [new Source('first'), new Source('second')];
  const missing: WakeUpSource = async () => undefined;
  const seen = watching(t, { wakeUps: [missing, first.open, second.open] });
  await until(() => seen.how.length === 1);
  first.events?.lost();
  await until(() => seen.how.length === 2);
  second.events?.lost();
  await until(() => seen.how.length === 3);
  t.deepEqual(seen.how, ['first', 'second', 'a look every 5 seconds']);
});

test('a closed watch tells nothing and closes its source, also one that opens late', async (t) => {
  const source = new Source('test');
  const seen = watching(t, { wakeUps: [source.open] });
  await until(() => seen.how.length > 0);
  seen.watch.close();
  seen.now = having('192.0.2.2');
  source.events?.wake();
  const late = new Source('late');
  const slow: WakeUpSource = async (events) => {
    await sleep(30);
    return late.open(events);
  };
  const other = watching(t, { wakeUps: [slow] });
  await sleep(10);
  other.watch.close();
  await until(() => late.closed > 0);
  await sleep(100);
  t.deepEqual([seen.told, other.told, source.closed, late.closed], [[], [], 1, 1]);
});

test('a rewritten resolv.conf is told', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'dualtone-resolv-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const resolvConf = join(directory, 'resolv.conf');
  const seen = watching(t, { wakeUps: [], resolvConf });
  writeFileSync(resolvConf, 'nameserver 192.0.2.53\n');
  await until(() => seen.told.length > 0);
  t.deepEqual(seen.told, ['resolvers']);
});

test('where koffi is missing there is no netlink, and where `ip` is missing no monitor', async (t) => {
  const events: WakeUpEvents = { wake: () => {}, lost: () => t.fail('what never was cannot be lost') };
  t.is(await byNetlink(async () => undefined)(events), undefined);
  t.is(await byIpMonitor('/nonexistent/ip')(events), undefined);
});

test('a monitor that dies again and again is given up', async (t) => {
  let [wakes, lost] = [0, 0];
  const events: WakeUpEvents = { wake: () => wakes++, lost: () => lost++ };
  const monitor = await byIpMonitor('false', 1)(events);
  t.is(monitor?.name, 'ip monitor');
  await until(() => lost > 0, 'it is given up');
  await sleep(50);
  t.deepEqual([wakes, lost], [4, 1]);
});
