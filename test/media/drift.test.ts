import test from 'ava';
import { DriftControl } from '#media/drift.ts';
import { seededRandom } from '../support/mutate.ts';

interface Story {
  readonly ppm: number;
  readonly hours: number;
  /** ms by which a measured level may be wrong. */
  readonly noise?: number;
  readonly target?: number;
  /** Level at first, ms. */
  readonly level?: number;
}

/** Lets a buffer between two clocks be measured every 20 ms; what its level was in each second. */
function run({ ppm, hours, noise = 0, target, level: first = 40 }: Story) {
  const random = seededRandom(Math.abs(ppm) + 1);
  const control = new DriftControl(target);
  const levels: number[] = [];
  const corrections: number[] = [];
  let level = first;
  for (let n = 0; n < hours * 180_000; n++) {
    level += 20 * (ppm * 1e-6 - control.correction);
    control.measure(level + (random() - 0.5) * 2 * noise, n * 20);
    if (n % 50 === 0) {
      levels.push(level);
      corrections.push(control.correction);
    }
  }
  return { control, levels, corrections };
}

const farthest = (values: readonly number[], from: number): number =>
  values.reduce((worst, value) => Math.max(worst, Math.abs(value - from)), 0);

for (const ppm of [-400, -200, -20, 0, 20, 200, 400]) {
  test(`over three hours a drift of ${ppm} ppm moves the level by 4 ms at most and is learned`, (t) => {
    const { control, levels } = run({ ppm, hours: 3 });
    t.true(farthest(levels, 40) < 4, `${farthest(levels, 40)} ms`);
    t.true(farthest(levels.slice(600), levels[600] ?? 0) < 0.1);
    t.true(Math.abs(control.drift - ppm * 1e-6) < 1e-6);
  });
}

test('jitter of 20 ms in what is measured is hardly followed', (t) => {
  const { levels, corrections } = run({ ppm: 200, hours: 2, noise: 20 });
  t.true(farthest(levels, 40) < 12);
  t.true(farthest(corrections.slice(600), 200e-6) < 700e-6);
});

test('a level far from its target comes back, never faster than a part in a thousand', (t) => {
  const { levels, corrections } = run({ ppm: -200, hours: 0.1, target: 20, level: 60 });
  t.true(farthest(corrections, 0) <= 1e-3);
  t.true(Math.abs((levels.at(-1) ?? 0) - 20) < 0.1);
  t.true(Math.min(...levels) > 17, 'it hardly overshoots');
});

test('a new aim keeps what was learned of the clocks', (t) => {
  const { control } = run({ ppm: 150, hours: 0.5 });
  control.aimAt();
  t.true(Math.abs(control.correction - 150e-6) < 2e-6);
  for (let n = 0; n < 500; n++) control.measure(70, n * 20);
  t.true(Math.abs(control.correction - 150e-6) < 2e-6, 'the level found next is the new aim');
  control.aimAt(50);
  for (let n = 0; n < 100; n++) control.measure(70, 20_000 + n * 20);
  t.true(control.correction > 1e-4);
});

test('measurements that pause for an hour do not make the control leap', (t) => {
  const control = new DriftControl(40);
  for (let n = 0; n < 200; n++) control.measure(41, n * 20);
  const before = control.correction;
  control.measure(41, 3_600_000);
  t.true(Math.abs(control.correction - before) < 1e-4);
});
