/** The rules of the router, one by one. */
import test from 'ava';
import type { Drop } from '#router6bed4/counters.ts';
import { addressOf, DEFAULT_NETID, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { icmpPacket, isIcmpIntact } from '#socket6bed4/packet/icmpv6.ts';
import {
  destinationOf,
  hopLimitOf,
  setTrafficClass,
  sourceOf,
  trafficClassOf,
} from '#socket6bed4/packet/ipv6.ts';
import {
  neighbourAdvertisement,
  neighbourSolicitation,
  ROUTER_SOLICITATION,
  readAdvertisement,
} from '#socket6bed4/packet/neighbour_discovery.ts';
import {
  ALICE,
  addressAt,
  BOB,
  end,
  hello,
  ipv6,
  nothingSent,
  PREFIX,
  routerOf,
  SELF,
  sentBy,
} from './stand.ts';

const FROM = addressAt(ALICE);
const TO = addressAt(BOB);
const LINK_LOCAL = ipv6('fe80::');
const ECHO = Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 1, 97, 98, 99);

test('a packet between two peers is relayed with one hop less and is otherwise untouched', (t) => {
  const packet = hello(FROM, TO);
  const expected = Uint8Array.from(packet);
  expected[7] = 63;
  const router = routerOf();
  t.deepEqual(router.handle(ALICE, packet, 0), [{ kind: 'transmit', to: BOB, octets: packet }]);
  t.deepEqual(Uint8Array.from(packet), expected);
  t.is(router.counters.relayed, 1);
});

test('the traffic class, in which peers talk to each other, stays as it is', (t) => {
  for (let trafficClass = 0; trafficClass < 256; trafficClass += 1) {
    const packet = hello(FROM, TO);
    setTrafficClass(packet, trafficClass);
    t.is(trafficClassOf(sentBy(routerOf().handle(ALICE, packet, 0)).octets), trafficClass);
  }
});

test('a keep-alive is counted and answered by nothing', (t) => {
  const router = routerOf();
  t.deepEqual(router.handle(ALICE, new Uint8Array(0), 0), []);
  t.is(router.counters.keepAlives, 1);
});

test('a solicitation is answered with the place it came from, whatever options it has', (t) => {
  const plain = Uint8Array.from(ROUTER_SOLICITATION);
  const nonce = icmpPacket(
    sourceOf(plain),
    destinationOf(plain),
    255,
    Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0, 14, 1, 1, 2, 3, 4, 5, 6),
  );
  for (const packet of [plain, nonce]) {
    const { to, octets } = sentBy(routerOf().handle(ALICE, packet, 0));
    t.deepEqual(to, ALICE);
    t.is(octets.length, 88);
    t.deepEqual(readAdvertisement(octets), { address: addressOf(PREFIX, ALICE, 0) });
    t.deepEqual(Buffer.from(destinationOf(octets)), Buffer.from(ipv6('ff02::1')));
  }
});

test('a peer that asks from its address of before gets the answer there', (t) => {
  const packet = icmpPacket(TO, ipv6('ff02::2'), 255, Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0));
  const { to, octets } = sentBy(routerOf().handle(ALICE, packet, 0));
  t.deepEqual(to, ALICE);
  t.deepEqual(Buffer.from(destinationOf(octets)), Buffer.from(TO));
});

test('whoever sends from an address that is not his is told his own, and his packet goes nowhere', (t) => {
  const router = routerOf();
  const effects = router.handle(ALICE, hello(TO, FROM), 0);
  const { to, octets } = sentBy(effects);
  t.deepEqual(to, ALICE);
  t.deepEqual(readAdvertisement(octets), { address: addressOf(PREFIX, ALICE, 0) });
  t.deepEqual(Buffer.from(destinationOf(octets)), Buffer.from(TO));
  t.is(router.counters.dropped['wrong-source'], 1);
  t.is(router.counters.relayed, 0);
});

test('corrections go out five at once to an origin, then one a second', (t) => {
  const router = routerOf();
  const corrected = (now: number) => !nothingSent(router.handle(ALICE, hello(TO, FROM), now));
  t.is(Array.from({ length: 50 }, () => corrected(0)).filter(Boolean).length, 5);
  t.false(corrected(900));
  t.true(corrected(1000));
  t.false(corrected(1001));
  t.is(router.counters.corrections, 6);
  t.is(router.counters.limited, 47);
  t.is(router.counters.dropped['wrong-source'], 53);
});

test('all origins together get at most 500 corrections at once, and little is remembered of them', (t) => {
  const router = routerOf();
  let count = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const from = { ipv4: ALICE.ipv4 + (i >>> 8), port: 1024 + (i & 255) };
    if (!nothingSent(router.handle(from, hello(TO, FROM), i / 100))) count += 1;
  }
  t.is(count, 500 + 99, '200 ms at 500 a second');
  t.true(router.remembered <= 3 * 4096);
});

/** Origin ALICE, whose packet is lost without a word. */
const SILENT: readonly (readonly [string, Drop, Uint8Array])[] = [
  ['no IPv6', 'malformed', Uint8Array.of(0x45, ...new Uint8Array(59))],
  ['compressed headers', 'malformed', Uint8Array.of(0xe0, ...new Uint8Array(59))],
  ['39 octets', 'malformed', hello(FROM, TO).subarray(0, 39)],
  ['a cut packet', 'malformed', hello(FROM, TO).subarray(0, 50)],
  ['something behind the packet', 'malformed', Buffer.concat([hello(FROM, TO), Uint8Array.of(0)])],
  ['a source elsewhere', 'foreign-source', hello(ipv6('2001:db8::1'), TO)],
  ['a Teredo source', 'foreign-source', hello(ipv6('2001:0:4136:e378:8000:63bf:3fff:fdd2'), TO)],
  ['a source of another router', 'foreign-source', hello(ipv6('fc64:bed:9188:1:c433:6401:e0fa:8001'), TO)],
  ['a link-local source', 'link-local', hello(addressAt(ALICE, LINK_LOCAL), TO)],
  ['a group', 'multicast', hello(FROM, ipv6('ff02::1'))],
  ['a neighbour on the link', 'link-local', hello(FROM, ipv6('fe80::1'))],
  ['a datagram to the router', 'for-router', hello(FROM, LINK_LOCAL)],
  ['a solicitation for another peer', 'neighbour-discovery', neighbourSolicitation(FROM, TO, ALICE)],
  ['an answer to a solicitation', 'neighbour-discovery', neighbourAdvertisement(FROM, TO)],
  ['trying out an address', 'neighbour-discovery', neighbourSolicitation(ipv6('::'), LINK_LOCAL, ALICE)],
  ['the router by its own port', 'loop', hello(FROM, addressOf(PREFIX, SELF, 1))],
];

for (const [what, why, packet] of SILENT) {
  test(`nothing comes of ${what}`, (t) => {
    t.deepEqual(routerOf().handle(ALICE, packet, 0), [{ kind: 'dropped', why }]);
  });
}

const FORBIDDEN = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '127.0.0.1',
  '169.254.1.1',
  '172.16.0.1',
  '172.31.255.255',
];

for (const text of [...FORBIDDEN, '192.168.1.1', '224.0.0.1', '239.1.1.1', '255.255.255.255']) {
  test(`nothing is sent to ${text}, neither relayed nor to a router nor as an answer`, (t) => {
    const target = end(`${text}:5060`);
    const router = routerOf();
    t.deepEqual(router.handle(ALICE, hello(FROM, addressAt(target)), 0), [
      { kind: 'dropped', why: 'forbidden-target' },
    ]);
    t.deepEqual(router.handle(target, Uint8Array.from(ROUTER_SOLICITATION), 0), [
      { kind: 'dropped', why: 'forbidden-origin' },
    ]);
    const behind = addressOf(routerPrefix(DEFAULT_NETID, target.ipv4), BOB);
    t.deepEqual(router.handle(ALICE, hello(FROM, behind), 0), [{ kind: 'dropped', why: 'forbidden-target' }]);
  });
}

test('nothing is sent to port 0', (t) => {
  const effects = routerOf().handle(ALICE, hello(FROM, addressAt({ ipv4: BOB.ipv4, port: 0 })), 0);
  t.deepEqual(effects, [{ kind: 'dropped', why: 'forbidden-target' }]);
});

test('a private network that is named is served', (t) => {
  const router = routerOf({ onLink: [{ ipv4: end('10.0.0.0').ipv4, length: 8 }] });
  const [ann, ben] = [end('10.0.0.1:1000'), end('10.200.0.1:2000')];
  t.deepEqual(sentBy(router.handle(ann, hello(addressAt(ann), addressAt(ben)), 0)).to, ben);
  t.true(nothingSent(router.handle(ann, hello(addressAt(ann), addressAt(end('192.168.0.1:2'))), 0)));
});

test('a packet to another router of fc64 goes to that router, unless it is private or ourselves', (t) => {
  const router = routerOf();
  const to = (text: string) => router.handle(ALICE, hello(FROM, ipv6(text)), 0);
  t.deepEqual(sentBy(to('fc64:1234:cb00:7105:c433:6401:e0fa:8001')).to, end('203.0.113.5:25790'));
  t.true(nothingSent(to('fc64:bed:a00:1:c433:6401:e0fa:8001')));
  t.true(nothingSent(to('fc64:bed:7f00:1:c433:6401:e0fa:8001')));
  t.is(router.counters.dropped['forbidden-target'], 2);
  to('fc64:1234:c000:201:c433:6401:e0fa:8001');
  t.is(router.counters.dropped['no-route'], 1);
  t.is(router.counters.toRouters, 1);
});

test('a packet that needs its last hop, is too big or has no way is refused with an error to its sender', (t) => {
  const long = hello(FROM, TO, 64, new Uint8Array(1233));
  t.is(long.length, 1281);
  const refused = [
    [hello(FROM, TO, 1), 'hop-limit', 3, 0, 0],
    [hello(FROM, TO, 0), 'hop-limit', 3, 0, 0],
    [long, 'too-big', 2, 0, 1280],
    [hello(FROM, ipv6('2001:db8::1')), 'no-route', 1, 0, 0],
    [hello(FROM, ipv6('::1')), 'no-route', 1, 0, 0],
    [hello(FROM, addressOf(Uint8Array.of(...PREFIX), BOB).fill(0xff, 8, 9)), 'opaque', 1, 3, 0],
  ] as const;
  for (const [packet, why, type, code, parameter] of refused) {
    const router = routerOf();
    const { to, octets } = sentBy(router.handle(ALICE, Uint8Array.from(packet), 0));
    t.deepEqual(to, ALICE);
    t.true(isIcmpIntact(octets) && octets.length <= 1280);
    t.deepEqual([octets[40], octets[41]], [type, code], why);
    t.is(Buffer.from(octets).readUInt32BE(44), parameter);
    t.deepEqual(Buffer.from(sourceOf(octets)), Buffer.from(router.address));
    t.deepEqual(Buffer.from(destinationOf(octets)), Buffer.from(FROM));
    t.is(router.counters.dropped[why], 1);
  }
});

test('1280 octets pass', (t) => {
  const packet = hello(FROM, TO, 64, new Uint8Array(1232));
  t.is(packet.length, 1280);
  t.deepEqual(sentBy(routerOf().handle(ALICE, packet, 0)).to, BOB);
});

test('errors have their limit: ten at once, then ten a second', (t) => {
  const router = routerOf();
  const refused = (now: number) => !nothingSent(router.handle(ALICE, hello(FROM, TO, 1), now));
  t.is(Array.from({ length: 50 }, () => refused(0)).filter(Boolean).length, 10);
  t.false(refused(99));
  t.true(refused(100));
});

test('the router can be pinged by each of its addresses, twenty times at once', (t) => {
  for (const own of [LINK_LOCAL, addressOf(PREFIX, SELF, 0), addressOf(PREFIX, ALICE, 0)]) {
    const router = routerOf();
    const ping = () => router.handle(ALICE, icmpPacket(FROM, own, 64, ECHO), 0);
    const { to, octets } = sentBy(ping());
    t.deepEqual(to, ALICE);
    t.is(octets[40], 129);
    t.true(isIcmpIntact(octets));
    t.deepEqual(Buffer.from(sourceOf(octets)), Buffer.from(own));
    for (let i = 0; i < 50; i += 1) ping();
    t.is(router.counters.echoReplies, 20);
  }
});

test('who asks for the router as a neighbour is told its address and port', (t) => {
  const router = routerOf();
  for (const target of [LINK_LOCAL, router.address]) {
    const { octets } = sentBy(router.handle(ALICE, neighbourSolicitation(FROM, target, ALICE), 0));
    t.is(octets.length, 72);
    t.deepEqual([octets[40], octets[44], hopLimitOf(octets)], [136, 0xc0, 255]);
    t.deepEqual(Buffer.from(octets.subarray(48, 64)), Buffer.from(router.address));
    t.is(Buffer.from(octets.subarray(64)).toString('hex'), '0201be64c0000201');
  }
});
