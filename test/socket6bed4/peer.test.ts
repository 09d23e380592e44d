/** Where packets of ours go, and addresses by other routers. */
import test from 'ava';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import type { PeerEffect } from '#socket6bed4/peer/types.ts';
import {
  data,
  end,
  ip,
  NATIVE,
  NEIGHBOUR,
  OTHER_FC64,
  OTHER_ROUTER,
  OWN_FC64,
  ofLength,
  only,
  PeerStand,
  ROUTER,
  SELF,
  shortly,
} from './peer_stand.ts';

const THERE = end('198.51.100.1:40099');
const REMOTE = addressOf(OTHER_FC64, NEIGHBOUR);

function whyOf(effects: readonly PeerEffect[]): readonly string[] {
  return only(effects, 'dropped').map(({ why }) => why);
}

/** Under fc64, with an address by the other router too. */
function attached(): PeerStand {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  stand.give({ kind: 'attach', remote: REMOTE });
  stand.advertise(OTHER_ROUTER, OTHER_FC64, THERE);
  return stand;
}

test('a packet to a native address goes to the router', (t) => {
  const stand = PeerStand.configured();
  t.deepEqual(shortly(stand.send(ip('2001:db8::1'))), ['data 25790']);
  t.deepEqual(only(stand.send(ip('2001:db8::1')), 'transmit')[0]?.to, ROUTER);
});

test('so does one whose bottom half is opaque, and one to the router itself', (t) => {
  const stand = PeerStand.configured();
  for (const to of [ip('2001:db8:bed4:1:200:1::1'), addressOf(NATIVE, ROUTER, 0)])
    t.deepEqual(shortly(stand.send(to)), ['data 25790']);
});

test('one to an address of our own is delivered inside', (t) => {
  const stand = PeerStand.configured();
  const packet = data(stand.own, stand.own);
  t.deepEqual(stand.give({ kind: 'send', packet }), [{ kind: 'deliver', packet }]);
  t.is(stand.peer.deadline, stand.now + 25_000);
});

test('forbidden targets are dropped, not even relayed', (t) => {
  const forbidden = [
    ...['0.0.0.0:4000', '0.1.2.3:4000', '10.1.2.3:4000', '127.0.0.1:4000', '169.254.1.1:4000'],
    ...['172.16.0.1:4000', '172.31.0.1:4000', '192.168.0.1:4000', '224.0.0.1:4000', '255.255.255.255:4000'],
  ];
  for (const prefix of [NATIVE, OWN_FC64]) {
    const stand = PeerStand.configured({ prefix });
    for (const target of forbidden)
      t.deepEqual(
        stand.send(addressOf(prefix, end(target))),
        [{ kind: 'dropped', why: 'forbidden-target' }],
        target,
      );
    const portless = addressOf(prefix, { ...NEIGHBOUR, port: 0 });
    t.deepEqual(whyOf(stand.send(portless)), ['forbidden-target']);
    t.is(stand.peer.counters.dropped['forbidden-target'], forbidden.length + 1);
  }
});

test('a private target on link may be asked for, 0/8, groups and port 0 never', (t) => {
  const stand = PeerStand.configured({ onLink: [{ ipv4: 0, length: 0 }] });
  const near = end('192.168.1.2:4000');
  t.deepEqual(shortly(stand.send(addressOf(NATIVE, near))), ['empty 4000', 'NS 4000', 'data 25790']);
  for (const target of ['0.1.2.3:4000', '239.1.2.3:4000'])
    t.deepEqual(whyOf(stand.send(addressOf(NATIVE, end(target)))), ['forbidden-target']);
  t.deepEqual(whyOf(stand.send(addressOf(NATIVE, { ...near, port: 0 }))), ['forbidden-target']);
});

test('a router named by a prefix must not be a forbidden target either', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  const remote = addressOf(ip('fc64:bed:a00:1::'), NEIGHBOUR);
  t.deepEqual(stand.send(remote, stand.own), [{ kind: 'dropped', why: 'forbidden-target' }]);
  t.deepEqual(only(stand.give({ kind: 'attach', remote }), 'transmit'), []);
});

test('our own router may be where we were told, and so may its neighbours on link', (t) => {
  const home = end('127.0.0.1');
  const prefix = ip('fc64:bed:7f00:1::');
  const stand = new PeerStand({ routers: [home], prefix, onLink: [{ ipv4: 0x7f000000, length: 8 }] });
  stand.give({ kind: 'start' });
  stand.advertise(home, prefix, end('127.0.0.1:5001'));
  const to = addressOf(prefix, end('127.0.0.1:5002'));
  t.deepEqual(shortly(stand.send(to)), ['empty 5002', 'NS 5002', 'data 25790']);
});

test('a private router of our own needs no leave, only its private neighbours do', (t) => {
  const home = end('10.0.0.1');
  const prefix = ip('fc64:bed:a00:1::');
  const stand = new PeerStand({ routers: [home], prefix });
  stand.give({ kind: 'start' });
  stand.advertise(home, prefix, end('10.0.0.7:5001'));
  t.deepEqual(shortly(stand.send(addressOf(prefix, NEIGHBOUR))).at(-1), 'data 25790');
  t.deepEqual(whyOf(stand.send(addressOf(prefix, end('10.0.0.8:5001')))), ['forbidden-target']);
});

const UNSENDABLE: readonly (readonly [string, string, (stand: PeerStand) => Uint8Array])[] = [
  ['bad-destination', 'Teredo', ({ own }) => data(own, ip('2001:0:4136:e378:8000:63bf:3fff:fdd2'))],
  ['bad-destination', '6to4', ({ own }) => data(own, ip('2002:c000:201::1'))],
  ['bad-destination', 'a group', ({ own }) => data(own, ip('ff02::1'))],
  ['bad-destination', 'link-local', ({ own }) => data(own, ip('fe80::1'))],
  ['bad-destination', '::', ({ own }) => data(own, ip('::'))],
  ['bad-destination', 'v4-mapped', ({ own }) => data(own, ip('::ffff:192.0.2.9'))],
  ['own-end', 'our end with another lanip', ({ own }) => data(own, addressOf(NATIVE, SELF, 2))],
  ['not-our-source', 'a foreign source', () => data(ip('2001:db8::1'), ip('2001:db8::2'))],
  ['malformed', 'half a packet', ({ own }) => data(own, ip('2001:db8::1')).subarray(0, 45)],
  ['too-long', '1281 octets', ({ own }) => ofLength(own, ip('2001:db8::1'), 1281)],
];

for (const [why, what, make] of UNSENDABLE)
  test(`nothing is sent: ${why}, ${what}`, (t) => {
    const stand = PeerStand.configured();
    t.deepEqual(stand.give({ kind: 'send', packet: make(stand) }), [{ kind: 'dropped', why }]);
    t.is(stand.peer.counters.relayed, 0);
  });

test('packets that come are counted by their way', (t) => {
  const stand = PeerStand.configured();
  stand.frame();
  stand.relayed();
  stand.relayed();
  t.is(stand.peer.counters.receivedDirect, 1);
  t.is(stand.peer.counters.receivedRelayed, 2);
});

test('there is no source before there is an address', (t) => {
  const stand = new PeerStand();
  t.is(stand.peer.sourceFor(ip('2001:db8::1')), undefined);
  t.deepEqual(stand.peer.addresses, []);
  t.is(stand.peer.deadline, Infinity);
});

test('attach asks the router named in the address, and tells the address that it gives', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  const asked = only(stand.give({ kind: 'attach', remote: REMOTE }), 'transmit');
  t.deepEqual(
    asked.map(({ to }) => to),
    [OTHER_ROUTER],
  );
  const address = addressOf(OTHER_FC64, THERE);
  t.deepEqual(stand.advertise(OTHER_ROUTER, OTHER_FC64, THERE), [
    { kind: 'attached', remote: REMOTE, address },
  ]);
  t.deepEqual(stand.peer.addresses, [stand.own, address]);
  t.deepEqual(stand.peer.sourceFor(REMOTE), address);
  t.deepEqual(stand.peer.sourceFor(ip('2001:db8::1')), stand.own);
  t.deepEqual(stand.give({ kind: 'attach', remote: REMOTE }), [
    { kind: 'attached', remote: REMOTE, address },
  ]);
});

test('a packet from that address is relayed by that router, and its neighbours may be direct', (t) => {
  const stand = attached();
  const effects = stand.send(REMOTE);
  t.deepEqual(shortly(effects), [`empty ${NEIGHBOUR.port}`, `NS ${NEIGHBOUR.port}`, 'data 25790']);
  t.deepEqual(only(effects, 'transmit')[2]?.to, OTHER_ROUTER);
  const packet = data(REMOTE, stand.peer.sourceFor(REMOTE) ?? stand.own);
  t.is(only(stand.receive(packet, OTHER_ROUTER), 'deliver').length, 1);
  t.deepEqual(whyOf(stand.receive(packet, ROUTER)), ['spoofed']);
});

test('a silent router is asked three times, a second apart; then the ordinary address must do', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  stand.give({ kind: 'attach', remote: REMOTE });
  const seen = stand.pass(3000).map(({ at, effect }) => [at, effect.kind]);
  t.deepEqual(seen, [
    [1000, 'transmit'],
    [2000, 'transmit'],
    [3000, 'attached'],
  ]);
});

test('then it is not asked again for 30 s', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  stand.give({ kind: 'attach', remote: REMOTE });
  stand.pass(3000);
  for (const [wait, asked] of [
    [29_999, 0],
    [1, 1],
  ] as const) {
    stand.pass(wait);
    t.is(shortly(stand.give({ kind: 'attach', remote: REMOTE })).length, asked);
  }
});

test('where nothing better can be had, attach tells the ordinary address at once', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  for (const remote of [
    ip('2001:db8::1'),
    addressOf(OWN_FC64, NEIGHBOUR),
    addressOf(ip('fc64:bed:7f00:1::'), NEIGHBOUR),
  ])
    t.deepEqual(stand.give({ kind: 'attach', remote }), [{ kind: 'attached', remote, address: stand.own }]);
});

test('sending to another router’s prefix attaches too, and the packet does not wait', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  const effects = stand.send(REMOTE, stand.own);
  const to = only(effects, 'transmit').map((effect) => effect.to);
  t.deepEqual(to, [OTHER_ROUTER, NEIGHBOUR, NEIGHBOUR, ROUTER]);
  t.deepEqual(shortly(effects), [
    'RS 25790',
    `empty ${NEIGHBOUR.port}`,
    `NS ${NEIGHBOUR.port}`,
    'data 25790',
  ]);
});

test('from a native /64 such a packet goes to the router only, with nothing direct', (t) => {
  const stand = PeerStand.configured();
  t.deepEqual(shortly(stand.send(REMOTE, stand.own)), ['RS 25790', 'data 25790']);
});

test('four other routers at most', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  const asked = Array.from({ length: 20 }, (_, i) => {
    const remote = addressOf(Uint8Array.of(0xfc, 0x64, 0x0b, 0xed, 192, 0, 2, 50 + i), NEIGHBOUR);
    return shortly(stand.give({ kind: 'attach', remote })).length;
  });
  t.is(
    asked.reduce((sum, one) => sum + one),
    4,
  );
});

test('an address by another router is kept alive while it is used, and given up after 5 min without', (t) => {
  const stand = attached();
  const elsewhere = ({ effect }: { effect: PeerEffect }) =>
    effect.kind === 'transmit' && effect.to.ipv4 === OTHER_ROUTER.ipv4;
  const used = stand.pass(24_999).filter(elsewhere);
  t.deepEqual(used, []);
  stand.send(REMOTE);
  const begin = stand.now;
  const times: number[] = [];
  while (stand.now - begin < 400_000) {
    const before = stand.now;
    times.push(
      ...stand
        .pass(1000)
        .filter(elsewhere)
        .map(({ at }) => before + at - begin),
    );
    stand.advertise(ROUTER, OWN_FC64);
    if (times.length % 4 === 0) stand.advertise(OTHER_ROUTER, OTHER_FC64, THERE);
  }
  t.deepEqual(
    times.map(Math.round),
    [1, 25_001, 50_001, 75_001, 100_001, 125_001, 150_001, 175_001, 200_001, 225_001, 250_001, 275_001],
  );
  t.deepEqual(stand.peer.addresses, [stand.own]);
});

test('when that router is lost, its address is gone and who asked is told the ordinary one', (t) => {
  const stand = attached();
  stand.pass(75_000);
  stand.send(REMOTE);
  const told = stand
    .pass(36_000)
    .flatMap(({ at, effect }) => (effect.kind === 'attached' ? { at, effect } : []));
  t.deepEqual(told, [{ at: 36_000, effect: { kind: 'attached', remote: REMOTE, address: stand.own } }]);
  t.deepEqual(stand.peer.addresses, [stand.own]);
});

test('a correction of that address is told to who asked for it', (t) => {
  const stand = attached();
  const moved = end('198.51.100.1:40100');
  const [before] = stand.peer.addresses.slice(1);
  const told = stand.advertise(OTHER_ROUTER, OTHER_FC64, moved, before);
  t.deepEqual(told, [{ kind: 'attached', remote: REMOTE, address: addressOf(OTHER_FC64, moved) }]);
});

test('when our own router becomes that other one, there is one address of it', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64, routers: [ROUTER, OTHER_ROUTER] });
  stand.give({ kind: 'attach', remote: REMOTE });
  stand.advertise(OTHER_ROUTER, OTHER_FC64, THERE);
  stand.pass(100_000 + 11_000);
  stand.advertise(OTHER_ROUTER, OTHER_FC64, THERE);
  t.deepEqual(stand.peer.addresses, [addressOf(OTHER_FC64, THERE)]);
});

test('a change of network makes every router prove itself', (t) => {
  const stand = attached();
  stand.give({ kind: 'network-changed' });
  const asked = only(stand.give({ kind: 'tick' }), 'transmit').map(({ to }) => to);
  t.deepEqual(asked, [OTHER_ROUTER]);
});
