import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { Turns } from '#provisioning/turns.ts';

test('each deed begins when the one before has ended', async (t) => {
  const turns = new Turns();
  const seen: string[] = [];
  const deed = (name: string, ms: number) => async () => {
    seen.push(`${name} begins`);
    await sleep(ms);
    seen.push(`${name} ends`);
    return name;
  };
  t.deepEqual(await Promise.all([turns.take(deed('a', 20)), turns.take(deed('b', 0))]), ['a', 'b']);
  t.deepEqual(seen, ['a begins', 'a ends', 'b begins', 'b ends']);
});

test('one that fails tells only who asked for it, and the next has its turn', async (t) => {
  const turns = new Turns();
  const failing = turns.take(() => Promise.reject(new Error('no')));
  const next = turns.take(async () => 'yes');
  await t.throwsAsync(failing, { message: 'no' });
  t.is(await next, 'yes');
});
