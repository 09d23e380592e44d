import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import fc from 'fast-check';
import { Registry } from '#sip/registry.ts';

test('a registry answers as a Map does', (t) => {
  const step = fc.tuple(fc.constantFrom('set', 'delete', 'get', 'has'), fc.nat(9), fc.nat());
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const [registry, map] = [new Registry<number, number>(), new Map<number, number>()];
      for (const [what, key, value] of steps) {
        if (what === 'set') {
          registry.set(key, value);
          map.set(key, value);
        } else if (what === 'delete') {
          registry.delete(key);
          map.delete(key);
        } else t.is(what === 'get' ? registry.get(key) : registry.has(key), map[what](key));
        t.is(registry.size, map.size);
        t.deepEqual(registry.values(), [...map.values()]);
      }
    }),
  );
});

test('what was deleted is free at the next small collection, however often the table grew and shrank', (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  const registry = new Registry<number, readonly number[]>();
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < 40; round++) {
    // 800 kB of calls, 32 MB in all.
    for (let i = 0; i < 100; i++) registry.set(i, new Array(1000).fill(i));
    for (let i = 0; i < 100; i++) registry.delete(i);
    gc({ type: 'minor' });
  }
  const kept = process.memoryUsage().heapUsed - before;
  t.true(kept < 4_000_000, `${kept} octets are still there`);
});
