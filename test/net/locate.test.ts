import test, { type ExecutionContext } from 'ava';
import { type Endpoint, textOf } from '#address/endpoint.ts';
import type { Network } from '#address/network.ts';
import { inAddressOrder } from '#net/address_order.ts';
import type { SystemDns } from '#net/dns/system.ts';
import { openSystemDns, ServerLocator, type Way } from '#net/locate.ts';
import type { DnsAnswer, DnsRecord, Question } from '#sip/locate/dns.ts';
import type { Located } from '#sip/locate/locator.ts';
import type { Hop } from '#sip/types.ts';

interface World {
  /** Records by `A example.net`; what is missing does not exist. */
  readonly zone?: Readonly<Record<string, readonly DnsRecord[]>>;
  readonly unreachable?: readonly string[];
  /** ms until an answer. */
  readonly delay?: (question: Question) => number;
}

interface Stand {
  readonly locator: ServerLocator;
  readonly asked: string[];
  readonly opened: () => number;
  /** Kinds of addresses that were met and are never used. */
  readonly refused: readonly string[];
  setServers(servers: readonly Endpoint[]): void;
  /** `udp 192.0.2.1:5060` …, or the error. */
  locate(hop?: Partial<Hop>): Promise<readonly string[] | string>;
}

/** On one link, with default routes. */
function networkOf(...addresses: readonly string[]): Network {
  const own = addresses.map((address) => ({ address, prefixLength: 64, interface: 'eth0' }));
  return { addresses: own, defaultRoute: { 4: true, 6: true } };
}

function stand(t: ExecutionContext, world: World = {}): Stand {
  const asked: string[] = [];
  const refused: string[] = [];
  let opened = 0;
  let servers: readonly Endpoint[] = [];
  const dns: SystemDns = {
    ask: async (question) => {
      asked.push(`${question.type} ${question.name}`);
      const wait = world.delay?.(question) ?? 0;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      return answerTo(question, world);
    },
    get servers() {
      return servers;
    },
    close() {},
  };
  const locator = new ServerLocator({
    transports: ['udp', 'tcp'],
    dns: async () => {
      opened++;
      return dns;
    },
    inAddressOrder: (addresses) =>
      inAddressOrder(addresses, networkOf('192.0.2.9', '2d00::9', '127.0.0.1', '::1')),
    flowTo: async (transport, remote) => {
      if (world.unreachable?.includes(remote.address)) throw new Error(`no route to ${remote.address}`);
      return { transport, local: { ...remote, port: 5060 }, remote };
    },
    refused: ({ kind }) => refused.push(kind),
  });
  t.teardown(() => locator.close());
  return {
    locator,
    asked,
    refused,
    opened: () => opened,
    setServers: (list) => {
      servers = list;
    },
    locate: async (hop = {}) => {
      const { groups, error } = await new Promise<Way>((resolve) =>
        locator.locate({ host: 'example.net', secure: false, ...hop }, resolve),
      );
      return error ?? groups.flat().map(({ transport, remote }) => `${transport} ${textOf(remote)}`);
    },
  };
}

function answerTo({ name, type }: Question, { zone = {} }: World): DnsAnswer {
  const answers = zone[`${type} ${name}`];
  const soa: DnsRecord = { type: 'SOA', name: 'net', ttl: 60, minimum: 60 };
  if (answers === undefined) return { rcode: 'NXDOMAIN', answers: [], authorities: [soa], additionals: [] };
  return { rcode: 'NOERROR', answers, authorities: [], additionals: [] };
}

const v4 = (address: string, name = 'example.net'): DnsRecord => ({ type: 'A', name, ttl: 60, address });
const v6 = (address: string, name = 'example.net'): DnsRecord => ({ type: 'AAAA', name, ttl: 60, address });
const DUAL = { 'A example.net': [v4('192.0.2.1')], 'AAAA example.net': [v6('2001:db8::1')] };

test('an address needs no DNS, not even its code', async (t) => {
  const { locate, opened } = stand(t);
  t.deepEqual(await locate({ host: '192.0.2.1' }), ['udp 192.0.2.1:5060']);
  t.deepEqual(await locate({ host: '2001:DB8:0::1', port: 5070, transport: 'tcp' }), [
    'tcp [2001:db8::1]:5070',
  ]);
  t.deepEqual(await locate({ host: 'localhost' }), ['udp [::1]:5060', 'udp 127.0.0.1:5060']);
  t.is(opened(), 0);
});

test('a name becomes flows, servers in order and families in order', async (t) => {
  const srv = (target: string, priority: number): DnsRecord => {
    return { type: 'SRV', name: '_sip._udp.example.net', ttl: 60, priority, weight: 0, port: 5062, target };
  };
  const zone = {
    'SRV _sip._udp.example.net': [srv('b.example.net', 2), srv('example.net', 1)],
    'A b.example.net': [v4('192.0.2.2', 'b.example.net')],
    ...DUAL,
  };
  const { locate } = stand(t, { zone });
  t.deepEqual(await locate(), ['udp [2001:db8::1]:5062', 'udp 192.0.2.1:5062', 'udp 192.0.2.2:5062']);
});

test('what is known is not asked again, until the network changes', async (t) => {
  const { locate, locator, asked, opened } = stand(t, { zone: DUAL });
  await locate();
  const { length } = asked;
  await locate();
  t.is(asked.length, length);
  locator.forget();
  await locate();
  t.is(asked.length, 2 * length);
  t.is(opened(), 1);
});

test('other name servers make everything known void', async (t) => {
  const { locate, asked, setServers } = stand(t, { zone: DUAL });
  await locate({ port: 5060 });
  setServers([{ family: 4, address: '192.0.2.53', port: 53 }]);
  await locate({ port: 5060 });
  t.is(asked.length, 4);
  await locate({ port: 5060 });
  t.is(asked.length, 4);
});

test('a late family does not hold up the request, and is told later', async (t) => {
  const delay = ({ type }: Question) => (type === 'AAAA' ? 400 : 0);
  const { locate, locator } = stand(t, { zone: DUAL, delay });
  const told: Located[] = [];
  await new Promise<void>((resolve) => {
    locator.search({ host: 'example.net', port: 5060, secure: false }, (located) => {
      told.push(located);
      if (located.final) resolve();
    });
  });
  t.deepEqual(
    told.map(({ final, candidates }) => [final, candidates[0]?.addresses.length]),
    [
      [false, 1],
      [true, 2],
    ],
  );
  t.deepEqual(await locate({ port: 5060 }), ['udp [2001:db8::1]:5060', 'udp 192.0.2.1:5060']);
});

test('addresses without a route are left out, and the error tells when none is left', async (t) => {
  const one = stand(t, { zone: DUAL, unreachable: ['2001:db8::1'] });
  t.deepEqual(await one.locate(), ['udp 192.0.2.1:5060']);
  const none = stand(t, { zone: DUAL, unreachable: ['2001:db8::1', '192.0.2.1'] });
  t.is(await none.locate(), 'no route to 2001:db8::1');
});

test('a name that does not exist says what to check', async (t) => {
  t.regex(String(await stand(t).locate()), /example\.net has no address.*check name and DNS/);
});

test('Teredo addresses are dropped and reported, from DNS and as targets', async (t) => {
  const zone = { ...DUAL, 'AAAA example.net': [v6('2001:0:53aa:64c::1')] };
  const { locate, refused } = stand(t, { zone });
  t.deepEqual(await locate(), ['udp 192.0.2.1:5060']);
  t.deepEqual(refused, ['teredo']);
  t.regex(String(await locate({ host: '2001::1' })), /2001::1 is a Teredo address/);
  t.deepEqual(refused, ['teredo', 'teredo']);
});

test('what demands TLS never falls back', async (t) => {
  const { locate } = stand(t, { zone: DUAL });
  t.regex(String(await locate({ transport: 'tls' })), /TLS is not built in/);
  t.regex(String(await locate({ secure: true })), /TLS is not built in/);
});

const ends = (...addresses: readonly string[]) =>
  addresses.map((address): Endpoint => ({ family: address.includes(':') ? 6 : 4, address, port: 5060 }));

for (const [what, own, servers, order] of [
  ['both', ['192.0.2.9', '2d00::9'], ['192.0.2.1', '2d00:1::1'], ['2d00:1::1', '192.0.2.1']],
  ['IPv4 alone', ['192.0.2.9'], ['2d00:1::1', '192.0.2.1'], ['192.0.2.1', '2d00:1::1']],
  [
    'a unique local address',
    ['192.0.2.9', 'fd00::9'],
    ['2d00:1::1', '192.0.2.1'],
    ['192.0.2.1', '2d00:1::1'],
  ],
  ['Teredo', ['192.0.2.9', '2001:0:1::9'], ['2d00:1::1', '192.0.2.1'], ['192.0.2.1', '2d00:1::1']],
  ['loopback', ['127.0.0.1', '::1'], ['127.0.0.1', '::1'], ['::1', '127.0.0.1']],
  ['no address', [], ['192.0.2.1', '2d00:1::1'], ['192.0.2.1', '2d00:1::1']],
] as const) {
  test(`the addresses of a server are tried as RFC 6724 says for who has ${what}`, (t) => {
    const ordered = inAddressOrder(ends(...servers), networkOf(...own));
    t.deepEqual(
      ordered.map(({ address }) => address),
      [...order],
    );
  });
}

test('DNS of the system opens with its own name servers, or with those of the configuration', async (t) => {
  const dns = await openSystemDns(['192.0.2.53', '2001:db8::53']);
  t.teardown(() => dns.close());
  t.deepEqual(dns.servers.map(textOf), ['192.0.2.53:53', '[2001:db8::53]:53']);
});
