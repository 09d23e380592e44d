/** The page's sound path without a browser: filters between 8 and 48 kHz, and the queue before the ear. */
import test from 'ava';
import { Ear, FRAME_SAMPLES, Mouth } from '#web/page/sound/frames.ts';
import { Decimator, FACTOR, Interpolator } from '#web/page/sound/resample.ts';

const CARD_HZ = 48_000;
const PHONE_HZ = 8000;

/** Level of one frequency in dB of full scale (Goertzel). */
function level(samples: ArrayLike<number>, hz: number, rate: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let one = 0;
  let two = 0;
  for (let i = 0; i < samples.length; i++) [one, two] = [(samples[i] ?? 0) + turn * one - two, one];
  return 10 * Math.log10((4 * (one * one + two * two - turn * one * two)) / samples.length ** 2 + 1e-12);
}

function sine(hz: number, rate: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));
}

function decimate(input: Float32Array): number[] {
  const decimator = new Decimator();
  return [...input].flatMap((sample) => decimator.push(sample) ?? []);
}

function interpolate(input: Float32Array): number[] {
  const interpolator = new Interpolator();
  const block = new Float32Array(FACTOR);
  return [...input].flatMap((sample) => {
    interpolator.push(sample, block);
    return [...block];
  });
}

for (const hz of [100, 400, 1000, 2600, 3400]) {
  test(`${hz} Hz passes both ways unchanged`, (t) => {
    const down = decimate(sine(hz, CARD_HZ, 24_000 + 288)).slice(48);
    t.is(down.length, 4000);
    t.true(Math.abs(level(down, hz, PHONE_HZ)) < 0.5, `down ${level(down, hz, PHONE_HZ)} dB`);
    const up = interpolate(sine(hz, PHONE_HZ, 4000 + 48)).slice(288);
    t.true(Math.abs(level(up, hz, CARD_HZ)) < 0.5, `up ${level(up, hz, CARD_HZ)} dB`);
  });
}

for (const hz of [4800, 6000, 7500, 9000, 15_000, 23_000]) {
  test(`${hz} Hz of the microphone is not folded into the voice`, (t) => {
    const down = decimate(sine(hz, CARD_HZ, 24_288)).slice(48);
    const loudest = Math.max(...down.map(Math.abs));
    t.true(20 * Math.log10(loudest) < -55, `${20 * Math.log10(loudest)} dB`);
  });
}

test('the loudspeaker gets no images of the voice', (t) => {
  const up = interpolate(sine(1000, PHONE_HZ, 4048)).slice(288);
  for (const image of [7000, 9000, 15_000, 17_000]) t.true(level(up, image, CARD_HZ) < -55, `${image} Hz`);
});

/** A card asks for 128 samples at a time. */
const blocks = (count: number, take: (block: Float32Array) => void) => {
  for (let i = 0; i < count; i++) take(new Float32Array(128));
};

test('the mouth makes frames of 160 samples and loses none', (t) => {
  const frames: Int16Array[] = [];
  const mouth = new Mouth((frame) => frames.push(frame));
  blocks(375, (block) => mouth.speak(block.fill(0.5)));
  t.is(frames.length, 50);
  t.true(frames.every((frame) => frame.length === FRAME_SAMPLES));
  t.is(new Set(frames.map((frame) => frame.buffer)).size, 50);
  t.true(Math.abs((frames[49]?.[159] ?? 0) - 16_384) < 20);
});

test('what is louder than loud is cut, not turned over', (t) => {
  const frames: Int16Array[] = [];
  const mouth = new Mouth((frame) => frames.push(frame));
  blocks(20, (block) => mouth.speak(block.fill(3)));
  t.is(frames.at(-1)?.at(-1), 32_767);
});

const frameOf = (value: number) => new Int16Array(FRAME_SAMPLES).fill(value);

function listen(ear: Ear, count: number): number[] {
  const heard: number[] = [];
  blocks(count, (block) => {
    ear.hear(block);
    heard.push(...block);
  });
  return heard;
}

test('the ear waits for two frames before it plays', (t) => {
  const ear = new Ear();
  ear.put(frameOf(16_384));
  t.true(listen(ear, 4).every((sample) => sample === 0));
  ear.put(frameOf(16_384));
  t.true(Math.abs((listen(ear, 4).at(-1) ?? 0) - 0.5) < 0.01);
});

test('no more than six frames wait for the ear', (t) => {
  const ear = new Ear();
  for (let i = 0; i < 100; i++) ear.put(frameOf(i));
  t.is(ear.waiting, 6);
});

test('an ear without frames is silent and begins again with a cushion', (t) => {
  const ear = new Ear();
  ear.put(frameOf(16_384));
  ear.put(frameOf(16_384));
  t.is(listen(ear, 40).at(-1), 0);
  ear.put(frameOf(16_384));
  t.is(listen(ear, 4).at(-1), 0);
  ear.put(frameOf(16_384));
  t.true((listen(ear, 4).at(-1) ?? 0) > 0.49);
});

test('a tone comes through mouth and ear without a gap', (t) => {
  const ear = new Ear();
  const mouth = new Mouth((frame) => ear.put(frame));
  const tone = sine(1000, CARD_HZ, 128 * 750);
  const heard: number[] = [];
  for (let i = 0; i < 750; i++) {
    mouth.speak(tone.subarray(128 * i, 128 * (i + 1)));
    const block = new Float32Array(128);
    ear.hear(block);
    heard.push(...block);
  }
  const steady = heard.slice(4800, 4800 + 86_400);
  t.true(Math.abs(level(steady, 1000, CARD_HZ)) < 0.5);
  const rest = steady.reduce((sum, sample) => sum + sample * sample, 0) / steady.length - 0.5;
  t.true(Math.abs(rest) < 0.02, 'all of its power is in the tone');
});

test('a queue that never runs low is shortened, so that delay does not stay', (t) => {
  const ear = new Ear();
  for (let i = 0; i < 6; i++) ear.put(frameOf(0));
  // 15 blocks of 128 samples are two frames.
  for (let i = 0; i < 300; i++) {
    ear.put(frameOf(0));
    ear.put(frameOf(0));
    listen(ear, 15);
  }
  t.true(ear.waiting <= 4, `${ear.waiting} frames wait`);
});

test('nothing of the last call is left in the ear', (t) => {
  const ear = new Ear();
  for (let i = 0; i < 6; i++) ear.put(frameOf(16_384));
  ear.clear();
  ear.put(frameOf(0));
  ear.put(frameOf(0));
  t.true(listen(ear, 10).every((sample) => sample === 0));
});
