import test from 'ava';
import { isTeredo } from '#address/ip.ts';
import type { SrvRecord } from '#sip/locate/dns.ts';
import { inSrvOrder } from '#sip/locate/srv.ts';
import { seededRandom } from '../support/mutate.ts';
import { answered, denied, record, targets, told, World } from './locate_world.ts';

const DUAL = { 'A example.com': ['192.0.2.1'], 'AAAA example.com': ['2001:db8::1'] };
const BOTH = ['udp example.com [2001:db8::1]:5060', 'udp example.com 192.0.2.1:5060'];

test('what is asked for a name alone goes out at once', (t) => {
  const dns = new World({ zone: DUAL, delay: 20 });
  dns.start();
  t.deepEqual([...dns.asked].sort(), [
    'A example.com',
    'AAAA example.com',
    'NAPTR example.com',
    'SRV _sip._tcp.example.com',
    'SRV _sip._udp.example.com',
    'SRV _sips._tcp.example.com',
  ]);
});

test('a cold search takes one round trip, two where SRV names other hosts', (t) => {
  const plain = new World({ zone: DUAL, delay: 20 });
  const start = plain.clock.now;
  t.deepEqual(told(plain.locate()), BOTH);
  t.is(plain.located[0]?.at, start + 20);
  const srv = new World({
    zone: {
      'SRV _sip._udp.example.com': ['0 0 5070 pbx.example.com'],
      'A pbx.example.com': ['192.0.2.7'],
    },
    delay: 20,
  });
  t.deepEqual(told(srv.locate()), ['udp pbx.example.com 192.0.2.7:5070']);
  t.is(srv.located[0]?.at, srv.clock.now - 5_000 + 40);
});

test('NAPTR: the lowest order with something of use decides, whatever its preference; inside it preference does', (t) => {
  const zone = {
    'NAPTR example.com': [
      '20 1 s SIP+D2U _sip._udp.example.com',
      '10 90 s SIP+D2T _sip._tcp.example.com',
      '10 10 s SIPS+D2T _sips._tcp.example.com',
      '5 1 s SIP+D2S _sip._sctp.example.com',
      '5 2 u E2U+sip _sip._udp.example.com',
    ],
    'SRV _sip._udp.example.com': ['0 0 5060 u.example.com'],
    'SRV _sip._tcp.example.com': ['0 0 5060 t.example.com'],
    'SRV _sips._tcp.example.com': ['0 0 5061 s.example.com'],
    'A u.example.com': ['192.0.2.1'],
    'A t.example.com': ['192.0.2.2'],
    'A s.example.com': ['192.0.2.3'],
  };
  t.deepEqual(targets(new World({ zone }).locate()), ['tls s.example.com', 'tcp t.example.com']);
  t.deepEqual(targets(new World({ zone, transports: ['udp', 'tcp'] }).locate()), ['tcp t.example.com']);
  t.deepEqual(targets(new World({ zone, transports: ['udp'] }).locate()), ['udp u.example.com']);
});

test('NAPTR: a higher order is used where the lower one leads to no server', (t) => {
  const zone = {
    'NAPTR example.com': ['10 1 s SIP+D2T _sip._tcp.example.com', '20 1 S sip+d2u _sip._udp.example.com'],
    'SRV _sip._udp.example.com': ['0 0 5060 u.example.com'],
    'A u.example.com': ['192.0.2.1'],
  };
  t.deepEqual(targets(new World({ zone }).locate()), ['udp u.example.com']);
});

test('NAPTR without any SRV leaves the name itself, over the transport that NAPTR prefers', (t) => {
  const zone = { ...DUAL, 'NAPTR example.com': ['10 1 s SIPS+D2T _sips._tcp.example.com'] };
  t.deepEqual(told(new World({ zone }).locate()), [
    'tls example.com [2001:db8::1]:5061',
    'tls example.com 192.0.2.1:5061',
  ]);
});

test('NAPTR with a regular expression is none of SIP', (t) => {
  const naptr = {
    ...record('example.com', 'NAPTR', '10 1 s SIP+D2T _sip._tcp.example.com'),
    regexp: '!^.*$!sip:x!',
  };
  const zone = { ...DUAL, 'NAPTR example.com': answered([naptr as ReturnType<typeof record>]) };
  t.deepEqual(told(new World({ zone }).locate()), BOTH);
});

test('without NAPTR each transport with SRV is used: UDP, TCP, TLS as we like them', (t) => {
  const zone = {
    'SRV _sips._tcp.example.com': ['1 0 5061 c.example.com'],
    'SRV _sip._tcp.example.com': ['1 0 5060 b.example.com'],
    'SRV _sip._udp.example.com': ['5 0 5060 a2.example.com', '4 0 5060 a1.example.com'],
    ...Object.fromEntries(['a1', 'a2', 'b', 'c'].map((host) => [`A ${host}.example.com`, ['192.0.2.1']])),
  };
  const found = new World({ zone }).locate();
  t.deepEqual(targets(found), [
    'udp a1.example.com',
    'udp a2.example.com',
    'tcp b.example.com',
    'tls c.example.com',
  ]);
  t.deepEqual(
    found.candidates.map(({ group }) => group),
    [0, 1, 2, 3],
  );
  t.deepEqual(targets(new World({ zone, transports: ['tcp', 'udp'] }).locate())[0], 'tcp b.example.com');
  t.deepEqual(targets(new World({ zone }).locate({ secure: true })), ['tls c.example.com']);
  t.deepEqual(targets(new World({ zone }).locate({ transport: 'tls' })), ['tls c.example.com']);
});

test('servers of the same priority are one group, and each keeps its own addresses', (t) => {
  const zone = {
    'SRV _sip._udp.example.com': [
      '1 0 5060 a.example.com',
      '1 0 5062 b.example.com',
      '2 0 5064 c.example.com',
    ],
    'A a.example.com': ['192.0.2.1'],
    'AAAA a.example.com': ['2001:db8::1'],
    'A b.example.com': ['192.0.2.2'],
    'A c.example.com': ['192.0.2.3'],
  };
  const { candidates } = new World({ zone, transports: ['udp'], random: () => 0 }).locate();
  t.deepEqual(
    candidates.map(({ target, group, addresses }) => [target, group, addresses.length]),
    [
      ['a.example.com', 0, 2],
      ['b.example.com', 0, 1],
      ['c.example.com', 1, 1],
    ],
  );
});

test('SRV "." means decidedly not there: no other question is an answer to that', (t) => {
  const none = { 'SRV _sip._udp.example.com': ['0 0 0 .'] };
  const alone = new World({ zone: { ...DUAL, ...none } });
  t.regex(String(told(alone.locate())), /example\.com offers no SIP/);
  t.regex(String(told(alone.locate({ transport: 'udp' }))), /offers no SIP/);
  const other = new World({
    zone: { ...DUAL, ...none, 'SRV _sip._tcp.example.com': ['0 0 5060 example.com'] },
  });
  t.deepEqual(targets(other.locate()), ['tcp example.com']);
});

test('when no target of SRV has an address, the name itself is not used instead', (t) => {
  const zone = { ...DUAL, 'SRV _sip._udp.example.com': ['0 0 5060 gone.example.com'] };
  t.regex(
    String(told(new World({ zone }).locate())),
    /no address that could be found \(gone\.example\.com does not exist\)/,
  );
});

test('an SRV target that is an address is taken as one', (t) => {
  const zone = { 'SRV _sip._udp.example.com': ['0 0 5060 192.0.2.9'] };
  const dns = new World({ zone });
  t.deepEqual(told(dns.locate()), ['udp 192.0.2.9 192.0.2.9:5060']);
  t.false(dns.asked.includes('A 192.0.2.9'));
});

test('localhost, names of one label and .local are asked for addresses only, localhost for nothing', (t) => {
  const dns = new World({ zone: { 'A pbx': ['192.0.2.1'], 'A phone.local': ['192.0.2.2'] } });
  t.deepEqual(told(dns.locate({ host: 'localhost' })), [
    'udp localhost [::1]:5060',
    'udp localhost 127.0.0.1:5060',
  ]);
  t.deepEqual(told(dns.locate({ host: 'a.LOCALHOST.', port: 5080 })), [
    'udp a.localhost [::1]:5080',
    'udp a.localhost 127.0.0.1:5080',
  ]);
  t.deepEqual(dns.asked, []);
  t.deepEqual(told(dns.locate({ host: 'pbx' })), ['udp pbx 192.0.2.1:5060']);
  t.deepEqual(told(dns.locate({ host: 'phone.local' })), ['udp phone.local 192.0.2.2:5060']);
  t.deepEqual([...dns.asked].sort(), ['A pbx', 'A phone.local', 'AAAA pbx', 'AAAA phone.local']);
});

test('names that can be nowhere are not asked for', (t) => {
  const dns = new World({ zone: {} });
  t.regex(String(told(dns.locate({ host: 'x.invalid', port: 5060 }))), /does not exist/);
  t.regex(String(told(dns.locate({ host: 'a..b' }))), /is no host name/);
  t.regex(String(told(dns.locate({ host: `${'a'.repeat(64)}.com` }))), /is no host name/);
  t.deepEqual(dns.asked, []);
});

test('the family that the account demands is the only one asked for and the only one told', (t) => {
  const dns = new World({ zone: DUAL });
  t.deepEqual(told(dns.locate({ family: 4, port: 5060 })), ['udp example.com 192.0.2.1:5060']);
  t.deepEqual(dns.asked, ['A example.com']);
  const only4 = new World({
    zone: { 'A example.com': ['192.0.2.1'], 'AAAA example.com': denied('NOERROR') },
  });
  t.regex(String(told(only4.locate({ family: 6 }))), /no address for IPv6/);
  t.regex(
    String(told(only4.locate({ host: '192.0.2.1', family: 6 }))),
    /IPv4 address, and only IPv6 is wanted/,
  );
  t.regex(
    String(told(only4.locate({ host: '2001:db8::1', family: 4 }))),
    /IPv6 address, and only IPv4 is wanted/,
  );
});

test('sips goes over TLS or nowhere', (t) => {
  t.regex(
    String(told(new World({ zone: DUAL, transports: ['udp', 'tcp'] }).locate({ secure: true }))),
    /TLS/,
  );
  t.regex(
    String(told(new World({ zone: DUAL }).locate({ secure: true, transport: 'udp' }))),
    /cannot travel over UDP/,
  );
  t.deepEqual(told(new World({ zone: DUAL }).locate({ secure: true, transport: 'tcp', port: 5071 })), [
    'tls example.com [2001:db8::1]:5071',
    'tls example.com 192.0.2.1:5071',
  ]);
  t.is(new World({ zone: DUAL }).locate({ secure: true }).domain, 'example.com');
});

const NEVER = [
  ['2001:0:53aa:64c::1', /Teredo/],
  ['::ffff:192.0.2.1', /IPv4 written as IPv6/],
  ['::c000:201', /IPv4 written as IPv6/],
  ['::', /unspecified/],
  ['0.0.0.0', /unspecified/],
  ['224.0.1.75', /multicast/],
  ['ff02::1', /multicast/],
  ['255.255.255.255', /broadcast/],
  ['fe80::1', /without a zone/],
] as const;

for (const [address, why] of NEVER) {
  test(`${address} is never a target, neither as written nor from DNS`, (t) => {
    t.regex(String(told(new World({ zone: {} }).locate({ host: address }))), why);
    const type = address.includes(':') ? 'AAAA' : 'A';
    const mixed = new World({
      zone: {
        'A example.com': ['192.0.2.1'],
        [`${type} example.com`]: [address, type === 'A' ? '192.0.2.1' : '2001:db8::1'],
      },
    });
    const found = mixed.locate({ port: 5060 });
    t.deepEqual(
      found.refused.map((each) => each.address),
      [address],
    );
    t.false(found.candidates.some(({ addresses }) => addresses.some((end) => end.address === address)));
    t.true(found.candidates.length > 0);
    const alone = new World({ zone: { [`${type} example.com`]: [address] } });
    t.regex(String(told(alone.locate())), why);
  });
}

test('neighbours of the Teredo prefix are addresses like others', (t) => {
  for (const host of ['2001:1::1', '2001:610::1', '2000:ffff::1']) {
    t.false(isTeredo(host));
    t.deepEqual(told(new World({ zone: {} }).locate({ host })), [`udp ${host} [${host}]:5060`]);
  }
});

test('a Teredo address as target of SRV is dropped and told', (t) => {
  const zone = {
    'SRV _sip._udp.example.com': ['1 0 5060 a.example.com', '2 0 5060 b.example.com'],
    'AAAA a.example.com': ['2001::5ef5:79fb'],
    'A b.example.com': ['192.0.2.2'],
  };
  const found = new World({ zone }).locate();
  t.deepEqual(targets(found), ['udp b.example.com']);
  t.deepEqual(
    found.refused.map(({ address }) => address),
    ['2001::5ef5:79fb'],
  );
});

test('addresses of one target are put in order by who knows how', (t) => {
  const zone = { ...DUAL };
  const dns = new World({ zone, inAddressOrder: (ends) => ends.toSorted((a, b) => a.family - b.family) });
  t.deepEqual(told(dns.locate({ port: 5060 })), [...BOTH].reverse());
});

const srv = (priority: number, weight: number, target: string): SrvRecord => {
  return { type: 'SRV', name: '_sip._udp.x', ttl: 1, priority, weight, port: 5060, target };
};

/** Zeros stand first, the others as they came. Weights 0, 3, 1: running sums 0, 3, 4; the draw is 0 to 4. */
const DRAWS = [
  [0, 'zero'],
  [1, 'three'],
  [3, 'three'],
  [4, 'one'],
] as const;

for (const [draw, first] of DRAWS) {
  test(`RFC 2782: of weights 3, 0 and 1 a draw of ${draw} takes "${first}"`, (t) => {
    const records = [srv(1, 3, 'three'), srv(1, 0, 'zero'), srv(1, 1, 'one')];
    t.is(inSrvOrder(records, () => draw / 5)[0]?.target, first);
  });
}

test('RFC 2782: priorities are never mixed, whatever the draw', (t) => {
  const random = seededRandom(2782);
  const records = [srv(20, 65_535, 'c'), srv(10, 0, 'a'), srv(20, 1, 'd'), srv(10, 9, 'b')];
  for (let i = 0; i < 1_000; i++) {
    const order = inSrvOrder(records, random);
    t.deepEqual(
      order.map(({ priority }) => priority),
      [10, 10, 20, 20],
    );
    t.is(new Set(order.map(({ target }) => target)).size, 4);
  }
});

test('RFC 2782: weights share the load; weight 0 wins rarely but not never', (t) => {
  const random = seededRandom(1);
  const firsts: Record<string, number> = {};
  for (let i = 0; i < 10_000; i++) {
    const first =
      inSrvOrder([srv(1, 75, 'big'), srv(1, 24, 'small'), srv(1, 0, 'zero')], random)[0]?.target ?? '';
    firsts[first] = (firsts[first] ?? 0) + 1;
  }
  // One hundred values of the draw: 0 is zero's, 24 are small's, 75 big's; bounds of about five deviations.
  t.true(Math.abs((firsts.big ?? 0) - 7_500) < 220, JSON.stringify(firsts));
  t.true(Math.abs((firsts.small ?? 0) - 2_400) < 220, JSON.stringify(firsts));
  t.true((firsts.zero ?? 0) > 50 && (firsts.zero ?? 0) < 150, JSON.stringify(firsts));
});
