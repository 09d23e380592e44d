/** The side where the native Internet is. */
import test from 'ava';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import { icmpPacket, isIcmpIntact } from '#socket6bed4/packet/icmpv6.ts';
import { destinationOf, hopLimitOf, sourceOf } from '#socket6bed4/packet/ipv6.ts';
import { ALICE, addressAt, BOB, end, hello, ipv6, nothingSent, routerOf, SELF, sentBy } from './stand.ts';

const PREFIX = ipv6('2001:db8:6:bed4::').subarray(0, 8);
const HOST = ipv6('2001:db8:ffff::1');
const FROM = addressAt(ALICE, PREFIX);
const joined = () => routerOf({ prefix: PREFIX, native: true });

test('a packet to the rest of the world goes out, one hop older, and its answer comes back', (t) => {
  const router = joined();
  const [out, ...more] = router.handle(ALICE, hello(FROM, HOST), 0);
  t.deepEqual(more, []);
  t.true(out?.kind === 'native' && hopLimitOf(out.packet) === 63);
  const { to, octets } = sentBy(router.native(hello(HOST, FROM), 0));
  t.deepEqual(to, ALICE);
  t.is(hopLimitOf(octets), 63);
  t.is(router.counters.toNative, 1);
  t.is(router.counters.fromNative, 1);
});

test('only global unicast leaves, and neither another tunnel nor fc64 is that', (t) => {
  const others = [
    ...['2001:0:1::1', '2002:c000:201::1', 'fc64:bed:cb00:7105:c433:6401:e0fa:8001', 'fd00::1', 'fc00::1'],
    ...['fe80::1', 'fec0::1', 'ff0e::1', '::', '::1', '::ffff:192.0.2.9', '64:ff9b::1', '4000::1'],
  ];
  for (const text of others) {
    const router = joined();
    const effects = router.handle(ALICE, hello(FROM, ipv6(text)), 0);
    t.false(
      effects.some(({ kind }) => kind === 'native'),
      text,
    );
    t.is(router.counters.toNative, 0, text);
  }
});

test('nobody sends to the world from an address that is not his', (t) => {
  const router = joined();
  for (const source of [addressAt(BOB, PREFIX), HOST, ipv6('fe80::1'), ipv6('fc64:bed:1:1:1:1:1:1')]) {
    t.false(router.handle(ALICE, hello(source, HOST), 0).some(({ kind }) => kind === 'native'));
  }
});

test('peers of one router meet in it, not in the world outside', (t) => {
  const { to } = sentBy(joined().handle(ALICE, hello(FROM, addressAt(BOB, PREFIX)), 0));
  t.deepEqual(to, BOB);
});

test('what comes from outside is for a peer, from a global address, and nothing else', (t) => {
  const wrong = [
    [hello(HOST, ipv6('2001:db8::2')), 'not-ours'],
    [hello(HOST, ipv6('ff02::1')), 'multicast'],
    [hello(ipv6('2001:0:1::1'), FROM), 'foreign-source'],
    [hello(ipv6('2002::1'), FROM), 'foreign-source'],
    [hello(ipv6('fe80::1'), FROM), 'foreign-source'],
    [hello(ipv6('fd00::1'), FROM), 'foreign-source'],
    [hello(ipv6('::'), FROM), 'foreign-source'],
    [hello(addressAt(BOB, PREFIX), FROM), 'foreign-source'],
    [hello(HOST, addressAt(end('10.0.0.1:5'), PREFIX)), 'forbidden-target'],
    [hello(HOST, addressAt(SELF, PREFIX)), 'loop'],
    [hello(HOST, FROM).subarray(0, 50), 'malformed'],
    [icmpPacket(HOST, FROM, 255, new Uint8Array(24).fill(135, 0, 1)), 'neighbour-discovery'],
  ] as const;
  for (const [packet, why] of wrong) {
    t.deepEqual(joined().native(Uint8Array.from(packet), 0), [{ kind: 'dropped', why }]);
  }
});

test('what from outside needs its last hop, is too big or names no peer is refused with an error', (t) => {
  const refused = [
    [hello(HOST, FROM, 1), 'hop-limit', 3],
    [hello(HOST, FROM, 64, new Uint8Array(1400)), 'too-big', 2],
    [hello(HOST, ipv6('2001:db8:6:bed4:ffff::1')), 'opaque', 1],
  ] as const;
  for (const [packet, why, type] of refused) {
    const router = joined();
    const [dropped, error] = router.native(Uint8Array.from(packet), 0);
    t.deepEqual(dropped, { kind: 'dropped', why });
    if (error?.kind !== 'native') return t.fail(why);
    t.is(error.packet[40], type);
    t.true(isIcmpIntact(error.packet) && error.packet.length <= 1280);
    t.deepEqual(Buffer.from(destinationOf(error.packet)), Buffer.from(HOST));
    t.deepEqual(Buffer.from(sourceOf(error.packet)), Buffer.from(router.address));
  }
});

test('a native host gets ten errors at once, others of its site share them, another site has its own', (t) => {
  const router = joined();
  const refused = (host: string) => router.native(hello(ipv6(host), FROM, 1), 0).length === 2;
  t.is(Array.from({ length: 50 }, (_, i) => refused(`2001:db8:1::${i + 1}`)).filter(Boolean).length, 10);
  t.true(refused('2001:db8:2::1'));
});

test('the own address of the router belongs to its host: what is for it goes there, and its host may talk to peers', (t) => {
  const router = joined();
  const packet = hello(FROM, router.address);
  t.deepEqual(router.handle(ALICE, packet, 0), [{ kind: 'native', packet }]);
  t.deepEqual(sentBy(router.native(hello(router.address, FROM), 0)).to, ALICE);
});

test('the first address of a prefix of a peer answers a ping from either side', (t) => {
  const echo = Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 1);
  const own = addressOf(PREFIX, ALICE, 0);
  t.is(sentBy(joined().handle(ALICE, icmpPacket(FROM, own, 64, echo), 0)).octets[40], 129);
  const [reply] = joined().native(icmpPacket(HOST, own, 64, echo), 0);
  t.true(reply?.kind === 'native' && reply.packet[40] === 129);
});

test('without a native side a peer is told that there is no way', (t) => {
  const router = routerOf({ prefix: PREFIX });
  const { octets } = sentBy(router.handle(ALICE, hello(FROM, HOST), 0));
  t.deepEqual([octets[40], octets[41]], [1, 0]);
});

test('under a native prefix no packet comes from or goes to the routers of fc64', (t) => {
  const router = joined();
  const far = ipv6('fc64:bed:cb00:7105:c433:6401:e0fa:8001');
  t.true(nothingSent(router.handle(end('203.0.113.5'), hello(far, FROM), 0)));
  t.is(router.counters.toRouters + router.counters.fromRouters, 0);
});
