/** The decisions of RFC 3263 4.1 and 4.2, as the cases of test/data/dns tell them. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { textOf } from '#address/endpoint.ts';
import { hopOf } from '#sip/request/target.ts';
import type { Hop, Transport } from '#sip/types.ts';
import { targets, World, type Zone } from './locate_world.ts';

type SrvRow = [priority: number, weight: number, port: number, target: string];
type NaptrRow = [number, number, flags: string, services: string, regexp: string, replacement: string];

interface Case {
  readonly id: string;
  readonly uri: string;
  readonly supports?: readonly string[];
  readonly naptr?: readonly NaptrRow[];
  readonly srv?: Readonly<Record<string, readonly SrvRow[]>>;
  readonly expect: {
    readonly transport?: string;
    readonly srv_query?: string;
    readonly target?: string;
    readonly targets?: readonly string[];
    readonly must_not_use?: readonly string[];
    readonly dns?: string;
    readonly port?: number;
  };
}

const { cases } = JSON.parse(readFileSync(new URL('../data/dns/rfc3263.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

/** Every host of the case has one address of each family. */
const HOSTS: Zone = Object.fromEntries(
  ['example.com', 'server1.example.com', 'server2.example.com', 'school.edu'].flatMap((host, i) => [
    [`A ${host}`, [`192.0.2.${i + 1}`]],
    [`AAAA ${host}`, [`2001:db8::${i + 1}`]],
  ]),
);

function zoneOf({ naptr = [], srv = {}, expect: { srv_query } }: Case): Zone {
  const bare = (name: string) => name.replace(/\.$/, '');
  const implied = srv_query === undefined ? {} : { [`SRV ${srv_query}`]: ['0 0 5060 server1.example.com'] };
  return {
    ...HOSTS,
    ...implied,
    ...(naptr.length === 0
      ? {}
      : {
          'NAPTR example.com': naptr.map(([order, preference, flags, services, , replacement]) =>
            [order, preference, flags, services, bare(replacement)].join(' '),
          ),
        }),
    ...Object.fromEntries(
      Object.entries(srv).map(([name, rows]) => [`SRV ${bare(name)}`, rows.map((row) => row.join(' '))]),
    ),
  };
}

function world(each: Case): { readonly world: World; readonly hop: Hop } {
  const transports = (each.supports ?? ['UDP', 'TCP', 'TLS']).map((name) => name.toLowerCase() as Transport);
  const hop = hopOf(each.uri);
  if ('unroutable' in hop) throw new Error(hop.unroutable);
  return { world: new World({ zone: zoneOf(each), transports }), hop };
}

for (const each of cases) {
  const { expect } = each;
  test(`RFC 3263: ${each.id} (${each.uri})`, (t) => {
    const { world: dns, hop } = world(each);
    const { candidates } = dns.locate(hop);
    const [first] = candidates;
    t.truthy(first);
    if (expect.transport !== undefined)
      t.is(
        first?.transport,
        expect.transport
          .split(' ')[0]
          ?.toLowerCase()
          .replace(/^tls.*/, 'tls') as Transport,
      );
    if (expect.srv_query !== undefined) t.true(dns.asked.includes(`SRV ${expect.srv_query}`));
    if (expect.target !== undefined) t.is(first && textOf(first.addresses[0] ?? fail()), expect.target);
    if (expect.targets !== undefined) {
      t.deepEqual(
        candidates.map(({ target, addresses }) => `${target}:${addresses[0]?.port}`).sort(),
        [...expect.targets].sort(),
      );
    }
    if (expect.port !== undefined)
      t.true(candidates.every(({ addresses }) => addresses[0]?.port === expect.port));
    if (expect.must_not_use !== undefined) t.true(candidates.every(({ transport }) => transport === 'tls'));
    if (expect.dns === 'none') t.deepEqual(dns.asked, []);
    if (/^A\/AAAA.*only/.test(expect.dns ?? '')) {
      t.deepEqual([...dns.asked].sort(), ['A example.com', 'AAAA example.com']);
    }
    if (/no NAPTR/.test(expect.dns ?? ''))
      t.false(dns.asked.some((question) => question.startsWith('NAPTR')));
  });
}

function fail(): never {
  throw new Error('no address');
}

test('RFC 7984 4: addresses of two SRV targets are never mixed', (t) => {
  const dns = new World({
    zone: {
      'SRV _sip._tcp.example.com': ['10 1 5060 sip-1.example.com', '20 1 5060 sip-2.example.com'],
      'AAAA sip-1.example.com': ['2001:db8:58:c02::face', '2001:db8:c:a06::2:cafe', '2001:db8:44:204::d1ce'],
      'A sip-1.example.com': ['192.0.2.45', '203.0.113.109', '198.51.100.24'],
      'AAAA sip-2.example.com': ['2001:db8:58:c02::dead', '2001:db8:c:a06::2:beef', '2001:db8:44:204::c0de'],
      'A sip-2.example.com': ['192.0.2.75', '203.0.113.38', '198.51.100.140'],
    },
  });
  const found = dns.locate({ transport: 'tcp' });
  t.deepEqual(targets(found), ['tcp sip-1.example.com', 'tcp sip-2.example.com']);
  t.deepEqual(
    found.candidates.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
    [
      ...['2001:db8:58:c02::face', '2001:db8:c:a06::2:cafe', '2001:db8:44:204::d1ce'],
      ...['192.0.2.45', '203.0.113.109', '198.51.100.24'],
      ...['2001:db8:58:c02::dead', '2001:db8:c:a06::2:beef', '2001:db8:44:204::c0de'],
      ...['192.0.2.75', '203.0.113.38', '198.51.100.140'],
    ],
  );
});
