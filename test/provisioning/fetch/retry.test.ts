import test from 'ava';
import {
  Backoff,
  type Failure,
  LONGEST_PAUSE,
  readRetryAfter,
  verdictOf,
} from '#provisioning/fetch/retry.ts';

const pauses = (chance: number, count: number) => {
  const backoff = new Backoff(() => chance);
  return Array.from({ length: count }, () => backoff.next() / 1000);
};

test("the pauses are those of RFC 6011's example when chance chooses 4 s and adds nothing", (t) => {
  let first = true;
  const backoff = new Backoff(() => {
    if (!first) return 0;
    first = false;
    return 1 / 3;
  });
  t.deepEqual(
    Array.from({ length: 6 }, () => Math.round(backoff.next() / 1000)),
    [4, 6, 10, 18, 34, 66],
  );
});

test('the first pause lies between 2 and 8 s and a tenth, later ones end at half an hour', (t) => {
  t.is(pauses(0, 1)[0], 2);
  t.true((pauses(0.999_999, 1)[0] ?? 0) < 8.8);
  t.true(pauses(0.999, 40).every((seconds) => seconds * 1000 <= LONGEST_PAUSE));
  t.is(pauses(0.5, 40).at(-1), LONGEST_PAUSE / 1000);
});

test('Retry-After makes a pause longer, never shorter, and not beyond a day', (t) => {
  t.is(new Backoff(() => 0).next(60_000), 60_000);
  t.is(new Backoff(() => 0).next(500), 2_000);
  t.is(new Backoff(() => 0).next(1e12), 86_400_000);
});

test('after a success it begins anew', (t) => {
  const backoff = new Backoff(() => 0);
  for (let i = 0; i < 9; i += 1) backoff.next();
  backoff.succeeded();
  t.is(backoff.next(), 2_000);
});

for (const [failure, verdict] of [
  [{ kind: 'no such name' }, 'remove'],
  [{ kind: 'unreachable', error: '' }, 'later'],
  [{ kind: 'tls', error: '' }, 'remove'],
  [{ kind: 'no time' }, 'later'],
  [{ kind: 'status', status: 500 }, 'remove'],
  [{ kind: 'status', status: 503, retryAfter: 1 }, 'later'],
  [{ kind: 'unusable', error: '' }, 'remove'],
] as readonly (readonly [Failure, string])[]) {
  test(`RFC 6011 2.4.2: ${JSON.stringify(failure)} means ${verdict}`, (t) => {
    t.is(verdictOf(failure), verdict as 'remove');
  });
}

for (const [value, ms] of [
  ['120', 120_000],
  ['Fri, 20 Nov 2026 12:00:10 GMT', 10_000],
  ['Fri, 20 Nov 2020 12:00:10 GMT', 0],
  ['soon', undefined],
  ['-1', undefined],
  [undefined, undefined],
] as const) {
  test(`Retry-After: ${value} is ${ms} ms`, (t) => {
    t.is(readRetryAfter(value, Date.UTC(2026, 10, 20, 12, 0, 0)), ms);
  });
}
