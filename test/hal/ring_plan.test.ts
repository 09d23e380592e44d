import test from 'ava';
import fc from 'fast-check';
import {
  AT_REST,
  LONGEST_BURST,
  nextPins,
  pinsAt,
  type RingPlan,
  safeCadence,
} from '#hal/parts/ring_plan.ts';

const HERTZ = [1000 / 60, 20, 25, 50];
const AMERICAN = [2000, 4000];
const BRITISH = [400, 200, 400, 2000];

/** Pins by the time (ms, in thousandths) at which they change. */
function course(plan: RingPlan, until: number) {
  const seen: { readonly at: number; readonly pins: ReturnType<typeof pinsAt> }[] = [];
  for (let ms = 0; ms < until && seen.length < 10_000; ms = nextPins(plan, ms))
    seen.push({ at: Math.round(ms * 1000) / 1000, pins: pinsAt(plan, ms) });
  return seen;
}

const plan = (hertz: number, cadence: readonly number[], toggling: RingPlan['toggling']): RingPlan => ({
  timeline: safeCadence(cadence),
  hertz,
  toggling,
});

test('F/R turns over every half period, for every frequency, exactly', (t) => {
  for (const hertz of HERTZ) {
    const half = 500 / hertz;
    const burst = course(plan(hertz, AMERICAN, 'software'), 2000);
    const toggles = burst.filter(
      ({ pins }, index) => index === 0 || pins.forwardReverse !== burst[index - 1]?.pins.forwardReverse,
    );
    for (const [index, { at, pins }] of toggles.entries()) {
      t.true(Math.abs(at - index * half) < 0.002, `${hertz} Hz, toggle ${index} at ${at}`);
      t.is(pins.forwardReverse, index % 2 === 0);
      t.true(pins.ringMode);
    }
    t.true(toggles.length >= Math.floor(1990 / half) - 1);
  }
});

test('F/R rests 10 ms and more before RM falls, and RM falls when the cadence says', (t) => {
  for (const hertz of HERTZ)
    for (const toggling of ['software', 'pwm'] as const)
      for (const cadence of [AMERICAN, BRITISH, [1000, 4000], [333, 777]]) {
        const seen = course(plan(hertz, cadence, toggling), 12_000);
        for (const [index, { at, pins }] of seen.entries()) {
          const before = seen[index - 1];
          if (pins.ringMode) continue;
          t.deepEqual(pins, AT_REST);
          t.false(before?.pins.forwardReverse);
          t.true(at - (before?.at ?? 0) >= 10 - 0.002);
          t.true(
            cadence.some((_, count) => isEnd(at, cadence, count)),
            `falls at ${at}`,
          );
        }
      }
});

function isEnd(at: number, cadence: readonly number[], count: number): boolean {
  const period = cadence.reduce((sum, ms) => sum + ms, 0);
  const end = cadence.slice(0, count + 1).reduce((sum, ms) => sum + ms, 0);
  return Math.abs((at % period) - end) < 0.01;
}

test('with a PWM channel the pins change only where a burst begins, ends and is released', (t) => {
  t.deepEqual(course(plan(25, [1000, 4000], 'pwm'), 5001), [
    { at: 0, pins: { ringMode: true, forwardReverse: 'alternating' } },
    { at: 980, pins: { ringMode: true, forwardReverse: false } },
    { at: 1000, pins: AT_REST },
    { at: 5000, pins: { ringMode: true, forwardReverse: 'alternating' } },
  ]);
});

test('no cadence makes a burst longer than two seconds, or one that never ends', (t) => {
  const cadences = fc.array(fc.double({ min: -10, max: 20_000, noNaN: false }), { maxLength: 9 });
  fc.assert(
    fc.property(cadences, fc.constantFrom(...HERTZ), (cadence, hertz) => {
      const seen = course(plan(hertz, cadence, 'pwm'), 100_000);
      let began: number | undefined;
      return (
        seen.every(({ at, pins }) => {
          if (pins.ringMode) began ??= at;
          const length = at - (began ?? at);
          if (!pins.ringMode) began = undefined;
          return length <= LONGEST_BURST + 0.01;
        }) && pinsAt(plan(hertz, cadence, 'pwm'), Number.MAX_SAFE_INTEGER) !== undefined
      );
    }),
    { numRuns: 2000 },
  );
  t.deepEqual(safeCadence([5000, 1000]), [
    { level: 1, ms: 2000 },
    { level: 0, ms: 3000 },
    { level: 0, ms: 1000 },
  ]);
  t.deepEqual(safeCadence([1500, 0, 1500, 1000]), [
    { level: 1, ms: 2000 },
    { level: 0, ms: 1000 },
    { level: 0, ms: 1000 },
  ]);
  t.deepEqual(safeCadence([500]), [
    { level: 1, ms: 500 },
    { level: 0, ms: 1000 },
  ]);
});
