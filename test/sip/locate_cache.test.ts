/** What is remembered, for how long, and what of an answer is believed. */
import test from 'ava';
import type { DnsRecord } from '#sip/locate/dns.ts';
import { answered, denied, record, told, World } from './locate_world.ts';

const PORT = { port: 5060 } as const;
const HOUR = 3_600_000;

/** How often a question was asked. */
const times = (dns: World, question: string) => dns.asked.filter((each) => each === question).length;

test('an answer is kept for its time to live and not longer', (t) => {
  const zone = { 'A example.com': answered([record('example.com', 'A', '192.0.2.1', 60)]) };
  const dns = new World({ zone });
  const first = dns.locate({ ...PORT, family: 4 });
  t.is(first.validUntil, dns.clock.now - 5_000 + 60_000);
  dns.clock.run(50_000);
  dns.locate({ ...PORT, family: 4 });
  t.is(times(dns, 'A example.com'), 1);
  dns.clock.run(5_000);
  dns.locate({ ...PORT, family: 4 });
  t.is(times(dns, 'A example.com'), 2);
});

test('a time to live of 0 serves those who wait for it and nobody after', (t) => {
  const zone = { 'A example.com': answered([record('example.com', 'A', '192.0.2.1', 0)]) };
  const dns = new World({ zone, delay: 10 });
  const tickets = [dns.start({ ...PORT, family: 4 }), dns.start({ ...PORT, family: 4 })];
  dns.clock.run(100);
  t.deepEqual(
    dns.located.map(({ ticket, candidates }) => [ticket, candidates.length]),
    tickets.map((ticket) => [ticket, 1]),
  );
  t.is(times(dns, 'A example.com'), 1);
  dns.locate({ ...PORT, family: 4 });
  t.is(times(dns, 'A example.com'), 2);
});

test('records live at most a day, whatever they say', (t) => {
  const zone = { 'A example.com': answered([record('example.com', 'A', '192.0.2.1', 2_000_000)]) };
  const dns = new World({ zone });
  const start = dns.clock.now;
  t.is(dns.locate({ ...PORT, family: 4 }).validUntil, start + 24 * HOUR);
});

const soa = (name: string, ttl: number, minimum: number): DnsRecord => ({ type: 'SOA', name, ttl, minimum });

/** RFC 2308 5: the lesser of the TTL of the SOA record and its minimum; none without a SOA of the zone. Seconds. */
const NEGATIVE = [
  ['the minimum of SOA', denied('NXDOMAIN', soa('com', 900, 60)), 60],
  ['the TTL of SOA', denied('NOERROR', soa('example.com', 30, 60)), 30],
  ['no longer than an hour', denied('NXDOMAIN', soa('', 90_000, 90_000)), 3_600],
  ['not at all without SOA', { ...denied(), authorities: [] }, 0],
  ['not at all with the SOA of strangers', denied('NXDOMAIN', soa('example.net', 900, 900)), 0],
] as const;

for (const [title, answer, seconds] of NEGATIVE) {
  test(`a denial is kept: ${title}`, (t) => {
    const dns = new World({ zone: { 'A example.com': answer } });
    const start = dns.clock.now;
    const { validUntil, error } = dns.locate({ ...PORT, family: 4 });
    t.is(validUntil, start + seconds * 1000);
    t.is(/does not exist/.test(error ?? ''), answer.rcode === 'NXDOMAIN');
  });
}

test('a failure is asked again soon, but not with every transaction', (t) => {
  const dns = new World({ zone: { 'A example.com': { failure: '192.0.2.53 does not answer' } } });
  dns.start({ ...PORT, family: 4 });
  dns.clock.run(1_000);
  t.regex(dns.located[0]?.error ?? '', /192\.0\.2\.53 does not answer/);
  dns.start({ ...PORT, family: 4 });
  t.is(times(dns, 'A example.com'), 1);
  dns.clock.run(5_000);
  dns.start({ ...PORT, family: 4 });
  t.is(times(dns, 'A example.com'), 2);
});

test('while no name server answers, records past their time serve on, for a day', (t) => {
  const dns = new World({ zone: { 'A example.com': ['192.0.2.1'] } });
  dns.locate({ ...PORT, family: 4 });
  dns.zone = { 'A example.com': { failure: 'down' } };
  dns.clock.run(HOUR);
  t.deepEqual(told(dns.locate({ ...PORT, family: 4 })), ['udp example.com 192.0.2.1:5060']);
  dns.clock.run(HOUR);
  t.deepEqual(told(dns.locate({ ...PORT, family: 4 })), ['udp example.com 192.0.2.1:5060']);
  t.is(times(dns, 'A example.com'), 3);
  dns.clock.run(24 * HOUR);
  t.regex(String(told(dns.locate({ ...PORT, family: 4 }))), /down/);
});

test('the memory is bounded', (t) => {
  const dns = new World({ zone: {} });
  for (let i = 0; i < 600; i++) dns.start({ host: `h${i}.example.com`, port: 5060, family: 4 });
  dns.clock.run(100);
  dns.start({ host: 'h599.example.com', port: 5060, family: 4 });
  t.is(times(dns, 'A h599.example.com'), 1);
  dns.start({ host: 'h0.example.com', port: 5060, family: 4 });
  t.is(times(dns, 'A h0.example.com'), 2);
});

test('aliases are followed within an answer and from answer to answer', (t) => {
  const zone = {
    'A example.com': answered([
      record('example.com', 'A', '-> a.example.com', 7),
      record('a.example.com', 'A', '-> b.example.net'),
      record('b.example.net', 'A', '192.0.2.1'),
    ]),
    'AAAA example.com': ['-> c.example.net'],
    'AAAA c.example.net': ['-> d.example.net'],
    'AAAA d.example.net': ['2001:db8::1'],
  };
  const dns = new World({ zone });
  const start = dns.clock.now;
  const found = dns.locate(PORT);
  t.deepEqual(told(found), ['udp example.com [2001:db8::1]:5060', 'udp example.com 192.0.2.1:5060']);
  t.is(found.validUntil, start + 7_000);
});

test('an alias whose end has no such record is a denial', (t) => {
  const answer = {
    ...denied('NOERROR'),
    answers: [record('example.com', 'A', '-> a.example.com')],
  };
  const dns = new World({ zone: { 'A example.com': answer } });
  t.regex(String(told(dns.locate({ ...PORT, family: 4 }))), /no address/);
  t.false(dns.asked.includes('A a.example.com'));
});

const LOOPS = {
  'within an answer': {
    'A example.com': answered([
      record('example.com', 'A', '-> a.example.com'),
      record('a.example.com', 'A', '-> example.com'),
    ]),
  },
  'from answer to answer': { 'A example.com': ['-> a.example.com'], 'A a.example.com': ['-> example.com'] },
  'of one name': { 'A example.com': ['-> example.com'] },
  'without end': Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `A ${i === 0 ? '' : `n${i}.`}example.com`,
      [`-> n${i + 1}.example.com`],
    ]),
  ),
};

for (const [title, zone] of Object.entries(LOOPS)) {
  test(`aliases that lead nowhere end with a clear error: ${title}`, (t) => {
    const dns = new World({ zone });
    t.regex(String(told(dns.locate({ ...PORT, family: 4 }))), /CNAME loop/);
    t.true(dns.asked.length <= 10, `${dns.asked.length} questions`);
  });
}

test('records of other names in an answer count for nothing', (t) => {
  const zone = {
    'A example.com': answered([
      record('evil.example.com', 'A', '203.0.113.66'),
      record('example.com', 'A', '192.0.2.1'),
      record('example.net', 'A', '203.0.113.66'),
    ]),
    'A example.net': ['192.0.2.2'],
  };
  const dns = new World({ zone });
  t.deepEqual(told(dns.locate({ ...PORT, family: 4 })), ['udp example.com 192.0.2.1:5060']);
  t.deepEqual(told(dns.locate({ ...PORT, host: 'example.net', family: 4 })), [
    'udp example.net 192.0.2.2:5060',
  ]);
});

const SRV = '_sip._udp.example.com';
const UDP = { transport: 'udp', family: 4 } as const;

test('additional records of targets within the domain save a round trip', (t) => {
  const zone = {
    [`SRV ${SRV}`]: answered(
      [record(SRV, 'SRV', '1 0 5060 pbx.example.com')],
      [record('pbx.example.com', 'A', '192.0.2.1')],
    ),
  };
  const dns = new World({ zone });
  t.deepEqual(told(dns.locate(UDP)), ['udp pbx.example.com 192.0.2.1:5060']);
  t.false(dns.asked.includes('A pbx.example.com'));
});

test('additional records of one family do not deny the other', (t) => {
  const zone = {
    [`SRV ${SRV}`]: answered(
      [record(SRV, 'SRV', '1 0 5060 pbx.example.com')],
      [record('pbx.example.com', 'A', '192.0.2.1')],
    ),
    'AAAA pbx.example.com': ['2001:db8::1'],
  };
  t.deepEqual(told(new World({ zone }).locate({ transport: 'udp' })), [
    'udp pbx.example.com [2001:db8::1]:5060',
    'udp pbx.example.com 192.0.2.1:5060',
  ]);
});

/** What a liar may add: addresses of another domain, of a name that no record names, and of a look-alike. */
const LIES = [
  ['pbx.example.net', 'pbx.example.net', '192.0.2.1'],
  ['pbx.notexample.com', 'pbx.notexample.com', '192.0.2.1'],
] as const;

for (const [target, name, truth] of LIES) {
  test(`additional records are not believed of ${target}`, (t) => {
    const zone = {
      [`SRV ${SRV}`]: answered(
        [record(SRV, 'SRV', `1 0 5060 ${target}`)],
        [record(name, 'A', '203.0.113.66')],
      ),
      [`A ${target}`]: [truth],
    };
    t.deepEqual(told(new World({ zone }).locate(UDP)), [`udp ${target} ${truth}:5060`]);
  });
}

test('additional records of names that the answer does not name are not kept', (t) => {
  const zone = {
    [`SRV ${SRV}`]: answered(
      [record(SRV, 'SRV', '1 0 5060 pbx.example.com')],
      [record('pbx.example.com', 'A', '192.0.2.1'), record('www.example.com', 'A', '203.0.113.66')],
    ),
    'A www.example.com': ['192.0.2.3'],
  };
  const dns = new World({ zone });
  dns.locate(UDP);
  t.deepEqual(told(dns.locate({ ...PORT, host: 'www.example.com', family: 4 })), [
    'udp www.example.com 192.0.2.3:5060',
  ]);
});

test('an additional record never replaces an answer that is still good', (t) => {
  const zone = {
    'A pbx.example.com': ['192.0.2.1'],
    [`SRV ${SRV}`]: answered(
      [record(SRV, 'SRV', '1 0 5060 pbx.example.com')],
      [record('pbx.example.com', 'A', '203.0.113.66')],
    ),
  };
  const dns = new World({ zone });
  dns.locate({ ...PORT, host: 'pbx.example.com', family: 4 });
  t.deepEqual(told(dns.locate(UDP)), ['udp pbx.example.com 192.0.2.1:5060']);
});

test('an address of the wrong kind is no address', (t) => {
  const zone = {
    'A example.com': answered([
      { type: 'A', name: 'example.com', ttl: 9, address: '2001:db8::1' },
      { type: 'A', name: 'example.com', ttl: 9, address: 'nonsense' },
    ]),
  };
  t.regex(String(told(new World({ zone }).locate({ ...PORT, family: 4 }))), /no address/);
});
