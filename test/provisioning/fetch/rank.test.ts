/** In which order servers are asked, and which are not. */
import test from 'ava';
import fc from 'fast-check';
import { isOnLink, type Network } from '#address/network.ts';
import { closedWay, compareRanks, mayBePlain, type Ranked } from '#provisioning/fetch/rank.ts';
import { STEPS } from '#provisioning/types.ts';

const ranked = (
  url: string,
  more: Partial<Ranked['candidate']> & Partial<Pick<Ranked, 'told' | 'firstUse'>> = {},
): Ranked => {
  const { told = false, firstUse = false, ...candidate } = more;
  return { told, url, firstUse, candidate: { step: 'dhcp', order: 0, family: 4, ...candidate } };
};
const sorted = (all: readonly Ranked[]) =>
  all
    .toSorted(compareRanks)
    .map(({ url, firstUse }) => `${new URL(url).host}${firstUse ? ' first use' : ''}`);

test('a path stands before another, whatever it offers; where we are told to go, before all', (t) => {
  const all = [
    ranked('https://redirect/', { step: 'redirect' }),
    ranked('https://dns-sd/', { step: 'dns-sd' }),
    ranked('https://pnp/', { step: 'pnp' }),
    ranked('https://sfua/', { step: 'sfua' }),
    ranked('http://dhcp/', { step: 'dhcp' }),
    ranked('https://pinned/', { step: 'pinned' }),
    ranked('http://drop/', { step: 'drop file' }),
    ranked('tftp://told/', { told: true, step: 'redirect' }),
  ];
  t.deepEqual(sorted(all), ['told', 'drop', 'pinned', 'dhcp', 'sfua', 'pnp', 'dns-sd', 'redirect']);
});

test('on one path a vouched certificate stands before an unknown one, that before HTTP, that before TFTP', (t) => {
  const all = ['tftp://tftp/', 'http://http/', 'https://unknown/', 'https://good/'];
  const candidates = all.map((url, order) => ranked(url, { order, firstUse: url === 'https://unknown/' }));
  t.deepEqual(sorted(candidates), ['good', 'unknown first use', 'http', 'tftp']);
});

test('among equals the order of the options decides, then IPv6', (t) => {
  const all = [
    ranked('https://b/', { order: 1, family: 6 }),
    ranked('https://unknown/', { family: undefined }),
    ranked('https://four/'),
    ranked('https://six/', { family: 6 }),
  ];
  t.deepEqual(sorted(all), ['six', 'four', 'unknown', 'b']);
});

test('any three places are in one order', (t) => {
  const place = fc.record({
    told: fc.boolean(),
    firstUse: fc.constant(false),
    url: fc.constantFrom('https://a/', 'http://a/', 'tftp://a/'),
    candidate: fc.record({
      step: fc.constantFrom(...STEPS),
      order: fc.nat(2),
      family: fc.constantFrom(4, 6, undefined),
    }),
  });
  fc.assert(
    fc.property(place, place, place, (a, b, c) => {
      t.is(Math.sign(compareRanks(a, b)) + Math.sign(compareRanks(b, a)), 0);
      if (compareRanks(a, b) <= 0 && compareRanks(b, c) <= 0) t.true(compareRanks(a, c) <= 0);
    }),
    { numRuns: 5000 },
  );
});

const NETWORK: Network = {
  addresses: [
    { address: '10.9.0.20', interface: 'eth0', prefixLength: 24 },
    { address: '198.51.100.7', interface: 'eth1', prefixLength: 24 },
    { address: '2001:db8::7', interface: 'eth0', prefixLength: 64 },
  ],
  defaultRoute: { 4: true, 6: true },
};
const onLink = (address: string) => ['eth0', 'eth1'].some((name) => isOnLink(NETWORK, name, address));

for (const [address, near] of [
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['fd00::1', true],
  ['fe80::1', true],
  ['198.51.100.9', true],
  ['::ffff:198.51.100.9', true],
  ['2001:db8::99', true],
  ['203.0.113.9', false],
  ['::ffff:203.0.113.9', false],
  ['2001:db8:1::99', false],
] as const) {
  test(`HTTP without TLS to ${address} is ${near ? 'near enough' : 'too far, unless it is allowed'}`, (t) => {
    t.is(mayBePlain(address, { allowHttp: false, onLink }), near);
    t.true(mayBePlain(address, { allowHttp: true, onLink }));
  });
}

test('what is no address is not asked by HTTP', (t) => {
  t.false(mayBePlain('', { allowHttp: true }));
  t.false(mayBePlain('198.51.100.9', { allowHttp: false }), 'nobody knows the link');
  const isThat = (address: string) => address === '198.51.100.9';
  t.true(mayBePlain('::ffff:198.51.100.9', { allowHttp: false, onLink: isThat }));
});

test('tftp is asked only where that is allowed', (t) => {
  t.regex(closedWay('tftp://192.0.2.1/x', { allowTftp: false }) ?? '', /allowTftp/);
  t.is(closedWay('tftp://192.0.2.1/x', { allowTftp: true }), undefined);
  t.is(closedWay('http://192.0.2.1/x', { allowTftp: false }), undefined);
});
