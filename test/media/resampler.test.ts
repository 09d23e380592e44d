import test from 'ava';
import fc from 'fast-check';
import { Resampler } from '#media/resampler.ts';
import { dbm0At, frequencyOf, sine } from '../support/goertzel.ts';
import { seededRandom } from '../support/mutate.ts';

/** Everything that comes out when `input` goes in, in pieces of `piece` samples out. */
function through(resampler: Resampler, input: Int16Array, piece = 160): Int16Array {
  const out: number[] = [];
  const frame = new Int16Array(piece);
  for (let at = 0; ; ) {
    const needed = resampler.needed(piece);
    if (at + needed > input.length) return Int16Array.from(out);
    resampler.push(input.subarray(at, at + needed));
    at += needed;
    if (!resampler.pull(frame)) throw new Error('what was needed did not suffice');
    out.push(...frame);
  }
}

/** The largest step between two samples beyond what a sine of `hz` does. */
function roughness(samples: Int16Array, hz: number, rate: number): number {
  let worst = 0;
  const turn = 2 * Math.cos((2 * Math.PI * hz) / rate);
  for (let i = 2; i < samples.length; i++) {
    const expected = turn * (samples[i - 1] ?? 0) - (samples[i - 2] ?? 0);
    worst = Math.max(worst, Math.abs((samples[i] ?? 0) - expected));
  }
  return worst;
}

for (const rate of [11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000]) {
  test(`tones survive from ${rate} Hz to 8 kHz and back, and nothing folds over`, (t) => {
    for (const hz of [300, 1004, 2500, 3100]) {
      const down = through(new Resampler(rate, 8000), sine(hz, 1200, 8000, rate)).subarray(400, 8400);
      t.true(Math.abs(frequencyOf(down) - hz) <= 1, `${hz} Hz down`);
      t.true(Math.abs(dbm0At(down, hz) - dbm0At(sine(hz, 1000), hz)) < 0.5, `level of ${hz} Hz down`);
      const up = through(new Resampler(8000, rate), sine(hz, 1200)).subarray(rate / 20, rate);
      t.true(Math.abs(dbm0At(up, hz, rate) - dbm0At(sine(hz, 1000), hz)) < 0.5, `level of ${hz} Hz up`);
      if (8000 - hz < rate / 2) t.true(dbm0At(up, 8000 - hz, rate) < -55, `mirror of ${hz} Hz`);
    }
    if (rate >= 16_000) {
      const folded = through(new Resampler(rate, 8000), sine(5000, 1200, 8000, rate)).subarray(400, 8400);
      t.true(dbm0At(folded, 3000) < -50, 'what lies above 4 kHz is no tone below it');
    }
  });
}

test('equal rates without correction give the very samples', (t) => {
  const random = seededRandom(1);
  const input = Int16Array.from({ length: 1600 }, () => Math.floor(random() * 65536) - 32768);
  const resampler = new Resampler(8000, 8000);
  const output = through(resampler, input);
  t.deepEqual(output.subarray(resampler.delay), input.subarray(0, output.length - resampler.delay));
});

test('a stream is taken up where it stands', (t) => {
  const tone = sine(1000, 400);
  const resampler = new Resampler(8000, 8000);
  resampler.resume(tone.subarray(0, 1600));
  const rest = through(resampler, tone.subarray(1600));
  t.deepEqual(rest, tone.subarray(1600, 1600 + rest.length));
});

test('a correction that changes at every frame makes no click', (t) => {
  const resampler = new Resampler(8000, 8000);
  const random = seededRandom(2);
  const input = sine(1000, 60_000);
  const out: number[] = [];
  const frame = new Int16Array(160);
  for (let at = 0; ; ) {
    resampler.correction = (random() - 0.5) * 2e-3;
    const needed = resampler.needed(160);
    if (at + needed > input.length) break;
    resampler.push(input.subarray(at, at + needed));
    at += needed;
    t.true(resampler.pull(frame));
    out.push(...frame);
  }
  const heard = Int16Array.from(out).subarray(160);
  t.true(roughness(heard, 1000, 8000) < 25, `${roughness(heard, 1000, 8000)}`);
});

test('a correction uses up that much more', (t) => {
  for (const correction of [-200e-6, 200e-6]) {
    const resampler = new Resampler(8000, 8000);
    resampler.correction = correction;
    const used = 8000 * 120;
    const given = through(resampler, new Int16Array(used), 1).length;
    t.true(Math.abs(used / given - 1 - correction) < 20e-6);
  }
});

test('the samples do not depend on the pieces', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }),
        fc.constantFrom(8000, 11_025, 44_100, 48_000),
        fc.constantFrom(8000, 44_100, 48_000),
        (piece, from, to) => {
          const input = sine(700, 100, 9000, from);
          const whole = through(new Resampler(from, to), input, 1);
          const pieces = through(new Resampler(from, to), input, piece);
          // Rounding decides on which side of the input's last sample an output lies: one may be missing there.
          if (whole.length < pieces.length - 1) return false;
          return whole.every((sample, i) => i >= pieces.length || Math.abs(sample - (pieces[i] ?? 0)) <= 1);
        },
      ),
      // Pieces whose last sample lies so near to one of the input that rounding decides which side it is on.
      {
        numRuns: 60,
        examples: [
          [9, 44_100, 8000],
          [3, 44_100, 8000],
        ],
      },
    ),
  );
});

test('too much input is lost, not remembered', (t) => {
  const resampler = new Resampler(48_000, 8000);
  for (let n = 0; n < 1000; n++) resampler.push(new Int16Array(960).fill(100));
  const frame = new Int16Array(160);
  let frames = 0;
  while (resampler.pull(frame)) frames++;
  t.true(frames <= 11);
  t.is(frame[80], 100);
});

test('what is said to be ready can be pulled, and not one sample more', (t) => {
  const random = seededRandom(3);
  for (const [from, to] of [
    [8000, 48_000],
    [44_100, 8000],
    [8000, 8000],
  ] as const) {
    const resampler = new Resampler(from, to);
    const out = new Int16Array(20_000);
    for (let n = 0; n < 300; n++) {
      resampler.correction = (random() - 0.5) * 1e-3;
      resampler.push(new Int16Array(Math.floor(random() * 200)));
      const { ready } = resampler;
      t.false(resampler.pull(out, ready + 1));
      if (ready > 0) t.true(resampler.pull(out, ready));
      t.is(resampler.ready, 0);
    }
  }
});
