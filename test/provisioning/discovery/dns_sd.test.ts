/** Servers that tell of themselves on the LAN, as candidates. */
import test from 'ava';
import fc from 'fast-check';
import { candidatesOfServers, isOfLan, type OfferedServer } from '#provisioning/discovery/dns_sd.ts';

function server(text: Readonly<Record<string, string>>, more: Partial<OfferedServer> = {}): OfferedServer {
  return {
    ...{
      link: 'eth0',
      instance: 'PBX',
      host: 'pbx.local',
      port: 8443,
      addresses: ['2001:db8::1', '10.0.0.1'],
    },
    text: new Map(Object.entries(text)),
    ...more,
  };
}

const urls = (...servers: readonly OfferedServer[]) => candidatesOfServers(servers).map(({ url }) => url);

test('SRV and TXT become a URL with the name of the host, below every other path', (t) => {
  t.deepEqual(candidatesOfServers([server({ txtvers: '1', path: '/prov/', https: '' })]), [
    {
      ...{ step: 'dns-sd', url: 'https://pbx.local:8443/prov/', family: 6 },
      ...{ from: 'DNS-SD on eth0: PBX', order: 0 },
    },
  ]);
});

for (const [what, text, url] of [
  ['without https it is http', { path: '/h/' }, 'http://pbx.local:8443/h/'],
  ['a path without its slash is one', { path: 'h/x.json' }, 'http://pbx.local:8443/h/x.json'],
  ['no path is the root', { https: '' }, 'https://pbx.local:8443/'],
  ['macros stay', { path: '/{mac}.cfg', https: '1' }, 'https://pbx.local:8443/{mac}.cfg'],
] as const) {
  test(what, (t) => {
    t.deepEqual(urls(server(text)), [url]);
  });
}

test('a name that is not of the LAN is not believed: whoever publishes it would be where it leads', (t) => {
  for (const host of [
    'pbx.example.net',
    'local',
    '.local',
    'a.b.local',
    'x@y.local',
    'x/.local',
    'Büro.local',
  ])
    t.deepEqual(urls(server({}, { host })), [], host);
  t.true(isOfLan('PBX-2.local'));
});

test('what is heard on two links, or published a hundred times, is a handful, in the order of names', (t) => {
  const both = [server({}, { link: 'wlan0' }), server({})];
  t.deepEqual(
    candidatesOfServers(both).map(({ from }) => from),
    ['DNS-SD on eth0: PBX'],
  );
  const many = Array.from({ length: 100 }, (_, i) => server({}, { instance: `x${100 + i}`, port: 1 + i }));
  t.deepEqual(urls(...many.toReversed()), urls(...many));
  t.is(urls(...many).length, 8);
});

test('whatever is published is a URL that reads, or nothing', (t) => {
  const texts = fc.dictionary(fc.constantFrom('path', 'https', 'txtvers'), fc.string({ unit: 'binary' }));
  const host = fc.oneof(fc.string(), fc.stringMatching(/^[a-z-]{1,70}\.local$/));
  fc.assert(
    fc.property(texts, host, fc.nat(65_535), fc.string(), (text, name, port, instance) => {
      for (const url of urls(server(text, { host: name, port, instance }))) {
        const { hostname, protocol } = new URL(url);
        if (hostname !== name.toLowerCase() || !['http:', 'https:'].includes(protocol))
          throw new Error(`${url} for ${name}`);
      }
    }),
    { numRuns: 20_000 },
  );
  t.pass();
});
