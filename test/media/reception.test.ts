import test from 'ava';
import fc from 'fast-check';
import { Reception } from '#media/reception.ts';

function received(sequences: readonly number[]): Reception {
  const reception = new Reception(1, sequences[0] ?? 0);
  for (const sequence of sequences) reception.update(sequence & 0xffff);
  return reception;
}

test('expected, received and lost packets are counted over the wrap of the sequence number', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }),
      (first, arrives) => {
        const all = [true, ...arrives, true].flatMap((comes, i) => (comes ? [first + i] : []));
        const reception = received(all);
        t.is(reception.expected, arrives.length + 2);
        t.is(reception.received, all.length);
        t.is(reception.lost, arrives.length + 2 - all.length);
        t.is(reception.extendedHighest, first + arrives.length + 1);
      },
    ),
  );
});

test('swapped packets are not lost', (t) => {
  t.is(received([10, 12, 11, 14, 13]).lost, 0);
});

test('the fraction lost is that since the last report', (t) => {
  const reception = received([0, 1, 2, 3, 4, 6, 7, 9]);
  t.is(reception.takeFractionLost(), Math.floor((2 * 256) / 10));
  for (const sequence of [10, 11, 12]) reception.update(sequence);
  t.is(reception.takeFractionLost(), 0);
  reception.update(16);
  t.is(reception.takeFractionLost(), Math.floor((3 * 256) / 4));
});

test('a leap of the sequence number counts when a second packet confirms it', (t) => {
  const reception = received([100, 101]);
  t.false(reception.update(30_000));
  t.true(reception.update(102));
  t.false(reception.update(50_000));
  t.true(reception.update(50_001));
  t.is(reception.expected, 1);
  t.is(reception.totalReceived, 4);
  t.is(reception.totalLost, 0);
});

test('jitter approaches the mean difference of transit times', (t) => {
  const steady = received([0]);
  for (let i = 0; i < 100; i++) steady.arrived(i * 160, 5000 + i * 160);
  t.is(steady.jitter, 0);
  const uneven = received([0]);
  for (let i = 0; i < 500; i++) uneven.arrived(i * 160, i * 160 + (i % 2) * 80);
  t.true(Math.abs(uneven.jitter - 80) < 1);
});

test('jitter is computed across the wrap of the timestamp', (t) => {
  const reception = received([0]);
  for (let i = 0; i < 100; i++) reception.arrived((0xffffff00 + i * 160) >>> 0, i * 160);
  t.is(reception.jitter, 0);
});
