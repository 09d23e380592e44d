import test from 'ava';
import { amplitudeOf, dbm0Of, levelOf } from '#media/level.ts';
import { ToneGenerator } from '#media/tone.ts';
import type { Tone } from '#media/types.ts';
import { dbm0At, frequencyOf, gapsIn } from '../support/goertzel.ts';

function played(tone: Tone, ms: number, frame = 160): Int16Array {
  const generator = new ToneGenerator(tone);
  const samples = new Int16Array(ms * 8);
  for (let at = 0; at < samples.length; at += frame) generator.addTo(samples.subarray(at, at + frame));
  return samples;
}

const continuous = (hz: readonly number[], level = -16): Tone => ({
  intro: [],
  loop: [{ hz, ms: 0 }],
  level,
});

test('a tone has its frequency and its level', (t) => {
  for (const hz of [350, 425, 1004, 3400]) {
    const samples = played(continuous([hz]), 1000);
    t.true(Math.abs(frequencyOf(samples) - hz) <= 1);
    t.true(Math.abs(dbm0At(samples, hz) + 16) < 0.1);
  }
});

test('two frequencies are summed, each at the level', (t) => {
  const samples = played(continuous([350, 440], -13), 1000);
  for (const hz of [350, 440]) t.true(Math.abs(dbm0At(samples, hz) + 13) < 0.1);
  t.true(dbm0At(samples, 400) < -45);
});

test('modulation puts the second frequency around the first', (t) => {
  const samples = played({ intro: [], loop: [{ hz: [400, 16], ms: 0, am: true }] }, 1000);
  t.true(dbm0At(samples, 400) > -25);
  t.true(Math.abs(dbm0At(samples, 384) - dbm0At(samples, 416)) < 0.2);
  t.true(dbm0At(samples, 16) < -50);
});

test('a cadence is exact to the sample, whatever the frames', (t) => {
  const busy: Tone = {
    intro: [{ hz: [], ms: 10 }],
    loop: [
      { hz: [425], ms: 330 },
      { hz: [], ms: 15 },
    ],
  };
  for (const frame of [160, 37, 4000]) {
    const samples = played(busy, 2000, frame);
    for (let i = 0; i < samples.length; i++) {
      const place = (i - 80) % (345 * 8);
      const sounds = i >= 80 && place < 330 * 8;
      if (!sounds) t.is(samples[i], 0, `sample ${i} with frames of ${frame}`);
    }
    const energies = [0, 1, 2].map((n) => levelOf(samples.subarray(80 + n * 2760, 80 + n * 2760 + 2640)));
    for (const level of energies) t.true(Math.abs(level + 16) < 0.1);
  }
});

test('steps that are fractions of a sample do not add up', (t) => {
  const samples = played(
    {
      intro: [],
      loop: [
        { hz: [1000], ms: 0.3 },
        { hz: [], ms: 0.3 },
      ],
    },
    600,
  );
  t.is(samples.length, 4800);
  t.true(levelOf(samples) > -30);
});

test('frames join without a jump of the phase', (t) => {
  const whole = played(continuous([1004]), 400, 3200);
  const pieces = played(continuous([1004]), 400, 160);
  t.true(whole.every((sample, i) => Math.abs(sample - (pieces[i] ?? 0)) <= 1));
});

test('a frequency that goes on into the next step keeps its phase', (t) => {
  const split: Tone = {
    intro: [
      { hz: [440], ms: 33 },
      { hz: [440], ms: 41 },
    ],
    loop: [{ hz: [440], ms: 0 }],
  };
  const samples = played(split, 400);
  const whole = played(continuous([440]), 400);
  t.true(whole.every((sample, i) => Math.abs(sample - (samples[i] ?? 0)) <= 1));
});

test('an intro without loop ends in silence', (t) => {
  const generator = new ToneGenerator({ intro: [{ hz: [697, 1209], ms: 50 }], loop: [] });
  const frame = new Int16Array(160);
  for (let i = 0; i < 2; i++) generator.addTo(frame);
  t.false(generator.ended);
  frame.fill(0);
  generator.addTo(frame);
  t.true(generator.ended);
  t.true(frame.subarray(80).every((sample) => sample === 0));
  t.true(new ToneGenerator({ intro: [], loop: [] }).ended);
});

test('steps of no length at all end the tone instead of turning for ever', (t) => {
  const generator = new ToneGenerator({
    intro: [],
    loop: [
      { hz: [440], ms: 0.001 },
      { hz: [], ms: 0.001 },
    ],
  });
  generator.addTo(new Int16Array(8000));
  t.pass();
});

test('levels and amplitudes are each other’s inverse, and full scale has +3.14 dBm0', (t) => {
  t.true(Math.abs(amplitudeOf(3.14) - 32768) < 1e-6);
  for (const level of [-40, -13, 0]) t.true(Math.abs(dbm0Of(amplitudeOf(level)) - level) < 1e-9);
});

test('the gaps of a cadence are found to 5 ms', (t) => {
  const samples = played(
    {
      intro: [],
      loop: [
        { hz: [440], ms: 300 },
        { hz: [], ms: 60 },
      ],
    },
    1080,
  );
  t.deepEqual(
    gapsIn(samples, 440, 40).map(({ at, ms }) => [at, ms]),
    [
      [300, 60],
      [660, 60],
      [1020, 60],
    ],
  );
  t.deepEqual(gapsIn(samples, 440, 60), []);
});
