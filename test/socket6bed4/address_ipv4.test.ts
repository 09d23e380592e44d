import test from 'ava';
import fc from 'fast-check';
import { addressClass } from '#address/classes.ts';
import { parseIp, parsePrefix } from '#address/ip.ts';
import {
  endKey,
  endText,
  type Ipv4Prefix,
  inIpv4Prefix,
  ipv4Text,
  isForbiddenTarget,
  parseEnd,
  parseIpv4,
  parseIpv4Prefix,
  sameEnd,
} from '#socket6bed4/address/ipv4.ts';
import { mutations } from '../support/mutate.ts';

const ipv4 = fc.integer({ min: 0, max: 0xffffffff });
const port = fc.integer({ min: 1, max: 65535 });
const end = fc.record({ ipv4, port });

const target = (text: string, at = 25790) => ({ ipv4: parseIpv4(text) ?? -1, port: at });
const prefixes = (...texts: string[]): Ipv4Prefix[] => texts.flatMap((text) => parseIpv4Prefix(text) ?? []);

test('an address is read as it is written, from the first to the last', (t) => {
  fc.assert(fc.property(ipv4, (one) => t.is(parseIpv4(ipv4Text(one)), one)));
  t.is(parseIpv4('255.255.255.255'), 0xffffffff);
  t.is(ipv4Text(0xc0000201), '192.0.2.1');
});

test('only four plain decimal octets are an address', (t) => {
  const wrong = ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.4 ', ' 1.2.3.4', '1.2.3.4\n'];
  for (const text of [...wrong, '1..3.4', '0x1.2.3.4', '1.2.3.-4', '1.2.3.4/32', '1.2.3.４', '16909060'])
    t.is(parseIpv4(text), undefined, JSON.stringify(text));
});

test('damaged texts are read as the rest of the firmware reads them', (t) => {
  const seeds = ['192.0.2.1', '255.255.255.255', '0.0.0.0', '10.20.30.40'].map((text) => Buffer.from(text));
  let read = 0;
  for (const octets of mutations(seeds, 20_000, 6)) {
    const text = Buffer.from(octets).toString('latin1');
    const ip = parseIp(text);
    if (parseIpv4(text) !== (ip?.family === 4 ? Number(ip.bits) : undefined)) t.fail(JSON.stringify(text));
    if (ip?.family === 4) read += 1;
  }
  t.true(read > 500);
});

test('an end is read as it is written, and has one key', (t) => {
  fc.assert(
    fc.property(end, end, (one, other) => {
      t.deepEqual(parseEnd(endText(one), 1), one);
      t.is(endKey(one) === endKey(other), sameEnd(one, other));
      t.true(sameEnd(one, { ...one }));
      t.false(sameEnd(one, { ...one, port: one.port ^ 1 }));
      t.not(endKey(one), endKey({ ...one, ipv4: (one.ipv4 ^ 0x80000000) >>> 0 }));
    }),
  );
  t.not(endKey({ ipv4: 1, port: 65535 }), endKey({ ipv4: 2, port: 0 }));
  t.true(Number.isSafeInteger(endKey({ ipv4: 0xffffffff, port: 65535 })));
});

test('an end without a port gets the default one', (t) => {
  t.deepEqual(parseEnd('192.0.2.1', 25790), { ipv4: 0xc0000201, port: 25790 });
  t.deepEqual(parseEnd('192.0.2.1:25788', 25790), { ipv4: 0xc0000201, port: 25788 });
  const wrong = ['', ':1', '192.0.2.1:', '192.0.2.1:0', '192.0.2.1:65536', '192.0.2.1:+1', '192.0.2.1:1e3'];
  for (const text of [...wrong, '192.0.2.1:01', '192.0.2.1:1:2', 'router.example:1', '[192.0.2.1]:1'])
    t.is(parseEnd(text, 25790), undefined, text);
});

test('a prefix holds what the rest of the firmware says it holds', (t) => {
  fc.assert(
    fc.property(ipv4, fc.integer({ min: 0, max: 32 }), ipv4, (base, length, near) => {
      const text = `${ipv4Text(base)}/${length}`;
      const [prefix = { ipv4: -1, length: -1 }] = prefixes(text);
      t.is(prefix.ipv4, Number(parsePrefix(text)?.bits));
      t.is(prefix.length, length);
      // One that shares exactly the first bits up to one that is chosen, and one from anywhere.
      const flipped = length === 0 ? near : (base ^ (1 << (32 - length))) >>> 0;
      t.true(inIpv4Prefix((prefix.ipv4 | (length === 32 ? 0 : near >>> length)) >>> 0, prefix));
      t.is(inIpv4Prefix(flipped, prefix), length === 0);
    }),
  );
});

test('a prefix of a wrong length is none', (t) => {
  t.deepEqual(prefixes('192.0.2.1'), [{ ipv4: 0xc0000201, length: 32 }]);
  for (const text of [
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/08',
    '1.2.3.4/-1',
    '1.2.3/8',
    '/8',
    '1.2.3.4/8/8',
    '',
  ])
    t.is(parseIpv4Prefix(text), undefined, text);
});

/** First and last of what may never be sent to, and their neighbours, which may. */
const BORDERS: readonly (readonly [first: string, last: string, below: string, above: string])[] = [
  ['0.0.0.0', '0.255.255.255', '', '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['224.0.0.0', '255.255.255.255', '223.255.255.255', ''],
];

test('what is private, loopback, link-local, multicast or reserved is never sent to, its neighbours are', (t) => {
  for (const [first, last, below, above] of BORDERS) {
    t.true(isForbiddenTarget(target(first)), first);
    t.true(isForbiddenTarget(target(last)), last);
    if (below !== '') t.false(isForbiddenTarget(target(below)), below);
    if (above !== '') t.false(isForbiddenTarget(target(above)), above);
  }
});

test('what is forbidden is what the table of address classes calls so', (t) => {
  const forbidden = ['this-network', 'unspecified', 'private', 'loopback', 'link-local', 'multicast'];
  forbidden.push('reserved', 'broadcast');
  const anywhere = fc.oneof(
    ipv4,
    fc.constantFrom(...BORDERS.flat().filter((text) => text !== '')).map(target),
  );
  fc.assert(
    fc.property(anywhere, (one) => {
      const to = typeof one === 'number' ? { ipv4: one, port: 1 } : one;
      const name = addressClass(ipv4Text(to.ipv4)) ?? '';
      t.is(isForbiddenTarget(to), forbidden.includes(name), ipv4Text(to.ipv4));
    }),
    { numRuns: 1000 },
  );
});

test('port 0 is never sent to', (t) => {
  t.true(isForbiddenTarget(target('192.0.2.1', 0)));
  t.true(isForbiddenTarget(target('192.168.1.2', 0), prefixes('192.168.1.0/24')));
});

test('a private target on the link is allowed where somebody asked for it, a group or nobody never', (t) => {
  const onLink = prefixes('192.168.1.0/24', '10.0.0.0/8');
  t.false(isForbiddenTarget(target('192.168.1.2'), onLink));
  t.false(isForbiddenTarget(target('10.255.0.1'), onLink));
  t.true(isForbiddenTarget(target('192.168.2.2'), onLink));
  t.true(isForbiddenTarget(target('172.16.0.1'), onLink));
  t.true(isForbiddenTarget(target('10.0.0.1'), []));
  for (const text of ['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'])
    t.true(isForbiddenTarget(target(text), prefixes('0.0.0.0/0')), text);
});
