/** Direct ways as the peer walks them: what is sent when, the Seen flag in packets, and the limits. */
import test from 'ava';
import type { Ipv4End } from '#socket6bed4/address/ipv4.ts';
import { addressOf, endOf } from '#socket6bed4/address/sixbed4.ts';
import { trafficClassOf } from '#socket6bed4/packet/ipv6.ts';
import { neighbourAdvertisement, neighbourSolicitation } from '#socket6bed4/packet/neighbour_discovery.ts';
import { Neighbours } from '#socket6bed4/peer/neighbours.ts';
import { Router } from '#socket6bed4/peer/router.ts';
import type { PeerEffect } from '#socket6bed4/peer/types.ts';
import {
  data,
  NATIVE,
  NEIGHBOUR,
  only,
  PeerStand,
  ROUTER,
  SEEN,
  SELF,
  START,
  shortly,
  withClass,
} from './peer_stand.ts';

const THEM = NEIGHBOUR.port;

function numbered(number: number): Ipv4End {
  return { ipv4: 0xcb007200 + (number >>> 8), port: 1024 + (number & 255) };
}

test('the first packet goes to the router at once, beside a probe', (t) => {
  const stand = PeerStand.configured();
  const effects = stand.send();
  t.deepEqual(shortly(effects), [`empty ${THEM}`, `NS ${THEM}`, 'data 25790']);
  const [, probe] = only(effects, 'transmit');
  t.deepEqual(probe?.octets, neighbourSolicitation(stand.own, stand.neighbour, SELF));
  t.deepEqual(stand.sent(2000), [
    `1000 empty ${THEM}`,
    `1000 NS ${THEM}`,
    `2000 empty ${THEM}`,
    `2000 NS ${THEM}`,
  ]);
});

test('an advertisement makes the path direct, which is told once', (t) => {
  const stand = PeerStand.configured();
  stand.send();
  stand.now += 30;
  t.deepEqual(stand.answer(), [{ kind: 'path', remote: stand.neighbour, path: 'direct' }]);
  t.deepEqual(shortly(stand.send()), [`data+seen ${THEM}`]);
  t.deepEqual(stand.answer(), [{ kind: 'dropped', why: 'unasked-advertisement' }]);
  t.is(stand.peer.counters.direct, 1);
  t.is(stand.peer.counters.relayed, 1);
});

test('so does a Seen flag, direct or relayed, in any packet of the neighbour', (t) => {
  for (const how of ['frame', 'relayed', 'solicitation', 'advertisement'] as const) {
    const stand = PeerStand.configured();
    stand.send();
    const { own, neighbour } = stand;
    const effects = {
      frame: () => stand.frame(true),
      relayed: () => stand.relayed(true),
      solicitation: () => stand.receive(withClass(neighbourSolicitation(neighbour, own, NEIGHBOUR), SEEN)),
      advertisement: () => stand.receive(withClass(neighbourAdvertisement(neighbour, own), SEEN)),
    }[how]();
    t.is(only(effects, 'path').length, 1, how);
  }
});

test('markings that are none of 6bed4 carry no Seen flag', (t) => {
  // EF, CS1, CS3 (Prohibited and Seen, says the draft, but three bits tell otherwise in AF), all of AF1–AF4.
  for (const trafficClass of [0xb8, 0x28, 0x30, 0x38, 0x48, 0x58, 0x68, 0x78, 0x88, 0x1c, 0x3c]) {
    const stand = PeerStand.configured();
    stand.send();
    stand.receive(withClass(data(stand.neighbour, stand.own), trafficClass));
    t.deepEqual(shortly(stand.send()), ['data+seen 25790'], trafficClass.toString(16));
  }
  for (const trafficClass of [0x20, 0x21, 0x22, 0x23, 0x60, 0xa0, 0xe0]) {
    const stand = PeerStand.configured();
    stand.send();
    stand.receive(withClass(data(stand.neighbour, stand.own), trafficClass));
    t.deepEqual(shortly(stand.send()), [`data+seen ${THEM}`], trafficClass.toString(16));
  }
});

test('packets carry Seen once the neighbour was heard, relayed ones only 2 s after a probe', (t) => {
  const stand = PeerStand.configured();
  t.is(trafficClassOf(only(stand.send(), 'transmit')[2]?.octets ?? new Uint8Array(40)), 0);
  stand.now += 10;
  t.deepEqual(shortly(stand.frame()), [`empty ${THEM}`, `NS+seen ${THEM}`], 'heard: so its hole is open');
  stand.now += 1980;
  t.deepEqual(shortly(stand.send()), ['data+seen 25790']);
  stand.now += 30;
  t.deepEqual(shortly(stand.send()), ['data 25790']);
});

test('every solicitation is answered, with Seen, and a stranger is probed at once', (t) => {
  const stand = PeerStand.configured();
  const effects = stand.solicit();
  t.deepEqual(shortly(effects), [`NA+seen ${THEM}`, `empty ${THEM}`, `NS+seen ${THEM}`]);
  const expected = withClass(neighbourAdvertisement(stand.own, stand.neighbour), SEEN);
  t.deepEqual(only(effects, 'transmit')[0]?.octets, expected);
  t.deepEqual(shortly(stand.solicit()), [`NA+seen ${THEM}`]);
});

test('an answer opens our hole as a probe does: the window of Seen begins anew', (t) => {
  const stand = PeerStand.configured();
  stand.solicit();
  stand.send();
  stand.now += 900;
  t.deepEqual(shortly(stand.solicit()), [`NA+seen ${THEM}`]);
  stand.now += 1999;
  t.deepEqual(shortly(stand.send()), ['data+seen 25790']);
  stand.now += 1;
  t.deepEqual(shortly(stand.send()), ['data 25790']);
});

test('an empty datagram counts from whom we sent something in the last 27 s', (t) => {
  const stand = PeerStand.configured();
  stand.send();
  t.deepEqual(shortly(stand.receive(new Uint8Array(0))), [`empty ${THEM}`, `NS+seen ${THEM}`]);
  stand.pass(27_000);
  stand.pass(27_000);
  stand.now += 1;
  t.deepEqual(stand.receive(new Uint8Array(0)), [{ kind: 'dropped', why: 'unasked-probe' }]);
});

test('who only relays is not heard directly', (t) => {
  const stand = PeerStand.configured();
  stand.send();
  stand.relayed();
  t.deepEqual(shortly(stand.send()), ['data 25790']);
});

test('a direct path that dies in a call goes back to the router, and is direct again with the first proof', (t) => {
  const stand = PeerStand.configured();
  stand.prove();
  for (let i = 0; i < 50; i++) {
    stand.frame();
    stand.send();
    stand.pass(20);
  }
  const silent = stand.now;
  let effects = stand.send();
  while (only(effects, 'path').length === 0) {
    stand.pass(20);
    effects = stand.send();
  }
  t.true(stand.now - silent <= 620, `${stand.now - silent}`);
  t.deepEqual(shortly(effects), [`empty ${THEM}`, `NS ${THEM}`, 'data 25790']);
  t.deepEqual(stand.sent(1000), [
    `300 empty ${THEM}`,
    `300 NS ${THEM}`,
    `1000 empty ${THEM}`,
    `1000 NS ${THEM}`,
  ]);
  t.is(only(stand.answer(), 'path')[0]?.path, 'direct');
});

test('suspect does so at once', (t) => {
  const stand = PeerStand.configured();
  stand.prove();
  const effects = stand.give({ kind: 'suspect', remote: stand.neighbour });
  t.deepEqual(shortly(effects), [`empty ${THEM}`, `NS ${THEM}`]);
  t.is(only(effects, 'path')[0]?.path, 'relayed');
  t.deepEqual(shortly(stand.send()), ['data 25790']);
});

test('two addresses at one end share the path', (t) => {
  const stand = PeerStand.configured();
  stand.prove();
  const second = addressOf(NATIVE, NEIGHBOUR, 2);
  t.deepEqual(shortly(stand.send(second)), [`data+seen ${THEM}`]);
});

test('a change of address makes every neighbour void', (t) => {
  const stand = PeerStand.configured();
  stand.prove();
  const told = only(stand.advertise(undefined, undefined, { ...SELF, port: 40_009 }), 'path');
  t.deepEqual(told, [{ kind: 'path', remote: stand.neighbour, path: 'relayed' }]);
  const source = stand.peer.addresses[0];
  t.deepEqual(shortly(stand.send(stand.neighbour, source)), [`empty ${THEM}`, `NS ${THEM}`, 'data 25790']);
  t.deepEqual(stand.send(stand.neighbour, stand.own), [{ kind: 'dropped', why: 'not-our-source' }]);
});

test('so does a change of network, and it is told', (t) => {
  const stand = PeerStand.configured();
  stand.prove();
  const told = only(stand.give({ kind: 'network-changed' }), 'path');
  t.deepEqual(told, [{ kind: 'path', remote: stand.neighbour, path: 'relayed' }]);
});

test('a direct path that is used no more ends after 25 s without a probe', (t) => {
  const stand = PeerStand.configured();
  stand.prove();
  stand.pass(1);
  const seen = stand.pass(60_000).filter(({ effect }) => effect.kind === 'path');
  t.deepEqual(
    seen.map(({ at }) => at),
    [24_999],
  );
  t.deepEqual(shortly(stand.send()), [`empty ${THEM}`, `NS ${THEM}`, 'data 25790']);
});

test('32 new neighbours at once are probed, then 16 a second; packets to others still go by the router', (t) => {
  const stand = PeerStand.configured();
  const count = () => {
    let probes = 0;
    for (let i = 0; i < 500; i++) {
      const sent = shortly(stand.send(addressOf(NATIVE, numbered(next++))));
      t.is(sent.at(-1), 'data 25790');
      if (sent.length > 1) probes += 1;
    }
    return probes;
  };
  let next = 0;
  t.is(count(), 32);
  stand.pass(1000);
  t.is(count(), 16);
  stand.pass(500);
  t.is(count(), 8);
});

test('solicitations of one origin are answered 8 at once, then 4 a second', (t) => {
  const stand = PeerStand.configured();
  const count = () => {
    const sent = Array.from({ length: 50 }, () => stand.solicit());
    const refused = sent.filter((effects) =>
      only(effects, 'dropped').some(({ why }) => why === 'too-many-solicitations'),
    );
    return 50 - refused.length;
  };
  t.is(count(), 8);
  stand.pass(1000);
  t.is(count(), 4);
});

test('solicitations of ever new origins are answered 32 at once, then 16 a second, a known neighbour’s always', (t) => {
  const stand = PeerStand.configured();
  stand.send();
  let next = 0;
  const count = () => {
    let answered = 0;
    for (let i = 0; i < 200; i++) {
      const from = numbered(next++);
      if (shortly(stand.solicit(addressOf(NATIVE, from), from)).some((sent) => sent.startsWith('NA')))
        answered += 1;
    }
    return answered;
  };
  t.is(count(), 32);
  t.is(shortly(stand.solicit())[0], `NA+seen ${THEM}`);
  stand.pass(1000);
  t.is(count(), 16);
});

test('strangers that solicit are probed 16 at once, then 8 a second', (t) => {
  const stand = PeerStand.configured();
  let next = 0;
  const count = () => {
    let probed = 0;
    for (let i = 0; i < 32; i++) {
      const from = numbered(next++);
      if (shortly(stand.solicit(addressOf(NATIVE, from), from)).some((sent) => sent.startsWith('NS')))
        probed += 1;
    }
    return probed;
  };
  t.is(count(), 16);
  stand.pass(1000);
  t.is(count(), 8);
});

test('of 1024 neighbours the one used longest ago makes place, strangers before all', (t) => {
  const stand = PeerStand.configured();
  const talkTo = (number: number) => shortly(stand.send(addressOf(NATIVE, numbered(number))));
  const stranger = numbered(5000);
  for (let number = 0; number < 1023; number++) {
    stand.now += 20;
    if (number % 16 === 0) stand.now += 1000;
    talkTo(number);
  }
  // No tick has passed since: all of them are still known, and the next one fills the table.
  stand.solicit(addressOf(NATIVE, stranger), stranger);
  stand.now += 1000;
  talkTo(2000);
  t.is(shortly(stand.receive(new Uint8Array(0), stranger)).length, 0, 'the stranger is gone');
  stand.now += 1000;
  t.deepEqual(talkTo(0), ['data 25790'], 'all others are still there');
  stand.now += 1000;
  talkTo(2001);
  stand.now += 1000;
  t.deepEqual(talkTo(0), ['data 25790']);
  t.is(talkTo(1).length, 3, 'the second one had made place');
});

test('there are never more than 1024, and who was near and had to make place is told to be relayed', (t) => {
  const told: PeerEffect[] = [];
  const emit = (effect: PeerEffect) => told.push(effect);
  const transmit = () => {};
  const means = { onLink: [], hole: 30_000, keepAlive: 25_000, random: () => 0.5, emit, transmit };
  const neighbours = new Neighbours(means);
  const lease = { router: new Router(ROUTER, means), end: SELF, address: addressOf(NATIVE, SELF) };
  let now = START;
  for (let number = 0; number < 3000; number++, now += 62.5) {
    const address = addressOf(NATIVE, numbered(number));
    neighbours.send(data(lease.address, address), numbered(number), lease, address, now);
    if (number === 0) neighbours.advertised(data(address, lease.address), numbered(0), now);
    t.true(neighbours.size <= 1024);
  }
  t.is(neighbours.size, 1024);
  t.deepEqual(
    only(told, 'path').map(({ path }) => path),
    ['direct', 'relayed'],
  );
});

test('the end in a solicitation is where our router sees us', (t) => {
  t.deepEqual(endOf(PeerStand.configured().own), SELF);
});
