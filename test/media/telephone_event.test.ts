import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { EventReceiver, EventSender } from '#media/telephone_event.ts';
import type { DtmfKey } from '#media/types.ts';
import { mutations, seededRandom } from '../support/mutate.ts';
import { withVectors } from './field_vectors.ts';

interface Packet {
  readonly time: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

/** The keys that a receiver hears in packets, and how long each was held. */
function heard(packets: readonly Packet[]): [key: DtmfKey, ms: number][] {
  const keys: [DtmfKey, number][] = [];
  const receiver = new EventReceiver((key, ms) => keys.push([key, ms]));
  for (const packet of packets) {
    receiver.tick(packet.time);
    receiver.receive(packet.payload, 0, packet.payload.length, packet, packet.time);
  }
  receiver.tick((packets.at(-1)?.time ?? 0) + 1000);
  return keys;
}

/** What a sender makes of keys, one packet in 20 ms, sequence numbers as RTP gives them. */
function sent(keys: readonly (readonly [DtmfKey, number])[], sequence = 100, timestamp = 5000): Packet[] {
  const sender = new EventSender();
  for (const [key, ms] of keys) sender.press(key, ms);
  const packets: Packet[] = [];
  for (let i = 0; sender.busy && i < 2000; i++) {
    const payload = new Uint8Array(4);
    sender.next((timestamp + i * 160) >>> 0, payload, 0);
    const { marker, timestamp: begin } = sender;
    packets.push({ time: i * 20, sequence: (sequence + i) & 0xffff, timestamp: begin, marker, payload });
  }
  return packets;
}

const KEYS = [...'0123456789*#ABCD'] as DtmfKey[];

test('the packets of RFC 4733 table 5 are three key presses', (t) => {
  const file = new URL('../data/rtp-dtmf/rfc4733-table5.json', import.meta.url);
  const { packets } = JSON.parse(readFileSync(file, 'utf8')) as {
    packets: { time_ms: number; marker: number; timestamp: number; seq: number; payload_hex: string }[];
  };
  const stream = packets.map((packet) => ({
    time: packet.time_ms,
    sequence: packet.seq,
    timestamp: packet.timestamp,
    marker: packet.marker === 1,
    payload: Buffer.from(packet.payload_hex, 'hex'),
  }));
  t.deepEqual(heard(stream), [
    ['9', 200],
    ['1', 250],
    ['1', 220],
  ]);
});

test('a key is sent as RFC 4733 2.5.1 says: mark, growing duration, three ends', (t) => {
  const packets = sent([['5', 100]]);
  t.is(packets.length, 7);
  t.deepEqual(
    packets.map(({ marker }) => marker),
    [true, false, false, false, false, false, false],
  );
  t.deepEqual(
    packets.map(({ payload }) => [...payload]),
    [[5, 10, 0, 160], [5, 10, 1, 64], [5, 10, 1, 224], [5, 10, 2, 128], ...Array(3).fill([5, 0x8a, 3, 32])],
  );
  t.true(packets.every(({ timestamp }) => timestamp === 5000));
});

test('keys that wait are sent one after the other with a pause between them', (t) => {
  const packets = sent([
    ['1', 100],
    ['1', 100],
    ['#', 45],
  ]);
  const begins = packets.filter(({ marker }) => marker);
  t.is(begins.length, 3);
  const [first, second] = begins;
  t.true(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) / 8 - 100 >= 40);
  t.deepEqual(heard(packets), [
    ['1', 100],
    ['1', 100],
    ['#', 45],
  ]);
});

test('a press too short or too long is held within what the format can say', (t) => {
  t.deepEqual(heard(sent([['0', 1]])), [['0', 40]]);
  t.deepEqual(heard(sent([['0', 60_000]])), [['0', 8000]]);
});

test('only so many keys wait', (t) => {
  const sender = new EventSender();
  let taken = 0;
  while (sender.press('1', 100) && taken < 1000) taken++;
  t.is(taken, 32);
});

test('each key is heard once though any packets but one of it are lost, doubled or swapped', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 6 }),
      fc.integer(),
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0, max: 0xffffffff }),
      (keys, seed, sequence, timestamp) => {
        const random = seededRandom(seed);
        const packets = sent(
          keys.map((key) => [key, 100]),
          sequence,
          timestamp,
        );
        const kept = packets.filter((_, i) => i % 7 === 3 || random() > 0.4);
        const spoiled = kept.flatMap((packet) => (random() < 0.2 ? [packet, packet] : [packet]));
        for (let i = 1; i < spoiled.length; i++) {
          const [a, b] = [spoiled[i - 1], spoiled[i]];
          if (a && b && random() < 0.2 && a.timestamp === b.timestamp) [spoiled[i - 1], spoiled[i]] = [b, a];
        }
        t.deepEqual(
          heard(spoiled).map(([key]) => key),
          keys,
        );
      },
    ),
  );
});

test('a key whose end is lost ends after 200 ms', (t) => {
  const packets = sent([['7', 200]]).slice(0, 4);
  const keys: DtmfKey[] = [];
  const receiver = new EventReceiver((key) => keys.push(key));
  for (const packet of packets) receiver.receive(packet.payload, 0, 4, packet, packet.time);
  receiver.tick(60 + 199);
  t.deepEqual(keys, []);
  receiver.tick(60 + 200);
  t.deepEqual(keys, ['7']);
});

test('of a key whose start is lost the end alone is enough', (t) => {
  t.deepEqual(heard(sent([['3', 100]]).slice(-1)), [['3', 100]]);
});

test('end packets that share one sequence number are one key', (t) => {
  const packets = sent([['3', 100]]);
  const last = packets.at(-3);
  t.truthy(last);
  t.deepEqual(heard(packets.map((p, i) => (last && i > 4 ? { ...p, sequence: last.sequence } : p))), [
    ['3', 100],
  ]);
});

test('a sender that never moves its timestamp is understood by its marks', (t) => {
  const press = (n: number) => sent([['4', 100]], 10 + 7 * n).map((p) => ({ ...p, time: p.time + n * 400 }));
  t.deepEqual(heard([...press(0), ...press(1)]), [
    ['4', 100],
    ['4', 100],
  ]);
});

test('a key held for long goes on in segments and is heard once (RFC 4733 2.5.1.3)', (t) => {
  const payload = (duration: number, end: boolean) =>
    Uint8Array.from([8, end ? 0x8a : 10, duration >> 8, duration & 0xff]);
  const packets: Packet[] = [
    { time: 0, sequence: 1, timestamp: 0, marker: true, payload: payload(0x8000, false) },
    { time: 50, sequence: 2, timestamp: 0, marker: false, payload: payload(0xffff, false) },
    { time: 100, sequence: 3, timestamp: 0xffff, marker: false, payload: payload(8000, false) },
    { time: 150, sequence: 4, timestamp: 0xffff, marker: false, payload: payload(16_000, true) },
  ];
  t.deepEqual(heard(packets), [['8', Math.round((0xffff + 16_000) / 8)]]);
});

test('flash, fax tones and cut-off payloads are no keys', (t) => {
  const [packet] = sent([['1', 100]]).slice(-1);
  t.truthy(packet);
  if (packet === undefined) return;
  for (const event of [16, 32, 36, 255]) {
    t.deepEqual(heard([{ ...packet, payload: Uint8Array.from([event, 0x8a, 3, 32]) }]), []);
  }
  t.deepEqual(heard([{ ...packet, payload: packet.payload.subarray(0, 3) }]), []);
});

test('100 000 damaged event payloads do no harm', (t) => {
  const seeds = KEYS.flatMap((key) => sent([[key, 100]]).map(({ payload }) => payload));
  const random = seededRandom(4733);
  let keys = 0;
  const receiver = new EventReceiver((key, ms) => {
    if (!KEYS.includes(key) || ms < 0) t.fail();
    keys++;
  });
  for (const payload of mutations(seeds, 100_000, 3)) {
    const timestamp = Math.floor(random() * 5) * 160;
    const packet = { timestamp, sequence: Math.floor(random() * 0x10000), marker: random() < 0.5 };
    receiver.receive(payload, 0, payload.length, packet, 0);
  }
  t.true(keys > 100);
});

withVectors('field/dtmf-pcap', 'captures of real telephones hold one key each', (t, folder) => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.pcap'));
  t.true(files.length > 0);
  for (const file of files) {
    const keys = heard(captured(readFileSync(`${folder}/${file}`)));
    t.deepEqual(keys, [[file.match(/_(.)\.pcap/)?.[1] as DtmfKey, 280]], file);
  }
});

/** RTP packets of a capture in the classic little-endian format: Ethernet, IPv4, UDP. */
function captured(pcap: Buffer): Packet[] {
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= pcap.length; ) {
    const length = pcap.readUInt32LE(at + 8);
    const time = pcap.readUInt32LE(at) * 1000 + pcap.readUInt32LE(at + 4) / 1000;
    const rtp = pcap.subarray(at + 16 + 14 + 20 + 8, at + 16 + length);
    packets.push({
      time,
      sequence: rtp.readUInt16BE(2),
      timestamp: rtp.readUInt32BE(4),
      marker: (rtp[1] ?? 0) >= 0x80,
      payload: rtp.subarray(12, 16),
    });
    at += 16 + length;
  }
  return packets;
}
