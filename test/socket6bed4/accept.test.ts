/** What a peer takes in and what it ignores, rule by rule, each with its word. */
import test from 'ava';
import type { Ipv4End } from '#socket6bed4/address/ipv4.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import { icmpPacket } from '#socket6bed4/packet/icmpv6.ts';
import { setHopLimit } from '#socket6bed4/packet/ipv6.ts';
import {
  neighbourAdvertisement,
  neighbourSolicitation,
  ROUTER_SOLICITATION,
  routerAdvertisement,
} from '#socket6bed4/packet/neighbour_discovery.ts';
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
  ofLength,
  only,
  PeerStand,
  ROUTER,
  SELF,
} from './peer_stand.ts';

const OWN = addressOf(NATIVE, SELF);
const THEIRS = addressOf(NATIVE, NEIGHBOUR);
const STRANGER = ip('2001:db8::1');
const FORGER = end('203.0.113.66:6666');

function withByte(packet: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(packet);
  copy[at] = value;
  return copy;
}

function withHopLimit(packet: Uint8Array, hopLimit: number): Uint8Array {
  setHopLimit(packet, hopLimit);
  return packet;
}

/** Changes the last octet of the payload. */
function damaged(packet: Uint8Array): Uint8Array {
  return withByte(packet, packet.length - 1, (packet.at(-1) ?? 0) ^ 1);
}

/** Neighbour discovery of the neighbour with this type about this target. */
function discovery(type: number, target: Uint8Array): Uint8Array {
  const message = new Uint8Array(24);
  message[0] = type;
  message.set(target, 8);
  return icmpPacket(THEIRS, OWN, 255, message);
}

const solicitation = () => neighbourSolicitation(THEIRS, OWN, NEIGHBOUR);
const advertisement = () => routerAdvertisement(ALL_NODES, NATIVE, end('198.51.100.1:50001'));

const TAKEN: readonly (readonly [string, Ipv4End, Uint8Array])[] = [
  ['a native stranger by the router', ROUTER, data(STRANGER, OWN)],
  ['a neighbour by the router', ROUTER, data(THEIRS, OWN)],
  ['a unique local address by the router', ROUTER, data(ip('fd00::1'), OWN)],
  [
    'another one under our /64 whose bottom half is opaque, by the router',
    ROUTER,
    data(ip('2001:db8:bed4:1:200:1::1'), OWN),
  ],
  ['a neighbour, directly', NEIGHBOUR, data(THEIRS, OWN)],
  ['a neighbour with another lanip, directly', NEIGHBOUR, data(addressOf(NATIVE, NEIGHBOUR, 77), OWN)],
  ['with Teredo’s name only half', ROUTER, data(ip('2001:1::1'), OWN)],
  ['just 1280 octets', NEIGHBOUR, ofLength(THEIRS, OWN, 1280)],
  ['nothing but a header', NEIGHBOUR, ofLength(THEIRS, OWN, 40)],
  ['a hop limit that ends here', NEIGHBOUR, withHopLimit(data(THEIRS, OWN), 0)],
  ['an echo request', NEIGHBOUR, withByte(withByte(solicitation(), 40, 128), 7, 64)],
];

for (const [what, from, octets] of TAKEN)
  test(`taken in: ${what}`, (t) => {
    const effects = PeerStand.configured().receive(octets, from);
    t.deepEqual(effects, [{ kind: 'deliver', packet: octets }]);
  });

const REFUSED: readonly (readonly [string, string, Ipv4End, Uint8Array])[] = [
  ['malformed', 'less than a header', NEIGHBOUR, data(THEIRS, OWN).subarray(0, 39)],
  ['malformed', 'IPv4', NEIGHBOUR, withByte(data(THEIRS, OWN), 0, 0x45)],
  ['malformed', 'compressed headers of RoHC', ROUTER, withByte(data(THEIRS, OWN), 0, 0xe0)],
  ['malformed', 'a payload length that is not the datagram’s', NEIGHBOUR, withByte(data(THEIRS, OWN), 5, 1)],
  ['malformed', 'something behind the packet', ROUTER, Buffer.concat([data(STRANGER, OWN), Buffer.of(0)])],
  ['too-long', '1281 octets', NEIGHBOUR, ofLength(THEIRS, OWN, 1281)],
  ['bad-source', '::', ROUTER, data(ip('::'), OWN)],
  ['bad-source', '::1', ROUTER, data(ip('::1'), OWN)],
  ['bad-source', 'a group', ROUTER, data(ip('ff02::1'), OWN)],
  ['bad-source', 'v4-mapped', ROUTER, data(ip('::ffff:192.0.2.9'), OWN)],
  ['bad-source', 'Teredo', ROUTER, data(ip('2001:0:4136:e378:8000:63bf:3fff:fdd2'), OWN)],
  ['bad-source', '6to4', ROUTER, data(ip('2002:c000:201::1'), OWN)],
  ['bad-source', 'link-local, directly', NEIGHBOUR, data(ip('fe80::1'), OWN)],
  ['bad-advertisement', 'link-local from the router, but no advertisement', ROUTER, data(ip('fe80::1'), OWN)],
  ['own-source', 'our own address, by the router', ROUTER, data(OWN, OWN)],
  ['own-source', 'our own address, as if directly', SELF, data(OWN, OWN)],
  ['not-ours', 'for our end but another lanip', ROUTER, data(STRANGER, addressOf(NATIVE, SELF, 2))],
  ['not-ours', 'for a group', ROUTER, data(STRANGER, ALL_NODES)],
  ['not-ours', 'for a neighbour', NEIGHBOUR, data(THEIRS, THEIRS)],
  [
    'foreign-source',
    'outside of our /64',
    NEIGHBOUR,
    data(addressOf(ip('2001:db8:bed4:2::'), NEIGHBOUR), OWN),
  ],
  ['foreign-source', 'of fc64, which we are not', NEIGHBOUR, data(addressOf(OWN_FC64, NEIGHBOUR), OWN)],
  ['foreign-source', 'a native stranger as if from another router', OTHER_ROUTER, data(STRANGER, OWN)],
  ['spoofed', 'from another port than the source names', { ...NEIGHBOUR, port: 40_003 }, data(THEIRS, OWN)],
  ['spoofed', 'from another IPv4 address than the source names', FORGER, data(THEIRS, OWN)],
  ['spoofed', 'a bottom half with the G bit', NEIGHBOUR, withByte(data(THEIRS, OWN), 16, 0xc9)],
  ['spoofed', 'our router’s port at another address', { ...FORGER, port: ROUTER.port }, data(THEIRS, OWN)],
  ['spoofed', 'our router’s address at another port', { ...ROUTER, port: 4000 }, data(THEIRS, OWN)],
  [
    'forbidden-origin',
    'a private neighbour',
    end('192.168.1.2:4000'),
    data(addressOf(NATIVE, end('192.168.1.2:4000')), OWN),
  ],
  [
    'forbidden-origin',
    'loopback',
    end('127.0.0.1:4000'),
    data(addressOf(NATIVE, end('127.0.0.1:4000')), OWN),
  ],
  ['forged-advertisement', 'an advertisement from nobody’s IPv4 address', FORGER, advertisement()],
  ['forged-advertisement', 'an advertisement from a neighbour', NEIGHBOUR, advertisement()],
  ['forged-advertisement', 'one from its global address', NEIGHBOUR, discovery(134, OWN)],
  ['bad-advertisement', 'an advertisement with hop limit 64', ROUTER, withHopLimit(advertisement(), 64)],
  ['bad-advertisement', 'an advertisement with a wrong checksum', ROUTER, damaged(advertisement())],
  [
    'bad-advertisement',
    'an advertisement for somebody else',
    ROUTER,
    routerAdvertisement(THEIRS, NATIVE, SELF),
  ],
  ['hop-limit', 'a solicitation with hop limit 64', NEIGHBOUR, withHopLimit(solicitation(), 64)],
  [
    'hop-limit',
    'an advertisement of a neighbour with hop limit 254',
    NEIGHBOUR,
    withHopLimit(neighbourAdvertisement(THEIRS, OWN), 254),
  ],
  ['checksum', 'a solicitation with a wrong checksum', NEIGHBOUR, damaged(solicitation())],
  ['checksum', 'a solicitation with another code', NEIGHBOUR, withByte(solicitation(), 41, 1)],
  [
    'bad-discovery',
    'a solicitation for another lanip',
    NEIGHBOUR,
    discovery(135, addressOf(NATIVE, SELF, 2)),
  ],
  ['bad-discovery', 'a solicitation by the router', ROUTER, solicitation()],
  ['bad-discovery', 'an advertisement of somebody else', NEIGHBOUR, discovery(136, OWN)],
  ['bad-discovery', 'a redirect', NEIGHBOUR, discovery(137, OWN)],
  [
    'unasked-advertisement',
    'an advertisement of who was not asked',
    NEIGHBOUR,
    neighbourAdvertisement(THEIRS, OWN),
  ],
  ['unasked-probe', 'an empty datagram of a stranger', NEIGHBOUR, new Uint8Array(0)],
  ['unasked-probe', 'an empty datagram of the router', ROUTER, new Uint8Array(0)],
  ['bad-source', 'a solicitation of routers', NEIGHBOUR, ROUTER_SOLICITATION],
];

for (const [why, what, from, octets] of REFUSED)
  test(`${why}: ${what}`, (t) => {
    const stand = PeerStand.configured();
    t.deepEqual(stand.receive(octets, from), [{ kind: 'dropped', why }]);
    t.deepEqual(stand.peer.counters.dropped, { [why]: 1 });
    t.deepEqual(stand.peer.addresses, [OWN]);
  });

test('every rule has a test', (t) => {
  const words = new Set(REFUSED.map(([why]) => why));
  for (const why of [
    ...['malformed', 'too-long', 'bad-source', 'own-source', 'not-ours', 'foreign-source', 'spoofed'],
    ...['forbidden-origin', 'forged-advertisement', 'bad-advertisement', 'hop-limit', 'checksum'],
    ...['bad-discovery', 'unasked-advertisement', 'unasked-probe'],
  ])
    t.true(words.has(why), why);
});

test('an advertisement is taken for a group, a link-local address and our own, whatever else its header says', (t) => {
  for (const to of [ALL_NODES, ip('fe80::1'), ip('febf::1'), OWN]) {
    const octets = routerAdvertisement(to, NATIVE, end('198.51.100.1:50001'));
    octets.set([0x60, 0x05, 0x1b, 0x2f]);
    t.is(only(PeerStand.configured().receive(octets, ROUTER), 'address').length, 1);
  }
});

test('an advertisement in the format of 2012 is refused by its name', (t) => {
  const octets = routerAdvertisement(ip('fe80::2'), NATIVE, SELF);
  const message = Uint8Array.from(octets.subarray(40));
  // The length of its prefix.
  message[18] = 64;
  const old = icmpPacket(ip('fe80::'), ip('fe80::2'), 255, message);
  const stand = new PeerStand();
  stand.give({ kind: 'start' });
  t.deepEqual(stand.receive(old, ROUTER), [{ kind: 'dropped', why: 'old-format' }]);
  t.deepEqual(stand.peer.addresses, []);
});

test('between prefixes of fc64 the routers may be bypassed', (t) => {
  const stand = PeerStand.configured({ prefix: OWN_FC64 });
  const octets = data(addressOf(OTHER_FC64, NEIGHBOUR), stand.own);
  t.deepEqual(stand.receive(octets), [{ kind: 'deliver', packet: octets }]);
  t.deepEqual(stand.receive(octets, FORGER), [{ kind: 'dropped', why: 'spoofed' }]);
  const native = data(addressOf(NATIVE, NEIGHBOUR), stand.own);
  t.deepEqual(stand.receive(native), [{ kind: 'dropped', why: 'foreign-source' }]);
});

test('a private neighbour is taken in where it is on link', (t) => {
  const neighbour = end('192.168.1.2:4000');
  const stand = PeerStand.configured({ onLink: [{ ipv4: 0xc0a80000, length: 16 }] });
  t.is(only(stand.receive(data(addressOf(NATIVE, neighbour), OWN), neighbour), 'deliver').length, 1);
});

test('nothing is for us before there is an address', (t) => {
  const stand = new PeerStand();
  stand.give({ kind: 'start' });
  t.deepEqual(stand.receive(data(STRANGER, OWN), ROUTER), [{ kind: 'dropped', why: 'not-ours' }]);
});

test('another router’s packets for an address that ours gave us are not relayed ones', (t) => {
  const stand = PeerStand.configured({ routers: [ROUTER, OTHER_ROUTER] });
  t.deepEqual(stand.receive(data(STRANGER, OWN), OTHER_ROUTER), [{ kind: 'dropped', why: 'foreign-source' }]);
});
