/** The machine: what is asked, when it is told, and that it always ends. */
import test from 'ava';
import fc from 'fast-check';
import type { DnsAnswer, DnsRecord } from '#sip/locate/dns.ts';
import { seededRandom } from '../support/mutate.ts';
import { answered, denied, record, targets, told, World, type Zone } from './locate_world.ts';

const DUAL = { 'A example.com': ['192.0.2.1'], 'AAAA example.com': ['2001:db8::1'] };
const PORT = { port: 5060 } as const;

test('who asks for the same waits for the same question', (t) => {
  const dns = new World({ zone: DUAL, delay: 30 });
  dns.start(PORT);
  dns.start({ host: 'EXAMPLE.com.', port: 5080 });
  t.deepEqual([...dns.asked].sort(), ['A example.com', 'AAAA example.com']);
  dns.clock.run(1_000);
  t.deepEqual(
    dns.located.map((each) => told(each)[0]),
    ['udp example.com [2001:db8::1]:5060', 'udp example.com [2001:db8::1]:5080'],
  );
});

test('what is known is told at once and asks nothing', (t) => {
  const dns = new World({ zone: DUAL, delay: 30 });
  dns.locate();
  const before = dns.asked.length;
  dns.start();
  t.is(dns.located.length, 2);
  t.is(dns.asked.length, before);
  t.is(dns.deadline, Infinity);
});

test('RFC 8305 3: a late family is waited for 50 ms, then what is there is told, and all of it later', (t) => {
  const dns = new World({ zone: DUAL, delays: { 'AAAA example.com': 400 }, delay: 20 });
  const start = dns.clock.now;
  dns.start(PORT);
  dns.clock.run(1_000);
  t.deepEqual(
    dns.located.map(({ at, final, candidates }) => [at - start, final, candidates[0]?.addresses.length]),
    [
      [70, false, 1],
      [400, true, 2],
    ],
  );
});

test('a family that comes within 50 ms is told together with the other', (t) => {
  const dns = new World({ zone: DUAL, delays: { 'AAAA example.com': 60 }, delay: 20 });
  dns.start(PORT);
  dns.clock.run(1_000);
  t.deepEqual(
    dns.located.map(({ final, candidates }) => [final, candidates[0]?.addresses.length]),
    [[true, 2]],
  );
});

test('a server behind a slow name holds up nobody but itself', (t) => {
  const zone = {
    'SRV _sip._udp.example.com': ['1 0 5060 a.example.com', '2 0 5060 slow.example.com'],
    'A a.example.com': ['192.0.2.1'],
    'A slow.example.com': ['192.0.2.2'],
  };
  const dns = new World({ zone, delays: { 'A slow.example.com': 900 }, delay: 20 });
  const start = dns.clock.now;
  dns.start({ transport: 'udp' });
  dns.clock.run(2_000);
  t.deepEqual(
    dns.located.map((each) => [each.at - start, targets(each)]),
    [
      [90, ['udp a.example.com']],
      [920, ['udp a.example.com', 'udp slow.example.com']],
    ],
  );
});

test('early, a server is not told before one that stands above it and may still come', (t) => {
  const zone = {
    'SRV _sip._udp.example.com': [
      '1 0 5060 a.example.com',
      '2 0 5060 slow.example.com',
      '3 0 5060 c.example.com',
    ],
    ...Object.fromEntries(['a', 'slow', 'c'].map((host) => [`A ${host}.example.com`, ['192.0.2.1']])),
  };
  const delays = { 'A slow.example.com': 900 };
  const dns = new World({ zone, delays, delay: 20 });
  dns.start({ transport: 'udp' });
  dns.clock.run(2_000);
  t.deepEqual(
    dns.located.map((each) => each.candidates.length),
    [1, 3],
  );
});

test('a worse server is never told before the better one is known or denied', (t) => {
  const zone = {
    'SRV _sip._udp.example.com': ['1 0 5060 slow.example.com', '2 0 5060 b.example.com'],
    'A slow.example.com': ['192.0.2.1'],
    'A b.example.com': ['192.0.2.2'],
  };
  const dns = new World({
    zone,
    delays: { 'A slow.example.com': 900, 'AAAA slow.example.com': 900 },
    delay: 20,
  });
  dns.start({ transport: 'udp' });
  dns.clock.run(2_000);
  t.deepEqual(dns.located.map(targets), [['udp slow.example.com', 'udp b.example.com']]);
});

test('a router that swallows NAPTR and SRV costs a second, not the call', (t) => {
  const silent = { 'NAPTR example.com': 'silence', 'SRV _sip._udp.example.com': 'silence' } as const;
  const dns = new World({ zone: { ...DUAL, ...silent } });
  const start = dns.clock.now;
  const found = dns.locate();
  t.is(told(found).length, 2);
  t.is(dns.located[0]?.at, start + 1_000);
});

test('a search ends after three seconds with what there is', (t) => {
  const dns = new World({ zone: { 'A example.com': ['192.0.2.1'], 'AAAA example.com': 'silence' } });
  const start = dns.clock.now;
  dns.start(PORT);
  dns.clock.run(10_000);
  t.deepEqual(
    dns.located.map(({ at, final }) => [at - start, final]),
    [
      [50, false],
      [3_000, true],
    ],
  );
  const nobody = new World({ zone: { 'A example.com': 'silence', 'AAAA example.com': 'silence' } });
  t.regex(String(told(nobody.locate())), /no name server answered in time/);
  t.is(nobody.deadline, Infinity);
});

test('when one family cannot be looked up, the other one is enough', (t) => {
  const zone: Zone = { ...DUAL, 'AAAA example.com': { failure: '192.0.2.53 says SERVFAIL' } };
  t.deepEqual(told(new World({ zone }).locate(PORT)), ['udp example.com 192.0.2.1:5060']);
});

test('the draw by weight is made once per search and anew for the next', (t) => {
  const zone = {
    'SRV _sip._udp.example.com': Array.from({ length: 8 }, (_, i) => `1 10 5060 s${i}.example.com`),
    ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`A s${i}.example.com`, [`192.0.2.${i}`]])),
  };
  const delays = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`A s${i}.example.com`, 20 * i]));
  const dns = new World({ zone, delays, random: seededRandom(5) });
  const ticket = dns.start({ transport: 'udp' });
  dns.clock.run(4_000);
  const orders = dns.located.filter((each) => each.ticket === ticket).map(targets);
  const [last = []] = orders.slice(-1);
  for (const order of orders)
    t.deepEqual(
      order,
      last.filter((target) => order.includes(target)),
    );
  const later = Array.from({ length: 10 }, () => targets(dns.locate({ transport: 'udp' })).join());
  t.true(new Set(later).size > 1);
});

test('when the network changes, what was known is void and open searches begin anew', (t) => {
  const dns = new World({ zone: DUAL, delay: 100 });
  dns.locate(PORT);
  dns.start({ ...PORT, host: 'other.example.com' });
  dns.clock.run(50);
  dns.zone = { 'A example.com': ['192.0.2.9'], 'A other.example.com': ['192.0.2.8'] };
  dns.give({ kind: 'forget' });
  dns.clock.run(500);
  t.deepEqual(told(dns.located.at(-1) ?? dns.locate()), ['udp other.example.com 192.0.2.8:5060']);
  t.is(dns.asked.filter((question) => question === 'A other.example.com').length, 2);
  t.deepEqual(told(dns.locate(PORT)), ['udp example.com 192.0.2.9:5060']);
});

test('answers that nobody waits for are ignored', (t) => {
  const dns = new World({ zone: DUAL });
  dns.give({ kind: 'answer', id: 4711, answer: denied() });
  t.deepEqual(dns.located, []);
});

test('a domain with very many servers costs a bounded number of questions', (t) => {
  const zone = {
    'SRV _sip._udp.example.com': Array.from({ length: 200 }, (_, i) => `${i} 0 5060 s${i}.example.com`),
    ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`A s${i}.example.com`, ['192.0.2.1']])),
  };
  const dns = new World({ zone });
  t.is(dns.locate({ transport: 'udp' }).candidates.length, 16);
  t.true(dns.asked.length <= 64);
});

const NAMES = [
  'example.com',
  '_sip._udp.example.com',
  '_sip._tcp.example.com',
  '_sips._tcp.example.com',
  'a.b',
  '',
];
const name = fc.constantFrom(...NAMES);
const small = fc.integer({ min: 0, max: 3 });
const anyRecord: fc.Arbitrary<DnsRecord> = fc.oneof(
  fc.record({
    type: fc.constantFrom('A', 'AAAA'),
    name,
    ttl: small,
    address: fc.constantFrom('192.0.2.1', '2001:db8::1', '2001::1', 'x'),
  }),
  fc.record({ type: fc.constant('CNAME'), name, ttl: small, target: name }),
  fc.record({
    type: fc.constant('SRV'),
    name,
    ttl: small,
    priority: small,
    weight: small,
    port: small,
    target: name,
  }),
  fc.record({
    type: fc.constant('NAPTR'),
    name,
    ttl: small,
    order: small,
    preference: small,
    flags: fc.constantFrom('s', 'S', 'u', ''),
    services: fc.constantFrom('SIP+D2U', 'SIPS+D2T', 'E2U+sip'),
    regexp: fc.constantFrom('', '!x!'),
    replacement: name,
  }),
  fc.record({ type: fc.constant('SOA'), name, ttl: small, minimum: small }),
);
const section = fc.array(anyRecord, { maxLength: 6 });
const anyAnswer: fc.Arbitrary<DnsAnswer> = fc.record({
  rcode: fc.constantFrom('NOERROR', 'NXDOMAIN'),
  answers: section,
  authorities: section,
  additionals: section,
});

test('whatever is answered, each search ends once, in time, with servers or a reason', (t) => {
  const types = ['A', 'AAAA', 'SRV', 'NAPTR'];
  const questions = types.flatMap((type) => NAMES.map((each) => `${type} ${each}`));
  fc.assert(
    fc.property(
      fc.array(anyAnswer, { minLength: questions.length, maxLength: questions.length }),
      (answers) => {
        const zone = Object.fromEntries(questions.map((question, i) => [question, answers[i] ?? denied()]));
        const dns = new World({ zone, delay: 1 });
        const { candidates, error } = dns.locate();
        t.is(candidates.length === 0, error !== undefined);
        t.true(candidates.every(({ addresses }) => addresses.length > 0));
        t.false(JSON.stringify(candidates).includes('"2001::1"'));
        t.is(dns.deadline, Infinity);
      },
    ),
    { numRuns: 300 },
  );
});

test('an answer section in any order says the same', (t) => {
  const chain = [
    record('example.com', 'A', '-> a.example.com'),
    record('a.example.com', 'A', '-> b.example.com'),
    record('b.example.com', 'A', '192.0.2.1'),
  ];
  for (const answers of [chain, chain.toReversed()]) {
    const dns = new World({ zone: { 'A example.com': answered(answers) } });
    t.deepEqual(told(dns.locate({ ...PORT, family: 4 })), ['udp example.com 192.0.2.1:5060']);
  }
});
