import test from 'ava';
import { levelOf } from '#media/level.ts';
import { Ringer } from '#media/ringer.ts';
import { dbm0At } from '../support/goertzel.ts';

function played(ringer: Ringer, ms: number, frame = 160): Int16Array {
  const samples = new Int16Array(ms * 8);
  for (let at = 0; at + frame <= samples.length; at += frame) ringer.addTo(samples.subarray(at, at + frame));
  return samples;
}

test('a bell keeps its cadence to the sample', (t) => {
  for (const frame of [160, 40]) {
    const samples = played(new Ringer([405, 200, 400, 1995]), 6000, frame);
    const sounds = (ms: number): boolean => {
      const at = ms % 3000;
      return at < 405 || (at >= 605 && at < 1005);
    };
    for (let ms = 0; ms < 6000; ms += 5)
      t.is(levelOf(samples.subarray(ms * 8, ms * 8 + 40)) > -60, sounds(ms), `at ${ms} ms`);
  }
});

test('two gongs are heard by turns', (t) => {
  const samples = played(new Ringer([1000, 1000]), 1000);
  t.true(dbm0At(samples.subarray(0, 160), 1067) > -14);
  t.true(dbm0At(samples.subarray(160, 320), 1333) > -14);
});

test('a recording begins anew with each ring', (t) => {
  let at = 0;
  let restarts = 0;
  const ringer = new Ringer([20, 20], {
    restart: () => {
      at = 0;
      restarts++;
    },
    read: (frame) => {
      for (let i = 0; i < frame.length; i++) frame[i] = ++at;
    },
  });
  const samples = played(ringer, 120);
  t.is(samples[0], 1);
  t.is(samples[320], 1);
  t.is(samples[200], 0);
  t.is(restarts, 3);
});

test('cadences of nothing are silent', (t) => {
  for (const cadence of [[], [0], [0, 0], [Number.NaN]])
    t.true(played(new Ringer(cadence), 100).every((sample) => sample === 0));
});

test('a bell that is allowed a second is silent after it, and rings on in step once it is allowed more', (t) => {
  const cadence = [400, 200];
  const unlimited = played(new Ringer(cadence), 5000);
  const ringer = new Ringer(cadence);
  ringer.allow(1000);
  t.deepEqual(played(ringer, 1000), unlimited.subarray(0, 8000));
  t.true(played(ringer, 2000).every((sample) => sample === 0));
  ringer.allow(1000);
  // As the cadence goes on, not as it began.
  const again = played(ringer, 1000);
  for (let ms = 0; ms < 1000; ms += 20)
    t.is(levelOf(again.subarray(ms * 8, ms * 8 + 160)) > -60, (3000 + ms) % 600 < 400, `at ${ms} ms`);
  for (let renewals = 0; renewals < 10; renewals++) {
    ringer.allow(1000);
    t.true(played(ringer, 500).some((sample) => sample !== 0));
  }
});
