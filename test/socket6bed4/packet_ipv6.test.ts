import test from 'ava';
import fc from 'fast-check';
import { checksum } from '#socket6bed4/packet/checksum.ts';
import { upperLayerOf } from '#socket6bed4/packet/extension.ts';
import {
  destinationOf,
  HEADER,
  hopLimitOf,
  isWellFormed,
  newPacket,
  nextHeaderOf,
  setHopLimit,
  setTrafficClass,
  sourceOf,
  trafficClassOf,
} from '#socket6bed4/packet/ipv6.ts';
import { mutations } from '../support/mutate.ts';

const octet = fc.integer({ min: 0, max: 255 });
const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
const A = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const B = Uint8Array.from({ length: 16 }, (_, i) => i + 101);

test('a new packet is well-formed and says what it was told', (t) => {
  fc.assert(
    fc.property(address, address, octet, octet, fc.nat(1500), (source, destination, next, hops, length) => {
      const packet = newPacket(source, destination, next, hops, length);
      t.true(isWellFormed(packet));
      t.deepEqual(Uint8Array.from(sourceOf(packet)), source);
      t.deepEqual(Uint8Array.from(destinationOf(packet)), destination);
      t.is(nextHeaderOf(packet), next);
      t.is(hopLimitOf(packet), hops);
      t.is(trafficClassOf(packet), 0);
      t.is(packet.length, HEADER + length);
      t.true(packet.subarray(HEADER).every((one) => one === 0));
    }),
  );
});

test('a new packet shows nothing of what lay in its memory before', (t) => {
  for (let i = 0; i < 2000; i += 1) {
    const packet = newPacket(A, B, 17, 64, 200);
    t.true(packet.subarray(HEADER).every((one) => one === 0));
    packet.fill(0xaa);
  }
});

test('more than a payload length can say is no packet', (t) => {
  t.is(newPacket(A, B, 17, 64, 65_535).length, 65_575);
  t.throws(() => newPacket(A, B, 17, 64, 65_536), { instanceOf: RangeError });
});

test('traffic class and hop limit change and leave the rest alone', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 60 }), octet, octet, (octets, traffic, hops) => {
      const packet = Uint8Array.from(octets);
      packet[0] = 0x60 | ((packet[0] ?? 0) & 0x0f);
      const before = Uint8Array.from(packet);
      setTrafficClass(packet, traffic);
      setHopLimit(packet, hops);
      t.is(trafficClassOf(packet), traffic);
      t.is(hopLimitOf(packet), hops);
      t.is((packet[0] ?? 0) >>> 4, 6);
      t.is((packet[1] ?? 0) & 0x0f, (before[1] ?? 0) & 0x0f, 'the flow label');
      setTrafficClass(packet, trafficClassOf(before));
      setHopLimit(packet, hopLimitOf(before));
      t.deepEqual(packet, before);
    }),
  );
});

test('the addresses of a packet are views, nothing is copied', (t) => {
  const packet = newPacket(A, B, 17, 64, 8);
  packet[8] = 200;
  t.is(sourceOf(packet)[0], 200);
  t.is(destinationOf(packet).buffer, packet.buffer);
});

test('what is shorter, longer, or of another version than it says is not well-formed', (t) => {
  const packet = newPacket(A, B, 17, 64, 13);
  t.true(isWellFormed(packet));
  t.false(isWellFormed(packet.subarray(0, packet.length - 1)));
  t.false(isWellFormed(Uint8Array.of(...packet, 0)));
  for (const version of [0, 4, 5, 7, 14, 15]) {
    t.false(isWellFormed(Uint8Array.of((version << 4) | 3, ...packet.subarray(1))), `version ${version}`);
  }
  for (let length = 0; length < HEADER; length += 1) t.false(isWellFormed(packet.subarray(0, length)));
  t.true(isWellFormed(newPacket(A, B, 59, 64, 0)));
});

/** RFC 1071 1 word by word, over the pseudo header as RFC 8200 8.1 draws it. */
function reference(packet: Uint8Array, end: number, nextHeader: number): number {
  const length = end - HEADER;
  const octets = [...packet.subarray(8, 40), 0, 0, length >>> 8, length & 255, 0, 0, 0, nextHeader];
  octets.push(...packet.subarray(40, end));
  if (octets.length % 2 === 1) octets.push(0);
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) {
    sum += (octets[i] ?? 0) * 256 + (octets[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

test('the checksum is that of RFC 1071 with the pseudo header, for even and odd lengths', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 400 }), fc.nat(), octet, (packet, cut, next) => {
      t.is(checksum(packet), reference(packet, packet.length, packet[6] ?? 0));
      const end = HEADER + (cut % (packet.length - HEADER + 1));
      t.is(checksum(packet, end, next), reference(packet, end, next));
    }),
    { numRuns: 1000 },
  );
});

test('the checksum of the largest and heaviest packet does not overflow', (t) => {
  const packet = new Uint8Array(65_575).fill(0xff);
  t.is(checksum(packet), reference(packet, packet.length, 0xff));
});

test('a packet that carries its checksum sums up to nothing', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 300 }), (payload) => {
      const packet = newPacket(A, B, 58, 255, payload.length);
      packet.set(payload, HEADER);
      packet[42] = 0;
      packet[43] = 0;
      const sum = checksum(packet);
      packet[42] = sum >>> 8;
      packet[43] = sum & 255;
      t.is(checksum(packet), 0);
    }),
  );
});

function withHeaders(first: number, headers: readonly (readonly number[])[]): Uint8Array {
  const packet = newPacket(A, B, first, 64, headers.flat().length);
  packet.set(headers.flat(), HEADER);
  return packet;
}

test('extension headers are walked to the upper layer', (t) => {
  t.deepEqual(upperLayerOf(withHeaders(17, [])), { nextHeader: 17, offset: 40 });
  const options = [60, 0, 0, 0, 0, 0, 0, 0];
  const long = [44, 1, ...new Array<number>(14).fill(0)];
  // The second octet of a fragment header is reserved and no length.
  const firstFragment = [58, 5, 0, 1, 0, 0, 0, 7];
  t.deepEqual(upperLayerOf(withHeaders(0, [options, long, firstFragment])), { nextHeader: 58, offset: 72 });
});

test('behind a later fragment, a header cut off, or headers without end there is no upper layer', (t) => {
  t.is(upperLayerOf(withHeaders(44, [[17, 0, 0, 8, 0, 0, 0, 7]])), undefined);
  t.is(upperLayerOf(withHeaders(44, [[17, 0, 0]])), undefined);
  const options = [60, 0, 0, 0, 0, 0, 0, 0];
  const last = [17, 0, 0, 0, 0, 0, 0, 0];
  t.truthy(upperLayerOf(withHeaders(0, [...new Array(6).fill(options), last])));
  t.is(upperLayerOf(withHeaders(0, [...new Array(20).fill(options), last])), undefined);
});

test('damaged headers are survived', (t) => {
  const options = [43, 0, 0, 0, 0, 0, 0, 0];
  const seeds = [
    withHeaders(0, [options, [44, 1, ...new Array<number>(14).fill(0)], [17, 0, 0, 1, 0, 0, 0, 7]]),
  ];
  seeds.push(newPacket(A, B, 17, 64, 100));
  let formed = 0;
  for (const octets of mutations(seeds, 100_000, 8200)) {
    if (!isWellFormed(octets)) continue;
    formed += 1;
    const upper = upperLayerOf(octets);
    if (upper !== undefined && (upper.offset < HEADER || upper.offset % 8 !== 0))
      t.fail('an offset in between');
  }
  t.true(formed > 5000, String(formed));
});
