import test from 'ava';
import { PacedClock } from '#engine/sound/paced_clock.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { pause } from './support.ts';

function clock() {
  const counts = { beats: 0, missed: 0 };
  const paced = new PacedClock(
    () => {
      counts.beats++;
    },
    (missed) => {
      counts.missed += missed;
    },
  );
  return { paced, counts };
}

test(
  'without a card it beats by itself; with one only as the card counts',
  undisturbed(async (t) => {
    const { paced, counts } = clock();
    paced.beat(5);
    t.is(counts.beats, 0, 'not started');
    paced.start();
    await pause(210);
    t.true(counts.beats >= 8 && counts.beats <= 11);
    const before = counts.beats;
    for (let n = 0; n < 10; n++) {
      paced.beat(1);
      await pause(15);
    }
    t.is(counts.beats - before, 10);
    t.true(paced.paced);
    paced.stop();
    paced.beat(1);
    t.is(counts.beats - before, 10);
  }),
);

test(
  'when the card falls silent its own beats take over, and time goes on',
  undisturbed(async (t) => {
    const { paced, counts } = clock();
    paced.start();
    paced.beat(1);
    const begin = performance.now();
    await pause(400);
    const frames = (performance.now() - begin) / 20;
    t.false(paced.paced);
    t.true(Math.abs(counts.beats + counts.missed - frames) <= 3, `${counts.beats} + ${counts.missed}`);
    t.true(counts.missed <= 10);
    paced.beat(1);
    t.true(paced.paced, 'and the card is believed again');
    paced.stop();
  }),
);

test('a long stall of the card is made up for in part and told in part', (t) => {
  const { paced, counts } = clock();
  paced.start();
  paced.beat(25);
  t.deepEqual(counts, { beats: 10, missed: 15 });
  paced.stop();
});
