import test from 'ava';
import fc from 'fast-check';
import { checksum } from '#socket6bed4/packet/checksum.ts';
import { HEADER, hopLimitOf, isWellFormed, newPacket } from '#socket6bed4/packet/ipv6.ts';
import { MOST_UDP_PAYLOAD, readUdp, type UdpEnd, udpPacket } from '#socket6bed4/packet/udp.ts';
import { mutations } from '../support/mutate.ts';

const end: fc.Arbitrary<UdpEnd> = fc.record({
  address: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  port: fc.integer({ min: 0, max: 65535 }),
});
const HERE = { address: new Uint8Array(16).fill(1), port: 5060 };
const THERE = { address: new Uint8Array(16).fill(2), port: 5062 };
const VOICE = Uint8Array.from({ length: 172 }, (_, i) => i * 7);

const changed = (packet: Uint8Array, change: Readonly<Record<number, number>>): Uint8Array => {
  const copy = Uint8Array.from(packet);
  for (const [at, octet] of Object.entries(change)) copy[Number(at)] = octet;
  return copy;
};

test('what is sent is read', (t) => {
  fc.assert(
    fc.property(end, end, fc.uint8Array({ maxLength: 1500 }), (from, to, payload) => {
      const packet = udpPacket(from, to, payload, 64);
      t.true(isWellFormed(packet));
      t.is(hopLimitOf(packet), 64);
      const read = readUdp(packet);
      t.is(read?.sourcePort, from.port);
      t.is(read?.destinationPort, to.port);
      t.deepEqual(Uint8Array.from(read?.payload ?? []), payload);
      t.false(packet[46] === 0 && packet[47] === 0, 'a checksum is there');
    }),
    { numRuns: 500 },
  );
});

test('the largest datagram is written and read, one octet more is refused', (t) => {
  const most = udpPacket(HERE, THERE, new Uint8Array(MOST_UDP_PAYLOAD).fill(0xff), 64);
  t.is(most.length, 65_575);
  t.is(readUdp(most)?.payload.length, MOST_UDP_PAYLOAD);
  t.throws(() => udpPacket(HERE, THERE, new Uint8Array(MOST_UDP_PAYLOAD + 1), 64), {
    instanceOf: RangeError,
  });
});

test('a checksum that comes to nothing is sent as ffff and read', (t) => {
  // The last two octets of the payload are what makes the sum come out as zero.
  const open = udpPacket(HERE, THERE, Uint8Array.of(0, 0), 64);
  const packet = udpPacket(HERE, THERE, open.subarray(46, 48), 64);
  t.deepEqual([...packet.subarray(46, 48)], [0xff, 0xff]);
  t.is(readUdp(packet)?.payload.length, 2);
  t.is(readUdp(changed(packet, { 46: 0, 47: 0 })), undefined, 'none is refused even where it would fit');
});

test('a datagram that is damaged anywhere, or without a checksum, is refused', (t) => {
  const packet = udpPacket(HERE, THERE, VOICE, 64);
  for (let at = 8; at < packet.length; at += 1) {
    const damaged = changed(packet, { [at]: (packet[at] ?? 0) ^ 0x10 });
    t.is(readUdp(damaged), undefined, `octet ${at}`);
  }
  t.is(readUdp(changed(packet, { 46: 0, 47: 0 })), undefined);
  t.is(readUdp(changed(packet, { 6: 58 })), undefined);
});

test('a length below the header or beyond the packet is refused', (t) => {
  const packet = udpPacket(HERE, THERE, VOICE, 64);
  for (const length of [0, 7, 181, 65_535]) {
    const wrong = changed(packet, { 44: length >>> 8, 45: length & 255 });
    t.is(readUdp(wrong), undefined, String(length));
  }
  // Even where the checksum over just that length is right.
  const beyond = changed(packet, { 44: 0, 45: 200, 46: 0, 47: 0 });
  const sum = checksum(beyond, HEADER + 200);
  t.is(readUdp(changed(beyond, { 46: sum >>> 8, 47: sum & 255 })), undefined);
  const below = changed(packet, { 42: 0, 43: 0, 44: 0, 45: 4 });
  const port = checksum(below, HEADER + 4);
  t.is(readUdp(changed(below, { 42: port >>> 8, 43: port & 255 })), undefined);
  t.is(readUdp(newPacket(HERE.address, THERE.address, 17, 64, 7)), undefined);
});

test('octets behind the datagram are left out', (t) => {
  const packet = udpPacket(HERE, THERE, VOICE, 64);
  const longer = newPacket(HERE.address, THERE.address, 17, 64, packet.length - HEADER + 5);
  longer.set(packet.subarray(HEADER), HEADER);
  longer.fill(0xee, packet.length);
  t.deepEqual(Uint8Array.from(readUdp(longer)?.payload ?? []), VOICE);
});

test('damaged packets are survived, and read only when their checksum is right', (t) => {
  const seeds = [VOICE, new Uint8Array(0), VOICE.subarray(0, 5)].map((one) =>
    udpPacket(HERE, THERE, one, 64),
  );
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 768)) {
    const datagram = readUdp(octets);
    if (datagram === undefined) continue;
    read += 1;
    if (checksum(octets, HEADER + 8 + datagram.payload.length) !== 0)
      t.fail(Buffer.from(octets).toString('hex'));
  }
  t.true(read > 100, String(read));
});
