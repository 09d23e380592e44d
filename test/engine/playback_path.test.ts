import test from 'ava';
import { PlaybackPath } from '#engine/sound/playback_path.ts';
import { SampleRing } from '#engine/sound/ring.ts';
import { pitchNear, sine } from '../support/goertzel.ts';
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
      t.true(least > 43 && most < 58, `${least} to ${most} ms`);
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

/** Samples a second of the card in the stories about pitch. */
const RATE = 48_000;
const HZ = 425;

/** What the card was given, as it would be heard. */
function recorded(card: FakePlayback): () => Int16Array {
  const parts: Int16Array[] = [];
  card.onWrite = (from, count) => void parts.push(from.slice(0, count));
  return () => Int16Array.from(parts.flatMap((part) => [...part]));
}

test('a stream begins with the frames that were asked for: its first sample is the tone’s', (t) => {
  const { card, ring, playback } = path(RATE);
  const heard = recorded(card);
  const wanted = playback.wanted(0);
  ring.write(sine(HZ, 20 * wanted));
  t.true(playback.begin(0));
  t.is(card.started, 1);
  t.true(card.level >= (RATE * 30) / 1000, `${card.level} samples to begin with`);
  const onset = heard().findIndex((sample) => Math.abs(sample) > 300);
  t.true(onset >= 0 && onset < RATE / 200, `${onset} samples of silence`);
  t.is(playback.wanted(20), 0);
  t.false(playback.begin(20), 'it has begun');
});

test('a stream that begins with too little asks for more before it runs dry', (t) => {
  const { card, ring, playback } = path(RATE);
  ring.write(sine(HZ, 40));
  playback.begin(0);
  card.play(22);
  t.is(playback.wanted(22), 1);
  t.is(playback.wanted(1000), 0, 'later only where it would run dry at once');
  card.play(6);
  t.is(playback.wanted(1000), 1);
});

for (const [title, level] of [
  ['too much', 55],
  ['too little', 2],
] as const) {
  test(`a tone keeps its pitch from its first period although ${title} waits in the card`, (t) => {
    const { card, ring, playback } = path(RATE);
    const heard = recorded(card);
    const tone = sine(HZ, 1000);
    for (let n = 0; n < 45; n++) {
      ring.write(tone.subarray(n * 160, (n + 1) * 160));
      if (n < 2) {
        if (n === 1) playback.begin(0);
        card.level = (level * RATE) / 1000;
        continue;
      }
      playback.flush(undefined, n * 20);
      card.play(20);
    }
    const samples = heard();
    for (const from of [0.01, 0.2, 0.4, 0.6]) {
      const hz = pitchNear(samples.subarray(RATE * from), HZ, RATE);
      t.true(Math.abs(hz - HZ) / HZ < 0.002, `${hz} Hz after ${from} s`);
    }
  });
}

test('what is too much is used up where nothing is to be heard', (t) => {
  const { card, ring, playback } = path(RATE);
  ring.write(sine(HZ, 40));
  playback.begin(0);
  card.level = (70 * RATE) / 1000;
  const silence = new Int16Array(160);
  for (let n = 1; n < 250; n++) {
    card.play(20);
    ring.write(silence);
    playback.flush(undefined, n * 20);
  }
  const ms = (card.level * 1000) / RATE;
  t.true(ms > 48 && ms < 57, `${ms} ms`);
});

test('after an underrun in the middle of speech its pitch is what it was', (t) => {
  const { card, ring, playback } = path(RATE);
  const tone = sine(HZ, 2000);
  const frame = (n: number) => tone.subarray(n * 160, (n + 1) * 160);
  for (let n = 0; n < 20; n++) {
    ring.write(frame(n));
    playback.flush(undefined, n * 20);
    card.play(20);
  }
  card.play(1000);
  const heard = recorded(card);
  for (let n = 20; n < 60; n++) {
    ring.write(frame(n));
    playback.flush(undefined, n * 20);
    if (n === 20) card.level += (30 * RATE) / 1000;
    card.play(20);
  }
  t.is(playback.xruns, 1);
  const samples = heard();
  for (const from of [0.1, 0.3, 0.5]) {
    const hz = pitchNear(samples.subarray(RATE * from), HZ, RATE);
    t.true(Math.abs(hz - HZ) / HZ < 0.002, `${hz} Hz after ${from} s`);
  }
});
