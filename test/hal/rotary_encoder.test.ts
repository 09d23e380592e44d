import test from 'ava';
import fc from 'fast-check';
import { type QuartersPerDetent, RotaryEncoder, type RotaryEncoderInput } from '#hal/parts/rotary_encoder.ts';
import { among, between, bounce } from '../support/bounce.ts';
import { seededRandom } from '../support/mutate.ts';

/** Levels of a and b at rest (4 quarters a detent), then through a cycle clockwise. */
const CYCLE = [
  [true, true],
  [false, true],
  [false, false],
  [true, false],
] as const;

type Level = Extract<RotaryEncoderInput, { kind: 'level' }>;

/** Levels of both contacts, starting at rest, while the shaft turns by so many quarters (negative: anticlockwise). */
function turned(quarters: readonly number[]): Level[] {
  const levels: Level[] = [
    { kind: 'level', contact: 'a', closed: true },
    { kind: 'level', contact: 'b', closed: true },
  ];
  let place = 0;
  for (const count of quarters)
    for (let done = 0; done < Math.abs(count); done++) {
      const before = CYCLE[place] ?? CYCLE[0];
      place = (place + Math.sign(count) + 4) % 4;
      const [a, b] = CYCLE[place] ?? CYCLE[0];
      levels.push(
        a === before[0]
          ? { kind: 'level', contact: 'b', closed: b }
          : { kind: 'level', contact: 'a', closed: a },
      );
    }
  return levels;
}

function steps(encoder: RotaryEncoder, levels: readonly Level[]): number[] {
  return levels.flatMap((level) => encoder.handle(level)).map(({ step }) => step);
}

test('each detent is one step, in its direction', (t) => {
  for (const quarters of [1, 2, 4] as const) {
    const given = turned([3 * quarters, -2 * quarters, quarters]);
    t.deepEqual(steps(new RotaryEncoder(quarters), given), [1, 1, 1, -1, -1, 1]);
  }
});

test('an encoder that rests with both contacts open counts the same', (t) => {
  const inverted = turned([4, -8]).map((level) => ({ ...level, closed: !level.closed }));
  t.deepEqual(steps(new RotaryEncoder(), inverted), [1, -1, -1]);
});

test('a shaft that is turned half-way and back has not moved', (t) => {
  t.deepEqual(steps(new RotaryEncoder(), turned([2, -2, -3, 3, 1, -1])), []);
});

test('ten thousand turns with bounce: no step lost, none invented', (t) => {
  const random = seededRandom(60);
  for (let trace = 0; trace < 10_000; trace++) {
    const quarters = ([2, 4] as const)[trace % 2] ?? 4;
    const detents = Array.from({ length: 3 }, () => among(random, -3, 3));
    const levels = turned(detents.map((count) => count * quarters));
    const bouncing = levels.flatMap((level, index) =>
      index < 2
        ? [level]
        : bounce(random, 0, level.closed, between(random, 0, 15)).map(({ closed }) => ({ ...level, closed })),
    );
    const expected = detents.flatMap((count) =>
      Array.from({ length: Math.abs(count) }, () => Math.sign(count)),
    );
    t.deepEqual(steps(new RotaryEncoder(quarters), bouncing), expected, `trace ${trace}`);
  }
});

test('a lost edge costs no more than its own step, and never turns the direction round', (t) => {
  for (const direction of [1, -1])
    for (let lost = 2; lost < 14; lost++) {
      const levels = turned([4 * direction, 4 * direction, 4 * direction]).filter(
        (_, index) => index !== lost,
      );
      const found = steps(new RotaryEncoder(), levels);
      t.true(found.length >= 2, `without edge ${lost}`);
      t.true(found.every((step) => step === direction));
    }
});

test('it survives any order of levels and never waits', (t) => {
  const level = fc.record({
    kind: fc.constant('level' as const),
    contact: fc.constantFrom('a' as const, 'b' as const),
    closed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(level), fc.constantFrom<QuartersPerDetent>(1, 2, 4), (levels, quarters) => {
      const encoder = new RotaryEncoder(quarters);
      const found = steps(encoder, levels);
      return found.length * quarters <= 2 * levels.length && encoder.deadline === Number.POSITIVE_INFINITY;
    }),
    { numRuns: 3000 },
  );
  t.deepEqual(new RotaryEncoder().handle({ kind: 'tick' }), []);
});
