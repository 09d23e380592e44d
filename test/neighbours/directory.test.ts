/** Who is there: ours, Blink's and anybody's records, and what is believed of them. */
import test from 'ava';
import fc from 'fast-check';
import type { Service } from '#mdns/service.ts';
import { pairsOf } from '#mdns/text.ts';
import { advertisement, claimName } from '#neighbours/advertisement.ts';
import { Directory } from '#neighbours/directory.ts';
import { linksOf } from '#neighbours/links.ts';
import { peerOf } from '#neighbours/peer.ts';
import { Pins } from '#neighbours/trust.ts';
import type { Self } from '#neighbours/types.ts';
import { networkOf } from './lan.ts';

const SELF: Self = {
  name: 'Kitchen',
  instanceId: '00000000-0000-1000-8000-dca632010203',
  host: 'dualtone-0203',
  extension: '204',
  port: 5060,
};
const NETWORK = networkOf('10.0.0.1', '2001:db8::1', 'fe80::1');

function service(texts: readonly string[], more: Partial<Service> = {}): Service {
  return {
    service: '_sipuri._udp.local',
    instance: 'sip:205@dualtone-0204.local',
    host: 'dualtone-0204.local',
    port: 5060,
    text: pairsOf(texts),
    addresses: ['fe80::2', '2001:db8::2', '10.0.0.2'],
    until: 1_000,
    ...more,
  };
}

const OURS = service([
  ...['txtvers=1', 'name=Hall', 'contact=<sip:205@dualtone-0204.local>'],
  ...['instance_id=00000000-0000-1000-8000-dca632010204', 'ext=205'],
]);
/** As Blink publishes itself. */
const BLINK = service(
  [
    ...['txtvers=1', 'name=Ada', 'contact=<sip:31208005164@10.0.0.9:5070;transport=tcp>'],
    ...['instance_id=f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'state=available', 'note='],
  ],
  { instance: 'sip:31208005164@10.0.0.9:5070', host: 'ada.local', port: 5070, addresses: ['10.0.0.9'] },
);

function directory(...services: readonly Service[]): Directory {
  const known = new Directory(new Pins());
  known.update([{ link: 'eth0', services }], SELF, NETWORK);
  return known;
}

test('what is published is exactly this', (t) => {
  const records = advertisement({ ...SELF, fp: 'abc', tls: 5061, six: 'fc64::1' }, [
    '2001:db8::1',
    '10.0.0.1',
  ]);
  const lines = records.map(
    ({ name, ttl, flush, data }) => `${flush ? '!' : ' '} ${ttl} ${data.type} ${name}`,
  );
  const instance = (type: string) => `sip:204@dualtone-0203\\.local._sipuri._${type}.local`;
  t.deepEqual(lines, [
    ...['udp', 'tcp'].flatMap((type) => [
      '  4500 PTR _services._dns-sd._udp.local',
      `  4500 PTR _sipuri._${type}.local`,
      `! 120 SRV ${instance(type)}`,
      `! 4500 TXT ${instance(type)}`,
    ]),
    '! 120 AAAA dualtone-0203.local',
    '! 120 A dualtone-0203.local',
    `! 120 TXT ${claimName('204')}`,
  ]);
  const [text] = records.flatMap(({ data }) => (data.type === 'TXT' ? [data.texts] : []));
  t.deepEqual(text, [
    ...['txtvers=1', 'name=Kitchen', 'contact=<sip:204@dualtone-0203.local>'],
    ...['instance_id=00000000-0000-1000-8000-dca632010203', 'ext=204', 'fp=abc', 'tls=5061', 'six=fc64::1'],
  ]);
});

test('a neighbour has a number, a name, and addresses with IPv6 first', (t) => {
  t.like(directory(OURS).neighbours[0] ?? {}, {
    ...{ extension: '205', name: 'Hall', uri: 'sip:205@dualtone-0204.local', fresh: true, trust: 'open' },
    addresses: ['2001:db8::2', 'fe80::2%eth0', '10.0.0.2'],
  });
});

test('Blink is a neighbour, and is dialled by the number that it is called by', (t) => {
  t.like(directory(BLINK).neighbours[0] ?? {}, {
    ...{ extension: '31208005164', name: 'Ada', uri: 'sip:31208005164@10.0.0.9:5070;transport=tcp' },
  });
  const unnamed = service([], { instance: 'sip:bob@10.0.0.7' });
  t.like(directory(unnamed).neighbours[0] ?? {}, { name: 'bob', uri: 'sip:bob@10.0.0.7' });
  t.is(directory(unnamed).neighbours[0]?.extension, undefined);
  t.deepEqual(directory(service([], { instance: 'A printer' })).neighbours, []);
});

test('one telephone over UDP and TCP, and on two links, is one neighbour', (t) => {
  const tcp = { ...OURS, service: '_sipuri._tcp.local' };
  const wifi = { ...OURS, addresses: ['fe80::2', '10.1.0.2'] };
  const known = new Directory(new Pins());
  known.update(
    [
      { link: 'eth0', services: [tcp, OURS] },
      { link: 'wlan0', services: [wifi] },
    ],
    SELF,
    NETWORK,
  );
  t.is(known.neighbours.length, 1);
  t.like(known.neighbours[0] ?? {}, {
    transport: 'udp',
    addresses: ['2001:db8::2', 'fe80::2%eth0', 'fe80::2%wlan0', '10.0.0.2', '10.1.0.2'],
  });
});

test('of one that was started again what was heard last counts', (t) => {
  const before = service(['contact=<sip:206@dualtone-0204.local>', 'ext=206', ...said(OURS)], { until: 10 });
  const numbers = directory(before, OURS).neighbours.map(({ extension }) => extension);
  t.deepEqual(numbers, ['205']);
  t.deepEqual(
    directory(OURS, before).neighbours.map(({ uri }) => uri),
    ['sip:205@dualtone-0204.local'],
  );
});

function said({ text }: Service): readonly string[] {
  return [...text].filter(([key]) => key !== 'ext').map(([key, value]) => `${key}=${value}`);
}

test('only addresses on the link let somebody ring; a 6bed4 address only with the key of the first contact', (t) => {
  const far = service([...said(OURS), 'ext=205', 'six=fc64::9'], {
    addresses: ['10.0.0.2', '192.0.2.9', '2001:db9::1'],
  });
  t.deepEqual(directory(far).neighbours[0]?.admitted, ['10.0.0.2']);
  const fp = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';
  const pinned = { ...far, text: pairsOf([...said(far), 'ext=205', `fp=${fp}`]) };
  t.deepEqual(directory(pinned).neighbours[0]?.admitted, ['10.0.0.2', 'fc64::9']);
});

test('where it listens for TLS is believed when it is a port', (t) => {
  const shown = (tls: string) => {
    const one = service([...said(OURS), 'ext=205', `tls=${tls}`]);
    return directory(one).neighbours[0]?.tls;
  };
  t.is(shown('5061'), 5061);
  for (const wrong of ['', '0', '65536', '-1', '5061x', '1e3']) t.is(shown(wrong), undefined, wrong);
});

test('another key than at the first contact, or none any more: it may not ring', (t) => {
  const [fp, other] = ['a'.repeat(43), 'b'.repeat(43)];
  const pins = new Pins();
  t.is(pins.judge('one', undefined), 'open');
  t.is(pins.judge('one', fp), 'pinned');
  t.is(pins.judge('one', fp), 'pinned');
  t.is(pins.judge('one', other), 'changed');
  t.is(pins.judge('one', undefined), 'changed');
  const again = new Pins(pins.toJSON());
  t.is(again.judge('one', other), 'changed');
  const known = new Directory(again);
  const impostor = { ...OURS, text: pairsOf([...said(OURS), `fp=${other}`]) };
  again.judge('00000000-0000-1000-8000-dca632010204', fp);
  known.update([{ link: 'eth0', services: [impostor] }], SELF, NETWORK);
  t.like(known.neighbours[0] ?? {}, { trust: 'changed', admitted: [] });
});

test('another key is believed when a person says so who saw that very key, and from then on no other', (t) => {
  const [fp, other, third] = ['a'.repeat(43), 'b'.repeat(43), 'c'.repeat(43)];
  const pins = new Pins({ '00000000-0000-1000-8000-dca632010204': fp });
  const known = new Directory(pins);
  const look = (shown: string | undefined) => {
    const texts = [...said(OURS), 'ext=205', ...(shown === undefined ? [] : [`fp=${shown}`])];
    known.update([{ link: 'eth0', services: [service(texts)] }], SELF, NETWORK);
    return known.neighbours[0];
  };
  const { key = '', trust, fp: seen } = look(other) ?? {};
  t.deepEqual([trust, seen], ['changed', other]);
  t.false(known.accept(key, third));
  t.false(known.accept('nobody', other));
  t.is(look(other)?.trust, 'changed');
  t.true(known.accept(key, other));
  t.like(look(other) ?? {}, { trust: 'pinned', admitted: ['2001:db8::2', 'fe80::2%eth0', '10.0.0.2'] });
  t.false(known.accept(key, other), 'there is nothing to accept any more');
  t.is(look(fp)?.trust, 'changed');
  t.true(known.accept(key, fp));
  look(undefined);
  t.true(known.accept(key, undefined), 'a key that was lost');
  t.is(look(undefined)?.trust, 'open');
});

test('two telephones of one computer, of one hardware address, are each known by a key of its own', (t) => {
  const [fp, other] = ['a'.repeat(43), 'b'.repeat(43)];
  const known = new Directory(new Pins());
  const look = (first: string, second: string) => {
    const one = service([...said(OURS), 'ext=205', `fp=${first}`]);
    const two = service([...said(OURS), 'ext=206', `fp=${second}`], { port: 40_123 });
    known.update([{ link: 'eth0', services: [one, two] }], SELF, NETWORK);
    return known.neighbours.map(({ trust }) => trust);
  };
  t.deepEqual(look(fp, other), ['pinned', 'pinned']);
  t.deepEqual(look(other, other), ['changed', 'pinned']);
  t.deepEqual(look(fp, fp), ['pinned', 'changed']);
  const key = known.neighbours[1]?.key ?? '';
  t.true(known.accept(key, fp));
  t.deepEqual(look(fp, fp), ['pinned', 'pinned']);
});

test('keys of more telephones than a home has are not kept, and drive out none of those that are', (t) => {
  const pins = new Pins();
  const answers = Array.from({ length: 1_000 }, (_, n) => pins.judge(`phone ${n}`, 'a'.repeat(43)));
  t.is(Object.keys(pins.toJSON()).length, 256);
  t.deepEqual([answers[255], answers[256]], ['pinned', 'open']);
  t.is(pins.judge('phone 0', 'b'.repeat(43)), 'changed');
});

test('we are no neighbour of ourselves', (t) => {
  const self = service(['ext=204'], { instance: 'sip:204@Dualtone-0203.local', host: 'dualtone-0203.local' });
  t.deepEqual(directory(self).neighbours, []);
});

test('who claims our number is told apart from who is only called so', (t) => {
  const known = new Directory(new Pins());
  const rival = service([...said(OURS), 'ext=204']);
  const namesake = service([], { instance: 'sip:204@10.0.0.9' });
  const { rivals, met } = known.update([{ link: 'eth0', services: [rival, namesake] }], SELF, NETWORK);
  t.is(rivals.length, 1);
  t.is(met.length, 2);
});

test('whatever records say, reading them ends', (t) => {
  const text = fc.dictionary(
    fc.constantFrom('name', 'contact', 'ext', 'instance_id', 'fp', 'six', 'x'),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  const any = fc.record({
    service: fc.constantFrom('_sipuri._udp.local', '_sipuri._tcp.local'),
    instance: fc.string({ unit: 'binary' }),
    host: fc.string(),
    port: fc.integer({ min: 0, max: 65_535 }),
    text: text.map((pairs) => new Map(Object.entries(pairs))),
    addresses: fc.array(fc.constantFrom('10.0.0.1', 'fe80::1', '2001:db8::1'), { minLength: 1 }),
    until: fc.integer(),
  });
  fc.assert(
    fc.property(any, (each) => {
      const peer = peerOf(each, 'eth0');
      if (peer === undefined) return;
      t.regex(peer.uri, /^sips?:[^\s<>]+$/i);
      t.true(peer.extension === undefined || /^\d{2,15}$/.test(peer.extension));
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('a link is an interface with an address of its own, and no tunnel', (t) => {
  const own = (name: string, address: string, more = {}) => ({
    interface: name,
    address,
    prefixLength: 64,
    ...more,
  });
  const links = linksOf({
    addresses: [
      own('lo', '127.0.0.1'),
      own('lo', '::1'),
      own('eth0', '10.0.0.1'),
      own('eth0', 'fe80::1'),
      own('eth0', '2001:db8::9', { tentative: true }),
      own('eth0', '2001:db8::8', { deprecated: true }),
      own('wlan0', 'fe80::2'),
      own('6bed4', 'fc64::1', { encapsulated: '6bed4' }),
      own('teredo', '2001:0:1::1'),
    ],
    defaultRoute: { 4: true, 6: false },
  });
  t.deepEqual(links, [
    { name: 'eth0', families: [6, 4], addresses: ['10.0.0.1', 'fe80::1'] },
    { name: 'wlan0', families: [6], addresses: ['fe80::2'] },
  ]);
});

test('nobody is a neighbour under a name that is not of the link: the names of servers are for DNS', (t) => {
  for (const host of ['pbx.example.test', 'local', 'xlocal', 'pbx.example.test.']) {
    t.deepEqual(directory({ ...OURS, host }).neighbours, [], host);
  }
  for (const host of ['A.LOCAL', 'two.parts.local']) t.is(directory({ ...OURS, host }).neighbours.length, 1);
});

test('nobody is a neighbour whose number is somewhere else: a call to it would go there, and be paid', (t) => {
  const calls = (contact: string) => directory(service([`contact=<${contact}>`])).neighbours.length;
  for (const uri of [
    ...['sip:09001234@pbx.example.test', 'sips:1@PBX.example.test:5061;lr', 'sip:pbx.example.test'],
    ...['sip:1@local', 'sip:1@x.local@pbx.example.test', 'sip:1@', 'sip:x.local:pw@pbx.example.test'],
    'sip:1@x.local;maddr=192.0.2.1@pbx.example.test',
  ]) {
    t.is(calls(uri), 0, uri);
  }
  for (const uri of [
    'sip:205@Hall.local',
    'sip:205@10.0.0.2:5070;transport=tcp',
    'sip:205@[2001:db8::2]',
    'sip:hall.local',
  ]) {
    t.is(calls(uri), 1, uri);
  }
});
