import test from 'ava';
import { PlaybackPath } from '#engine/sound/playback_path.ts';
import { SampleRing } from '#engine/sound/ring.ts';
import { sine } from '../support/goertzel.ts';
import { FakePlayback } from './fake_card.ts';

function path(rate = 48_000, sidetone = 0) {
  const card = new FakePlayback(rate, 160);
  const ring = new SampleRing(SampleRing.share(2048));
  return { card, ring, playback: new PlaybackPath(card, ring, sidetone) };
}

/** Frames of 20 ms by the media thread's clock; the card's own runs differently. What waited, ms, in each. */
function run(seconds: number, ppm: number, rate: number) {
  const { card, ring, playback } = path(rate);
  const tone = sine(1000, 20);
  const levels: number[] = [];
  for (let n = 0; n < seconds * 50; n++) {
    card.play(20 * (1 + ppm * 1e-6));
    ring.write(tone);
    playback.flush(undefined, n * 20);
    levels.push((card.level * 1000) / rate);
  }
  return { card, playback, levels };
}

for (const [rate, minutes] of [
  [8000, 30],
  [44_100, 4],
  [48_000, 4],
] as const) {
  for (const ppm of [-200, 200]) {
    test(`for ${minutes} minutes a card of ${rate} Hz that is off by ${ppm} ppm runs neither dry nor over`, (t) => {
      const { playback, levels, card } = run(minutes * 60, ppm, rate);
      t.is(playback.xruns, 0);
      t.is(card.started, 1);
      const settled = levels.slice(6000);
      const least = settled.reduce((a, b) => Math.min(a, b));
      const most = settled.reduce((a, b) => Math.max(a, b));
      t.true(least > 33 && most < 48, `${least} to ${most} ms`);
    });
  }
}

test('a card that ran dry begins anew with a larger margin', (t) => {
  const { card, ring, playback } = path();
  const frame = sine(1000, 20);
  ring.write(frame);
  playback.flush(undefined, 0);
  t.is(card.started, 1);
  const first = card.level;
  card.play(1000);
  ring.write(frame);
  playback.flush(undefined, 1000);
  t.is(playback.xruns, 1);
  t.is(card.started, 2);
  t.true(card.level >= first + 480, `${card.level}`);
});

test('without frames silence keeps the card going', (t) => {
  const { card, ring, playback } = path();
  playback.fill(0);
  t.is(card.written, 0, 'not before there was sound');
  ring.write(sine(1000, 20));
  playback.flush(undefined, 0);
  for (let n = 0; n < 500; n++) {
    card.play(10);
    playback.fill(n * 10);
  }
  t.is(playback.xruns, 0);
});

test('a card that holds itself for full and plays nothing begins anew', (t) => {
  const { card, ring, playback } = path();
  for (let n = 0; n < 100 && card.emptied === 0; n++) {
    if (n < 40) card.play(20);
    else card.pretended = 100;
    ring.write(sine(1000, 20));
    playback.flush(undefined, n * 20);
  }
  t.is(card.emptied, 1);
  t.is(playback.xruns, 1);
});

test('what a stall left over is not heard late for ever', (t) => {
  const { card, ring, playback } = path();
  for (let n = 0; n < 10; n++) {
    ring.write(sine(1000, 20));
    playback.flush(undefined, 0);
  }
  t.true(card.level <= card.buffer);
  t.true(playback.delay <= 110, `${playback.delay}`);
});

test('one’s own voice is heard as softly as was wished', (t) => {
  const { card, ring, playback } = path(8000, 0.1);
  const mouth = new Int16Array(160).fill(10_000);
  let loudest = 0;
  card.onWrite = (from, count) => {
    for (const sample of from.subarray(0, count)) loudest = Math.max(loudest, sample);
  };
  for (let n = 0; n < 5; n++) {
    card.play(20);
    ring.write(new Int16Array(160));
    playback.flush(mouth, n * 20);
  }
  t.true(Math.abs(loudest - 1000) < 120, `${loudest}`);
});
