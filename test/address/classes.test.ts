import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { type AddressClass, addressClass, isNative6, mayUse } from '#address/classes.ts';

/** First and last address of each block, and what it is. */
const BLOCKS: readonly (readonly [string, string, AddressClass])[] = [
  ['::', '::', 'unspecified'],
  ['::1', '::1', 'loopback'],
  ['::ffff:0.0.0.0', '::ffff:255.255.255.255', 'v4-mapped'],
  ['64:ff9b::', '64:ff9b::ffff:ffff', 'nat64'],
  ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', 'nat64'],
  ['100::', '100::ffff:ffff:ffff:ffff', 'discard'],
  ['2000::', '2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'global'],
  ['2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff', 'teredo'],
  ['2001:1::', '2001:1:ffff:ffff:ffff:ffff:ffff:ffff', 'global'],
  ['2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff', 'benchmarking'],
  ['2001:10::', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff', 'orchid'],
  ['2001:20::', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff', 'orchid'],
  ['2001:30::', '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', 'global'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'documentation'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '6to4'],
  ['3ffe::', '3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'global'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', 'documentation'],
  ['3fff:1000::', '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'global'],
  ['4000::', 'fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'unassigned'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ula'],
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'link-local'],
  ['fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'site-local'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'multicast'],
  ['0.0.0.0', '0.0.0.0', 'unspecified'],
  ['0.0.0.1', '0.255.255.255', 'this-network'],
  ['1.0.0.0', '9.255.255.255', 'public'],
  ['10.0.0.0', '10.255.255.255', 'private'],
  ['100.64.0.0', '100.127.255.255', 'shared'],
  ['100.128.0.0', '126.255.255.255', 'public'],
  ['127.0.0.0', '127.255.255.255', 'loopback'],
  ['169.254.0.0', '169.254.255.255', 'link-local'],
  ['172.16.0.0', '172.31.255.255', 'private'],
  ['172.32.0.0', '191.255.255.255', 'public'],
  ['192.0.0.0', '192.0.0.255', 'protocol'],
  ['192.0.2.0', '192.0.2.255', 'documentation'],
  ['192.88.99.0', '192.88.99.255', '6to4'],
  ['192.168.0.0', '192.168.255.255', 'private'],
  ['198.18.0.0', '198.19.255.255', 'benchmarking'],
  ['198.51.100.0', '198.51.100.255', 'documentation'],
  ['203.0.113.0', '203.0.113.255', 'documentation'],
  ['224.0.0.0', '239.255.255.255', 'multicast'],
  ['240.0.0.0', '255.255.255.254', 'reserved'],
  ['255.255.255.255', '255.255.255.255', 'broadcast'],
];

for (const [first, last, expected] of BLOCKS) {
  test(`${first} to ${last} is ${expected}`, (t) => {
    t.is(addressClass(first), expected);
    t.is(addressClass(last), expected);
  });
}

test('an IPv4 address inside ::/96 is v4-compatible, above it nothing is assigned', (t) => {
  t.is(addressClass('::2'), 'v4-compatible');
  t.is(addressClass('::255.255.255.255'), 'v4-compatible');
  t.is(addressClass('::1:0:0'), 'unassigned');
  t.is(addressClass('::fffe:ffff:ffff'), 'unassigned');
});

test('a zone makes no difference and a text that is no address has no class', (t) => {
  t.is(addressClass('fe80::1%eth0'), 'link-local');
  for (const text of ['', 'example.com', '[::1]', '192.0.2.1/24', '1.2.3']) {
    t.is(addressClass(text), undefined);
    t.false(mayUse(text));
    t.false(isNative6(text));
  }
});

interface Teredo {
  readonly cases: readonly { readonly a: string; readonly teredo: boolean }[];
}
const teredo = JSON.parse(readFileSync(new URL('../data/ip/teredo.json', import.meta.url), 'utf8')) as Teredo;

for (const { a, teredo: is } of teredo.cases) {
  test(`${a} is ${is ? '' : 'not '}Teredo by the table`, (t) => {
    t.is(addressClass(a) === 'teredo', is);
    if (is) t.false(mayUse(a));
  });
}

test('native IPv6 is 2000::/3 without Teredo, 6to4, ORCHID and documentation', (t) => {
  for (const address of ['2a02:898::1', '2001:610:188::1', '2001:64::1', '2606:4700::1', '3ffe::1'])
    t.true(isNative6(address), address);
  for (const address of [
    ...['2001:0:4136:e378::1', '2002:c000:201::1', '2001:10::1', '2001:20::1', '2001:db8::1', '3fff::1'],
    ...['fd00::1', 'fe80::1', 'fec0::1', '::1', '::', 'ff0e::1', '64:ff9b::1', '::ffff:8.8.8.8', '4000::1'],
    ...['8.8.8.8', '198.18.0.1'],
  ])
    t.false(isNative6(address), address);
});

test('what is nobody’s address on a wire may not be used', (t) => {
  for (const address of [
    ...['::', '0.0.0.0', 'ff02::1', '224.0.1.75', '255.255.255.255', '240.0.0.1', '0.1.2.3'],
    ...['::ffff:192.0.2.1', '::192.0.2.1', '100::1', '2001::1', '2001:0:ffff::1%eth0'],
  ])
    t.false(mayUse(address), address);
  for (const address of ['192.168.1.1', '127.0.0.1', '::1', 'fe80::1', 'fd00::1', '2002::1', '2001:1::1'])
    t.true(mayUse(address), address);
});

test('every IPv6 address has a class, and only what is global counts as native', (t) => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const name = addressClass(address);
      if (name === undefined) return false;
      return isNative6(address) === (name === 'global' || name === 'benchmarking');
    }),
  );
  t.pass();
});
