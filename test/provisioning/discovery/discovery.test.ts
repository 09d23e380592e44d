/** Whole discoveries, on a clock that jumps. */
import test from 'ava';
import type { Network } from '#address/network.ts';
import {
  Discovery,
  type DiscoveryEffect,
  type DiscoveryInput,
  type DiscoveryOptions,
  type Outcome,
  type Pin,
} from '#provisioning/discovery/discovery.ts';
import { type Facts, NO_FACTS } from '#provisioning/discovery/facts.ts';
import type { DeviceIdentity } from '#provisioning/identity.ts';
import type { Candidate } from '#provisioning/types.ts';
import { Clock } from '../../support/clock.ts';

const IDENTITY: DeviceIdentity = {
  ...{ mac: 'dca632010203', model: 'Test', version: '1.0.0', vendor: 'dualtone.example' },
  ...{ board: 'board', machine: 'machine' },
};

const HOME: Network = {
  addresses: [
    { address: '10.9.0.20', interface: 'eth0', prefixLength: 24 },
    { address: 'fe80::7', interface: 'eth0', prefixLength: 64 },
  ],
  defaultRoute: { 4: true, 6: false },
  routers: [{ family: 4, interface: 'eth0', gateway: '10.9.0.1' }],
};
const ELSEWHERE: Network = {
  addresses: [
    { address: '192.168.7.20', interface: 'eth0', prefixLength: 24 },
    { address: 'fe80::7', interface: 'eth0', prefixLength: 64 },
  ],
  defaultRoute: { 4: true, 6: false },
  routers: [{ family: 4, interface: 'eth0', gateway: '192.168.7.1' }],
};
const NOWHERE: Network = { addresses: [], defaultRoute: { 4: false, 6: false } };
const DHCP4 = 'dhcp4 eth0 10.9.0.20';
const DHCP6 = 'dhcp6 eth0 fe80::7';

const named = (...urls: readonly string[]): Facts => ({
  ...NO_FACTS,
  candidates: urls.map((url, order) => ({ step: 'dhcp', url, family: 4, from: 'test', order })),
});
const inDomain = (domain: string): Facts => ({
  ...NO_FACTS,
  domains: [{ domain, kind: 'network', family: 4, from: 'test' }],
});

/** A discovery whose servers do as `servers` says: by URL; others cannot be reached. */
function stand(
  servers: Record<string, Outcome['kind'] | readonly Outcome['kind'][]> = {},
  more: Partial<DiscoveryOptions> = {},
) {
  const clock = new Clock(0);
  const machine = new Discovery({
    identity: IDENTITY,
    allowHttp: false,
    allowTftp: false,
    random: () => 1 / 3,
    ...more,
  });
  const done: { readonly effect: DiscoveryEffect; readonly at: number }[] = [];
  const asked = new Map<string, number>();
  const give = clock.drive<DiscoveryInput, DiscoveryEffect>(machine, (effect) => {
    done.push({ effect, at: clock.now });
    if (effect.kind !== 'fetch') return;
    const { url } = effect.candidate;
    const outcomes = [servers[url] ?? 'unreachable'].flat();
    const count = asked.get(url) ?? 0;
    asked.set(url, count + 1);
    const kind = outcomes[Math.min(count, outcomes.length - 1)] ?? 'unreachable';
    const { id } = effect;
    clock.after(10, () => give({ kind: 'fetched', id, outcome: { kind } }));
  });
  const of = <K extends DiscoveryEffect['kind']>(kind: K) =>
    done.flatMap(({ effect, at }) => (isOf(effect, kind) ? [{ ...effect, at }] : []));
  return { clock, give, of };
}

function isOf<K extends DiscoveryEffect['kind']>(
  effect: DiscoveryEffect,
  kind: K,
): effect is Extract<DiscoveryEffect, { readonly kind: K }> {
  return effect.kind === kind;
}

const fetches = (one: ReturnType<typeof stand>) =>
  one.of('fetch').map(({ candidate, trust }) => `${candidate.url} ${trust}`);

test('all paths begin at once, and each ends with its address', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  t.deepEqual(
    one.of('begin').map(({ path, at }) => `${path.kind} ${at}`),
    ['leases 0', 'pnp 0', 'dns-sd 0', 'redirect 0', 'dhcp4 0', 'dhcp6 0', 'router 0'],
  );
  one.give({ kind: 'network', network: { ...HOME, addresses: HOME.addresses.slice(0, 1) } });
  t.deepEqual(
    one.of('end').map(({ path }) => path.kind),
    ['dhcp6', 'router'],
  );
});

test('three seconds after the first answer the best of all is asked, and nobody after it', (t) => {
  const one = stand({ 'https://six.example/': 'taken' });
  one.give({ kind: 'network', network: HOME });
  one.clock.run(1_000);
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://four.example/') });
  one.clock.run(2_900);
  const six = { step: 'dhcp', url: 'https://six.example/', family: 6, from: 'test', order: 0 } as const;
  one.give({ kind: 'facts', path: DHCP6, source: 'b', facts: { ...NO_FACTS, candidates: [six] } });
  t.deepEqual(fetches(one), []);
  one.clock.run(100);
  t.deepEqual(fetches(one), ['https://six.example/ chain']);
  t.is(one.of('fetch')[0]?.at, 4_000);
  one.clock.run(24 * 3_600_000);
  t.is(one.of('fetch').length, 1);
  t.deepEqual(
    one.of('settled').map(({ candidate, offered }) => [candidate.url, ...offered]),
    [['https://six.example/', 'https://six.example', 'https://four.example']],
  );
  t.deepEqual(one.of('server change'), [], 'those that were there from the start are no news');
});

test('a lease without anything for us begins no waiting', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: { ...NO_FACTS, ntp: ['10.9.0.3'] } });
  one.clock.settle();
  t.deepEqual(fetches(one), []);
  t.is(one.of('facts').length, 1);
});

test('who has nothing for us is followed by the next at once, and asked again after an hour', (t) => {
  const one = stand({ 'https://a.example/': ['nothing', 'taken'], 'https://b.example/': 'nothing' });
  one.give({ kind: 'network', network: HOME });
  one.give({
    kind: 'facts',
    path: DHCP4,
    source: 'a',
    facts: named('https://a.example/', 'https://b.example/'),
  });
  one.clock.run(2 * 3_600_000);
  t.deepEqual(
    one.of('fetch').map(({ candidate, at }) => `${candidate.url} ${at}`),
    ['https://a.example/ 3000', 'https://b.example/ 3010', 'https://a.example/ 3603010'],
  );
});

test('who cannot be reached is tried again as RFC 6011 2.7 has it, however long', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://a.example/') });
  one.clock.run(24 * 3_600_000);
  const times = one.of('fetch').map(({ at }) => at);
  const gaps = times.slice(1).map((at, i) => Math.round((at - (times[i] ?? 0)) / 1000));
  t.deepEqual(gaps.slice(0, 6), [4, 6, 10, 18, 34, 66]);
  t.is(Math.max(...gaps), 1_800);
  t.true(times.length > 40);
});

test('a certificate that nobody vouches for is taken at first use, after all others of its path', (t) => {
  const one = stand({
    'https://a.example/': ['untrusted', 'taken'],
    'https://b.example/': 'nothing',
    'http://10.9.0.2/': 'taken',
  });
  one.give({ kind: 'network', network: HOME });
  const urls = ['https://a.example/', 'http://10.9.0.2/', 'https://b.example/'];
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named(...urls) });
  one.clock.run(10_000);
  t.deepEqual(fetches(one), [
    'https://a.example/ chain',
    'https://b.example/ chain',
    'https://a.example/ first use',
  ]);
});

const PIN: Pin = { url: 'https://pinned.example/', offered: ['https://known.example'] };

test('the pinned server is asked at once, another never; that there is another is told once', (t) => {
  const one = stand({ 'https://pinned.example/': 'unreachable' }, { pin: PIN });
  one.give({ kind: 'network', network: HOME });
  t.deepEqual(fetches(one), ['https://pinned.example/ pinned']);
  const facts = named(
    'https://known.example/x',
    'https://pinned.example/y',
    'https://rogue.example/',
    'https://rogue.example/2',
  );
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts });
  one.clock.run(3_600_000);
  t.deepEqual([...new Set(fetches(one))], ['https://pinned.example/ pinned']);
  t.deepEqual(
    one.of('server change').map(({ candidate, at }) => `${candidate.url} ${at}`),
    ['https://rogue.example/ 3000'],
  );
});

test('a key press pins another server, which is then asked', (t) => {
  const one = stand({ 'https://pinned.example/': 'taken', 'https://new.example/': 'taken' }, { pin: PIN });
  one.give({ kind: 'network', network: HOME });
  one.clock.run(5_000);
  one.give({ kind: 'pinned', pin: { url: 'https://new.example/', offered: [] } });
  one.clock.run(5_000);
  t.deepEqual(fetches(one), ['https://pinned.example/ pinned', 'https://new.example/ pinned']);
  t.deepEqual(one.of('settled'), [], 'it is pinned already');
});

test('a pinned server whose certificate is another is not trusted anew', (t) => {
  const one = stand({ 'https://pinned.example/': 'untrusted' }, { pin: PIN });
  one.give({ kind: 'network', network: HOME });
  one.clock.run(3 * 3_600_000);
  t.deepEqual([...new Set(fetches(one))], ['https://pinned.example/ pinned']);
  t.deepEqual(
    one.of('fetch').map(({ at }) => Math.round(at / 3_600_000)),
    [0, 1, 2],
  );
});

test('domains are asked for their service as soon as they are known, each once', (t) => {
  const url = /^https:\/\/cs\.example\/cfg\?sfua-id=urn:uuid:00000000-0000-1000-8000-dca632010203&/;
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: inDomain('lan.example') });
  const [question] = one.of('ask');
  t.is(question?.domain, 'lan.example');
  const record = {
    order: 1,
    preference: 1,
    flags: 'u',
    services: 'SFUA.CFG',
    regexp: '!.*!https://cs.example/cfg!',
  };
  one.give({ kind: 'answer', id: question?.id ?? 0, answer: { records: [record] } });
  one.give({ kind: 'facts', path: DHCP6, source: 'b', facts: inDomain('lan.example') });
  one.clock.run(3_000);
  t.is(one.of('ask').length, 1);
  t.regex(fetches(one)[0] ?? '', url);
});

test('a question that failed is repeated, a domain without a service is asked again after an hour', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: inDomain('lan.example') });
  one.give({ kind: 'answer', id: 1, answer: { failure: 'nobody answers' } });
  one.clock.run(4_000);
  t.deepEqual(
    one.of('ask').map(({ at }) => at),
    [0, 4_000],
  );
  one.give({ kind: 'answer', id: 2, answer: { records: [] } });
  one.clock.run(3_600_000);
  t.is(one.of('ask')[2]?.at, 3_604_000);
});

test('another network begins anew: what the old one said and who failed there is forgotten', (t) => {
  const one = stand({ 'https://a.example/': ['nothing', 'taken'] });
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://a.example/') });
  one.clock.run(4_000);
  one.give({ kind: 'network', network: NOWHERE });
  one.give({ kind: 'network', network: ELSEWHERE });
  t.is(one.of('ranked').at(-1)?.ranking.order.length, 0);
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://late.example/') });
  t.is(one.of('ranked').at(-1)?.ranking.order.length, 0, 'a word of the old network that comes late');
  one.give({
    kind: 'facts',
    path: 'dhcp4 eth0 192.168.7.20',
    source: 'a',
    facts: named('https://a.example/'),
  });
  one.clock.run(4_000);
  t.deepEqual(fetches(one), ['https://a.example/ chain', 'https://a.example/ chain']);
});

test('a network that gets another family, or a restarted router, is the same', (t) => {
  const one = stand({ 'https://a.example/': 'taken' });
  const { routers: _, ...routerless } = HOME;
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://a.example/') });
  one.clock.run(4_000);
  one.give({ kind: 'network', network: routerless });
  const more = { address: '2001:db8::7', interface: 'eth0', prefixLength: 64 };
  one.give({ kind: 'network', network: { ...HOME, addresses: [...HOME.addresses, more] } });
  one.clock.run(3_600_000);
  t.is(fetches(one).length, 1);
  t.is(one.of('end').length, 0);
});

test('what comes after the first choice is tried while nobody has given anything', (t) => {
  const one = stand({ 'https://a.example/': 'nothing', 'https://pnp.example/': 'taken' });
  const late: Candidate = { step: 'pnp', url: 'https://pnp.example/', family: 4, from: 'test', order: 0 };
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://a.example/') });
  one.clock.run(20_000);
  one.give({ kind: 'candidates', path: 'pnp', candidates: [late] });
  one.clock.run(100);
  t.is(one.of('settled')[0]?.candidate.url, 'https://pnp.example/');
});

test('a drop file waits for nobody', (t) => {
  const one = stand({ 'file:///boot/x.yaml': 'taken' });
  const file: Candidate = {
    step: 'drop file',
    url: 'file:///boot/x.yaml',
    family: undefined,
    from: 'test',
    order: 0,
  };
  one.give({ kind: 'candidates', path: 'start', candidates: [file] });
  t.deepEqual(fetches(one), ['file:///boot/x.yaml file']);
});

test('who shouts many names is heard to a point', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  const many = Array.from({ length: 10_000 }, (_, i) => `https://h${i}.example/`);
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named(...many) });
  one.clock.run(60_000);
  t.true((one.of('ranked').at(-1)?.ranking.order.length ?? 0) <= 64);
});
