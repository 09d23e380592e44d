/** The router between a peer of IPv4 alone and a host of native IPv6, both with the kernel's own programs. */
import type { ExecutionContext } from 'ava';
import { publicSubnetOf } from '../lab/addressing.ts';
import { ip, sysctl } from '../lab/command.ts';
import type { Host } from '../lab/host.ts';
import { inLab } from '../lab/in_lab.ts';
import { Lab } from '../lab/lab.ts';
import { type PeerProcess, until } from '../support/process.ts';
import { commandLine, countedBy, untilServing } from './program.ts';

const withLab = inLab();
const PREFIX = '2001:db8:6:bed4::/64';
const PEER = new URL('plain_peer.ts', import.meta.url).pathname;
const NATIVE = new URL('native_host.ts', import.meta.url).pathname;
const NAME = '6bed4';

interface Joined {
  readonly t: ExecutionContext;
  readonly lab: Lab;
  /** Where the router runs. */
  readonly six: Host;
  readonly phone: Host;
  readonly native: Host;
}

/** A router's host to which the /64 is routed, a host of IPv4 and one of IPv6. */
async function joined(t: ExecutionContext, story: (place: Joined) => Promise<void>): Promise<void> {
  await using lab = await Lab.create(publicSubnetOf);
  const six = await lab.host('six');
  const phone = await lab.host('phone', { ipv6: false });
  const native = await lab.host('native', { ipv4: false });
  await sysctl(six.namespace, { 'net.ipv6.conf.all.forwarding': 1 });
  await ip([`route add ${PREFIX} via ${six.ipv6} dev six`], lab.router);
  await story({ t, lab, six, phone, native });
}

const inNode = (host: Host, program: string, ...words: readonly string[]) =>
  host.run(process.execPath, [program, ...words]);

async function serving(six: Host): Promise<PeerProcess> {
  const words = commandLine('--listen', six.ipv4, '--prefix', PREFIX, '--tun', NAME);
  const router = six.run(process.execPath, words);
  await untilServing(router);
  return router;
}

const says = (process: PeerProcess, what: RegExp) =>
  until(
    String(what),
    () => what.exec(process.output) ?? undefined,
    10_000,
    () => process.output,
  );

async function ping(from: Host, ...words: readonly string[]): Promise<string> {
  const program = from.run('ping', ['-6', '-n', '-i', '0.2', '-W', '3', ...words]);
  await program.exit(15_000);
  return program.output;
}

withLab('a native host and a peer of 6bed4 reach each other, each hop counted', (t) =>
  joined(t, async ({ six, phone, native }) => {
    const router = await serving(six);
    const peer = inNode(phone, PEER, six.ipv4);
    const [, address = ''] = await says(peer, /"address":"(2001:db8:6:bed4:[\da-f:]+)"/);

    // 64 less the hop of the laboratory's router, of the kernel of `six` and of ours; each way.
    t.regex(await ping(native, '-c', '3', address), /ttl=61[\s\S]* 0% packet loss/);
    t.regex(peer.output, new RegExp(`"from":"${native.ipv6}","hopLimit":61,"type":128`));

    const host = inNode(native, NATIVE, address, '7');
    await says(host, new RegExp(`{"from":"${address}","text":"from the host"}`));
    t.regex(peer.output, /"hopLimit":61,[^\n]*"text":"from the host"/);

    const told = await ping(native, '-c', '1', '-t', '3', address);
    t.regex(told, /From 2001:db8:6:bed4:\S+ icmp_seq=1 Time exceeded: Hop limit/);

    router.kill('SIGTERM');
    t.is(await router.exit(1000), 0);
    t.notRegex(router.output, /does not forward/);
    const last = countedBy(router).at(-1);
    t.is(last?.dropped['hop-limit'], 1);
    t.true((last?.fromNative ?? 0) >= 4 && (last?.toNative ?? 0) >= 4);
  }),
);

withLab('a peer of 6bed4 speaks first to a native host, and is answered', (t) =>
  joined(t, async ({ six, phone, native }) => {
    await serving(six);
    const host = inNode(native, NATIVE);
    await says(host, /listening/);
    const peer = inNode(phone, PEER, six.ipv4, native.ipv6, '5000');
    await says(peer, new RegExp(`"from":"${native.ipv6}","hopLimit":61,[^\n]*"text":"from the peer"`));
    t.regex(host.output, /"from":"2001:db8:6:bed4:\S+","text":"from the peer"/);
  }),
);

withLab('the host of the router has its address, and talks to peers like any other', (t) =>
  joined(t, async ({ six, phone, native }) => {
    const router = await serving(six);
    const [, own = ''] = /itself (\S+),/.exec(router.output) ?? [];
    const peer = inNode(phone, PEER, six.ipv4, own, '5000');
    const [, address = ''] = await says(peer, /"address":"([\da-f:]+)"/);
    const host = inNode(six, NATIVE);
    await says(host, /listening/);
    await says(peer, new RegExp(`"from":"${own}",[^\n]*"text":"from the peer"`));
    t.regex(await ping(six, '-c', '1', '-I', own, address), /ttl=64[\s\S]* 0% packet loss/);
    t.regex(await ping(native, '-c', '1', own), / 0% packet loss/);
  }),
);

withLab('the interface goes with the router, and one that was there stays as it was', (t) =>
  joined(t, async ({ six }) => {
    const links = async () => {
      const shown = six.run('ip', ['-o', 'link']);
      await shown.exit(5000);
      return shown.output;
    };
    const first = await serving(six);
    t.regex(await links(), /^\d+: 6bed4: .*UP.* mtu 1280 /m);
    t.is(await first.stop(), 0);
    t.notRegex(await links(), /^\d+: 6bed4: /m);

    await ip([`tuntap add dev ${NAME} mode tun`], six.namespace);
    const second = await serving(six);
    const shown = six.run('ip', ['-6', 'route', 'show', 'dev', NAME]);
    await shown.exit(5000);
    t.notRegex(shown.output, /bed4/, 'nobody asked for a route');
    t.is(await second.stop(), 0);
    t.regex(await links(), /^\d+: 6bed4: /m);
  }),
);

withLab('an interface removed under the router ends it with 1 and the reason', (t) =>
  joined(t, async ({ six }) => {
    const router = await serving(six);
    await ip([`link del ${NAME}`], six.namespace);
    t.is(await router.exit(5000), 1);
    t.regex(router.output, /the interface 6bed4 is gone/);
  }),
);

withLab('without forwarding the operator is told so, and without privilege what to do', (t) =>
  joined(t, async ({ six }) => {
    await sysctl(six.namespace, { 'net.ipv6.conf.all.forwarding': 0 });
    const router = await serving(six);
    await says(router, /does not forward IPv6.*sysctl -w net\.ipv6\.conf\.all\.forwarding=1/);
    await router.stop();
    const words = commandLine('--listen', six.ipv4, '--prefix', PREFIX, '--tun', NAME);
    const bare = ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', process.execPath, ...words];
    const powerless = six.run('setpriv', bare);
    t.is(await powerless.exit(10_000), 1);
    t.regex(powerless.output, /interface 6bed4 cannot be opened: .*run as root or with CAP_NET_ADMIN/);
  }),
);
