import test from 'ava';
import { JitterBuffer } from '#media/jitter_buffer.ts';
import { seededRandom } from '../support/mutate.ts';

const FRAME = 160;

interface Arrival {
  /** ms. */
  readonly at: number;
  readonly packet: number;
}

/**
 * Plays packets that arrive at their times; the clock jumps from one to the next and takes a frame every 20 ms.
 * Every sample of packet n is n + 1, so what comes out names the packet it came from; 0 is silence.
 */
function play(arrivals: readonly Arrival[], ms: number, samplesPerPacket = FRAME, base = 0) {
  const buffer = new JitterBuffer();
  const queue = [...arrivals].sort((a, b) => a.at - b.at);
  const frame = new Int16Array(FRAME);
  const samples = new Int16Array(2000);
  const heard: number[] = [];
  const real: number[] = [];
  let newest = -1;
  for (let now = 10; now < ms; now += 20) {
    for (let next = queue[0]; next !== undefined && next.at <= now; next = queue[0]) {
      queue.shift();
      const { packet } = next;
      const timestamp = (base + packet * samplesPerPacket) >>> 0;
      buffer.put(timestamp, samples.fill(packet + 1), samplesPerPacket, packet > newest);
      newest = Math.max(newest, packet);
    }
    real.push(buffer.take(frame));
    heard.push(frame[0] ?? 0);
  }
  return { buffer, heard, real };
}

const steady = (count: number): Arrival[] =>
  Array.from({ length: count }, (_, n) => ({ at: n * 20, packet: n }));
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The real frames, those of packets, in the order heard. */
function realOf({ heard, real }: { heard: number[]; real: number[] }): number[] {
  return heard.filter((_, i) => real[i] === FRAME);
}

test('a steady stream is played whole and in order, 40 ms after its arrival', (t) => {
  const { heard } = play(steady(50), 1080);
  t.deepEqual(heard.slice(0, 52), [0, 0, ...numbers(1, 50)]);
});

test('jitter of less than 40 ms is not heard', (t) => {
  const random = seededRandom(7);
  const arrivals = steady(500).map(({ at, packet }) => ({
    at: at + (packet === 0 ? 0 : random() * 39),
    packet,
  }));
  t.deepEqual(realOf(play(arrivals, 10_060)), numbers(1, 500));
});

test('swapped packets are put in order and repeated ones played once', (t) => {
  const arrivals = steady(50).map(({ at, packet }) => ({ at: packet % 5 === 2 ? at + 25 : at, packet }));
  const doubled = arrivals.flatMap((arrival) => [arrival, { ...arrival, at: arrival.at + 1 }]);
  const played = play(doubled, 1060);
  t.deepEqual(realOf(played), numbers(1, 50));
  t.is(played.buffer.duplicates, 50);
});

test('packets of 30 and 60 ms are cut into frames', (t) => {
  for (const ms of [30, 60]) {
    const count = 40;
    const arrivals = Array.from({ length: count }, (_, n) => ({ at: n * ms, packet: n }));
    const { real } = play(arrivals, count * ms + 100, ms * 8);
    const sum = real.reduce((a, b) => a + b, 0);
    t.is(sum, count * ms * 8);
  }
});

test('the timestamp may wrap', (t) => {
  t.deepEqual(realOf(play(steady(50), 1080, FRAME, 0xffffffff - 2000)), numbers(1, 50));
});

test('a lost packet is filled with the fading last frame, a longer gap becomes silence', (t) => {
  const arrivals = steady(50).filter(({ packet }) => packet < 20 || packet > 25);
  const frame = new Int16Array(FRAME);
  const buffer = new JitterBuffer();
  const levels: number[] = [];
  for (const { packet } of steady(50)) {
    if (arrivals.some((arrival) => arrival.packet === packet)) {
      buffer.put(packet * FRAME, new Int16Array(FRAME).fill(1000), FRAME, true);
    }
    buffer.take(frame);
    levels.push(frame[80] ?? 0);
  }
  t.deepEqual(levels.slice(19, 30), [1000, 1000, 1000, 700, 200, 0, 0, 0, 0, 1000, 1000]);
});

test('a stall of the network costs its length once: what comes late is played', (t) => {
  const arrivals = steady(100).map(({ at, packet }) => ({
    at: packet >= 50 && packet < 56 ? 1120 : at,
    packet,
  }));
  const played = play(arrivals, 2200);
  t.deepEqual(realOf(played), numbers(1, 100));
  t.is(played.buffer.late, 1);
});

test('a single packet that comes much too late is left out', (t) => {
  const arrivals = steady(60).map(({ at, packet }) => ({ at: packet === 20 ? at + 300 : at, packet }));
  t.deepEqual(realOf(play(arrivals, 1260)), [...numbers(1, 20), ...numbers(22, 60)]);
});

test('room that is no longer needed is given back, a frame at a time', (t) => {
  const stalled = (packet: number) => packet >= 50 && packet < 56;
  const arrivals = steady(2500).map(({ at, packet }) => ({ at: stalled(packet) ? 1120 : at, packet }));
  const { buffer, heard } = play(arrivals, 50_000);
  t.true(buffer.depth <= 3 * FRAME);
  const left = 2500 - new Set(heard.filter((n) => n > 0)).size;
  t.true(left >= 3 && left <= 8, `${left} frames left out or not yet played`);
});

test('a sender whose clock is 0.1 % fast or slow is followed', (t) => {
  for (const factor of [0.999, 1.001]) {
    const arrivals = Array.from({ length: 3000 }, (_, n) => ({ at: n * 20 * factor, packet: n }));
    const { real, buffer } = play(arrivals, 3000 * 20 * factor);
    const missing = real.slice(10).filter((count) => count < FRAME).length;
    t.true(missing <= 6, `${missing} frames missing at ${factor}`);
    t.true(buffer.depth < 8 * FRAME);
  }
});

test('a timestamp that leaps begins the stream anew', (t) => {
  for (const leap of [1_000_000, -1_000_000, 20_000, -20_000]) {
    const buffer = new JitterBuffer();
    const frame = new Int16Array(FRAME);
    const heard: number[] = [];
    for (let n = 0; n < 60; n++) {
      const timestamp = (5_000_000 + n * FRAME + (n < 30 ? 0 : leap)) >>> 0;
      buffer.put(timestamp, new Int16Array(FRAME).fill(n + 1), FRAME, true);
      if (buffer.take(frame) === FRAME) heard.push(frame[0] ?? 0);
    }
    t.deepEqual(heard.slice(-20), numbers(39, 58), `leap of ${leap}`);
  }
});

test('after a pause of the sender its sound is heard again, without what waited', (t) => {
  const arrivals = steady(100).map(({ at, packet }) => ({ at: packet < 50 ? at : at + 3000, packet }));
  t.deepEqual(realOf(play(arrivals, 6000)), numbers(1, 100));
});

test('a flood is bounded: never more than half a second waits', (t) => {
  const buffer = new JitterBuffer();
  const frame = new Int16Array(FRAME);
  for (let n = 0; n < 1000; n++) {
    buffer.put(n * FRAME, new Int16Array(FRAME).fill(1), FRAME, true);
    if (n % 4 === 0) buffer.take(frame);
    t.true(buffer.depth <= 26 * FRAME);
  }
});

test('packets larger than the ring can take, and empty ones, are ignored', (t) => {
  const buffer = new JitterBuffer();
  buffer.put(0, new Int16Array(4000), 4000, true);
  buffer.put(0, new Int16Array(0), 0, true);
  t.is(buffer.depth, 0);
});
