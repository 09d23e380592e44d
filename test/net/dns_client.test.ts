/** The DNS client against small servers on loopback that drop, delay, cut, lie and fail. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '#address/endpoint.ts';
import { DnsClient } from '#net/dns/client.ts';
import type { DnsAnswer, DnsFailure } from '#sip/locate/dns.ts';
import {
  ADDRESS,
  address,
  after,
  type Behaviour,
  dnsServer,
  FLAGS,
  good,
  response,
  saying,
  silent,
} from './dns_server.ts';

const QUESTION = { name: 'example.com', type: 'A' } as const;

function client(t: ExecutionContext, ...servers: readonly { readonly end: Endpoint }[]): DnsClient {
  const made = new DnsClient({ servers: () => servers.map(({ end }) => end) });
  t.teardown(() => made.close());
  return made;
}

function addresses(answer: DnsAnswer | DnsFailure): readonly string[] | string {
  if ('failure' in answer) return answer.failure;
  return answer.answers.flatMap((record) =>
    record.type === 'A' || record.type === 'AAAA' ? [record.address] : [],
  );
}

async function timed<T>(doing: Promise<T>): Promise<readonly [result: T, ms: number]> {
  const start = performance.now();
  const result = await doing;
  return [result, performance.now() - start];
}

/** A port of loopback where nobody listens. */
async function deadEnd(): Promise<{ readonly end: Endpoint }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return { end: { family: 4, address: '127.0.0.1', port } };
}

test('a question has EDNS with 1232 octets, wants recursion, and is answered', async (t) => {
  const server = await dnsServer(t, good);
  t.deepEqual(addresses(await client(t, server).ask(QUESTION)), ['192.0.2.1']);
  const [query] = server.queries;
  const [opt] = query?.packet.additionals ?? [];
  t.is(query?.question, 'A example.com');
  t.true(query?.packet.flag_rd);
  t.is(opt?.type === 'OPT' ? opt.udpPayloadSize : 0, 1232);
});

test('SRV, NAPTR, CNAME and SOA come through with what the rules need', async (t) => {
  const server = await dnsServer(t, () => [
    {
      flags: FLAGS.available,
      answers: [
        { type: 'CNAME', name: 'Example.COM', ttl: 9, data: 'Other.example.com' },
        {
          type: 'SRV',
          name: 'other.example.com',
          ttl: 8,
          data: { priority: 1, weight: 2, port: 5062, target: 'PBX.example.com' },
        },
        {
          type: 'SRV',
          name: 'other.example.com',
          ttl: 8,
          data: { priority: 0, weight: 0, port: 0, target: '.' },
        },
        {
          type: 'NAPTR',
          name: 'example.com',
          ttl: 7,
          data: {
            order: 10,
            preference: 20,
            flags: 's',
            services: 'SIP+D2T',
            regexp: '',
            replacement: '_sip._tcp.example.com',
          },
        },
      ],
      authorities: [
        {
          type: 'SOA',
          name: 'com',
          ttl: 900,
          data: { mname: 'a.com', rname: 'b.com', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 86 },
        },
      ],
    },
  ]);
  t.deepEqual(await client(t, server).ask(QUESTION), {
    rcode: 'NOERROR',
    answers: [
      { type: 'CNAME', name: 'example.com', ttl: 9, target: 'other.example.com' },
      {
        type: 'SRV',
        name: 'other.example.com',
        ttl: 8,
        priority: 1,
        weight: 2,
        port: 5062,
        target: 'pbx.example.com',
      },
      { type: 'SRV', name: 'other.example.com', ttl: 8, priority: 0, weight: 0, port: 0, target: '' },
      {
        type: 'NAPTR',
        name: 'example.com',
        ttl: 7,
        order: 10,
        preference: 20,
        flags: 's',
        services: 'SIP+D2T',
        regexp: '',
        replacement: '_sip._tcp.example.com',
      },
    ],
    authorities: [{ type: 'SOA', name: 'com', ttl: 900, minimum: 86 }],
    additionals: [],
  });
});

test('a name that does not exist is an answer, not a failure', async (t) => {
  const first = await dnsServer(t, saying(FLAGS.nxdomain));
  const second = await dnsServer(t, good);
  const answer = await client(t, first, second).ask(QUESTION);
  t.is('rcode' in answer && answer.rcode, 'NXDOMAIN');
  t.is(second.queries.length, 0);
});

const USELESS: readonly (readonly [title: string, behave: Behaviour])[] = [
  ['SERVFAIL', saying(FLAGS.servfail)],
  ['REFUSED', saying(FLAGS.refused)],
  [
    'a referral instead of an answer',
    () => [{ flags: 0, authorities: [{ type: 'NS', name: '.', ttl: 1, data: 'a.root-servers.net' }] }],
  ],
];

for (const [title, behave] of USELESS) {
  test.serial(`after ${title} the next server is asked at once`, async (t) => {
    const bad = await dnsServer(t, behave);
    const next = await dnsServer(t, good);
    const [answer, ms] = await timed(client(t, bad, next).ask(QUESTION));
    t.deepEqual(addresses(answer), ['192.0.2.1']);
    t.true(ms < 190, `${ms} ms`);
    t.is(bad.queries.length, 1);
  });
}

test.serial('when every server fails, the first reason is told, at once', async (t) => {
  const one = await dnsServer(t, saying(FLAGS.servfail));
  const two = await dnsServer(t, saying(FLAGS.refused));
  const [answer, ms] = await timed(client(t, one, two).ask(QUESTION));
  t.is(addresses(answer), 'name server 127.0.0.1 says SERVFAIL');
  t.true(ms < 500, `${ms} ms`);
});

test.serial('a silent server costs 200 ms once: after that it is asked last', async (t) => {
  const dead = await dnsServer(t, silent);
  const alive = await dnsServer(t, good);
  const asker = client(t, dead, alive);
  const [answer, ms] = await timed(asker.ask(QUESTION));
  t.deepEqual(addresses(answer), ['192.0.2.1']);
  t.true(ms >= 195 && ms < 600, `${ms} ms`);
  const [again, quick] = await timed(asker.ask({ ...QUESTION, type: 'AAAA' }));
  t.is('rcode' in again && again.rcode, 'NOERROR');
  t.true(quick < 190, `${quick} ms`);
  t.is(dead.queries.length, 1);
});

test.serial('a server dead over IPv6 is raced by one over IPv4', async (t) => {
  const six = await dnsServer(t, silent, '::1').catch(() => undefined);
  if (six === undefined) {
    t.log('this host has no IPv6 on loopback');
    t.pass();
    return;
  }
  const four = await dnsServer(t, good);
  const [answer, ms] = await timed(client(t, six, four).ask(QUESTION));
  t.deepEqual(addresses(answer), ['192.0.2.1']);
  t.true(ms < 600, `${ms} ms`);
  const over6 = await dnsServer(t, good, '::1');
  t.deepEqual(addresses(await client(t, over6).ask(QUESTION)), ['192.0.2.1']);
});

test.serial('a server that answers with ICMP port unreachable costs nothing', async (t) => {
  const nobody = await deadEnd();
  const next = await dnsServer(t, good);
  const [answer, ms] = await timed(client(t, nobody, next).ask(QUESTION));
  t.deepEqual(addresses(answer), ['192.0.2.1']);
  t.true(ms < 190, `${ms} ms`);
  const [failed] = await timed(client(t, nobody).ask(QUESTION));
  t.regex(String(addresses(failed)), /cannot be reached \(ECONNREFUSED\)/);
});

test.serial('a lost packet is sent again', async (t) => {
  let count = 0;
  const server = await dnsServer(t, (query) => (++count === 1 ? [] : good(query)));
  const [answer, ms] = await timed(client(t, server).ask(QUESTION));
  t.deepEqual(addresses(answer), ['192.0.2.1']);
  t.true(ms < 600, `${ms} ms`);
});

test('a slow answer to the first packet still counts after the second was sent', async (t) => {
  let count = 0;
  const server = await dnsServer(t, (query) => (++count === 1 ? after(350, good)(query) : []));
  t.deepEqual(addresses(await client(t, server).ask(QUESTION)), ['192.0.2.1']);
});

test.serial('nobody waits longer than two seconds', async (t) => {
  const server = await dnsServer(t, silent);
  const [answer, ms] = await timed(client(t, server).ask(QUESTION));
  t.is(addresses(answer), 'name server 127.0.0.1 does not answer');
  t.true(ms > 1_900 && ms < 2_500, `${ms} ms`);
  t.is(new Set(server.ports).size, server.ports.length);
  t.is(new Set(server.queries.map(({ packet }) => packet.id)).size, server.queries.length);
});

test('a truncated answer is asked for again over TCP', async (t) => {
  const many = Array.from({ length: 100 }, (_, i) => address(`192.0.2.${i}`));
  const server = await dnsServer(t, ({ over }) =>
    over === 'udp' ? [{ flags: FLAGS.available | FLAGS.truncated, answers: [ADDRESS] }] : [{ answers: many }],
  );
  t.is(addresses(await client(t, server).ask(QUESTION)).length, 100);
  t.deepEqual(
    server.queries.map(({ over }) => over),
    ['udp', 'tcp'],
  );
});

test('TCP that hangs up, lies or cuts leaves the next server', async (t) => {
  const cut = { flags: FLAGS.available | FLAGS.truncated };
  for (const overTcp of [() => [], () => [Buffer.from('nonsense of some length')], () => [cut]]) {
    const bad = await dnsServer(t, (query) => (query.over === 'udp' ? [cut] : overTcp()));
    const next = await dnsServer(t, good);
    t.deepEqual(addresses(await client(t, bad, next).ask(QUESTION)), ['192.0.2.1']);
  }
});

test('a server without EDNS is asked without', async (t) => {
  for (const code of [FLAGS.formerr, FLAGS.notimp]) {
    const server = await dnsServer(t, (query) =>
      query.hasEdns ? [{ flags: FLAGS.available | code, questions: [] }] : good(query),
    );
    t.deepEqual(addresses(await client(t, server).ask(QUESTION)), ['192.0.2.1']);
    t.deepEqual(
      server.queries.map(({ hasEdns }) => hasEdns),
      [true, false],
    );
  }
});

test('forged answers are passed over: another id, another name, another type, a query, garbage', async (t) => {
  const evil = address('203.0.113.66');
  const server = await dnsServer(t, ({ packet }) => [
    { id: ((packet.id ?? 0) + 1) & 0xffff, answers: [evil] },
    { questions: [{ type: 'A', name: 'example.net', class: 'IN' }], answers: [evil] },
    { questions: [{ type: 'AAAA', name: 'example.com', class: 'IN' }], answers: [evil] },
    { questions: [], answers: [evil] },
    { type: 'query', answers: [evil] },
    Buffer.from('?'),
    { answers: [ADDRESS] },
  ]);
  t.deepEqual(addresses(await client(t, server).ask(QUESTION)), ['192.0.2.1']);
  t.is(server.queries.length, 1);
});

test('an answer from another port is not even heard', async (t) => {
  const stranger = createSocket('udp4');
  t.teardown(() => stranger.close());
  const server = await dnsServer(t, after(60, good));
  const asking = client(t, server).ask(QUESTION);
  for (let i = 0; i < 100 && server.ports.length === 0; i++) await new Promise((go) => setTimeout(go, 2));
  const [port = 0] = server.ports;
  const [query] = server.queries;
  const forged =
    query === undefined ? Buffer.alloc(0) : response(query, { answers: [address('203.0.113.66')] });
  stranger.send(forged, port, '127.0.0.1');
  t.deepEqual(addresses(await asking), ['192.0.2.1']);
});

test('names of multicast DNS are not asked for, and what is known from the hosts file neither', async (t) => {
  const server = await dnsServer(t, good);
  const known: DnsAnswer = { rcode: 'NOERROR', answers: [], authorities: [], additionals: [] };
  const asker = new DnsClient({
    servers: () => [server.end],
    hosts: ({ name }) => (name === 'phone.local' ? known : undefined),
  });
  t.regex(String(addresses(await asker.ask({ name: 'printer.local', type: 'A' }))), /multicast DNS/);
  t.is(await asker.ask({ name: 'phone.local', type: 'A' }), known);
  t.is(server.queries.length, 0);
});

test('without a server, and when closed, the asker is told', async (t) => {
  t.is(addresses(await client(t).ask(QUESTION)), 'no name server is known');
  const server = await dnsServer(t, silent);
  const asker = client(t, server);
  const asking = asker.ask(QUESTION);
  asker.close();
  t.regex(String(addresses(await asking)), /does not answer/);
});

test('very many questions at once are refused, and those before them answered', async (t) => {
  const server = await dnsServer(t, after(50, good));
  const asker = client(t, server);
  const answers = await Promise.all(Array.from({ length: 70 }, () => asker.ask(QUESTION)));
  const refused = answers.filter((answer) => 'failure' in answer);
  t.is(refused.length, 6);
});
