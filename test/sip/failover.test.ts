/**
 * From the first packet to the request at a living server: every row of an outage, cold and with knowledge, for
 * REGISTER, INVITE and requests inside a dialog, over UDP and TCP.
 */
import test from 'ava';
import type { Transport } from '#sip/types.ts';
import { DualStack, type Fate, type Server } from '../support/dual_stack.ts';

type Method = 'REGISTER' | 'INVITE';

interface Stage {
  readonly net: DualStack;
  readonly one: Server;
  readonly two: Server;
}

/** A domain with two servers of both families, the first one better. */
function stage(transport: Transport, servers: 1 | 2 = 1): Stage {
  const net = new DualStack();
  const [one, two] = [net.server(1), net.server(2)];
  const groups = [one, two].slice(0, servers).map((server) => net.flows(server, transport));
  net.names.set('server.example', groups);
  return { net, one, two };
}

function ask({ net }: Stage, method: Method, name = 'call'): void {
  if (method === 'REGISTER') net.register();
  else net.call('sip:bob@server.example', name);
}

/** ms from now until a server has the request that `start` causes. */
function time({ net, one, two }: Stage, method: string, start: () => void, within = 5_000): number {
  const begun = net.clock.now;
  const before = one.seen.length + two.seen.length;
  start();
  net.clock.run(within);
  const all = [...one.seen, ...two.seen].sort((a, b) => a.at - b.at);
  const found = all.slice(before).find(({ message }) => message.method === method);
  return found === undefined ? Number.POSITIVE_INFINITY : found.at - begun;
}

const METHODS: readonly Method[] = ['REGISTER', 'INVITE'];
const TRANSPORTS: readonly Transport[] = ['udp', 'tcp'];
const ALL = METHODS.flatMap((method) => TRANSPORTS.map((transport) => [method, transport] as const));

interface Row {
  readonly name: string;
  readonly servers: 1 | 2;
  readonly spoil: (stage: Stage) => void;
  /** Cold, ms. */
  readonly limit: number;
}

function breaking(family: 4 | 6, fate: Fate, which: 'one' | 'both' = 'one') {
  return ({ net, one, two }: Stage) => {
    net.path(one, family).fate = fate;
    if (which === 'both') net.path(two, family).fate = fate;
  };
}

const firstTarget = (fate: Fate) => (all: Stage) => {
  breaking(6, fate)(all);
  breaking(4, fate)(all);
};

const ROWS: readonly Row[] = [
  { name: 'nothing is broken', servers: 1, spoil: () => {}, limit: 50 },
  { name: 'IPv6 is a black hole', servers: 1, spoil: breaking(6, 'black-hole'), limit: 300 },
  { name: 'IPv4 is a black hole', servers: 1, spoil: breaking(4, 'black-hole'), limit: 300 },
  { name: 'IPv6 is prohibited by ICMP', servers: 1, spoil: breaking(6, 'prohibited'), limit: 50 },
  { name: 'IPv6 is refused', servers: 1, spoil: breaking(6, 'refused'), limit: 60 },
  { name: 'the first target is silent', servers: 2, spoil: firstTarget('black-hole'), limit: 300 },
  { name: 'the first target is prohibited by ICMP', servers: 2, spoil: firstTarget('prohibited'), limit: 50 },
  { name: 'the first target refuses', servers: 2, spoil: firstTarget('refused'), limit: 100 },
  {
    name: 'IPv6 is a black hole to both targets',
    servers: 2,
    spoil: breaking(6, 'black-hole', 'both'),
    limit: 300,
  },
];

for (const { name, servers, spoil, limit } of ROWS) {
  for (const [method, transport] of ALL) {
    test(`${method} over ${transport}, ${name}: cold below ${limit} ms, then known below 11 ms`, (t) => {
      const all = stage(transport, servers);
      spoil(all);
      const cold = time(all, method, () => ask(all, method));
      t.true(cold < limit, `${cold}`);
      const known = time(all, method, () => ask(all, method, 'again'));
      t.true(known <= 10, `${known}`);
      t.is(all.net.cause, undefined);
      t.is(all.net.claims, 0);
    });
  }
}

for (const [method, transport] of ALL) {
  test(`${method} over ${transport}: a target that says 503 is left for the next`, (t) => {
    const all = stage(transport, 2);
    all.one.status = 503;
    all.one.headers = [['Retry-After', '120']];
    const begun = all.net.clock.now;
    ask(all, method);
    all.net.clock.run(5_000);
    const there = all.two.first(method);
    t.true(there !== undefined && there.at - begun < 300);
    t.is(all.one.seen.filter(({ message }) => message.method === method).length, 1);
    t.is(
      time(all, method, () => ask(all, method, 'again')),
      10,
    );
    t.is(all.one.seen.filter(({ message }) => message.method === method).length, 1);
  });

  for (const family of [6, 4] as const) {
    test(`${method} over ${transport}: IPv${family} was right and is dead now: below 1 s`, (t) => {
      const all = stage(transport);
      const other = family === 6 ? 4 : 6;
      all.net.path(all.one, other).fate = 'black-hole';
      ask(all, method);
      all.net.clock.run(2_000);
      all.net.path(all.one, other).fate = 'alive';
      all.net.path(all.one, family).fate = 'black-hole';
      const wrong = time(all, method, () => ask(all, method, 'again'));
      t.true(wrong >= 500 && wrong < 1_000, `${wrong}`);
      const known = time(all, method, () => ask(all, method, 'third'));
      t.is(known, 10);
    });
  }

  test(`${method} over ${transport}: IPv6 was right and is refused now: at once`, (t) => {
    const all = stage(transport);
    ask(all, method);
    all.net.clock.run(2_000);
    all.net.path(all.one, 6).fate = 'prohibited';
    const wrong = time(all, method, () => ask(all, method, 'again'));
    t.true(wrong < 50, `${wrong}`);
  });
}

for (const method of METHODS) {
  test(`${method}: a server that ignores OPTIONS gets it from the favourite, later without waiting`, (t) => {
    const all = stage('udp');
    all.one.answersOptions = false;
    const cold = time(all, method, () => ask(all, method));
    t.true(cold <= 400, `${cold}`);
    t.is(all.one.first(method)?.flow.remote.family, 6);
    t.is(
      time(all, method, () => ask(all, method, 'again')),
      10,
    );
    all.net.clock.run(60_000);
    t.is(
      time(all, method, () => ask(all, method, 'third')),
      10,
    );
  });

  test(`${method}: a server that ignores OPTIONS and one dead family: below 2 s, cold and known`, (t) => {
    const all = stage('udp');
    all.one.answersOptions = false;
    all.net.path(all.one, 6).fate = 'black-hole';
    const cold = time(all, method, () => ask(all, method));
    t.true(cold < 2_000, `${cold}`);
    t.is(
      time(all, method, () => ask(all, method, 'again')),
      10,
    );
    all.net.path(all.one, 6).fate = 'alive';
    all.net.path(all.one, 4).fate = 'black-hole';
    const wrong = time(all, method, () => ask(all, method, 'third'));
    t.true(wrong < 2_000, `${wrong}`);
  });
}

for (const method of METHODS) {
  test(`${method}: the family that is told late takes part as soon as it is known`, (t) => {
    const all = stage('udp');
    const { net, one } = all;
    net.path(one, 6).fate = 'black-hole';
    const [six = [], both = []] = [net.flows(one, 'udp', [6]), net.flows(one)];
    net.names.delete('server.example');
    net.locating = (ticket) => {
      net.command({ kind: 'located', ticket, groups: [six], final: false });
      net.clock.after(60, () => net.command({ kind: 'located', ticket, groups: [both] }));
    };
    const late = time(all, method, () => ask(all, method));
    t.true(late < 1_000, `${late}`);
  });
}

test('who failed and had its pause is probed beside the request, never before', (t) => {
  const all = stage('udp');
  const { net, one } = all;
  net.path(one, 6).fate = 'black-hole';
  net.register();
  net.clock.run(60_000);
  net.path(one, 6).fate = 'alive';
  one.probes = 0;
  const known = time(all, 'REGISTER', () => net.register());
  t.is(known, 10);
  t.is(one.seen.at(-1)?.flow.remote.family, 4);
  t.is(one.probes, 1);
  time(all, 'REGISTER', () => net.register());
  t.is(one.seen.at(-1)?.flow.remote.family, 6);
});

test('a server that lives and thinks for seconds gets its request once', (t) => {
  const all = stage('udp', 2);
  all.one.thinks = 3_900;
  all.net.register();
  all.net.clock.run(10_000);
  t.is(all.net.last('registration')?.state, 'registered');
  t.deepEqual(new Set(all.one.seen.map(({ message }) => message.via?.branch)).size, 1);
  t.deepEqual(all.two.seen, []);
});

test('when nobody lives the request ends after 20 s with the reason, and nothing is left of it', (t) => {
  for (const transport of TRANSPORTS) {
    const all = stage(transport, 2);
    breaking(6, 'black-hole', 'both')(all);
    breaking(4, 'black-hole', 'both')(all);
    all.net.call();
    all.net.clock.run(20_000);
    t.is(all.net.cause?.status, 408);
    t.regex(all.net.cause?.reason ?? '', /no answer from/);
    all.net.clock.settle();
    t.is(all.net.load, 0);
    t.is(all.net.claims, 0);
  }
});

test('a large INVITE goes over TCP of the living family, and over UDP of it when TCP is refused or silent', (t) => {
  for (const [tcp, limit] of [
    ['alive', 120],
    ['refused', 150],
    ['black-hole', 1_100],
  ] as const) {
    const all = stage('udp');
    const { net, one } = all;
    net.path(one, 6).fate = 'black-hole';
    net.streams = tcp;
    net.sdp = 'x'.repeat(1_300);
    const large = time(all, 'INVITE', () => net.call());
    const invite = one.first('INVITE');
    t.true(large < limit, `${tcp}: ${large}`);
    t.is(invite?.flow.transport, tcp === 'alive' ? 'tcp' : 'udp');
    t.is(invite?.flow.remote.family, 4);
    t.truthy(net.last('established'));
  }
});

test('a target that said 503 is left alone for its Retry-After, whatever it answers to OPTIONS', (t) => {
  const all = stage('udp', 2);
  const { net, one } = all;
  one.status = 503;
  one.headers = [['Retry-After', '120']];
  net.path(one, 4).rtt = 200;
  net.register();
  net.clock.run(60_000);
  net.register();
  net.clock.run(1_000);
  t.is(one.seen.length, 1);
  one.status = 200;
  net.clock.run(70_000);
  net.register();
  net.clock.run(1_000);
  net.register();
  net.clock.run(1_000);
  t.true(one.seen.length > 1);
});
