/** In which order servers are tried, and when again. */
import test from 'ava';
import type { Network } from '#address/network.ts';
import { type RankRules, ranking, serverOf } from '#provisioning/discovery/candidates.ts';
import { keyOf, marksOf, pathsOf } from '#provisioning/discovery/paths.ts';
import { Retries } from '#provisioning/discovery/retry.ts';
import type { Candidate } from '#provisioning/types.ts';

const NETWORK: Network = {
  addresses: [
    { address: '127.0.0.1', interface: 'lo', prefixLength: 8 },
    { address: '10.9.0.20', interface: 'eth0', prefixLength: 24 },
    { address: '10.9.0.21', interface: 'eth0', prefixLength: 24 },
    { address: '198.51.100.7', interface: 'eth1', prefixLength: 24 },
    { address: '169.254.3.4', interface: 'eth2', prefixLength: 16 },
    { address: '2001:db8::7', interface: 'eth0', prefixLength: 64 },
    { address: 'fe80::7', interface: 'eth0', prefixLength: 64 },
    { address: 'fe80::8', interface: 'eth1', prefixLength: 64, tentative: true },
    { address: 'fe80::9', interface: '6bed4', prefixLength: 64, encapsulated: '6bed4' },
  ],
  defaultRoute: { 4: true, 6: true },
  routers: [{ family: 4, interface: 'eth0', gateway: '10.9.0.1' }],
};
const RULES: RankRules = { allowHttp: false, allowTftp: false, untrusted: new Set(), network: NETWORK };

const candidate = (url: string, more: Partial<Candidate> = {}): Candidate => ({
  ...{ step: 'dhcp', url, family: 4, from: 'test', order: 0 },
  ...more,
});
const order = (candidates: readonly Candidate[], rules: Partial<RankRules> = {}) =>
  ranking(candidates, { ...RULES, ...rules }).order.map((one) => `${one.candidate.url} ${one.trust}`);

test('a path stands before another, whatever it offers', (t) => {
  const all = [
    candidate('https://redirect.example/', { step: 'redirect' }),
    candidate('https://pnp.example/', { step: 'pnp' }),
    candidate('https://sfua.example/', { step: 'sfua' }),
    candidate('http://10.9.0.2/', { step: 'dhcp' }),
    candidate('https://pinned.example/', { step: 'pinned' }),
    candidate('file:///boot/x.yaml', { step: 'drop file' }),
  ];
  t.deepEqual(order(all), [
    'file:///boot/x.yaml file',
    'https://pinned.example/ chain',
    'http://10.9.0.2/ plain',
    'https://sfua.example/ chain',
    'https://pnp.example/ chain',
    'https://redirect.example/ chain',
  ]);
});

test('on one path a vouched certificate stands before an unknown one, that before HTTP, that before TFTP', (t) => {
  const all = ['tftp://10.9.0.2/', 'http://10.9.0.2/', 'https://unknown.example/', 'https://good.example/'];
  const candidates = all.map((url, at) => candidate(url, { order: at }));
  t.deepEqual(order(candidates, { allowTftp: true, untrusted: new Set(['https://unknown.example/']) }), [
    'https://good.example/ chain',
    'https://unknown.example/ first use',
    'http://10.9.0.2/ plain',
    'tftp://10.9.0.2/ tftp',
  ]);
});

test('among equals the order of the options decides, then IPv6', (t) => {
  const all = [
    candidate('https://b.example/', { order: 1 }),
    candidate('https://four.example/'),
    candidate('https://six.example/', { family: 6 }),
  ];
  t.deepEqual(order(all), [
    'https://six.example/ chain',
    'https://four.example/ chain',
    'https://b.example/ chain',
  ]);
});

const PLAIN: readonly (readonly [url: string, taken: boolean])[] = [
  ['http://10.1.2.3/', true],
  ['http://[fd00::1]/', true],
  ['http://[fe80::1]/', true],
  ['http://198.51.100.9/', true],
  ['http://[2001:db8::99]:8080/', true],
  ['http://203.0.113.9/', false],
  ['http://[2001:db8:1::99]/', false],
  // Where a name leads to is seen when it is asked.
  ['http://prov.example/', true],
];

test('HTTP without TLS is for our own network, unless it is allowed', (t) => {
  for (const [url, taken] of PLAIN) {
    t.is(order([candidate(url)]).length, taken ? 1 : 0, url);
    t.is(order([candidate(url)], { allowHttp: true }).length, 1, url);
  }
  t.regex(ranking([candidate('http://203.0.113.9/')], RULES).refused[0]?.why ?? '', /allowHttp/);
  t.regex(ranking([candidate('tftp://10.9.0.2/')], RULES).refused[0]?.why ?? '', /allowTftp/);
  t.is(ranking([candidate('gopher://10.9.0.2/'), candidate('nonsense')], RULES).refused.length, 2);
});

test('a server is a scheme, a host and a port', (t) => {
  t.is(serverOf('https://A.example:443/x?y'), 'https://a.example');
  t.is(serverOf('http://[2001:db8::1]:8080/'), 'http://[2001:db8::1]:8080');
  t.is(serverOf('nonsense'), '');
});

test('each interface with an address of ours is a way to ask, once', (t) => {
  t.deepEqual(pathsOf(NETWORK).map(keyOf), [
    'leases',
    'pnp',
    'dns-sd',
    'redirect',
    'dhcp4 eth0 10.9.0.20',
    'dhcp4 eth1 198.51.100.7',
    'dhcp6 eth0 fe80::7',
    'router eth0 fe80::7',
  ]);
  t.deepEqual(
    pathsOf({ addresses: NETWORK.addresses.slice(0, 1), defaultRoute: { 4: false, 6: false } }),
    [],
  );
});

test('a network is known by its routers and our addresses, not by what every link has', (t) => {
  t.deepEqual(
    [...marksOf(NETWORK)],
    [
      '4 eth0 10.9.0.1',
      'eth0 10.9.0.20',
      'eth0 10.9.0.21',
      'eth1 198.51.100.7',
      'eth2 169.254.3.4',
      'eth0 2001:db8::7',
    ],
  );
});

test('pauses grow as RFC 6011 2.7 has them, to half an hour', (t) => {
  const retries = new Retries(() => 1 / 3);
  const pauses: number[] = [];
  let now = 0;
  for (let i = 0; i < 14; i++) {
    retries.failed('a', now);
    const until = retries.deadline(['a', 'b'], now);
    t.false(retries.mayTry('a', until - 1));
    t.true(retries.mayTry('a', until));
    pauses.push((until - now) / 1000);
    now = until;
  }
  // The RFC's own example.
  t.deepEqual(pauses.slice(0, 6), [4, 6, 10, 18, 34, 66]);
  t.is(Math.max(...pauses), 1_800);
  t.true(retries.mayTry('b', 0));
});

test('a server may ask for a longer pause, not for a shorter one', (t) => {
  const retries = new Retries(() => 0);
  retries.failed('a', 0, 60_000);
  t.is(retries.deadline(['a'], 0), 60_000);
  retries.failed('b', 0, 5);
  t.is(retries.deadline(['b'], 0), 2_000);
  t.is(retries.deadline(['c'], 0), Number.POSITIVE_INFINITY);
});
