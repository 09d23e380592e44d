import test from 'ava';
import { lineTimingsOf, PULSE, TIMED_COUNTRIES } from '#hal/parts/line_timings.ts';

test('every country has a window in which its own recall key lies, and which no hook bounce reaches', (t) => {
  t.is(TIMED_COUNTRIES.length, 27);
  for (const country of TIMED_COUNTRIES) {
    t.regex(country, /^[A-Z]{2}$/);
    const { min, max, sent } = lineTimingsOf(country).flash;
    t.true(15 < min && min <= sent && sent <= max, country);
    t.true(max > 1000 / PULSE.slowest - 50, `${country}: a dial's break is no hang-up`);
  }
});

test('countries that do as no others do', (t) => {
  t.deepEqual(lineTimingsOf('us').flash, { min: 300, max: 1000, sent: 600 });
  t.deepEqual(lineTimingsOf('FR').flash, { min: 190, max: 330, sent: 270 });
  t.deepEqual(
    ['SE', 'NZ', 'NO', 'DE'].map((country) => lineTimingsOf(country).coding),
    ['SE', 'NZ', 'standard', 'standard'],
  );
  t.deepEqual(
    ['US', 'DE', 'FR', 'JP', 'GB'].map((country) => Math.round(lineTimingsOf(country).ringHertz * 10) / 10),
    [20, 25, 50, 16.7, 25],
  );
});

test('a country that nobody knows has timings to work with', (t) => {
  for (const country of ['XX', '', 'constructor', '__proto__', 'toString'])
    t.deepEqual(lineTimingsOf(country), {
      flash: { min: 80, max: 900, sent: 100 },
      coding: 'standard',
      ringHertz: 25,
      callerId: 'etsi-between-rings',
    });
});
