import test from 'ava';
import { Limiter } from '#router6bed4/limiter.ts';

const FIVE_THEN_ONE = { burst: 5, perSecond: 1 };
const PLENTY = { burst: 1e6, perSecond: 1e6 };

const granted = (limiter: Limiter, origin: number, now: number, tries: number): number =>
  Array.from({ length: tries }, () => limiter.allows(origin, now)).filter(Boolean).length;

test('an origin gets its burst at once, then one a second, and the burst again after rest', (t) => {
  const limiter = new Limiter(FIVE_THEN_ONE, PLENTY);
  t.is(granted(limiter, 1, 0, 100), 5);
  t.is(granted(limiter, 1, 999, 100), 0);
  t.is(granted(limiter, 1, 1000, 100), 1);
  t.is(granted(limiter, 1, 3000, 100), 2);
  t.is(granted(limiter, 1, 60_000, 100), 5);
});

test('a day of begging brings one a second', (t) => {
  const limiter = new Limiter(FIVE_THEN_ONE, PLENTY);
  let count = 0;
  for (let now = 0; now < 86_400_000; now += 250) count += granted(limiter, 1, now, 1);
  t.is(count, 86_400 + 4);
});

test('one origin takes nothing from another', (t) => {
  const limiter = new Limiter(FIVE_THEN_ONE, PLENTY);
  t.is(granted(limiter, 1, 0, 100), 5);
  t.is(granted(limiter, 2, 0, 100), 5);
});

test('all origins together have a limit too', (t) => {
  const limiter = new Limiter(FIVE_THEN_ONE, { burst: 8, perSecond: 4 });
  const each = Array.from({ length: 50 }, (_, origin) => granted(limiter, origin, 0, 5));
  t.is(
    each.reduce((sum, count) => sum + count, 0),
    8,
  );
  t.is(granted(limiter, 99, 250, 5), 1);
});

test('what the common limit kept back does not count against its origin', (t) => {
  const limiter = new Limiter(FIVE_THEN_ONE, { burst: 1, perSecond: 1000 });
  t.is(granted(limiter, 1, 0, 50), 1);
  let later = 0;
  for (let now = 1; now < 100; now += 1) later += granted(limiter, 1, now, 1);
  t.is(later, 4);
});

test('the origins remembered are bounded, and the one heard longest ago is forgotten first', (t) => {
  const limiter = new Limiter(FIVE_THEN_ONE, PLENTY, 3);
  for (const origin of [1, 2, 3]) t.is(granted(limiter, origin, 0, 9), 5);
  t.is(granted(limiter, 1, 0, 9), 0, 'heard again: now 2 is the oldest');
  t.is(granted(limiter, 4, 0, 9), 5);
  t.is(limiter.size, 3);
  t.is(granted(limiter, 1, 0, 9), 0);
  t.is(granted(limiter, 2, 0, 9), 5);
});
