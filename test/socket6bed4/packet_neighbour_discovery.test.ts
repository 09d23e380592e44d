import test from 'ava';
import fc from 'fast-check';
import { parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, lanipOf } from '#socket6bed4/address/sixbed4.ts';
import { icmpPacket, isIcmpIntact } from '#socket6bed4/packet/icmpv6.ts';
import { destinationOf, HEADER, hopLimitOf, isWellFormed, sourceOf } from '#socket6bed4/packet/ipv6.ts';
import {
  isRouterSolicitation,
  neighbourAdvertisement,
  neighbourSolicitation,
  ROUTER_SOLICITATION,
  readAdvertisement,
  readNeighbourAdvertisement,
  readNeighbourSolicitation,
  routerAdvertisement,
  routerNeighbourAdvertisement,
} from '#socket6bed4/packet/neighbour_discovery.ts';
import { mutations } from '../support/mutate.ts';

const octetsOf = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array();
const hex = (octets: Uint8Array | undefined): string => Buffer.from(octets ?? []).toString('hex');
const same = (octets: Uint8Array | undefined): Uint8Array => Uint8Array.from(octets ?? []);

const LINK_LOCAL = octetsOf('fe80::');
const ALL_NODES = octetsOf('ff02::1');
const ALL_ROUTERS = octetsOf('ff02::2');
const HERE = octetsOf('fc64:bed:9188:1:9088:fe:9c42:4001');
const THERE = octetsOf('fc64:bed:9188:1:9088:fe:9c45:4001');
const PREFIX = HERE.subarray(0, 8);
const END = { ipv4: 0x918800fe, port: 40002 };

const end = fc.record({
  ipv4: fc.integer({ min: 0, max: 0xffffffff }),
  port: fc.integer({ min: 0, max: 65535 }),
});
const network = fc.uint8Array({ minLength: 8, maxLength: 8 });
const unicast = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((address) => Uint8Array.of((address[0] ?? 0) & 0x7f, ...address.subarray(1)));

/** The message of a packet with some octets changed, checksum right, and its hop limit. */
function rewritten(packet: Uint8Array, change: Readonly<Record<number, number>>, hopLimit = 255): Uint8Array {
  const message = Uint8Array.from(packet.subarray(HEADER));
  for (const [at, octet] of Object.entries(change)) message[Number(at)] = octet;
  return icmpPacket(same(sourceOf(packet)), same(destinationOf(packet)), hopLimit, message);
}

const withOption = (packet: Uint8Array, ...option: number[]): Uint8Array =>
  icmpPacket(
    same(sourceOf(packet)),
    same(destinationOf(packet)),
    255,
    Uint8Array.of(...packet.subarray(HEADER), ...option),
  );

const NONCE = [14, 1, 1, 2, 3, 4, 5, 6];

test('the solicitation of routers is a packet as any other would build it', (t) => {
  const message = Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1);
  t.is(hex(ROUTER_SOLICITATION), hex(icmpPacket(new Uint8Array(16), ALL_ROUTERS, 255, message)));
  t.is(ROUTER_SOLICITATION.length, 56);
  t.true(isRouterSolicitation(ROUTER_SOLICITATION));
});

test('a solicitation of routers may have no option, more options, or any source', (t) => {
  const bare = icmpPacket(LINK_LOCAL, ALL_ROUTERS, 255, Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0));
  t.true(isRouterSolicitation(bare));
  t.true(isRouterSolicitation(withOption(bare, ...NONCE)));
  t.true(isRouterSolicitation(withOption(ROUTER_SOLICITATION, ...NONCE)));
  t.true(isRouterSolicitation(withOption(bare, 14, 2, ...new Array<number>(14).fill(0))));
});

test('a solicitation of routers that breaks a rule is none', (t) => {
  t.false(isRouterSolicitation(rewritten(ROUTER_SOLICITATION, {}, 254)), 'hop limit');
  t.false(isRouterSolicitation(rewritten(ROUTER_SOLICITATION, { 1: 1 })), 'code');
  t.false(isRouterSolicitation(rewritten(ROUTER_SOLICITATION, { 0: 134 })), 'type');
  t.false(isRouterSolicitation(rewritten(ROUTER_SOLICITATION, { 15: 0 })), 'an address of zeros');
  t.false(isRouterSolicitation(rewritten(ROUTER_SOLICITATION, { 9: 0 })), 'an option without length');
  t.false(isRouterSolicitation(rewritten(ROUTER_SOLICITATION, { 9: 2 })), 'an option beyond the end');
  t.false(isRouterSolicitation(withOption(ROUTER_SOLICITATION, 14)), 'half an option');
  const damaged = Uint8Array.from(ROUTER_SOLICITATION);
  damaged[42] = (damaged[42] ?? 0) ^ 1;
  t.false(isRouterSolicitation(damaged), 'checksum');
  const short = icmpPacket(LINK_LOCAL, ALL_ROUTERS, 255, Uint8Array.of(133, 0, 0, 0));
  t.false(isRouterSolicitation(short), 'too short');
});

test('an advertisement tells a peer its /114', (t) => {
  fc.assert(
    fc.property(unicast, network, end, fc.nat(3), (to, prefix, own, routes) => {
      const more = Array.from({ length: routes }, (_, i) => ({
        prefix: octetsOf(`2001:db8:${i}::`),
        length: 48,
      }));
      const packet = routerAdvertisement(to, prefix, own, more);
      t.true(isWellFormed(packet) && isIcmpIntact(packet));
      t.is(packet.length, 88 + 32 * routes);
      t.is(hopLimitOf(packet), 255);
      t.deepEqual(same(sourceOf(packet)), LINK_LOCAL);
      t.deepEqual(same(destinationOf(packet)), to);
      t.deepEqual(readAdvertisement(packet), { address: addressOf(prefix, own, 0) });
    }),
  );
});

test('an advertisement has the octets that peers of the field know', (t) => {
  t.is(
    hex(routerAdvertisement(ALL_NODES, PREFIX, END)),
    '6000000000303afffe800000000000000000000000000000ff020000000000000000000000000001' +
      '8600fe8e0018ffffffffffffffffffff030472c0ffffffffffffffff00000000fc640bed91880001908800fe9c424000',
  );
});

test('the bits of an advertised address that are the peer’s own are cleared', (t) => {
  const packet = rewritten(routerAdvertisement(ALL_NODES, PREFIX, END), { 46: 0x7f, 47: 0xff });
  const read = readAdvertisement(packet);
  t.true(typeof read === 'object');
  if (typeof read === 'object') t.is(lanipOf(read.address), 0);
  t.deepEqual(read, { address: addressOf(PREFIX, END, 0) });
});

test('a correction that still bears next header and code of what it corrects is read', (t) => {
  const packet = rewritten(routerAdvertisement(HERE, PREFIX, END), { 1: 0xc4 });
  packet[6] = 17;
  packet[2] = 0x1b;
  t.deepEqual(readAdvertisement(packet), { address: addressOf(PREFIX, END, 0) });
});

test('the prefix of 2012 is recognized, and only beside none of ours', (t) => {
  const old = rewritten(routerAdvertisement(ALL_NODES, PREFIX, END), { 18: 64 });
  t.is(readAdvertisement(old), 'old-format');
  const route = rewritten(routerAdvertisement(ALL_NODES, PREFIX, END), { 18: 64, 19: 0 });
  t.is(readAdvertisement(route), undefined, 'a route is no address');
  const strange = [...old.subarray(HEADER + 16)].with(2, 48);
  t.is(readAdvertisement(withOption(old, ...strange)), 'old-format', 'beside one of neither format');
  const both = withOption(old, ...routerAdvertisement(ALL_NODES, PREFIX, END).subarray(HEADER + 16));
  t.deepEqual(readAdvertisement(both), { address: addressOf(PREFIX, END, 0) });
});

test('an advertisement that breaks a rule is not read', (t) => {
  const good = routerAdvertisement(ALL_NODES, PREFIX, END);
  t.is(readAdvertisement(rewritten(good, {}, 64)), undefined, 'hop limit');
  t.is(readAdvertisement(rewritten(good, { 0: 133 })), undefined, 'type');
  t.is(readAdvertisement(rewritten(good, { 16: 5 })), undefined, 'no prefix');
  t.is(readAdvertisement(rewritten(good, { 17: 0 })), undefined, 'an option without length');
  t.is(readAdvertisement(rewritten(good, { 17: 5 })), undefined, 'an option beyond the end');
  t.is(readAdvertisement(rewritten(good, { 18: 113 })), undefined, 'another length');
  t.is(readAdvertisement(rewritten(good, { 19: 0x80 })), undefined, 'not for addresses');
  t.is(readAdvertisement(rewritten(good, { 20: 0, 21: 0, 22: 0, 23: 0 })), undefined, 'taken back');
  t.is(readAdvertisement(rewritten(good, { 40: 0x91 })), undefined, 'a group bit');
  const longer = withOption(rewritten(good, { 17: 5 }), ...new Array<number>(8).fill(0));
  t.is(readAdvertisement(longer), undefined, 'a prefix option of another size');
  const elsewhere = icmpPacket(HERE, ALL_NODES, 255, good.subarray(HEADER));
  t.is(readAdvertisement(elsewhere), undefined, 'not from a link-local address');
  for (let at = 40; at < good.length; at += 1) {
    const damaged = Uint8Array.from(good);
    damaged[at] = (damaged[at] ?? 0) ^ 4;
    t.is(readAdvertisement(damaged), undefined, `octet ${at}`);
  }
});

test('a solicitation of a neighbour goes to the target itself and says where we are', (t) => {
  fc.assert(
    fc.property(unicast, unicast, end, (source, target, own) => {
      const packet = neighbourSolicitation(source, target, own);
      t.true(isWellFormed(packet) && isIcmpIntact(packet));
      t.is(packet.length, 72);
      t.is(hopLimitOf(packet), 255);
      t.deepEqual(same(sourceOf(packet)), source);
      t.deepEqual(same(destinationOf(packet)), target);
      t.deepEqual(same(readNeighbourSolicitation(packet)?.target), target);
      const { ipv4, port } = own;
      const address = [
        port & 255,
        port >>> 8,
        ipv4 >>> 24,
        (ipv4 >>> 16) & 255,
        (ipv4 >>> 8) & 255,
        ipv4 & 255,
      ];
      t.deepEqual([...packet.subarray(64)], [1, 1, ...address]);
    }),
  );
});

test('an advertisement of a neighbour comes from the target, without options', (t) => {
  fc.assert(
    fc.property(unicast, unicast, (target, destination) => {
      const packet = neighbourAdvertisement(target, destination);
      t.true(isWellFormed(packet) && isIcmpIntact(packet));
      t.is(packet.length, 64);
      t.is(packet[44], 0x60);
      t.deepEqual(same(sourceOf(packet)), target);
      t.deepEqual(same(destinationOf(packet)), destination);
      t.deepEqual(same(readNeighbourAdvertisement(packet)?.target), target);
    }),
  );
});

test('a router answers for its own address with where it listens', (t) => {
  const target = octetsOf('fc64:bed:9188:1:9088:1:64be:4000');
  const packet = routerNeighbourAdvertisement(target, HERE, { ipv4: 0x91880001, port: 25790 });
  t.is(
    hex(packet),
    '6000000000203afffe800000000000000000000000000000fc640bed91880001908800fe9c424001' +
      '8800906ac0000000fc640bed918800019088000164be40000201be6491880001',
  );
  t.deepEqual(same(readNeighbourAdvertisement(packet)?.target), target);
});

test('a message of neighbours is read with any sane options, and not when it breaks a rule', (t) => {
  const cases = [
    [neighbourSolicitation(HERE, THERE, END), readNeighbourSolicitation, readNeighbourAdvertisement],
    [neighbourAdvertisement(HERE, THERE), readNeighbourAdvertisement, readNeighbourSolicitation],
  ] as const;
  for (const [good, read, other] of cases) {
    t.truthy(read(good));
    t.truthy(read(withOption(good, ...NONCE)));
    t.is(other(good), undefined, 'type');
    t.is(read(rewritten(good, {}, 254)), undefined, 'hop limit');
    t.is(read(rewritten(good, { 1: 1 })), undefined, 'code');
    t.is(read(rewritten(good, { 8: 0xff })), undefined, 'a group as target');
    t.is(read(withOption(good, 14, 0, ...new Array<number>(6).fill(0))), undefined, 'no length');
    t.is(read(withOption(good, 14, 2, ...new Array<number>(6).fill(0))), undefined, 'beyond the end');
    t.is(read(icmpPacket(HERE, THERE, 255, good.subarray(HEADER, HEADER + 20))), undefined, 'too short');
    const damaged = Uint8Array.from(good);
    damaged[50] = (damaged[50] ?? 0) ^ 1;
    t.is(read(damaged), undefined, 'checksum');
  }
});

const READERS: readonly (readonly [name: string, read: (packet: Uint8Array) => unknown, seed: Uint8Array])[] =
  [
    ['solicitation of routers', isRouterSolicitation, ROUTER_SOLICITATION],
    ['advertisement of a router', readAdvertisement, routerAdvertisement(ALL_NODES, PREFIX, END)],
    ['solicitation of a neighbour', readNeighbourSolicitation, neighbourSolicitation(HERE, THERE, END)],
    ['advertisement of a neighbour', readNeighbourAdvertisement, neighbourAdvertisement(HERE, THERE)],
  ];

for (const [name, read, seed] of READERS) {
  test(`a damaged ${name} is survived`, (t) => {
    const seeds = [seed, withOption(seed, ...NONCE), ...READERS.map((reader) => reader[2])];
    let count = 0;
    let whole = 0;
    for (const octets of mutations(seeds, 100_000, 4861)) {
      // The checksum would refuse nearly all at once: every other one gets it put right.
      count += 1;
      const isPutRight = count % 2 === 0 && octets.length >= HEADER + 4;
      const packet = isPutRight ? rewritten(octets, {}, octets[7]) : octets;
      read(packet);
      if (isIcmpIntact(packet)) whole += 1;
    }
    t.true(whole > 30_000, String(whole));
  });
}
