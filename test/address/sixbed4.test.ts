/** 6bed4 beside native IPv6: who serves whom, which source, which order, which way. */
import test from 'ava';
import { attachmentOf } from '#address/attachment.ts';
import { addressClass } from '#address/classes.ts';
import { type Network, nativeIpv6, type OwnAddress, serves } from '#address/network.ts';
import { orderDestinations, selectSource } from '#address/selection.ts';
import {
  ableSources,
  isWithin6bed4,
  mayComeThroughTunnel,
  TUNNEL,
  type Way,
  wayTo,
} from '#address/sixbed4.ts';

const FC64 = 'fc64:bed:c000:201:c433:6401:f4e2:8001';
const FC64_PEER = 'fc64:bed:c000:201:c833:6401:f4e2:8001';
const FC64_ELSEWHERE = 'fc64:bed:c000:299:c833:6401:f4e2:8001';
/** Under a native /64 of a router. */
const ROUTED = '2a0e:6bed:4:0:c433:6401:f4e2:8001';
const ROUTED_PEER = '2a0e:6bed:4:0:c833:6401:f4e2:8001';
const NATIVE = '2a02:898::2';
const WORLD = '2606:4700::1';

const own = (address: string, more: Partial<OwnAddress> = {}): OwnAddress => ({
  address,
  prefixLength: address.includes(':') ? 64 : 24,
  interface: 'eth0',
  ...more,
});
const inside = (address: string) => own(address, { interface: TUNNEL, encapsulated: '6bed4' });
const networkOf = (addresses: readonly OwnAddress[], route6 = true): Network => ({
  addresses,
  defaultRoute: { 4: true, 6: route6 },
});
const IPV4 = own('192.168.1.2');

test('fc64::/16 and nothing else is the prefix of 6bed4 routers', (t) => {
  t.is(addressClass(FC64), '6bed4');
  t.is(addressClass('fc64::'), '6bed4');
  t.is(addressClass('fc65::1'), 'ula');
  t.is(addressClass('fc63:ffff::1'), 'ula');
});

/** Own address, target, whether it serves. */
const REACH: readonly (readonly [OwnAddress, string, boolean])[] = [
  [inside(FC64), FC64_PEER, true],
  [inside(FC64), FC64_ELSEWHERE, true],
  [inside(FC64), WORLD, false],
  [inside(FC64), ROUTED_PEER, false],
  [inside(FC64), 'fd00::1', false],
  [inside(FC64), '::1', false],
  [inside(ROUTED), ROUTED_PEER, true],
  [inside(ROUTED), WORLD, true],
  [inside(ROUTED), FC64_PEER, false],
  [inside(ROUTED), 'fd00::1', false],
  [inside(ROUTED), 'fe80::1', false],
  [own(NATIVE), ROUTED_PEER, true],
  [own(NATIVE), FC64_PEER, false],
  [own('fd00::2'), FC64_PEER, false],
  [own('fd00::2'), ROUTED_PEER, false],
];

for (const [from, to, expected] of REACH) {
  test(`${from.address} ${expected ? 'serves' : 'does not serve'} ${to}`, (t) => {
    t.is(serves(networkOf([IPV4, from]), from, to), expected);
  });
}

test('a source goes with its like: native with native, 6bed4 with 6bed4', (t) => {
  const all = [own(NATIVE), inside(ROUTED), inside(FC64), own('fd00::2')];
  t.is(selectSource(WORLD, all)?.address, NATIVE);
  t.is(selectSource(ROUTED_PEER, all)?.address, ROUTED);
  t.is(selectSource(FC64_PEER, all)?.address, FC64);
  t.is(selectSource(FC64_ELSEWHERE, all)?.address, FC64);
  t.is(selectSource('fd00::9', all)?.address, 'fd00::2');
  t.is(selectSource(WORLD, all.toReversed())?.address, NATIVE);
});

test('neither a longer common prefix nor a lower number makes a mixed way better than a native one', (t) => {
  const all = [own('2c0f:1::2'), inside(ROUTED)];
  t.is(selectSource('2a0e:6bed:5::1', all)?.address, '2c0f:1::2');
  t.is(selectSource('2a0e:6bed:5::1', [inside(ROUTED)])?.address, ROUTED);
});

test('from the prefix of routers nothing native is reached', (t) => {
  t.is(selectSource(WORLD, [inside(FC64)]), undefined);
});

test('the 6bed4 address under the router of the peer is the best of several', (t) => {
  const there = 'fc64:bed:c000:299:c433:6401:f4e2:8001';
  for (const all of [
    [inside(FC64), inside(there)],
    [inside(there), inside(FC64)],
  ]) {
    t.is(selectSource(FC64_ELSEWHERE, all)?.address, there);
    t.is(selectSource(FC64_PEER, all)?.address, FC64);
  }
});

test('destinations: native to native, then 6bed4 to 6bed4, then mixed', (t) => {
  const order = (ours: readonly OwnAddress[], ...to: readonly string[]) =>
    orderDestinations(to, ours).map(({ destination }) => destination);
  t.deepEqual(order([IPV4, own(NATIVE), inside(ROUTED)], ROUTED_PEER, WORLD), [WORLD, ROUTED_PEER]);
  t.deepEqual(order([IPV4, inside(ROUTED)], WORLD, ROUTED_PEER, '198.51.100.9'), [
    '198.51.100.9',
    ROUTED_PEER,
    WORLD,
  ]);
  t.deepEqual(order([IPV4, inside(FC64)], FC64_PEER, '198.51.100.9'), ['198.51.100.9', FC64_PEER]);
  t.deepEqual(order([inside(FC64)], WORLD, FC64_PEER), [FC64_PEER, WORLD]);
});

test('without a native way the addresses that look native serve their link alone', (t) => {
  const all = [own(NATIVE), inside(ROUTED)];
  const addresses = (network: Network, to: string) => ableSources(network, to).map(({ address }) => address);
  t.deepEqual(addresses(networkOf(all), WORLD), [NATIVE, ROUTED]);
  t.deepEqual(addresses(networkOf(all, false), WORLD), [ROUTED]);
  t.deepEqual(addresses(networkOf(all, false), '2a02:898::9'), [NATIVE, ROUTED]);
  t.deepEqual(addresses(networkOf([own(NATIVE)], false), WORLD), [NATIVE]);
});

const WITH_NATIVE = networkOf([IPV4, own(NATIVE), own('fd00::2'), inside(ROUTED)]);
const WITHOUT = networkOf([IPV4, own('fd00::2'), inside(ROUTED)], false);
const FC64_ONLY = networkOf([IPV4, own('fd00::2'), inside(FC64)], false);
const NO_TUNNEL = networkOf([IPV4, own(NATIVE)]);

const WAYS: readonly (readonly [string, Network, string, boolean, Way])[] = [
  ['no tunnel', NO_TUNNEL, WORLD, false, 'native'],
  ['no tunnel, silent', NO_TUNNEL, WORLD, true, 'native'],
  ['no tunnel', NO_TUNNEL, FC64_PEER, false, 'none'],
  [
    'a tunnel of the kernel',
    networkOf([own(NATIVE), own(FC64, { interface: '6bed41' })]),
    FC64_PEER,
    false,
    'native',
  ],
  ['ourselves', networkOf([own(FC64)]), FC64, false, 'native'],
  ['another native /64 inside', networkOf([own(NATIVE), inside(ROUTED)]), FC64_PEER, false, 'tunnel'],
  ['native IPv6 beside the tunnel', WITH_NATIVE, WORLD, false, 'native'],
  ['native IPv6 beside the tunnel', WITH_NATIVE, ROUTED_PEER, false, 'tunnel'],
  ['native IPv6 beside the tunnel', WITH_NATIVE, FC64_PEER, false, 'tunnel'],
  ['native IPv6 that is silent', WITH_NATIVE, WORLD, true, 'both'],
  ['native IPv6 that is silent', WITH_NATIVE, '2a02:898::9', true, 'native'],
  ['native IPv6 that is silent', WITH_NATIVE, 'fd00::9', true, 'native'],
  ['no native IPv6', WITHOUT, WORLD, false, 'native-else-tunnel'],
  ['no native IPv6', WITHOUT, ROUTED_PEER, false, 'tunnel'],
  ['no native IPv6', WITHOUT, 'fd00::9', false, 'native'],
  ['no native IPv6', WITHOUT, 'fe80::9%eth0', false, 'native'],
  ['no native IPv6', WITHOUT, '::1', false, 'native'],
  ['no native IPv6', WITHOUT, '198.51.100.1', false, 'native'],
  ['no native IPv6', WITHOUT, 'not an address', false, 'native'],
  ['a router without IPv6 of its own', FC64_ONLY, WORLD, false, 'native'],
  ['a router without IPv6 of its own', FC64_ONLY, FC64_ELSEWHERE, false, 'tunnel'],
];

for (const [what, network, to, silent, expected] of WAYS) {
  test(`with ${what} the way to ${to} is ${expected}`, (t) => t.is(wayTo(network, to, silent), expected));
}

test('both ends are of 6bed4 only if one /64 or the prefix of routers holds them', (t) => {
  t.true(isWithin6bed4(inside(ROUTED), ROUTED_PEER));
  t.true(isWithin6bed4(inside(FC64), FC64_ELSEWHERE));
  t.false(isWithin6bed4(inside(ROUTED), FC64_PEER));
  t.false(isWithin6bed4(own(NATIVE), '2a02:898::9'));
  t.false(isWithin6bed4(inside(ROUTED), '192.0.2.1'));
  t.false(isWithin6bed4(inside(ROUTED), 'nonsense'));
});

test('no peer of the tunnel passes for a neighbour or for ourselves', (t) => {
  const network = networkOf([
    IPV4,
    own(NATIVE),
    own('::1', { interface: 'lo', prefixLength: 128 }),
    inside(ROUTED),
  ]);
  for (const good of [WORLD, ROUTED_PEER, FC64_PEER, '2001:db8::1'])
    t.true(mayComeThroughTunnel(network, good), good);
  const bad = [
    '::1',
    '::',
    'fe80::1',
    'fe80::1%6bed4',
    'ff02::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '127.0.0.1',
  ];
  for (const forged of [
    ...bad,
    '2001:0:1::1',
    '2002:c000:201::1',
    NATIVE,
    '2a02:898::77',
    ROUTED,
    'nonsense',
  ])
    t.false(mayComeThroughTunnel(network, forged), forged);
});

test('the tunnel makes no native IPv6', (t) => {
  t.false(nativeIpv6(networkOf([IPV4, inside(ROUTED)])));
});

test('the network keeps its name when the tunnel comes and goes', (t) => {
  const routers = [{ family: 4, interface: 'eth0', gateway: '192.168.1.1' }] as const;
  const before: Network = { ...networkOf([IPV4], false), routers };
  const after: Network = { ...networkOf([IPV4, inside(ROUTED)], false), routers };
  t.is(attachmentOf(after), attachmentOf(before));
});
