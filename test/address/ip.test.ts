import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import {
  canonical,
  contains,
  type IpPrefix,
  is6to4,
  isLinkLocal,
  isLoopback,
  isMapped,
  isMulticast,
  isPrivate,
  isTeredo,
  isUnspecified,
  parseIp,
  parsePrefix,
  sameAddress,
  unmapped,
} from '#address/ip.ts';

interface TextVectors {
  readonly canonical: readonly { readonly input: string; readonly output: string }[];
  readonly equal_groups: readonly (readonly string[])[];
}
interface TeredoVectors {
  readonly cases: readonly { readonly a: string; readonly teredo: boolean }[];
}
const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../data/ip/${name}`, import.meta.url), 'utf8')) as T;
const texts = read<TextVectors>('rfc5952.json');

const prefix = (text: string): IpPrefix => {
  const read = parsePrefix(text);
  if (read === undefined) throw new Error(`no prefix: ${text}`);
  return read;
};

for (const { input, output } of texts.canonical) {
  test(`${input} is written ${output} (RFC 5952)`, (t) => t.is(canonical(input), output));
}

test('every spelling of one address is the same address', (t) => {
  t.true(texts.equal_groups.length > 3);
  for (const group of texts.equal_groups) {
    t.is(new Set(group.map(canonical)).size, 1, group.join(' '));
    for (const spelling of group) t.true(sameAddress(spelling, group[0] ?? ''));
  }
  t.false(sameAddress('2001:db8::1', '2001:db8::2'));
  t.false(sameAddress('fe80::1%eth0', 'fe80::1%eth1'));
});

test('an address that was read cannot be changed', (t) => {
  for (const text of ['192.0.2.1', '2001:db8::1', 'fe80::1%eth0']) t.true(Object.isFrozen(parseIp(text)));
});

test('a zone is kept and belongs to the text', (t) => {
  const ip = parseIp('FE80:0::1%eth0.7');
  t.is(ip?.text, 'fe80::1%eth0.7');
  t.is(ip?.zone, 'eth0.7');
  t.is(ip?.bits, (0xfe80n << 112n) | 1n);
});

const NONE = [
  ['', 'nothing'],
  ['192.0.2', 'three numbers'],
  ['192.0.2.1.', 'a dot at the end'],
  ['192.0.2.01', 'a leading zero, which some read as octal'],
  ['192.0.2.256', 'a number above 255'],
  ['0x7f.0.0.1', 'hexadecimal'],
  ['2130706433', 'one number'],
  ['192.0.2.1/24', 'a prefix'],
  ['192.0.2.1%eth0', 'a zone on IPv4'],
  [' 192.0.2.1', 'a space'],
  ['example.org', 'a host name'],
  ['[2001:db8::1]', 'brackets'],
  ['2001:db8::1/64', 'a prefix'],
  ['::1%', 'an empty zone'],
  ['::1%a/b', 'a slash in the zone'],
  ['1::2::3', 'two elisions'],
  [':::', 'three colons'],
  ['1:2:3:4:5:6:7', 'seven groups'],
  ['1:2:3:4:5:6:7:8:9', 'nine groups'],
  ['2001:db8::12345', 'a group of five digits'],
  ['2001:db8::g', 'no hexadecimal digit'],
  ['::ffff:192.0.2.256', 'a wrong IPv4 tail'],
  ['::192.0.2.1:1', 'IPv4 in the middle'],
  [`${'0'.repeat(200)}::1`, 'far too long'],
] as const;
for (const [text, why] of NONE) {
  test(`"${text.slice(0, 30)}" is no address: ${why}`, (t) => t.is(parseIp(text), undefined));
}

test('Teredo is 2001:0000::/32 and none of its neighbours', (t) => {
  const { cases } = read<TeredoVectors>('teredo.json');
  t.true(cases.length > 10);
  for (const { a, teredo } of cases) t.is(isTeredo(a), teredo, a);
});

const CLASSES = [
  [
    isLoopback,
    ['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1'],
    ['128.0.0.1', '::2', '::', 'localhost'],
  ],
  [isLinkLocal, ['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'febf::1'], ['169.253.1.1', 'fec0::1', 'fe7f::1']],
  [
    isPrivate,
    ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fdff::1', '::ffff:10.0.0.1'],
    ['11.0.0.1', '172.32.0.1', '172.15.255.255', '192.169.0.1', 'fe00::1', 'fbff::1', ''],
  ],
  [isMulticast, ['224.0.0.1', '239.255.255.250', 'ff02::1'], ['223.255.255.255', '240.0.0.1', 'fe80::1']],
  [isUnspecified, ['0.0.0.0', '::'], ['0.0.0.1', '::1']],
  [is6to4, ['2002:c000:201::1'], ['2003::1', '2001::1']],
] as const;
for (const [belongs, inside, outside] of CLASSES) {
  test(`the class of ${inside[0]} ends where its RFC says`, (t) => {
    for (const address of inside) t.true(belongs(address), address);
    for (const address of outside) t.false(belongs(address), address);
  });
}

test('an IPv4 address in IPv6 form is known and can be taken out', (t) => {
  const mapped = parseIp('::ffff:c000:201');
  t.true(mapped !== undefined && isMapped(mapped));
  t.is(mapped && unmapped(mapped).text, '192.0.2.1');
  const other = parseIp('::c000:201');
  t.is(other && unmapped(other), other);
});

test('a prefix contains what shares its first bits and nothing else', (t) => {
  const cases = [
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.77/24', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '192.0.2.1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['192.0.2.0/24', '::ffff:192.0.2.9', true],
    ['::/0', '::ffff:192.0.2.9', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['192.0.2.0/24', 'example.org', false],
  ] as const;
  for (const [block, address, inside] of cases) {
    t.is(contains(prefix(block), address), inside, `${address} in ${block}`);
  }
});

test('a prefix is written with its host bits at zero', (t) => {
  t.is(parsePrefix('192.0.2.77/24')?.text, '192.0.2.0/24');
  t.is(parsePrefix('2001:DB8:1::1/32')?.text, '2001:db8::/32');
  t.is(parsePrefix('2001:db8::1')?.text, '2001:db8::1/128');
  t.true(Object.isFrozen(parsePrefix('::/0')));
});

for (const text of [
  '192.0.2.0/33',
  '192.0.2.0/',
  '192.0.2.0/08',
  '::/129',
  'fe80::1%eth0/64',
  'a/8',
  '/8',
  '',
  '::ffff:0:0/96',
  '1.2.3.4/8/8',
]) {
  test(`"${text}" is no prefix`, (t) => t.is(parsePrefix(text), undefined));
}

test('every IPv6 address survives writing and reading, in any of its spellings', (t) => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const ip = parseIp(text);
      const again = ip && parseIp(ip.text);
      t.is(again?.bits, ip?.bits);
      t.is(again?.text, ip?.text);
      t.true(ip !== undefined);
    }),
  );
});

test('no text makes the reader throw, and it agrees with Node about what an address is', (t) => {
  const character = fc.constantFrom(...'0123456789abcdefABCDEFg::::...%/[] -');
  const text = fc.oneof(fc.string({ unit: character, maxLength: 45 }), fc.ipV4(), fc.ipV6(), fc.string());
  fc.assert(
    fc.property(text, (candidate) => {
      const ip = parseIp(candidate);
      const zoned = candidate.includes('%');
      if (!zoned) t.is(ip !== undefined, isIPv4(candidate) || isIPv6(candidate), candidate);
      parsePrefix(candidate);
    }),
    { numRuns: 20_000, seed: 5952 },
  );
});
