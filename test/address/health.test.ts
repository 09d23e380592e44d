import test from 'ava';
import { Health } from '#address/health.ts';

const SECOND = 1_000;

test('who never failed is alive', (t) => {
  t.is(new Health().condition('a', 0), 'alive');
});

test('a failure pauses for 10 s, each further one twice as long, five minutes at most', (t) => {
  const health = new Health();
  let now = 0;
  for (const pause of [10, 20, 40, 80, 160, 300, 300]) {
    health.failed('a', now);
    t.is(health.condition('a', now + pause * SECOND - 1), 'dead');
    now += pause * SECOND;
    t.is(health.condition('a', now), 'due');
  }
});

test('what fails together is one failure', (t) => {
  const health = new Health();
  for (const now of [0, 10, 500, 9_999]) health.failed('a', now);
  t.is(health.condition('a', 10 * SECOND), 'due');
});

test('an answer makes alive at once, but who comes and goes is paused longer each time', (t) => {
  const health = new Health();
  health.failed('a', 0);
  health.answered('a', SECOND);
  t.is(health.condition('a', SECOND), 'alive');
  health.failed('a', 2 * SECOND);
  t.is(health.condition('a', 21 * SECOND), 'dead');
  t.is(health.condition('a', 22 * SECOND), 'due');
});

test('ten minutes alive and earlier failures are forgotten', (t) => {
  const health = new Health();
  for (const now of [0, 10 * SECOND, 30 * SECOND]) health.failed('a', now);
  health.answered('a', 100 * SECOND);
  health.failed('a', 700 * SECOND);
  t.is(health.condition('a', 710 * SECOND), 'due');
});

test('Retry-After is waited for, an hour at most', (t) => {
  const health = new Health();
  health.failed('a', 0, 120 * SECOND);
  t.is(health.condition('a', 119 * SECOND), 'dead');
  t.is(health.condition('a', 120 * SECOND), 'due');
  health.failed('b', 0, 1e12);
  t.is(health.condition('b', 3_600 * SECOND), 'due');
});

test('a change of our network makes everybody due', (t) => {
  const health = new Health();
  health.failed('a', 0);
  health.networkChanged(5);
  t.is(health.condition('a', 5), 'due');
});

test('the living keep their order, the dead follow as they come due', (t) => {
  const health = new Health();
  health.failed('a', 20);
  health.failed('c', 10);
  const key = (target: string) => target;
  t.deepEqual(health.ordered(['a', 'b', 'c', 'd'], key, 30), ['b', 'd', 'c', 'a']);
  health.answered('a', 40);
  t.deepEqual(health.ordered(['a', 'b', 'c', 'd'], key, 50), ['a', 'b', 'd', 'c']);
  t.deepEqual(health.failing(50), [{ key: 'c', since: 10, retryAt: 10_010 }]);
});

test('256 failures are remembered, the oldest is forgotten', (t) => {
  const health = new Health();
  for (let i = 0; i <= 256; i += 1) health.failed(`k${i}`, i);
  t.is(health.failing(300).length, 256);
  t.is(health.condition('k0', 300), 'alive');
  t.is(health.condition('k1', 300), 'dead');
});
