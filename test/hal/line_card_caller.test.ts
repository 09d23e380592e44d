/** What a telephone on a line is told of who calls, and when. */
import test from 'ava';
import { callerIdSchemeOf, PROCEDURES } from '#hal/parts/caller_id_procedure.ts';
import { callerIdSound } from '#media/caller_id.ts';
import { COUNTRIES, tonesOf } from '#media/tones_by_country.ts';
import { ALICE, LineStand } from '../support/line_stand.ts';

const TIME = { month: 11, day: 20, hour: 4, minute: 34 };

/** A call comes, is told and answered in the second ring. */
function story(country: string, change: ConstructorParameters<typeof LineStand>[1] = {}) {
  const line = new LineStand(country, change);
  const from = line.now;
  line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller: ALICE });
  line.run(8000);
  return {
    line,
    felt: line.felt(from),
    events: line.events().map(({ at, value }) => ({ at: at - from, value })),
  };
}

test('in America the caller is told between the first two rings, in the middle of the pause', (t) => {
  const { felt, events } = story('US');
  t.deepEqual(
    felt.slice(0, 3).map(([what]) => what),
    ['ring', 'quiet', 'ring'],
  );
  t.is(felt[2]?.[1], 6000);
  t.deepEqual(events, [
    { at: 2600, value: { kind: 'caller-id', scheme: 'bellcore', caller: ALICE, hook: 'on' } },
  ]);
});

test('in Great Britain the line is turned over, the caller told, then it rings', (t) => {
  const { felt, events } = story('GB');
  t.deepEqual(felt[0], ['reversed', 0]);
  t.deepEqual(events, [
    { at: 150, value: { kind: 'caller-id', scheme: 'sin227', caller: ALICE, hook: 'on' } },
  ]);
  const rings = felt.filter(([what]) => what === 'ring');
  t.true((rings[0]?.[1] ?? 0) > 1200 && (rings[0]?.[1] ?? 0) < 2000);
  t.deepEqual(
    rings.slice(0, 3).map(([, at]) => at - (rings[0]?.[1] ?? 0)),
    [0, 600, 3000],
  );
});

test('by keys the line is turned over for as long as they take', (t) => {
  const { felt, events } = story('SE');
  t.is(events[0]?.at, 300);
  t.like(events[0]?.value, { kind: 'caller-id', scheme: 'dtmf' });
  const ring = felt.find(([what]) => what === 'ring')?.[1] ?? 0;
  t.true(ring > 300 + 12 * 140 && ring < 3000, `${ring}`);
});

test('after a ring pulse of 250 ms the caller is told, then it rings', (t) => {
  const { felt, events } = story('DE', { callerId: 'etsi-ring-pulse' });
  t.deepEqual(
    felt.slice(0, 2).map(([what]) => what),
    ['ring', 'quiet'],
  );
  t.true((felt[1]?.[1] ?? 0) >= 200 && (felt[1]?.[1] ?? 0) <= 250);
  const told = events[0]?.at ?? 0;
  t.true(told >= 250 + 500 && told <= 250 + 800, `${told}`);
  const rings = felt.filter(([what]) => what === 'ring').map(([, at]) => at);
  t.true((rings[1] ?? 0) > told + 600);
  t.is((rings[2] ?? 0) - (rings[1] ?? 0), 5000);
});

test('in every country the sound ends 200 ms and more before the next ring, if there is room for it at all', (t) => {
  let told = 0;
  const longest = { number: '12345678901234567890', name: 'A NAME OF 15 CH' };
  for (const country of COUNTRIES)
    for (const caller of [ALICE, longest, {}, { withheld: true }]) {
      const line = new LineStand(country);
      const from = line.now;
      line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller });
      line.run(20_000);
      const [first, ...others] = line.events();
      t.deepEqual(others, [], country);
      if (first?.value.kind !== 'caller-id') continue;
      told++;
      const { scheme } = first.value;
      const sound = callerIdSound(scheme, country, caller, TIME).length / 8;
      const next = line.felt(from).find(([what, at]) => what === 'ring' && at > first.at - from)?.[1] ?? 0;
      t.true(
        first.at - from + sound + 200 <= next - 100,
        `${country}: ${next - first.at + from} for ${sound}`,
      );
    }
  // Cadences without a pause: LK. Japan.
  t.true(told >= 4 * (COUNTRIES.length - 3), `${told}`);
});

test('every scheme of a country has its procedure', (t) => {
  for (const country of COUNTRIES) {
    const scheme = callerIdSchemeOf(country);
    if (country === 'JP') t.is(scheme, undefined);
    else t.truthy(scheme && PROCEDURES[scheme]);
  }
  t.is(callerIdSchemeOf('constructor'), 'etsi-between-rings');
});

test('without a caller, or where nobody is told, it only rings', (t) => {
  for (const [country, caller] of [
    ['US', undefined],
    ['GB', undefined],
    ['JP', ALICE],
  ] as const) {
    const line = new LineStand(country);
    const from = line.now;
    line.give({ kind: 'ring', cadence: [1000, 4000], caller });
    line.run(7000);
    t.deepEqual(line.values(), []);
    t.is(line.felt(from)[0]?.[0], 'ring');
    t.is(line.felt(from)[0]?.[1], 0);
  }
});

test('nobody is told who has lifted the handset meanwhile', (t) => {
  for (const country of ['US', 'GB', 'SE']) {
    const line = new LineStand(country);
    line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller: ALICE });
    line.run(country === 'US' ? 2100 : 100);
    line.telephone.lift();
    line.run(8000);
    t.deepEqual(line.values(), [{ kind: 'hook', state: 'off' }]);
  }
});

test('a second caller is told to who talks, and to nobody else', (t) => {
  const line = new LineStand('US');
  line.give({ kind: 'call-waiting', caller: ALICE });
  t.deepEqual(line.values(), []);
  line.telephone.lift();
  line.run(500);
  line.give({ kind: 'call-waiting', caller: ALICE });
  t.deepEqual(line.values(), [
    { kind: 'hook', state: 'off' },
    { kind: 'caller-id', scheme: 'bellcore', caller: ALICE, hook: 'off' },
  ]);
});
