/** The host inside the tunnel, without IO: its ports, fragments, echoes and errors. */
import test from 'ava';
import fc from 'fast-check';
import { type Ipv6, ipv6Text, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { fragments } from '#socket6bed4/packet/fragment.ts';
import { IcmpCode, IcmpType, icmpError, icmpPacket } from '#socket6bed4/packet/icmpv6.ts';
import { destinationOf, MTU, newPacket, sourceOf } from '#socket6bed4/packet/ipv6.ts';
import { readUdp, udpPacket } from '#socket6bed4/packet/udp.ts';
import { type Done, Host } from '#socket6bed4/socket/host.ts';
import type { Receiver } from '#socket6bed4/socket/ports.ts';
import { mutations } from '../support/mutate.ts';

const ipv6 = (text: string): Ipv6 => parseIpv6(text) ?? new Uint8Array(16);
const OWN = ipv6('fc64:bed:c000:201:c433:6401:f4e2:8001');
const OTHER = ipv6('fc64:bed:c000:201:c433:6402:f4e2:8001');
const STRANGER = ipv6('2001:db8::7');

interface Heard extends Receiver {
  readonly payloads: string[];
  readonly refusals: string[];
}

function receiver(known: Partial<Receiver> = {}): Heard {
  const payloads: string[] = [];
  const refusals: string[] = [];
  return {
    local: undefined,
    remote: undefined,
    reuse: false,
    recvErr: false,
    payloads,
    refusals,
    receive: (payload) => payloads.push(Buffer.from(payload).toString()),
    refused: (code) => refusals.push(code),
    ...known,
  };
}

function stand() {
  const sent: { packet: Uint8Array; done?: Done | undefined }[] = [];
  const host = new Host({
    transmit: (packet, done) => sent.push({ packet, done }),
    source: () => OWN,
    random: () => 0.5,
  });
  return { host, sent };
}

const datagram = (toPort: number, text: string, from = OTHER, fromPort = 5060): Uint8Array =>
  udpPacket({ address: from, port: fromPort }, { address: OWN, port: toPort }, Buffer.from(text), 64);

/** A datagram of ours that did not arrive, as the error about it quotes it. */
const lost = (port: number, to = OTHER, toPort = 5060): Uint8Array =>
  udpPacket({ address: OWN, port }, { address: to, port: toPort }, Buffer.from('lost'), 64);

const error = (type: number, code: number, about: Uint8Array): Uint8Array =>
  icmpError(STRANGER, about, type, code, 0) ?? new Uint8Array(0);

const echo = (octets = 8): Uint8Array => {
  const message = new Uint8Array(octets);
  message[0] = IcmpType.echoRequest;
  return icmpPacket(OTHER, OWN, 64, message);
};

test('a datagram goes to who listens on its port', (t) => {
  const { host, sent } = stand();
  const ann = receiver();
  t.is(host.ports.open(5060, ann), 5060);
  host.deliver(datagram(5060, 'hello'), 0);
  t.deepEqual(ann.payloads, ['hello']);
  t.is(sent.length, 0);
});

test('one who is connected hears before others, and nobody but its remote', (t) => {
  const { host } = stand();
  const connected = receiver({ reuse: true, remote: { address: OTHER, port: 5060 } });
  const open = receiver({ reuse: true });
  host.ports.open(7000, connected);
  host.ports.open(7000, open);
  host.deliver(datagram(7000, 'its own'), 0);
  host.deliver(datagram(7000, 'port', OTHER, 5061), 0);
  host.deliver(datagram(7000, 'address', STRANGER), 0);
  t.deepEqual(connected.payloads, ['its own']);
  t.deepEqual(open.payloads, ['port', 'address']);
});

test('a port is taken once for each address, unless all agree to share it', (t) => {
  const { host } = stand();
  const here = receiver({ local: OWN });
  t.is(host.ports.open(5060, here), 5060);
  t.is(host.ports.open(5060, receiver({ local: OTHER })), 5060);
  t.is(host.ports.open(5060, receiver({ local: OWN })), 0);
  t.is(host.ports.open(5060, receiver()), 0);
  t.is(host.ports.open(5061, receiver({ reuse: true })), 5061);
  t.is(host.ports.open(5061, receiver()), 0);
  t.is(host.ports.open(5061, receiver({ reuse: true })), 5061);
  host.ports.close(5060, here);
  t.is(host.ports.open(5060, receiver({ local: OWN })), 5060);
});

test('port 0 gives an ephemeral port until there is none', (t) => {
  const { host } = stand();
  const ports = Array.from({ length: 100 }, () => host.ports.open(0, receiver()));
  t.is(new Set(ports).size, 100);
  t.true(ports.every((port) => port >= 32_768 && port < 61_000));
  for (let port = 32_768; port < 61_000; port += 1) host.ports.open(port, receiver());
  t.is(host.ports.open(0, receiver()), 0);
});

test('who listens on an address or speaks with it follows it', (t) => {
  const { host } = stand();
  const ann = receiver({ local: OTHER });
  const ben = receiver({ remote: { address: OTHER, port: 9 } });
  host.ports.open(1, ann);
  host.ports.open(2, ben);
  host.ports.move(OTHER, OWN);
  t.is(ann.local, OWN);
  t.deepEqual(ben.remote, { address: OWN, port: 9 });
});

test('a datagram to a closed port is answered, five a second after ten at once', (t) => {
  const { host, sent } = stand();
  for (let i = 0; i < 50; i += 1) host.deliver(datagram(9, 'anybody?'), 0);
  t.is(sent.length, 10);
  const packet = sent[0]?.packet ?? new Uint8Array(0);
  t.deepEqual([packet[40], packet[41]], [IcmpType.destinationUnreachable, IcmpCode.port]);
  t.deepEqual([sourceOf(packet), destinationOf(packet)].map(ipv6Text), [ipv6Text(OWN), ipv6Text(OTHER)]);
  for (let i = 0; i < 50; i += 1) host.deliver(datagram(9, 'anybody?'), 1000);
  t.is(sent.length, 15);
});

test('from port 0 comes nothing, and nothing is answered', (t) => {
  const { host, sent } = stand();
  const ann = receiver();
  host.ports.open(5060, ann);
  host.deliver(datagram(5060, 'nobody', OTHER, 0), 0);
  host.deliver(datagram(9, 'nobody', OTHER, 0), 0);
  t.deepEqual([ann.payloads, sent], [[], []]);
});

test('an echo is answered, ten a second after twenty at once', (t) => {
  const { host, sent } = stand();
  for (let i = 0; i < 50; i += 1) host.deliver(echo(), 0);
  t.is(sent.length, 20);
  t.is(sent[0]?.packet[40], IcmpType.echoReply);
  for (let i = 0; i < 50; i += 1) host.deliver(echo(), 1000);
  t.is(sent.length, 30);
});

test('a large echo comes and goes in fragments', (t) => {
  const { host, sent } = stand();
  for (const piece of fragments(echo(4000), 7)) host.deliver(piece, 0);
  t.is(sent.length, 4);
  t.true(sent.every(({ packet }) => packet.length <= MTU));
});

test('an upper layer that nobody speaks is a parameter problem, none at all is nothing', (t) => {
  const { host, sent } = stand();
  host.deliver(newPacket(OTHER, OWN, 59, 64, 8), 0);
  t.is(sent.length, 0);
  host.deliver(newPacket(OTHER, OWN, 6, 64, 20), 0);
  const packet = sent[0]?.packet;
  t.deepEqual(
    [packet?.[40], packet?.[41], packet?.[47]],
    [IcmpType.parameterProblem, IcmpCode.nextHeader, 6],
  );
});

for (const [type, code, expected] of [
  [IcmpType.destinationUnreachable, IcmpCode.noRoute, 'ENETUNREACH'],
  [IcmpType.destinationUnreachable, IcmpCode.prohibited, 'EACCES'],
  [IcmpType.destinationUnreachable, IcmpCode.beyondScope, 'EHOSTUNREACH'],
  [IcmpType.destinationUnreachable, IcmpCode.address, 'EHOSTUNREACH'],
  [IcmpType.destinationUnreachable, IcmpCode.port, 'ECONNREFUSED'],
  [IcmpType.destinationUnreachable, IcmpCode.sourcePolicy, 'EACCES'],
  [IcmpType.destinationUnreachable, IcmpCode.rejectRoute, 'EACCES'],
  [IcmpType.destinationUnreachable, 99, undefined],
  [IcmpType.packetTooBig, 0, 'EMSGSIZE'],
  [IcmpType.timeExceeded, IcmpCode.hopLimit, 'EHOSTUNREACH'],
  [IcmpType.timeExceeded, IcmpCode.reassembly, 'EHOSTUNREACH'],
  [IcmpType.parameterProblem, IcmpCode.field, 'EPROTO'],
  [77, 0, undefined],
] as const)
  test(`error ${type} code ${code} is ${expected ?? 'nothing'} to who is connected`, (t) => {
    const { host } = stand();
    const connected = receiver({ remote: { address: OTHER, port: 5060 } });
    host.ports.open(7000, connected);
    host.deliver(error(type, code, lost(7000)), 0);
    t.deepEqual(connected.refusals, expected === undefined ? [] : [expected]);
  });

test('an error is heard unconnected only by who asked for it, and never about a datagram of somebody else', (t) => {
  const { host } = stand();
  const open = receiver();
  const asking = receiver({ recvErr: true });
  const connected = receiver({ remote: { address: OTHER, port: 5060 } });
  host.ports.open(1, open);
  host.ports.open(2, asking);
  host.ports.open(3, connected);
  for (const port of [1, 2, 3]) host.deliver(error(1, 4, lost(port, STRANGER)), 0);
  host.deliver(error(1, 4, lost(3, OTHER, 5061)), 0);
  t.deepEqual([open.refusals, asking.refusals, connected.refusals], [[], ['ECONNREFUSED'], []]);
});

test('what is sent has our source, port and hop limit, and large datagrams go in pieces', (t) => {
  const { host, sent } = stand();
  const done: Done = () => {};
  t.is(host.send(receiver(), 5060, { address: OTHER, port: 9 }, Buffer.from('hello'), 7, done), undefined);
  const packet = sent[0]?.packet ?? new Uint8Array(0);
  t.like(readUdp(packet), { sourcePort: 5060, destinationPort: 9 });
  t.deepEqual([packet[7], ipv6Text(sourceOf(packet))], [7, ipv6Text(OWN)]);
  t.is(sent[0]?.done, done);

  t.is(
    host.send(receiver({ local: OTHER }), 5060, { address: OTHER, port: 9 }, Buffer.alloc(3000), 64, done),
    undefined,
  );
  t.deepEqual(
    sent.slice(1).map((piece) => piece.done),
    [undefined, undefined, done],
  );
  t.is(ipv6Text(sourceOf(sent[1]?.packet ?? packet)), ipv6Text(OTHER));
});

test('::1 and :: are ourselves; groups, link-local addresses and what has no source are unreachable', (t) => {
  const { host, sent } = stand();
  for (const text of ['::1', '::'])
    t.is(host.send(receiver(), 1, { address: ipv6(text), port: 9 }, Buffer.from(''), 64), undefined);
  t.deepEqual(
    sent.map(({ packet }) => ipv6Text(destinationOf(packet))),
    [ipv6Text(OWN), ipv6Text(OWN)],
  );
  for (const text of ['ff02::1', 'fe80::1', 'febf::'])
    t.is(host.send(receiver(), 1, { address: ipv6(text), port: 9 }, Buffer.from(''), 64), 'ENETUNREACH');
  const nowhere = new Host({ transmit: () => {}, source: () => undefined, random: () => 0 });
  t.is(nowhere.send(receiver(), 1, { address: OTHER, port: 9 }, Buffer.from(''), 64), 'ENETUNREACH');
});

test('what one host sends the other hears, whatever it is', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 1, max: 65_535 }), (octets, port) => {
      const { host: near, sent } = stand();
      const { host: far } = stand();
      const heard: Buffer[] = [];
      far.ports.open(port, receiver({ receive: (payload) => heard.push(Buffer.from(payload)) }));
      near.send(receiver(), 5060, { address: OWN, port }, octets, 64);
      for (const { packet } of sent) far.deliver(packet, 0);
      t.deepEqual(heard, [Buffer.from(octets)]);
    }),
    { numRuns: 200 },
  );
});

test('fragments that never complete are forgotten after a minute', (t) => {
  const { host } = stand();
  const [first] = fragments(datagram(5060, 'x'.repeat(3000)), 1);
  t.is(host.deadline, Infinity);
  if (first) host.deliver(first, 1000);
  t.is(host.deadline, 61_000);
  host.tick(61_000);
  t.is(host.deadline, Infinity);
});

test('100 000 damaged packets do no harm', (t) => {
  const { host, sent } = stand();
  const connected = receiver({ remote: { address: OTHER, port: 5060 } });
  host.ports.open(7000, connected);
  host.ports.open(5060, receiver());
  const seeds = [
    datagram(5060, 'hello'),
    ...fragments(datagram(5060, 'x'.repeat(2000)), 9),
    echo(),
    error(1, 4, lost(7000)),
    newPacket(OTHER, OWN, 6, 64, 20),
  ];
  let now = 0;
  for (const packet of mutations(seeds, 100_000, 1)) {
    now += 0.01;
    // What is no IPv6 packet does not get past the peer.
    if (packet.length >= 40) t.notThrows(() => host.deliver(packet, now));
  }
  // A second has passed.
  t.true(sent.length <= 10 + 5 + 20 + 10);
});
