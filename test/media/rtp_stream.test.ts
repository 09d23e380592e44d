/** Sender and receiver against each other, packets handed over by the test. */
import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { A_LAW, MU_LAW } from '#media/g711.ts';
import { emptyHeader, type RtpHeader, readRtp } from '#media/rtp.ts';
import { RtpReceiver } from '#media/rtp_receiver.ts';
import { RtpSender } from '#media/rtp_sender.ts';
import type { DtmfKey } from '#media/types.ts';
import { dbm0At, frequencyOf, sine } from '../support/goertzel.ts';

const PCMA = { name: 'PCMA', payloadType: 8, rate: 8000 };
const PCMU = { name: 'PCMU', payloadType: 0, rate: 8000 };
const SENDING = { codec: A_LAW, payloadType: 8, eventPayloadType: 101, packetTime: 20 };
const SILENCE = new Int16Array(160);

function sender(sending: Parameters<RtpSender['configure']>[0] = SENDING, ssrc = 7): RtpSender {
  const made = new RtpSender({ ssrc, sequence: 0xfffe, timestamp: 0xffffff00 });
  made.configure(sending);
  return made;
}

function receiver(onKey: (key: DtmfKey, ms: number) => void = () => {}): RtpReceiver {
  const made = new RtpReceiver(onKey);
  made.configure([PCMA, PCMU], 101);
  return made;
}

function headerOf(packet: Uint8Array | undefined): RtpHeader {
  const header = emptyHeader();
  if (packet === undefined || !readRtp(packet, header)) throw new Error('no packet');
  return header;
}

/** Hands a packet over as the socket does. */
function deliver(to: RtpReceiver, packet: Uint8Array | undefined, now: number): void {
  if (packet !== undefined && to.read(packet) !== undefined) to.receive(packet, now);
}

test('sequence number and timestamp advance and wrap; the first packet is marked', (t) => {
  const from = sender();
  const headers = [1, 2, 3].map(() => headerOf(from.frame(SILENCE)));
  t.deepEqual(
    headers.map(({ sequence, timestamp, marker }) => [sequence, timestamp, marker]),
    [
      [0xfffe, 0xffffff00, true],
      [0xffff, 0xffffffa0, false],
      [0, 0x40, false],
    ],
  );
});

test('after a pause the timestamp has gone on, the sequence number has not, and a mark says so', (t) => {
  const from = sender();
  const before = headerOf(from.frame(SILENCE));
  from.skip(10);
  const after = headerOf(from.frame(SILENCE));
  t.is((after.timestamp - before.timestamp) >>> 0, 11 * 160);
  t.is((after.sequence - before.sequence) & 0xffff, 1);
  t.true(after.marker);
});

test('longer packet times put several frames in a packet, with the timestamp of the first', (t) => {
  const from = sender({ ...SENDING, packetTime: 60 });
  const packets = Array.from({ length: 6 }, () => from.frame(SILENCE));
  t.deepEqual(
    packets.map((packet) => packet?.length),
    [undefined, undefined, 12 + 480, undefined, undefined, 12 + 480],
  );
  t.is(headerOf(packets[2]).timestamp, 0xffffff00);
  t.is(headerOf(packets[5]).timestamp, (0xffffff00 + 480) >>> 0);
});

for (const [name, codec, payloadType] of [
  ['PCMA', A_LAW, 8],
  ['PCMU', MU_LAW, 0],
] as const) {
  test(`a tone sent as ${name} arrives with its frequency and level`, (t) => {
    const from = sender({ codec, payloadType, packetTime: 20 });
    const to = receiver();
    const tone = sine(1004, 1040);
    const heard = new Int16Array(8320);
    for (let n = 0; n < 52; n++) {
      deliver(to, from.frame(tone.subarray(n * 160, n * 160 + 160)), n * 20);
      to.frame(heard.subarray(n * 160, n * 160 + 160), n * 20);
    }
    const steady = heard.subarray(320);
    t.is(frequencyOf(steady), 1004);
    t.true(Math.abs(dbm0At(steady, 1004) - dbm0At(tone, 1004)) < 0.1);
  });
}

test('a key takes the place of sound, and sound goes on after it with the right timestamp', (t) => {
  const from = sender();
  const keys: [DtmfKey, number][] = [];
  const to = receiver((key, ms) => keys.push([key, ms]));
  t.true(from.press('#', 100));
  const headers = Array.from({ length: 12 }, (_, n) => {
    const packet = from.frame(SILENCE);
    deliver(to, packet, n * 20);
    return headerOf(packet);
  });
  t.deepEqual(
    headers.map(({ payloadType }) => payloadType),
    [...Array(7).fill(101), ...Array(5).fill(8)],
  );
  t.is(headers[7]?.timestamp, (0xffffff00 + 7 * 160) >>> 0);
  t.deepEqual(keys, [['#', 100]]);
  t.is(to.lost, 0);
});

test('where events were not agreed on, a key is sent as its sound', (t) => {
  const from = sender({ codec: A_LAW, payloadType: 8, packetTime: 20 });
  from.press('5', 100);
  const sound = new Int16Array(800);
  for (let n = 0; n < 5; n++) {
    const packet = from.frame(SILENCE) ?? new Uint8Array(0);
    for (let i = 0; i < 160; i++) sound[n * 160 + i] = A_LAW.decoded[packet[12 + i] ?? 0] ?? 0;
  }
  for (const hz of [770, 1336]) t.true(dbm0At(sound, hz) > -11, `${hz} Hz`);
  for (let n = 0; n < 5; n++) from.frame(SILENCE);
  t.is(A_LAW.decoded[from.frame(SILENCE)?.at(-1) ?? 0], 8);
});

test('another source takes over with its second packet, and the counts go on', (t) => {
  const to = receiver();
  const [first, second] = [sender(SENDING, 1), sender(SENDING, 2)];
  for (let n = 0; n < 10; n++) deliver(to, first.frame(SILENCE), n * 20);
  t.is(to.received, 10);
  for (let n = 10; n < 15; n++) deliver(to, second.frame(SILENCE), n * 20);
  t.is(to.reception?.ssrc, 2);
  t.is(to.received, 14);
});

test('sources that alternate do not oust the one that is heard', (t) => {
  const to = receiver();
  const from = sender(SENDING, 1);
  for (let n = 0; n < 100; n++) {
    deliver(to, from.frame(SILENCE), n * 20);
    const stranger = sender(SENDING, 1000 + n).frame(SILENCE);
    deliver(to, stranger, n * 20);
  }
  t.is(to.reception?.ssrc, 1);
  t.is(to.received, 100);
});

test('payload types that were not agreed on are not read', (t) => {
  const packet = sender({ ...SENDING, payloadType: 96 }).frame(SILENCE);
  t.is(receiver().read(packet ?? new Uint8Array(0)), undefined);
});

test('in steady state a packet allocates nothing', async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const from = sender();
  const to = receiver();
  const mouth = sine(440, 20);
  const ear = new Int16Array(160);
  const run = (packets: number, start: number): void => {
    for (let n = start; n < start + packets; n++) {
      deliver(to, from.frame(mouth), n * 20);
      to.frame(ear, n * 20);
    }
  };
  run(20_000, 0);
  gc();
  await new Promise((resolve) => setImmediate(resolve));
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  run(10_000, 20_000);
  const grown = process.memoryUsage().heapUsed - before;
  await new Promise((resolve) => setTimeout(resolve, 20));
  observer.disconnect();
  // One object of two fields a packet would be 320 000 octets.
  t.true(grown < 160_000, `${grown} octets for 10 000 packets`);
  t.is(collections, 0);
});
