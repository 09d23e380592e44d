import { isIPv6, SocketAddress } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { addressClass } from '#address/classes.ts';
import { parseIp } from '#address/ip.ts';
import {
  ipv6Key,
  ipv6Text,
  isLinkLocal,
  isMulticast,
  isUnspecified,
  mayBeSource,
  parseIpv6,
  sameIpv6,
} from '#socket6bed4/address/ipv6.ts';
import { mutations } from '../support/mutate.ts';

/** With runs of zero groups, as addresses have them. */
const address = fc
  .array(fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 255])));

const octetsOf = (text: string): Uint8Array => {
  const octets = parseIpv6(text);
  if (octets === undefined) throw new Error(`${text} is no address`);
  return octets;
};

function bitsOf(octets: Uint8Array): bigint {
  return octets.reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
}

test('what is written is read, and is what Node and the firmware write', (t) => {
  fc.assert(
    fc.property(address, (one) => {
      const text = ipv6Text(one);
      t.deepEqual(parseIpv6(text), one);
      t.is(parseIp(text)?.text, text);
      t.is(parseIp(text)?.bits, bitsOf(one));
      if (!text.includes('.')) t.is(new URL(`http://[${text}]/`).hostname, `[${text}]`);
    }),
    { numRuns: 2000 },
  );
});

/** RFC 5952 4 and 5. */
const CANONICAL: readonly (readonly [written: string, canonical: string])[] = [
  ['::', '::'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:0DB8::0001', '2001:db8::1'],
  ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['fe80:0:0:0:0:0:0:0', 'fe80::'],
  ['::ffff:c000:0201', '::ffff:192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
];

test('every way to write an address is read, one is written', (t) => {
  for (const [written, canonical] of CANONICAL) t.is(ipv6Text(octetsOf(written)), canonical, written);
});

test('what is no address is refused', (t) => {
  const wrong = ['', ':', ':::', '1', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3', ':1::', '1:', '1::2:'];
  wrong.push(
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '::1%eth0',
    '[::1]',
    '::1/128',
    ' ::1',
  );
  wrong.push('192.0.2.1', '::192.0.2.1:1', '192.0.2.1::', '::1.2.3', '::256.0.0.1', '1:2:3:4:5:6:7:1.2.3.4');
  for (const text of [...wrong, '::1\n', '::0x1', '::+1'])
    t.is(parseIpv6(text), undefined, JSON.stringify(text));
});

test('damaged texts are read as Node reads them', (t) => {
  const seeds = CANONICAL.flat().map((text) => Buffer.from(text));
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 52)) {
    const text = Buffer.from(octets).toString('latin1');
    const one = parseIpv6(text);
    if ((one !== undefined) !== (isIPv6(text) && !text.includes('%'))) t.fail(JSON.stringify(text));
    if (one === undefined) continue;
    read += 1;
    const expected = new SocketAddress({ family: 'ipv6', address: text }).address;
    if (!sameIpv6(one, octetsOf(expected))) t.fail(`${text} is not ${ipv6Text(one)}`);
  }
  t.true(read > 5000);
});

test('two addresses are the same, and have the same key, when all sixteen octets are', (t) => {
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 127 }), (one, bit) => {
      const other = Uint8Array.from(one);
      t.true(sameIpv6(one, other));
      t.is(ipv6Key(one), ipv6Key(other));
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      t.false(sameIpv6(one, other));
      t.not(ipv6Key(one), ipv6Key(other));
    }),
  );
});

test('the key is that of the address alone, wherever it lies', (t) => {
  const packet = Uint8Array.from({ length: 60 }, (_, i) => i * 4);
  t.is(ipv6Key(packet.subarray(8, 24)), ipv6Key(packet.slice(8, 24)));
  t.is(ipv6Key(packet.subarray(8, 24)).length, 16);
});

/** Borders of what no stranger may be, and what lies beside them. */
const SOURCES: readonly (readonly [text: string, allowed: boolean])[] = [
  ['::', false],
  ['::1', false],
  ['::2', true],
  ['::ffff:192.0.2.1', false],
  ['::ffff:0:0', false],
  ['::fffe:192.0.2.1', true],
  ['ff00::', false],
  ['ff02::1', false],
  ['ffff::', false],
  ['fe80::', false],
  ['fe80::1', false],
  ['febf:ffff::1', false],
  ['fe7f::1', true],
  ['fec0::1', true],
  ['2001::', false],
  ['2001:0:ffff::1', false],
  ['2001:1::1', true],
  ['2000:ffff::1', true],
  ['2001:610:188:2001::1', true],
  ['2002::1', false],
  ['2002:c000:201::1', false],
  ['2003::1', true],
  ['2a01:4f8:1c1c:1a30:c433:6401:f4e2:8001', true],
  ['fc64:bed:9188:1:c433:6401:f4e2:8001', true],
];

test('a stranger is a single node whose address no other tunnel made', (t) => {
  for (const [text, allowed] of SOURCES) t.is(mayBeSource(octetsOf(text)), allowed, text);
});

test('the rule for strangers is that of the table of address classes', (t) => {
  const refused = ['unspecified', 'loopback', 'v4-mapped', 'multicast', 'link-local', 'teredo', '6to4'];
  const begins = fc.constantFrom(...SOURCES.map(([text]) => octetsOf(text).subarray(0, 4)));
  fc.assert(
    fc.property(begins, address, (begin, rest) => {
      const one = Uint8Array.of(...begin, ...rest.subarray(4));
      t.is(mayBeSource(one), !refused.includes(addressClass(ipv6Text(one)) ?? ''), ipv6Text(one));
    }),
    { numRuns: 2000 },
  );
});

test('groups, the link and nobody are known', (t) => {
  t.true(isMulticast(octetsOf('ff02::1')));
  t.false(isMulticast(octetsOf('fe80::1')));
  t.true(isLinkLocal(octetsOf('febf::1')));
  t.false(isLinkLocal(octetsOf('fec0::1')));
  t.true(isUnspecified(octetsOf('::')));
  t.false(isUnspecified(octetsOf('::1')));
});
