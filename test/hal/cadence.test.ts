import test from 'ava';
import fc from 'fast-check';
import { LAMPS, levelAt, nextChange, onAndOff, spanAt, switched, type Timeline } from '#hal/parts/cadence.ts';

/** Levels as they are found by who comes at each change: [ms, level]. */
function course(timeline: Timeline, until: number): [number, number][] {
  const seen: [number, number][] = [];
  for (let ms = 0; ms < until && seen.length < 1000; ms = nextChange(timeline, ms))
    seen.push([ms, levelAt(timeline, ms)]);
  return seen;
}

test('a lamp that is off or on stays so', (t) => {
  t.deepEqual(course(LAMPS.off, 1e9), [[0, 0]]);
  t.deepEqual(course(LAMPS.on, 1e9), [[0, 1]]);
});

test('slow, fast and double blink as on the page', (t) => {
  t.deepEqual(course(LAMPS.slow, 2000), [
    [0, 1],
    [500, 0],
    [1000, 1],
    [1500, 0],
  ]);
  t.deepEqual(course(LAMPS.fast, 500), [
    [0, 1],
    [125, 0],
    [250, 1],
    [375, 0],
  ]);
  t.deepEqual(course(LAMPS.double, 1500), [
    [0, 1],
    [150, 0],
    [300, 1],
    [450, 0],
    [1200, 1],
    [1350, 0],
  ]);
});

test('breathing goes down to a glimmer and up again in three seconds, in small steps', (t) => {
  const seen = course(LAMPS.breathing, 3000);
  const levels = seen.map(([, level]) => level);
  t.is(levels[0], 1);
  t.true(Math.abs(levelAt(LAMPS.breathing, 1500) - 0.15) < 1e-9);
  t.is(Math.max(...levels), 1);
  t.true(Math.min(...levels) > 0);
  for (let index = 1; index < levels.length; index++)
    t.true(Math.abs((levels[index] ?? 0) - (levels[index - 1] ?? 0)) < 0.12);
  t.is(levelAt(LAMPS.breathing, 3000), 1);
});

test('a lamp that cannot be dimmed breathes by going on and off once in three seconds', (t) => {
  const seen = course(switched(LAMPS.breathing), 30_000);
  t.deepEqual(seen.map(([, level]) => level).slice(0, 4), [1, 0, 1, 0]);
  t.is((seen[3]?.[0] ?? 0) - (seen[1]?.[0] ?? 0), 3000);
});

test('a cadence rings and pauses by its times, however late it is', (t) => {
  const british = onAndOff([400, 200, 400, 2000]);
  t.deepEqual(course(british, 3500), [
    [0, 1],
    [400, 0],
    [600, 1],
    [1000, 0],
    [3000, 1],
    [3400, 0],
  ]);
  t.is(levelAt(british, 3_000_000 * 1000 + 700), 1);
});

test('an odd number of times flows into the next round', (t) => {
  t.deepEqual(spanAt(onAndOff([400, 200, 300]), 950), { level: 1, from: 600, until: 1300 });
  t.deepEqual(spanAt(onAndOff([400, 200, 300]), 100), { level: 1, from: -300, until: 400 });
  t.is(nextChange(onAndOff([1000]), 0), Number.POSITIVE_INFINITY);
});

test('times that are none are left out; a cadence of nothing is silence', (t) => {
  t.deepEqual(onAndOff([500, 0.5, 300, Number.NaN, -5, 1000, Number.POSITIVE_INFINITY]), [
    { level: 1, ms: 500 },
    { level: 1, ms: 300 },
    { level: 0, ms: 1000 },
  ]);
  for (const none of [[], [0], [Number.NaN], [-1, -1]]) t.deepEqual(course(onAndOff(none), 1e6), [[0, 0]]);
  t.is(levelAt([], 5), 0);
  t.is(nextChange([], 5), Number.POSITIVE_INFINITY);
});

test('spans are contiguous, alternate and hold the moment asked for, whatever the cadence', (t) => {
  const times = fc.array(fc.double({ min: 1, max: 5000, noNaN: true }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 100_000, noNaN: true }), (cadence, ms) => {
      const timeline = onAndOff(cadence);
      const here = spanAt(timeline, ms);
      const next = spanAt(timeline, here.until);
      return (
        here.from <= ms + 0.01 &&
        ms < here.until + 0.01 &&
        next.level !== here.level &&
        Math.abs(next.from - here.until) < 0.01 &&
        next.until > here.until
      );
    }),
    { numRuns: 5000 },
  );
  t.pass();
});
