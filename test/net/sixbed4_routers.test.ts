/** Routers by name and by SRV. */
import test from 'ava';
import fc from 'fast-check';
import { parseSearchDomains } from '#net/dns/resolvers.ts';
import { lookUpRouters, type RouterName, routerName } from '#net/sixbed4_routers.ts';
import type { DnsAnswer, DnsFailure, DnsRecord, Question } from '#sip/locate/dns.ts';

const srv = (domain: string, target: string, priority = 0, port = 25_790): DnsRecord => {
  return { type: 'SRV', name: `_6bed4._udp.${domain}`, ttl: 60, priority, weight: 0, port, target };
};
const a = (name: string, address: string): DnsRecord => ({ type: 'A', name, ttl: 60, address });

interface World {
  readonly records: readonly DnsRecord[];
  readonly additionals?: readonly DnsRecord[];
  readonly deaf?: boolean;
}

async function find(
  { records, additionals = [], deaf = false }: World,
  wanted: { names?: readonly RouterName[]; domains?: readonly string[] },
): Promise<{ found: readonly string[] | undefined; asked: string[] }> {
  const asked: string[] = [];
  const ask = async ({ name, type }: Question): Promise<DnsAnswer | DnsFailure> => {
    asked.push(`${type} ${name}`);
    if (deaf) return { failure: 'nobody answers' };
    const answers = records.filter((record) => record.name === name && record.type === type);
    return { rcode: 'NOERROR', answers, authorities: [], additionals: type === 'SRV' ? additionals : [] };
  };
  const found = await lookUpRouters({ names: [], domains: [], ...wanted }, ask);
  return { found, asked };
}

test('a domain names its routers by SRV, the lower priority first', async (t) => {
  const records = [
    srv('example.net', 'two.example.net', 2, 4000),
    srv('example.net', 'one.example.net', 1),
    a('one.example.net', '192.0.2.1'),
    a('two.example.net', '192.0.2.2'),
  ];
  const { found } = await find({ records }, { domains: ['example.net'] });
  t.deepEqual(found, ['192.0.2.1:25790', '192.0.2.2:4000']);
});

test('addresses that came with the answer are not asked for', async (t) => {
  const records = [srv('example.net', 'one.example.net')];
  const { found, asked } = await find(
    { records, additionals: [a('one.example.net', '192.0.2.1')] },
    { domains: ['Example.Net.'] },
  );
  t.deepEqual(found, ['192.0.2.1:25790']);
  t.deepEqual(asked, ['SRV _6bed4._udp.example.net']);
});

test('additional addresses of foreign names count for nothing', async (t) => {
  const { found } = await find(
    {
      records: [srv('example.net', 'one.example.org')],
      additionals: [a('one.example.org', '198.51.100.66')],
    },
    { domains: ['example.net'] },
  );
  t.deepEqual(found, []);
});

test('addresses, names of one label and names of the link are no domains; each is asked once', async (t) => {
  const domains = ['192.0.2.1', '2001:db8::1', 'pbx', 'printer.local', 'example.net', 'EXAMPLE.net', 'a b'];
  const { found, asked } = await find({ records: [] }, { domains });
  t.deepEqual(found, []);
  t.deepEqual(asked, ['SRV _6bed4._udp.example.net']);
});

test('of too many servers always the same are asked, however DNS likes to tell them', async (t) => {
  const names = Array.from({ length: 20 }, (_, n) => `r${String(n).padStart(2, '0')}.example.net`);
  const records = names.flatMap((name, n) => [srv('example.net', name, n % 2), a(name, `192.0.2.${n}`)]);
  const expected = [0, 2, 4, 6, 8, 10, 12, 14].map((n) => `192.0.2.${n}:25790`);
  for (const told of [records, records.toReversed()]) {
    const { found } = await find({ records: told }, { domains: ['example.net'] });
    t.deepEqual(found, expected);
  }
  const many = Array.from({ length: 20 }, (_, n) => a('one.example.net', `192.0.2.${n}`));
  const sets = [many, many.toReversed()].map((told) =>
    find({ records: told }, { names: [{ host: 'one.example.net', port: 25_790 }] }),
  );
  const [one, other] = await Promise.all(sets);
  t.deepEqual(one?.found, other?.found);
});

test('a target of the root says that there is none', async (t) => {
  const { found, asked } = await find({ records: [srv('example.net', '')] }, { domains: ['example.net'] });
  t.deepEqual(found, []);
  t.is(asked.length, 1);
});

test('names of the configuration are looked up, and no domain then', async (t) => {
  const names = [
    { host: 'router.example.org', port: 25_790 },
    { host: '192.0.2.9', port: 4000 },
  ];
  const records = [a('router.example.org', '192.0.2.1'), srv('example.net', 'router.example.org')];
  const { found, asked } = await find({ records }, { names, domains: ['example.net'] });
  t.deepEqual(found, ['192.0.2.1:25790', '192.0.2.9:4000']);
  t.deepEqual(asked, ['A router.example.org']);
});

test('where nobody answers nothing is known, which is not the same as none', async (t) => {
  t.is((await find({ records: [], deaf: true }, { domains: ['example.net'] })).found, undefined);
  t.deepEqual((await find({ records: [], deaf: true }, {})).found, []);
});

test('many records make few routers', async (t) => {
  const many = Array.from({ length: 100 }, (_, n) => a('router.example.net', `192.0.2.${n}`));
  const { found } = await find(
    { records: [srv('example.net', 'router.example.net'), ...many] },
    { domains: ['example.net'] },
  );
  t.is(found?.length, 8);
});

for (const [text, expected] of [
  ['192.0.2.1', '192.0.2.1 25790'],
  ['192.0.2.1:4000', '192.0.2.1 4000'],
  ['router.example.net', 'router.example.net 25790'],
  ['router:25790', 'router 25790'],
  ['192.0.2', undefined],
  ['192.0.2.256', undefined],
  ['192.0.2.1:0', undefined],
  ['192.0.2.1:65536', undefined],
  ['2001:db8::1', undefined],
  ['[2001:db8::1]:25790', undefined],
  ['router.example.net:', undefined],
  ['a b', undefined],
  ['', undefined],
] as const) {
  test(`the router "${text}" is ${expected ?? 'none'}`, (t) => {
    const name = routerName(text);
    t.is(name && `${name.host} ${name.port}`, expected);
  });
}

test('what is a router stays one when its port is written', (t) => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      t.deepEqual(routerName(`${host}:${port}`), { host, port });
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const name = routerName(text);
      if (name !== undefined) t.deepEqual(routerName(`${name.host}:${name.port}`), name);
    }),
  );
});

test('the last search or domain line of resolv.conf counts', (t) => {
  t.deepEqual(parseSearchDomains('nameserver 192.0.2.1\n'), []);
  t.deepEqual(parseSearchDomains('domain example.org\nsearch example.net  lan\n'), ['example.net', 'lan']);
  t.deepEqual(parseSearchDomains('# search example.net'), []);
});
