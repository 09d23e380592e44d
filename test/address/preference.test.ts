import test from 'ava';
import fc from 'fast-check';
import type { Family } from '#address/endpoint.ts';
import { FamilyPreference } from '#address/preference.ts';

const D = 'example.com';
const HOUR = 3_600_000;

const kept = (p: number) =>
  new FamilyPreference({ attachment: 'home', destinations: [{ attachment: 'home', destination: D, p }] });
const weight = (preference: FamilyPreference, now: number) =>
  preference.weights(now).find(({ destination }) => destination === D)?.p;

test('a new destination tries IPv6 first and IPv4 50 ms later', (t) => {
  t.deepEqual(new FamilyPreference().plan(D, 0), {
    first: 6,
    headStartMs: 50,
    fresh: false,
    ignoresOptions: false,
  });
});

test('the head start is 10 ms for each unit, for whom P favours, and none at 0', (t) => {
  for (let p = -20; p <= 20; p += 1) {
    const { first, headStartMs } = kept(p).plan(D, 0);
    t.is(headStartMs, 10 * Math.abs(p));
    t.is(first, p < 0 ? 4 : 6);
  }
});

/** P, who won a race, P after it. */
const RACES: readonly (readonly [number, Family, number])[] = [
  [5, 6, 9],
  [0, 6, 2],
  [0, 4, -2],
  [-2, 4, -6],
  [18, 6, 20],
  [-20, 4, -20],
  [20, 4, 5],
  [5, 4, 2],
  [2, 4, -2],
  [1, 4, -2],
  [-20, 6, -5],
  [-1, 6, 2],
];
for (const [before, winner, after] of RACES) {
  test(`IPv${winner} wins a race at P = ${before}: ${after}`, (t) => {
    const preference = kept(before);
    preference.won(D, winner, { raced: true }, 0);
    t.is(weight(preference, 0), after);
  });
}

test('one lost race is forgotten with the next win', (t) => {
  const preference = kept(20);
  preference.won(D, 4, { raced: true }, 0);
  preference.alive(D, 6, 300);
  t.deepEqual(preference.plan(D, 1_000), { first: 6, headStartMs: 50, fresh: false, ignoresOptions: false });
  preference.won(D, 6, { raced: false }, 1_000);
  t.is(weight(preference, 1_000), 20);
});

test('a verdict is fresh for 40 s and renewed by keep-alives of its family only', (t) => {
  const preference = new FamilyPreference();
  preference.won(D, 6, { raced: false }, 0);
  t.true(preference.plan(D, 39_999).fresh);
  t.false(preference.plan(D, 40_000).fresh);
  preference.alive(D, 4, 30_000);
  t.false(preference.plan(D, 40_000).fresh);
  preference.alive(D, 6, 30_000);
  t.true(preference.plan(D, 69_999).fresh);
});

test('while the loser is silent the winner is used without a probe', (t) => {
  const preference = kept(20);
  preference.won(D, 4, { raced: true }, 0);
  const plan = preference.plan(D, 10);
  t.deepEqual([plan.first, plan.fresh], [4, true]);
});

test('a family that failed is not waited for, is due after its pause, and is used again once it lives', (t) => {
  const preference = kept(20);
  preference.failed(D, 6, 0);
  t.is(weight(preference, 0), 5);
  preference.won(D, 4, { raced: true }, 100);
  t.deepEqual(preference.plan(D, 200), {
    first: 4,
    headStartMs: 200,
    fresh: true,
    failing: 6,
    ignoresOptions: false,
  });
  t.deepEqual(preference.plan(D, 60_000), {
    first: 4,
    headStartMs: 200,
    fresh: false,
    failing: 6,
    recheck: 6,
    ignoresOptions: false,
  });
  preference.failed(D, 6, 61_000);
  t.is(preference.plan(D, 62_000).recheck, undefined);
  preference.alive(D, 6, 100_000);
  t.is(weight(preference, 100_000), 20);
  const back = preference.plan(D, 100_001);
  t.deepEqual([back.first, back.fresh, back.recheck], [6, true, undefined]);
});

test('what is won against the dead moves P, so that a restart knows, but is given back', (t) => {
  const preference = kept(5);
  preference.failed(D, 6, 0);
  for (let i = 0; i < 10; i += 1) preference.won(D, 4, { raced: false }, i);
  t.is(weight(preference, 10), -20);
  const again = new FamilyPreference(JSON.parse(JSON.stringify(preference)));
  t.deepEqual(again.plan(D, 5), {
    first: 4,
    headStartMs: 200,
    fresh: true,
    failing: 6,
    recheck: 6,
    ignoresOptions: false,
  });
  again.alive(D, 6, 6);
  t.is(weight(again, 6), 5);
});

test('a request that was under way alone does not outvote the family found alive meanwhile', (t) => {
  const preference = kept(20);
  preference.failed(D, 6, 0);
  preference.alive(D, 6, 20_000);
  preference.won(D, 4, { raced: false }, 20_010);
  t.is(preference.plan(D, 20_020).first, 6);
  t.is(weight(preference, 20_020), 20);
});

test('when both have failed both are tried at once', (t) => {
  const preference = kept(-20);
  preference.failed(D, 6, 0);
  preference.failed(D, 4, 0);
  t.deepEqual(preference.plan(D, 1), { first: 4, headStartMs: 0, fresh: false, ignoresOptions: false });
});

test('P ages towards 5 by one an hour from either side and stays there', (t) => {
  for (const [start, hours, expected] of [
    [-20, 1, -19],
    [-20, 24, 4],
    [-20, 25, 5],
    [20, 3, 17],
    [20, 100, 5],
    [5, 100, 5],
  ] as const) {
    const preference = kept(start);
    preference.plan(D, 0);
    t.is(weight(preference, hours * HOUR), expected);
  }
});

test('another network begins anew, and coming back finds what was learnt but no verdict', (t) => {
  const preference = kept(-20);
  preference.won(D, 4, { raced: false }, 0);
  preference.networkChanged('office', 1);
  t.deepEqual(preference.weights(1), []);
  const plan = preference.plan(D, 2);
  t.deepEqual([plan.first, plan.headStartMs, plan.fresh], [6, 50, false]);
  preference.networkChanged('home', 3);
  t.is(weight(preference, 3), -20);
  t.false(preference.plan(D, 3).fresh);
});

test('a change of the network makes the failed due', (t) => {
  const preference = new FamilyPreference();
  preference.failed(D, 6, 0);
  t.is(preference.plan(D, 1).recheck, undefined);
  preference.networkChanged('', 2);
  t.is(preference.plan(D, 2).recheck, 6);
});

test('that OPTIONS is ignored is remembered for a day, kept, and taken back', (t) => {
  const preference = new FamilyPreference();
  preference.optionsIgnored(D, true, 0);
  t.true(preference.plan(D, 23 * HOUR).ignoresOptions);
  t.false(preference.plan(D, 24 * HOUR).ignoresOptions);
  const again = new FamilyPreference(JSON.parse(JSON.stringify(preference)));
  t.true(again.plan(D, 5).ignoresOptions);
  again.optionsIgnored(D, false, 6);
  t.false(again.plan(D, 6).ignoresOptions);
});

test('128 destinations are remembered, the one used longest ago is forgotten', (t) => {
  const preference = new FamilyPreference();
  for (let i = 0; i < 128; i += 1) preference.won(`d${i}`, 6, { raced: false }, i);
  preference.plan('d0', 200);
  preference.plan('new', 201);
  const names = preference.weights(202).map(({ destination }) => destination);
  t.is(names.length, 128);
  t.true(names.includes('d0'));
  t.false(names.includes('d1'));
  t.is(preference.toJSON().destinations.length, 128);
});

test('a kept weight out of bounds is brought back into them', (t) => {
  t.is(kept(1e9).plan(D, 0).headStartMs, 200);
  t.is(kept(-1e9).plan(D, 0).headStartMs, 200);
});

const aFamily = fc.constantFrom<Family>(4, 6);
const aName = fc.constantFrom('a', 'b');
const anEvent = fc.oneof(
  fc.record({ kind: fc.constant('won' as const), name: aName, family: aFamily, raced: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('failed' as const, 'alive' as const), name: aName, family: aFamily }),
  fc.record({ kind: fc.constant('moved' as const), to: fc.constantFrom('home', 'office') }),
);
const aStory = fc.array(fc.record({ event: anEvent, after: fc.nat(8 * HOUR) }), { maxLength: 60 });

test('whatever happens P stays a whole number within 20, and what is kept gives the same weights', (t) => {
  fc.assert(
    fc.property(aStory, (story) => {
      const preference = new FamilyPreference();
      let now = 0;
      for (const { event, after } of story) {
        now += after;
        if (event.kind === 'won') preference.won(event.name, event.family, { raced: event.raced }, now);
        else if (event.kind === 'moved') preference.networkChanged(event.to, now);
        else preference[event.kind](event.name, event.family, now);
        const plan = preference.plan('a', now);
        if (plan.headStartMs < 0 || plan.headStartMs > 200) return false;
        for (const { p } of preference.weights(now))
          if (!Number.isInteger(p) || Object.is(p, -0) || Math.abs(p) > 20) return false;
      }
      const again = new FamilyPreference(JSON.parse(JSON.stringify(preference)));
      t.deepEqual(again.weights(0), preference.weights(now));
      return true;
    }),
  );
});
