import test from 'ava';
import { toneOfKey } from '#media/dtmf.ts';
import { ToneGenerator } from '#media/tone.ts';
import { COUNTRIES, tonesOf } from '#media/tones_by_country.ts';
import { dbm0At } from '../support/goertzel.ts';

const silent = (ms: number) => ({ hz: [], ms });

test('well-known countries have their tones', (t) => {
  t.deepEqual(tonesOf('US').dial.loop, [{ hz: [350, 440], ms: 0 }]);
  t.deepEqual(tonesOf('US').ringback.loop, [{ hz: [440, 480], ms: 2000 }, silent(4000)]);
  t.deepEqual(tonesOf('gb').ring, [400, 200, 400, 2000]);
  t.deepEqual(tonesOf('NL').busy.loop, [{ hz: [425], ms: 500 }, silent(500)]);
  t.deepEqual(tonesOf('DE').busy.loop, [{ hz: [425], ms: 480 }, silent(480)]);
  t.deepEqual(tonesOf('JP').ringback.loop, [{ hz: [400, 16], ms: 1000, am: true }, silent(2000)]);
  t.is(tonesOf('US').specialInformation.intro.length, 3);
});

test('an unknown country has the tones that ITU-T E.180 recommends', (t) => {
  for (const code of ['XX', '', 'constructor', '__proto__']) {
    t.is(tonesOf(code).name, 'ITU-T E.180');
    t.deepEqual(tonesOf(code).dial.loop, [{ hz: [425], ms: 0 }]);
  }
});

test('where congestion is not published, it is busy at twice the speed', (t) => {
  const { busy, congestion } = tonesOf('RO');
  t.deepEqual(
    congestion.loop.map(({ ms }) => ms * 2),
    busy.loop.map(({ ms }) => ms),
  );
});

test('where messages wait the dial tone stutters, as the country has it or six times', (t) => {
  const { dial, stutterDial } = tonesOf('US');
  t.deepEqual(stutterDial.loop, dial.loop);
  t.is(stutterDial.intro.length, 12);
  t.deepEqual(stutterDial.intro.slice(0, 2), [{ hz: [350, 440], ms: 100 }, silent(100)]);
  t.deepEqual(tonesOf('NL').stutterDial, {
    ...tonesOf('NL').dial,
    loop: [{ hz: [425], ms: 500 }, silent(50)],
  });
  t.deepEqual(tonesOf('XX').stutterDial.intro.length, 12);
});

test('every country’s tones can be played, and are heard', (t) => {
  t.true(COUNTRIES.length > 70);
  for (const code of COUNTRIES) {
    const { name: _, ring, ...tones } = tonesOf(code);
    t.true(ring.length % 2 === 0 && ring.every((ms) => ms > 0), code);
    for (const tone of Object.values(tones)) {
      for (const { hz, ms } of [...tone.intro, ...tone.loop]) {
        t.true(ms >= 0 && hz.length <= 4, code);
        t.true(
          hz.every((frequency) => frequency > 0 && frequency < 4000),
          code,
        );
      }
      const samples = new Int16Array(8000);
      new ToneGenerator(tone).addTo(samples);
      t.true(
        samples.some((sample) => Math.abs(sample) > 100),
        code,
      );
    }
  }
});

test('a key sounds as its pair of frequencies', (t) => {
  const pairs = {
    1: [697, 1209],
    5: [770, 1336],
    '#': [941, 1477],
    D: [941, 1633],
    '*': [941, 1209],
  } as const;
  for (const [key, pair] of Object.entries(pairs)) {
    const samples = new Int16Array(800);
    new ToneGenerator(toneOfKey(key as keyof typeof pairs & '5', 100)).addTo(samples);
    for (const hz of pair) t.true(Math.abs(dbm0At(samples, hz) + 9) < 0.5, `${key}: ${hz}`);
  }
});
