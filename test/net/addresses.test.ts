import type { NetworkInterfaceInfo } from 'node:os';
import test from 'ava';
import { type NetworkSources, ownAddresses, readNetwork, withTunnel } from '#net/watch/addresses.ts';

const TEREDO = '2001:0:53aa:64c:0:1:2:3/32';
const LOOPBACK = { lo: ['127.0.0.1/8', '::1/128'] };

function info(cidr: string): NetworkInterfaceInfo {
  const [address = ''] = cidr.split('/');
  const rest = { address, cidr, internal: false, netmask: '', mac: '' };
  return address.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' };
}

interface World {
  /** Addresses with prefix length, by interface. */
  readonly interfaces: Readonly<Record<string, readonly string[]>>;
  /** `interface address-digits flags`. */
  readonly states?: readonly string[];
  /** Interfaces of default routes, `interface gateway-digits`. */
  readonly routes4?: readonly string[];
  readonly routes6?: readonly string[];
}

const ZERO = '0'.repeat(32);
const ROUTER6 = 'fe800000000000000000000000000001';

function world({ interfaces, states = [], routes4 = [], routes6 = [] }: World): NetworkSources {
  const each = (rows: readonly string[], line: (...words: string[]) => string) =>
    rows.map((row) => line(...row.split(' '))).join('\n');
  const files: Readonly<Record<string, string>> = {
    '/proc/net/if_inet6': each(states, (name, digits, flags) => `${digits} 02 40 00 ${flags} ${name}`),
    '/proc/net/route': `Iface Destination Gateway\n${each(routes4, (name, via) => `${name} 00000000 ${via} 0003 0 0 0 00000000 0 0 0`)}`,
    '/proc/net/ipv6_route': each(
      routes6,
      (name, via) => `${ZERO} 00 ${ZERO} 00 ${via} 00000400 00000001 00000000 00000003 ${name}`,
    ),
  };
  const list = Object.entries(interfaces).map(([name, all]) => [name, all.map(info)]);
  return { interfaces: () => Object.fromEntries(list), file: (path) => files[path] ?? '' };
}

test('own addresses are those by which others reach us', (t) => {
  const eth0 = ['192.0.2.7/24', 'fe80::1/64', '2001:db8::7/64', '169.254.3.4/16'];
  const { ipv4, ipv6 } = ownAddresses(world({ interfaces: { ...LOOPBACK, eth0 } }));
  t.deepEqual([ipv4, ipv6], [['192.0.2.7'], ['2001:db8::7']]);
});

test('loopback counts where there is nothing else', (t) => {
  const { ipv4, ipv6 } = ownAddresses(world({ interfaces: { ...LOOPBACK, eth0: ['fe80::1/64'] } }));
  t.deepEqual([ipv4, ipv6], [['127.0.0.1'], ['::1']]);
});

test('a Teredo address is seen and never used, and its default route is none', (t) => {
  const interfaces = { eth0: ['192.0.2.7/24'], teredo: [TEREDO] };
  const found = ownAddresses(world({ interfaces, routes6: [`teredo ${ZERO}`] }));
  t.deepEqual([found.ipv4, found.ipv6, found.teredoSeen], [['192.0.2.7'], [], true]);
  t.deepEqual([found.native6, found.network.defaultRoute[6]], [false, false]);
});

const MINE = '2d00000000000000000000000000000';

for (const [flags, what, counts] of [
  ['40', 'being checked', false],
  ['48', 'somebody else has', false],
  ['80', 'that lasts', true],
  ['20', 'past its best', true],
] as const) {
  test(`an address ${what} ${counts ? 'counts' : 'does not count'}`, (t) => {
    const found = ownAddresses(
      world({
        interfaces: { eth0: ['2d00::1/64'] },
        states: [`eth0 ${MINE}1 ${flags}`],
        routes6: [`eth0 ${ROUTER6}`],
      }),
    );
    t.deepEqual(found.ipv6, counts ? ['2d00::1'] : []);
    t.is(found.native6, counts);
  });
}

test('an IPv6 address without a default route is no native IPv6, nor is a route without an address', (t) => {
  const without = world({ interfaces: { eth0: ['2d00::1/64'] } });
  t.false(ownAddresses(without).native6);
  const unique = world({ interfaces: { eth0: ['fd00::1/64'] }, routes6: [`eth0 ${ROUTER6}`] });
  t.false(ownAddresses(unique).native6);
  t.deepEqual(ownAddresses(unique).ipv6, ['fd00::1']);
});

test('what lasts and leads into the world goes first', (t) => {
  const found = ownAddresses(
    world({
      interfaces: {
        docker0: ['172.17.0.1/16', 'fd00:1::1/64'],
        eth0: ['192.0.2.7/24', 'fd00::7/64', '2d00::3/64', '2d00::2/64', '2d00::1/64'],
      },
      states: [`eth0 ${MINE}3 20`, `eth0 ${MINE}2 01`, `eth0 ${MINE}1 80`],
      routes4: ['eth0 010200C0'],
      routes6: [`eth0 ${ROUTER6}`],
    }),
  );
  t.deepEqual(found.ipv4, ['192.0.2.7', '172.17.0.1']);
  t.deepEqual(found.ipv6, ['2d00::1', '2d00::2', 'fd00::7', 'fd00:1::1', '2d00::3']);
});

test('routers are read in the order of the network, and routes that refuse are none', (t) => {
  const { routers, defaultRoute } = readNetwork(
    world({
      interfaces: { eth0: ['192.0.2.7/24'] },
      routes4: ['eth0 010200C0'],
      routes6: [`eth0 ${ROUTER6}`, `gone ${ROUTER6}`, `lo ${ZERO}`, 'eth0 rubbish'],
    }),
  );
  t.deepEqual(routers, [
    { family: 4, interface: 'eth0', gateway: '192.0.2.1' },
    { family: 6, interface: 'eth0', gateway: 'fe80::1' },
    { family: 6, interface: 'eth0' },
  ]);
  t.deepEqual(defaultRoute, { 4: true, 6: true });
  const refusing = `${ZERO} 00 ${ZERO} 00 ${ZERO} ffffffff 00000001 00000000 00200200 eth0`;
  const none = readNetwork({
    interfaces: () => ({ eth0: [info('192.0.2.7/24')] }),
    file: (path) => (path.endsWith('ipv6_route') ? refusing : ''),
  });
  t.false(none.defaultRoute[6]);
});

test('rubbish in the files of the kernel does no harm', (t) => {
  for (const rubbish of ['', '\n\n', 'x', '\0\0 \0', `${'f'.repeat(32)} zz zz zz zz eth0`]) {
    const found = ownAddresses({
      interfaces: () => ({ eth0: [info('192.0.2.7/24')] }),
      file: () => rubbish,
    });
    t.deepEqual(found.ipv4, ['192.0.2.7']);
  }
});

test('addresses of the tunnel come last, make no native IPv6, and leave the name of the network', (t) => {
  const FC64 = 'fc64:bed::1';
  const own = ownAddresses(world({ interfaces: { eth0: ['192.0.2.7/24'] }, routes4: ['eth0 010200C0'] }));
  const all = withTunnel(own, { inside: [FC64], outdated: false, silent: false });
  t.deepEqual([all.ipv4, all.ipv6, all.native6], [['192.0.2.7'], [FC64], false]);
  t.is(all.attachment, own.attachment);
  const inside = all.network.addresses.at(-1);
  t.deepEqual(inside, { address: FC64, prefixLength: 64, interface: '6bed4', encapsulated: '6bed4' });
  t.deepEqual(withTunnel(own, { inside: [], outdated: false, silent: false }), own);
  const guest = withTunnel(own, { inside: [FC64, 'fc64:bee::1'], outdated: false, silent: false });
  t.deepEqual(guest.ipv6, [FC64], 'one by the router of a peer serves this peer alone');
  t.is(guest.network.addresses.length, own.network.addresses.length + 2);
});

test('an address of the tunnel that is for nothing new is ours still, and silent IPv6 is none', (t) => {
  const own = ownAddresses(world({ interfaces: { eth0: ['2a02:898::2/64'] }, routes6: [`eth0 ${ROUTER6}`] }));
  t.true(own.native6);
  const over = withTunnel(own, { inside: ['fc64:bed::1'], outdated: true, silent: false });
  t.deepEqual(over.ipv6, ['2a02:898::2']);
  t.true(over.network.addresses.at(-1)?.deprecated);
  const silent = withTunnel(own, { inside: ['fc64:bed::1'], outdated: false, silent: true });
  t.deepEqual([silent.native6, silent.network.defaultRoute[6]], [false, false]);
  t.deepEqual(silent.ipv6, ['2a02:898::2', 'fc64:bed::1']);
});
