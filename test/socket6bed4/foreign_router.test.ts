/** A router that somebody named to us gives addresses under its own prefix and speaks for its own peers, no more. */
import test from 'ava';
import { endText } from '#socket6bed4/address/ipv4.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import { fragments } from '#socket6bed4/packet/fragment.ts';
import { icmpPacket } from '#socket6bed4/packet/icmpv6.ts';
import { udpPacket } from '#socket6bed4/packet/udp.ts';
import {
  data,
  ip,
  NEIGHBOUR,
  OTHER_FC64,
  OTHER_ROUTER,
  OWN_FC64,
  only,
  PeerStand,
  ROUTER,
  SELF,
} from './peer_stand.ts';

const CALLER = addressOf(OTHER_FC64, NEIGHBOUR);
const REGISTRAR = ip('2a02:898:0:5060:225:90ff:fe01:203');
/** Of a third router, which nobody asked. */
const THIRD_FC64 = ip('fc64:bed:cb00:7101::');
const OURS_THERE = addressOf(OTHER_FC64, SELF);

function attached(): PeerStand {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  stand.send(CALLER);
  stand.advertise(OTHER_ROUTER, OTHER_FC64);
  return stand;
}

/** Where a packet of ours goes, and what else goes with it. */
function to(stand: PeerStand, packet: Uint8Array): string[] {
  return only(stand.give({ kind: 'send', packet }), 'transmit').map((effect) => endText(effect.to));
}

test('a router that was asked for its own prefix gives no address under another one', (t) => {
  for (const prefix of [REGISTRAR, OWN_FC64, THIRD_FC64]) {
    const stand = PeerStand.configured({ prefix: OWN_FC64 });
    stand.send(CALLER);
    t.deepEqual(stand.advertise(OTHER_ROUTER, prefix), [{ kind: 'dropped', why: 'foreign-prefix' }]);
    t.deepEqual(stand.peer.addresses, [stand.own]);
    t.deepEqual(to(stand, data(stand.own, REGISTRAR)), [endText(ROUTER)]);
  }
});

test('nor later, when it has given the right one', (t) => {
  const stand = attached();
  t.deepEqual(stand.peer.addresses, [stand.own, OURS_THERE]);
  const effects = stand.advertise(OTHER_ROUTER, REGISTRAR, SELF, OURS_THERE);
  t.deepEqual(effects, [{ kind: 'dropped', why: 'foreign-prefix' }]);
  t.deepEqual(stand.peer.addresses, [stand.own, OURS_THERE]);
});

test('it is asked no more often for that', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  stand.give({ kind: 'attach', remote: CALLER });
  stand.advertise(OTHER_ROUTER, REGISTRAR);
  const told = stand.pass(5000).map(({ at, effect }) => `${at} ${effect.kind}`);
  t.deepEqual(told, ['1000 transmit', '2000 transmit', '3000 attached']);
});

test('it brings packets of its own peers, and of nobody else', (t) => {
  const stand = attached();
  t.is(only(stand.receive(data(CALLER, OURS_THERE), OTHER_ROUTER), 'deliver').length, 1);
  const others = [REGISTRAR, stand.neighbour, addressOf(THIRD_FC64, NEIGHBOUR)];
  for (const forged of others) {
    const effects = stand.receive(data(forged, OURS_THERE), OTHER_ROUTER);
    t.deepEqual(effects, [{ kind: 'dropped', why: 'foreign-source' }]);
  }
  t.is(stand.peer.counters.dropped['foreign-source'], others.length);
});

test('what it says of a neighbour proves nothing about the one of our own router at the same place', (t) => {
  const stand = attached();
  stand.send();
  stand.receive(data(CALLER, OURS_THERE, 'frame', true), OTHER_ROUTER);
  t.deepEqual(to(stand, data(stand.own, stand.neighbour)), [endText(ROUTER)]);
  stand.relayed(true);
  t.deepEqual(to(stand, data(stand.own, stand.neighbour)), [endText(NEIGHBOUR)]);
});

test('answers of ours to somebody under the prefix of another router ask that one for nothing', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  const [short, long] = [8, 1400].map((octets) => icmpPacket(stand.own, CALLER, 64, Buffer.alloc(octets)));
  for (const packet of [short, long].flatMap((answer) => (answer ? fragments(answer, 1) : [])))
    t.false(to(stand, packet).includes(endText(OTHER_ROUTER)));
});

test('our datagrams do, also in fragments', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  const ends = [stand.own, CALLER].map((address) => ({ address, port: 5060 }));
  const [from = { address: stand.own, port: 0 }, there = from] = ends;
  const [first = new Uint8Array()] = fragments(udpPacket(from, there, new Uint8Array(2000), 64), 1);
  t.true(to(stand, first).includes(endText(OTHER_ROUTER)));
});
