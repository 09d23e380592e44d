/** Whole discoveries, on a clock that jumps. */
import test from 'ava';
import type { Network } from '#address/network.ts';
import { Discovery, type DiscoveryEffect, type DiscoveryInput } from '#provisioning/discovery/discovery.ts';
import { type Facts, NO_FACTS } from '#provisioning/discovery/facts.ts';
import type { Candidate } from '#provisioning/types.ts';
import { Clock } from '../../support/clock.ts';

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

const foundBy = (step: Candidate['step'], ...urls: readonly string[]): readonly Candidate[] =>
  urls.map((url, order) => ({ step, url, family: 4, from: 'test', order }));

/** `random`: what comes of chance, one after the other, then nothing. */
function stand(...random: number[]) {
  const clock = new Clock(0);
  const machine = new Discovery(() => random.shift() ?? 0);
  const done: { readonly effect: DiscoveryEffect; readonly at: number }[] = [];
  const give = clock.drive<DiscoveryInput, DiscoveryEffect>(machine, (effect) =>
    done.push({ effect, at: clock.now }),
  );
  const of = <K extends DiscoveryEffect['kind']>(kind: K) =>
    done.flatMap(({ effect, at }) => (isOf(effect, kind) ? [{ ...effect, at }] : []));
  return { clock, machine, give, of };
}

function isOf<K extends DiscoveryEffect['kind']>(
  effect: DiscoveryEffect,
  kind: K,
): effect is Extract<DiscoveryEffect, { readonly kind: K }> {
  return effect.kind === kind;
}

/** Each time candidates were told: ms and their URLs. */
const told = (one: ReturnType<typeof stand>) =>
  one.of('candidates').map(({ candidates, at }) => `${[at, ...candidates.map(({ url }) => url)].join(' ')}`);

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

test('three seconds after the first answer all that is known is told, and then what is new at once', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  one.clock.run(1_000);
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://four.example/') });
  one.clock.run(2_900);
  const six = { step: 'dhcp', url: 'https://six.example/', family: 6, from: 'test', order: -1 } as const;
  one.give({ kind: 'facts', path: DHCP6, source: 'b', facts: { ...NO_FACTS, candidates: [six] } });
  one.give({ kind: 'candidates', path: 'pnp', candidates: foundBy('pnp', 'https://pnp.example/') });
  t.deepEqual(told(one), []);
  one.clock.run(20_000);
  const first = 'https://six.example/ https://four.example/ https://pnp.example/';
  t.deepEqual(told(one), [`4000 ${first}`]);
  one.give({ kind: 'candidates', path: 'dns-sd', candidates: foundBy('dns-sd', 'https://late.example/') });
  t.deepEqual(told(one).slice(1), [`23900 ${first} https://late.example/`]);
});

test('what was told before is not told again, and what is not repeated is not gone', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  const both = named('https://a.example/', 'https://b.example/');
  for (const facts of [both, named('https://b.example/'), both, NO_FACTS, both]) {
    one.give({ kind: 'facts', path: DHCP4, source: 'a', facts });
    one.clock.run(4_000);
  }
  t.deepEqual(told(one), ['3000 https://a.example/ https://b.example/']);
});

test('a lease without anything for us begins no waiting', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: { ...NO_FACTS, ntp: ['10.9.0.3'] } });
  t.is(one.machine.deadline, Number.POSITIVE_INFINITY);
  t.is(one.of('facts').length, 1);
  one.clock.run(60_000);
  one.give({ kind: 'facts', path: DHCP4, source: 'b', facts: named('https://a.example/') });
  one.clock.run(10_000);
  t.deepEqual(told(one), ['63000 https://a.example/']);
});

test('domains are asked for their service as soon as they are known, each once', (t) => {
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
  one.clock.run(100_000_000);
  t.is(one.of('ask').length, 1);
  t.deepEqual(told(one), ['3000 https://cs.example/cfg']);
  t.like(one.of('candidates')[0]?.candidates[0], { step: 'sfua', domain: 'lan.example' });
});

test('a question that failed is repeated as RFC 6011 2.7 has it, however long', (t) => {
  const one = stand(1 / 3);
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: inDomain('lan.example') });
  for (let id = 1; id < 60; id++) {
    t.is(one.of('ask').at(-1)?.id, id);
    one.give({ kind: 'answer', id, answer: { failure: 'nobody answers' } });
    while (one.of('ask').length === id) one.clock.step();
  }
  const times = one.of('ask').map(({ at }) => at / 1000);
  const gaps = times.slice(1).map((at, i) => Math.round(at - (times[i] ?? 0)));
  // The RFC's own example.
  t.deepEqual(gaps.slice(0, 6), [4, 6, 10, 18, 34, 66]);
  t.is(Math.max(...gaps), 1_800);
});

test('a domain without a service is asked again after an hour', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: inDomain('lan.example') });
  one.give({ kind: 'answer', id: 1, answer: { records: [] } });
  one.clock.run(3_600_000);
  t.deepEqual(
    one.of('ask').map(({ at }) => at),
    [0, 3_600_000],
  );
});

test('another network begins anew: what the old one said is void, and that is told', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://a.example/') });
  one.give({ kind: 'facts', path: DHCP6, source: 'b', facts: inDomain('lan.example') });
  one.clock.run(4_000);
  one.give({ kind: 'network', network: NOWHERE });
  one.give({ kind: 'network', network: ELSEWHERE });
  t.deepEqual(told(one), ['3000 https://a.example/', '4000']);
  t.deepEqual(one.of('facts').at(-1)?.facts, NO_FACTS);
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://late.example/') });
  one.clock.run(10_000);
  t.is(told(one).length, 2, 'a word of the old network that comes late');
  const path = 'dhcp4 eth0 192.168.7.20';
  const again = { ...named('https://a.example/'), domains: inDomain('lan.example').domains };
  one.give({ kind: 'facts', path, source: 'a', facts: again });
  one.clock.run(3_000);
  t.deepEqual(told(one).slice(2), ['17000 https://a.example/']);
  t.is(one.of('ask').length, 2, 'the same domain may have another service there');
});

test('a network that gets another family, or a restarted router, is the same', (t) => {
  const one = stand();
  const { routers: _, ...routerless } = HOME;
  one.give({ kind: 'network', network: HOME });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://a.example/') });
  one.clock.run(4_000);
  one.give({ kind: 'network', network: routerless });
  const more = { address: '2001:db8::7', interface: 'eth0', prefixLength: 64 };
  one.give({ kind: 'network', network: { ...HOME, addresses: [...HOME.addresses, more] } });
  one.clock.run(3_600_000);
  t.is(told(one).length, 1);
  t.is(one.of('end').length, 0);
});

test('who shouts many names is heard to a point, and keeps nobody of a better path out', (t) => {
  const one = stand();
  one.give({ kind: 'network', network: HOME });
  const many = Array.from({ length: 10_000 }, (_, i) => `https://h${i}.example/`);
  one.give({ kind: 'candidates', path: 'pnp', candidates: foundBy('pnp', ...many) });
  one.give({ kind: 'facts', path: DHCP4, source: 'a', facts: named('https://dhcp.example/') });
  for (let i = 0; i < 100; i++)
    one.give({ kind: 'facts', path: DHCP6, source: `${i}`, facts: named(`https://s${i}.example/`) });
  one.clock.run(60_000);
  const urls =
    one
      .of('candidates')
      .at(-1)
      ?.candidates.map(({ url }) => url) ?? [];
  t.is(urls.length, 64);
  t.is(urls.filter((url) => url.startsWith('https://s')).length, 16);
  t.true(urls.includes('https://dhcp.example/'));
});
