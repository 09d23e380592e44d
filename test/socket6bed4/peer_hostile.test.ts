/** Octets from strangers: nothing leaves for a forbidden target, memory stays bounded, our address stays ours. */
import test from 'ava';
import fc from 'fast-check';
import { endText, type Ipv4End, isForbiddenTarget } from '#socket6bed4/address/ipv4.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import {
  neighbourAdvertisement,
  neighbourSolicitation,
  ROUTER_SOLICITATION,
  routerAdvertisement,
} from '#socket6bed4/packet/neighbour_discovery.ts';
import type { PeerEffect, PeerInput } from '#socket6bed4/peer/types.ts';
import { mutations, seededRandom } from '../support/mutate.ts';
import {
  ALL_NODES,
  data,
  end,
  ip,
  NATIVE,
  NEIGHBOUR,
  OTHER_FC64,
  OTHER_ROUTER,
  OWN_FC64,
  only,
  PeerStand,
  ROUTER,
  SELF,
} from './peer_stand.ts';

const FORGER = end('203.0.113.66:6666');

function forbidden(effects: readonly PeerEffect[]): string[] {
  return only(effects, 'transmit')
    .filter(({ to }) => isForbiddenTarget(to))
    .map(({ to }) => endText(to));
}

test('100 000 damaged datagrams: none throws, none makes us send to a forbidden target or hold on to more', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64, routers: [ROUTER, OTHER_ROUTER] });
  const { own, neighbour } = stand;
  const random = seededRandom(1);
  const seeds = [
    ...[data(neighbour, own), data(neighbour, own, 'seen', true), data(ip('2001:db8::1'), own)],
    ...[neighbourSolicitation(neighbour, own, NEIGHBOUR), neighbourAdvertisement(neighbour, own)],
    ...[routerAdvertisement(ALL_NODES, OWN_FC64, SELF), routerAdvertisement(own, OTHER_FC64, FORGER)],
    ...[ROUTER_SOLICITATION, data(addressOf(OTHER_FC64, FORGER), own), new Uint8Array(0)],
  ];
  const origins = [ROUTER, OTHER_ROUTER, NEIGHBOUR, FORGER, end('192.168.1.1:4000'), end('127.0.0.1:4000')];
  stand.prove();
  let sent = 0;
  let most = 0;
  for (const octets of mutations(seeds, 100_000, 7)) {
    const from = origins[Math.floor(random() * origins.length)] ?? FORGER;
    const effects = [...stand.receive(octets, from)];
    if (random() < 0.05) {
      const source = stand.peer.addresses[0] ?? own;
      effects.push(...stand.give({ kind: 'send', packet: data(source, aimed(octets, random)) }));
    }
    if (random() < 0.05) effects.push(...stand.pass(200).map(({ effect }) => effect));
    const wrong = forbidden(effects);
    if (wrong.length > 0) t.fail(`sent to ${wrong}: ${Buffer.from(octets).toString('hex')}`);
    sent += only(effects, 'transmit').length;
    most = Math.max(most, effects.length);
  }
  t.true(sent > 1000, `${sent}`);
  t.true(most < 100, 'no input has an avalanche of effects');
  t.true(stand.peer.addresses.length <= 5);
  t.true(Object.keys(stand.peer.counters.dropped).length <= 24);
});

/** An address that somebody may have made up: damaged octets behind a prefix that we know. */
function aimed(octets: Uint8Array, random: () => number): Uint8Array {
  const address = new Uint8Array(16);
  address.set(octets.subarray(0, 16));
  if (random() < 0.8) address.set(random() < 0.5 ? OWN_FC64.subarray(0, 8) : OTHER_FC64.subarray(0, 8));
  return address;
}

test('whatever its user asks, the peer sends to no forbidden target, and its deadline is never in the past for long', (t) => {
  const addresses = fc.oneof(
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => {
      octets.set((octets[15] ?? 0) & 1 ? NATIVE.subarray(0, 8) : Uint8Array.of(0xfc, 0x64, 0x0b, 0xed));
      return octets;
    }),
  );
  const inputs: fc.Arbitrary<PeerInput> = fc.oneof(
    addresses.map((remote) => ({ kind: 'attach', remote }) as const),
    addresses.map((remote) => ({ kind: 'suspect', remote }) as const),
    addresses.map((to) => ({ kind: 'send', packet: data(addressOf(NATIVE, SELF), to) }) as const),
    fc.constant({ kind: 'network-changed' } as const),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(inputs, fc.nat(40_000)), { maxLength: 40 }), (story) => {
      const stand = PeerStand.configured();
      for (const [input, wait] of story) {
        t.deepEqual(forbidden(stand.give(input)), []);
        t.deepEqual(forbidden(stand.pass(wait).map(({ effect }) => effect)), []);
        t.true(stand.peer.deadline > stand.now);
      }
    }),
    { numRuns: 300 },
  );
});

test('a peer that names 10 000 targets makes us probe few of them', (t) => {
  const stand = PeerStand.configured();
  let probed = 0;
  let relayed = 0;
  for (let i = 0; i < 10_000; i++) {
    const target = { ipv4: 0xcb007100 + (i >>> 6), port: 1024 + (i & 63) };
    const effects = [
      ...stand.send(addressOf(NATIVE, target)),
      ...stand.pass(0.1).map(({ effect }) => effect),
    ];
    for (const { to, octets } of only(effects, 'transmit')) {
      if (to === ROUTER) relayed += 1;
      else if (octets.length === 0) probed += 1;
    }
  }
  t.is(relayed, 10_000, 'each went by the router');
  t.true(probed <= 32 + 16 + 2, `${probed}`);
});

test('10 000 targets over an hour are forgotten again: probes end with the traffic', (t) => {
  const stand = PeerStand.configured();
  let last = 0;
  for (let i = 0; i < 10_000; i++) {
    stand.send(addressOf(NATIVE, { ipv4: 0xcb007100 + (i >>> 6), port: 1024 + (i & 63) }));
    stand.pass(360);
    stand.advertise();
  }
  const after = stand.pass(90_000);
  for (const { at, effect } of after)
    if (effect.kind === 'transmit' && effect.to.ipv4 !== ROUTER.ipv4) last = at;
  t.true(last < 61_000, `${last}`);
});

test('10 000 forged advertisements of routers and neighbours change nothing', (t) => {
  const stand = PeerStand.configured({ routers: [ROUTER, OTHER_ROUTER] });
  stand.send();
  const random = seededRandom(3);
  for (let i = 0; i < 10_000; i++) {
    const from: Ipv4End = { ipv4: Math.floor(random() * 2 ** 32), port: Math.floor(random() * 65_536) };
    const forged = [
      routerAdvertisement(ALL_NODES, NATIVE, from),
      routerAdvertisement(stand.own, NATIVE, from),
      neighbourAdvertisement(stand.neighbour, stand.own),
      data(stand.neighbour, stand.own, 'forged', true),
    ][i % 4];
    t.is(only(stand.receive(forged ?? new Uint8Array(0), from), 'dropped').length, 1);
  }
  t.deepEqual(stand.peer.addresses, [stand.own]);
  t.is(only(stand.send(), 'transmit').at(-1)?.to, ROUTER, 'the neighbour is not believed to be near');
  const { dropped } = stand.peer.counters;
  t.is(
    Object.values(dropped).reduce((sum, one) => sum + one),
    10_000,
  );
  t.deepEqual(Object.keys(dropped).sort(), ['forged-advertisement', 'spoofed']);
});

test('solicitations of 100 000 origins are answered in measure, and who was near stays so', (t) => {
  const stand = PeerStand.configured();
  stand.prove();
  let sent = 0;
  let far = 0;
  for (let i = 0; i < 100_000; i++) {
    const from = { ipv4: 0xc6336500 + (i >>> 8), port: 1024 + (i & 255) };
    sent += only(stand.solicit(addressOf(NATIVE, from), from), 'transmit').length;
    if (i % 200 !== 0) continue;
    stand.pass(20);
    stand.frame(true);
    if (only(stand.send(), 'transmit')[0]?.to.port !== NEIGHBOUR.port) far += 1;
  }
  t.is(far, 0);
  // 10 s: 32 and 16 a second answers, 16 and 8 a second probes of two datagrams.
  t.true(sent <= 32 + 160 + 2 * (16 + 80) + 5, `${sent}`);
});

test('packets of Teredo, of private ends and for others are counted, each by its word', (t) => {
  const stand = PeerStand.configured();
  const near = end('192.168.7.7:4000');
  stand.receive(data(ip('2001:0:1:2:3:4:5:6'), stand.own), ROUTER);
  stand.receive(data(addressOf(NATIVE, near), stand.own), near);
  stand.receive(data(stand.neighbour, ip('2001:db8::9')), NEIGHBOUR);
  stand.send(ip('2001:0:1:2:3:4:5:6'));
  stand.send(addressOf(NATIVE, near));
  t.deepEqual(stand.peer.counters.dropped, {
    'bad-source': 1,
    'forbidden-origin': 1,
    'not-ours': 1,
    'bad-destination': 1,
    'forbidden-target': 1,
  });
});
