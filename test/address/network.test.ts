import test from 'ava';
import { type Network, nativeIpv6, type OwnAddress, serves, teredoSeen } from '#address/network.ts';

const own = (text: string, more: Partial<OwnAddress> = {}): OwnAddress => {
  const [address = '', length = '64'] = text.split('/');
  return { address, prefixLength: Number(length), interface: 'eth0', ...more };
};
const network = (addresses: readonly OwnAddress[], route6 = true): Network => ({
  addresses,
  defaultRoute: { 4: true, 6: route6 },
});

const NATIVE: readonly (readonly [string, Network, boolean])[] = [
  ['a global address and a default route', network([own('2a02:898::2')]), true],
  ['a global address without a route', network([own('2a02:898::2')], false), false],
  ['a route without an address', network([own('fe80::2'), own('192.168.1.2/24')]), false],
  ['unique local addresses', network([own('fd00::2')]), false],
  ['Teredo', network([own('2001:0:4136:e378::2', { interface: 'teredo' })]), false],
  ['6to4', network([own('2002:c000:201::2')]), false],
  ['the first ORCHID', network([own('2001:10::2')]), false],
  ['the second ORCHID', network([own('2001:20::2')]), false],
  ['documentation addresses', network([own('2001:db8::2'), own('3fff::2')]), false],
  ['an address of 6bed4 that looks global', network([own('2a02:898::2', { encapsulated: '6bed4' })]), false],
  ['a configured tunnel', network([own('2a02:898::2', { encapsulated: 'other' })]), true],
  ['an address still being checked', network([own('2a02:898::2', { tentative: true })]), false],
  ['an address that another has', network([own('2a02:898::2', { dadfailed: true })]), false],
  ['a deprecated address, which still works', network([own('2a02:898::2', { deprecated: true })]), true],
  ['a good address beside bad ones', network([own('2001::2'), own('2a02:898::2')]), true],
];

for (const [name, has, expected] of NATIVE) {
  test(`${name} ${expected ? 'is' : 'is not'} native IPv6`, (t) => t.is(nativeIpv6(has), expected));
}

test('Teredo on an interface is seen', (t) => {
  t.true(teredoSeen(network([own('2001::2')])));
  t.false(teredoSeen(network([own('2001:1::2'), own('2002::2'), own('fd00::2')])));
});

const HOST = network([
  own('2a02:898::2'),
  own('fd00:1::2'),
  own('fe80::2'),
  own('192.168.1.2/24'),
  own('169.254.1.2/16'),
  own('2001:0:4136:e378::2', { interface: 'teredo' }),
  own('::1/128', { interface: 'lo' }),
  own('127.0.0.1/8', { interface: 'lo' }),
  own('2a02:899::2/128', { interface: 'wg0' }),
]);

/** Source, target, whether it can serve it. */
const REACH: readonly (readonly [string, string, boolean])[] = [
  ['2a02:898::2', '2606:4700::1', true],
  ['2a02:898::2', 'fd00:9::1', true],
  ['2a02:898::2', 'fe80::9%eth0', true],
  ['2a02:898::2', 'fe80::9%eth1', false],
  ['2a02:898::2', '192.0.2.1', false],
  ['2a02:898::2', '2001:0:1::1', false],
  ['2a02:898::2', '::', false],
  ['2a02:898::2', 'ff02::1', false],
  ['2a02:898::2', '::1', false],
  ['2a02:899::2', '2606:4700::1', true],
  ['fd00:1::2', 'fd00:1::9', true],
  ['fd00:1::2', 'fd00:9::1', true],
  ['fd00:1::2', '2a02:898::9', true],
  ['fd00:1::2', '2606:4700::1', false],
  ['fd00:1::2', '2002::1', false],
  ['fe80::2', 'fe80::9', true],
  ['fe80::2', 'fe80::9%eth0', true],
  ['fe80::2', 'fe80::9%eth1', false],
  ['fe80::2', '2a02:898::9', true],
  ['fe80::2', '2606:4700::1', false],
  ['fe80::2', 'fd00:9::1', false],
  ['192.168.1.2', '8.8.8.8', true],
  ['192.168.1.2', '10.0.0.1', true],
  ['192.168.1.2', '::ffff:8.8.8.8', true],
  ['192.168.1.2', '2606:4700::1', false],
  ['192.168.1.2', '127.0.0.1', false],
  ['169.254.1.2', '169.254.9.9', true],
  ['169.254.1.2', '192.168.1.9', true],
  ['169.254.1.2', '8.8.8.8', false],
  ['127.0.0.1', '127.0.0.9', true],
  ['127.0.0.1', '192.168.1.2', false],
  ['::1', '::1', true],
  ['::1', '2606:4700::1', false],
  ['2001:0:4136:e378::2', '2606:4700::1', false],
  ['2001:0:4136:e378::2', '2001:0:4136:e378::2', false],
  ['192.168.1.2', 'example.com', false],
];

for (const [from, target, expected] of REACH) {
  test(`${from} ${expected ? 'serves' : 'does not serve'} ${target}`, (t) => {
    const source = HOST.addresses.find(({ address }) => address === from);
    t.truthy(source);
    if (source !== undefined) t.is(serves(HOST, source, target), expected);
  });
}

test('an address that is not ours yet serves nobody', (t) => {
  const source = own('2a02:898::2', { tentative: true });
  t.false(serves(network([source]), source, '2606:4700::1'));
});
