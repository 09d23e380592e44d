import test from 'ava';
import fc from 'fast-check';
import { fragments, Reassembly } from '#socket6bed4/packet/fragment.ts';
import { isWellFormed, MTU, newPacket, setTrafficClass } from '#socket6bed4/packet/ipv6.ts';
import { readUdp, udpPacket } from '#socket6bed4/packet/udp.ts';
import { mutations, seededRandom } from '../support/mutate.ts';

const MOST_OCTETS = 262_144;
const addressed = (last: number): Uint8Array => new Uint8Array(16).fill(0xfc).fill(last, 14);
const HERE = addressed(1);
const THERE = addressed(2);

function datagram(size: number, source = HERE): Uint8Array {
  const payload = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >>> 8)) & 255);
  return udpPacket({ address: source, port: 5060 }, { address: THERE, port: 5062 }, payload, 63);
}

/** A fragment as a stranger would make it. */
function piece(
  offset: number,
  more: boolean,
  data: Uint8Array,
  identification = 1,
  source = HERE,
): Uint8Array {
  const packet = newPacket(source, THERE, 44, 64, 8 + data.length);
  packet.set([17, 0, offset >>> 8, (offset & 0xf8) | (more ? 1 : 0), 0, 0, identification >>> 8], 40);
  packet[47] = identification;
  packet.set(data, 48);
  return packet;
}

const data = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill);

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((one) => ({ one, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ one }) => one);
}

/** What comes out of all of them, in this order. */
function through(reassembly: Reassembly, packets: readonly Uint8Array[], now = 0): Uint8Array[] {
  return packets.flatMap((packet) => reassembly.add(packet, now) ?? []);
}

test('a packet that fits is left as it is', (t) => {
  const packet = datagram(MTU - 48);
  t.deepEqual(fragments(packet, 1), [packet]);
  t.is(new Reassembly().add(packet, 0), packet);
});

test('fragments are at most as long as the link carries, and eights of octets but the last', (t) => {
  const [first, second, ...more] = fragments(datagram(1233), 0xdeadbeef);
  t.is(more.length, 0);
  t.is(first?.length, MTU);
  t.is(second?.length, 48 + 9);
  t.deepEqual([...(first?.subarray(40, 48) ?? [])], [17, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef]);
  t.deepEqual([...(second?.subarray(40, 48) ?? [])], [17, 0, 1232 >>> 8, 1232 & 255, 0xde, 0xad, 0xbe, 0xef]);
});

test('what was cut up comes together in any order, with doubles', (t) => {
  const sizes = fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 0, max: 65_527 }));
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(255), (size, seed, traffic) => {
      const random = seededRandom(seed);
      const packet = datagram(size);
      setTrafficClass(packet, traffic);
      const pieces = fragments(packet, 7);
      for (const one of pieces) t.true(isWellFormed(one) && one.length <= MTU);
      const [double = packet] = shuffled(pieces, random);
      const order = shuffled(pieces.length > 1 ? [...pieces, double] : pieces, random);
      const reassembly = new Reassembly();
      // The double may come last, when the packet is whole already; then it begins another one.
      const results = through(reassembly, order);
      t.deepEqual(results, [packet]);
      t.true(isWellFormed(packet));
      t.is(readUdp(packet)?.payload.length, size);
      t.true(reassembly.size <= 1);
    }),
    { numRuns: 150 },
  );
});

test('the fragments of several packets do not mix', (t) => {
  const random = seededRandom(5);
  const packets = [datagram(3000), datagram(5000), datagram(3000, addressed(9))];
  const all = packets.flatMap((packet, i) => fragments(packet, i % 2));
  const reassembly = new Reassembly();
  const results = through(reassembly, shuffled(all, random));
  t.is(results.length, 3);
  for (const packet of packets) t.true(results.some((one) => Buffer.compare(one, packet) === 0));
  t.is(reassembly.octets, 0);
  t.is(reassembly.size, 0);
});

test('nothing is kept of the packets themselves', (t) => {
  const packet = datagram(2000);
  const reassembly = new Reassembly();
  const results = fragments(packet, 1).map((one) => {
    const whole = reassembly.add(one, 0);
    one.fill(0xee);
    return whole;
  });
  t.deepEqual(results.at(-1), packet);
});

test('a fragment that is a whole packet passes, whatever else has its identification', (t) => {
  const reassembly = new Reassembly();
  reassembly.add(piece(0, true, data(8)), 0);
  const atomic = piece(0, false, data(20));
  const packet = newPacket(HERE, THERE, 17, 64, 20);
  packet.fill(7, 40);
  t.deepEqual(reassembly.add(atomic, 0), packet);
  t.is(reassembly.size, 1);
  t.truthy(reassembly.add(piece(8, false, data(3)), 0), 'the other one is not disturbed');
});

test('overlapping fragments spoil the packet for good', (t) => {
  const overlaps = [
    [piece(0, true, data(16)), piece(8, true, data(16)), piece(24, false, data(8))],
    [piece(0, true, data(16)), piece(0, true, data(16, 8)), piece(16, false, data(8))],
    [piece(0, true, data(16)), piece(0, true, data(8)), piece(16, false, data(8))],
    [piece(16, false, data(8)), piece(8, true, data(16)), piece(0, true, data(8))],
    [piece(8, true, data(8)), piece(0, true, data(24)), piece(24, false, data(8))],
  ];
  for (const [i, packets] of overlaps.entries()) {
    const reassembly = new Reassembly();
    t.deepEqual(through(reassembly, packets), [], String(i));
    t.is(reassembly.octets, 0);
    // All of them once more, without the one that overlapped: still nothing, until their time is over.
    const honest = [piece(0, true, data(16)), piece(16, false, data(8))];
    t.deepEqual(through(reassembly, honest), []);
    t.is(through(reassembly, honest, 60_000).length, 1);
  }
});

test('a packet that ends twice, or goes on behind its end, is spoiled', (t) => {
  const contradictions = [
    [piece(16, false, data(8)), piece(24, false, data(8)), piece(0, true, data(16))],
    [piece(16, false, data(8)), piece(24, true, data(8)), piece(0, true, data(16))],
    [piece(24, true, data(8)), piece(16, false, data(8)), piece(0, true, data(16))],
    [piece(24, false, data(8)), piece(8, false, data(8)), piece(0, true, data(8))],
    [
      piece(16, true, data(8)),
      piece(16, false, data(8)),
      piece(0, true, data(16)),
      piece(24, false, data(8)),
    ],
    // As many octets as there should be, but not where they should be.
    [piece(16, false, data(8)), piece(24, true, data(8)), piece(0, true, data(8))],
    [piece(24, true, data(8)), piece(16, false, data(8)), piece(0, true, data(8))],
  ];
  for (const [i, packets] of contradictions.entries()) {
    t.deepEqual(through(new Reassembly(), packets), [], String(i));
  }
});

test('fragments that cannot be are ignored', (t) => {
  const reassembly = new Reassembly();
  t.is(reassembly.add(piece(0, true, data(9)), 0), undefined, 'no eights');
  t.is(reassembly.add(piece(0, true, data(0)), 0), undefined, 'empty');
  t.is(reassembly.add(piece(8, false, data(0)), 0), undefined, 'empty at the end');
  t.is(reassembly.add(piece(65_528, false, data(8)), 0), undefined, 'beyond 65 535');
  t.is(reassembly.add(newPacket(HERE, THERE, 44, 64, 7), 0), undefined, 'cut off');
  const nested = piece(0, false, data(16));
  nested[40] = 44;
  t.is(reassembly.add(nested, 0), undefined, 'a fragment of a fragment');
  t.is(reassembly.size, 0);
  t.truthy(reassembly.add(piece(0, false, data(0)), 0), 'an empty packet is one');
});

test('what is not whole after 60 s is forgotten', (t) => {
  const reassembly = new Reassembly();
  t.is(reassembly.deadline, Infinity);
  reassembly.add(piece(0, true, data(8), 1), 1000);
  reassembly.add(piece(0, true, data(8), 2), 2000);
  t.is(reassembly.deadline, 61_000);
  reassembly.tick(60_999);
  t.is(reassembly.size, 2);
  reassembly.tick(61_000);
  t.is(reassembly.size, 1);
  t.is(reassembly.deadline, 62_000);
  t.is(reassembly.add(piece(8, false, data(8), 1), 61_000), undefined);
  t.truthy(reassembly.add(piece(8, false, data(8), 2), 61_999), 'the other one still has a moment');
  t.is(reassembly.add(piece(0, true, data(8), 3), 62_000), undefined);
  reassembly.tick(122_000);
  t.is(reassembly.deadline, Infinity);
  t.is(reassembly.octets, 0);
});

test('time is over without a tick, too', (t) => {
  const reassembly = new Reassembly();
  reassembly.add(piece(0, true, data(8)), 0);
  t.is(reassembly.add(piece(8, false, data(8)), 60_000), undefined);
});

test('one source has four packets under way, the oldest goes for the fifth', (t) => {
  const reassembly = new Reassembly();
  const other = addressed(3);
  reassembly.add(piece(0, true, data(8), 1, other), 0);
  for (let id = 1; id <= 5; id += 1) reassembly.add(piece(0, true, data(8), id), id);
  t.is(reassembly.size, 5);
  t.is(reassembly.add(piece(8, false, data(8), 1), 10), undefined);
  // That was the beginning of another one, for which the second had to go.
  t.is(reassembly.add(piece(8, false, data(8), 2), 10), undefined);
  for (const id of [4, 5]) t.truthy(reassembly.add(piece(8, false, data(8), id), 10), String(id));
  t.truthy(reassembly.add(piece(8, false, data(8), 1, other), 10), 'the other source is not touched');
});

test('sixty-four packets are under way in all, the oldest goes for the next', (t) => {
  const reassembly = new Reassembly();
  for (let i = 0; i < 65; i += 1) reassembly.add(piece(0, true, data(8), 1, addressed(i)), i);
  t.is(reassembly.size, 64);
  t.truthy(reassembly.add(piece(8, false, data(8), 1, addressed(1)), 100));
  t.is(reassembly.add(piece(8, false, data(8), 1, addressed(0)), 100), undefined);
});

test('memory is bounded, and what goes is the oldest', (t) => {
  const reassembly = new Reassembly();
  for (let i = 0; i < 10; i += 1) {
    for (const one of fragments(datagram(60_000, addressed(i)), 1).slice(1)) {
      reassembly.add(one, i);
      t.true(reassembly.octets <= MOST_OCTETS);
    }
  }
  t.true(reassembly.octets > MOST_OCTETS / 2);
  const [first = data(0)] = fragments(datagram(60_000, addressed(9)), 1);
  t.deepEqual(reassembly.add(first, 20), datagram(60_000, addressed(9)));
});

test('what goes for want of memory is never what just grew', (t) => {
  const reassembly = new Reassembly();
  const [first = data(0), ...rest] = fragments(datagram(60_000), 1);
  reassembly.add(first, 0);
  for (let i = 2; i < 6; i += 1) {
    for (const one of fragments(datagram(60_000, addressed(i + 10)), 1).slice(1)) reassembly.add(one, i);
  }
  t.deepEqual(through(reassembly, rest, 10), [datagram(60_000)]);
  t.true(reassembly.octets <= MOST_OCTETS);
});

test('a packet in crumbs is given up', (t) => {
  const reassembly = new Reassembly();
  for (let i = 1; i < 4000; i += 1) reassembly.add(piece(8 * i, true, data(8)), 0);
  t.is(reassembly.octets, 0);
  t.is(reassembly.size, 1);
});

test('fragments that never complete do not keep others from completing', (t) => {
  const random = seededRandom(8200);
  const reassembly = new Reassembly();
  let whole = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const stranger = addressed(100 + Math.floor(random() * 100));
    reassembly.add(piece(8 * Math.floor(random() * 8000), true, data(1232), i & 0xffff, stranger), i);
    if (i % 100 === 0) whole += through(reassembly, fragments(datagram(4000), i), i).length;
    if (reassembly.octets > MOST_OCTETS || reassembly.size > 64) t.fail(`at ${i}`);
  }
  t.is(whole, 200);
  reassembly.tick(100_000);
  t.is(reassembly.octets, 0);
});

test('damaged fragments are survived within the bounds, and never make a packet that is none', (t) => {
  const seeds = [datagram(1300), datagram(3000), datagram(9000)].flatMap((packet, i) => fragments(packet, i));
  const reassembly = new Reassembly();
  let fed = 0;
  let whole = 0;
  let now = 0;
  for (const octets of mutations(seeds, 100_000, 5722)) {
    if (!isWellFormed(octets)) continue;
    fed += 1;
    now += 20;
    const packet = reassembly.add(octets, now);
    if (reassembly.octets > MOST_OCTETS || reassembly.octets < 0 || reassembly.size > 64)
      t.fail('out of bounds');
    if (packet === undefined) continue;
    whole += 1;
    if (!isWellFormed(packet)) t.fail(Buffer.from(octets).toString('hex'));
  }
  t.true(fed > 10_000 && whole > 100, `${fed} ${whole}`);
});
