import { Worker } from 'node:worker_threads';
import test from 'ava';
import fc from 'fast-check';
import { SampleRing } from '#engine/sound/ring.ts';

test('what was written is read, once, in order; whole or not at all', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ write: fc.boolean(), count: fc.integer({ min: 0, max: 80 }) }), {
          maxLength: 200,
        }),
        (steps) => {
          const ring = new SampleRing(SampleRing.share(64));
          const model: number[] = [];
          let next = 0;
          for (const { write, count } of steps) {
            if (write) {
              const samples = Int16Array.from({ length: count }, (_, i) => next + i);
              if (ring.write(samples) !== model.length + count <= 64) return false;
              if (model.length + count > 64) continue;
              model.push(...samples);
              next = (next + count) & 0x3fff;
            } else {
              const into = new Int16Array(count);
              if (ring.read(into) !== count <= model.length) return false;
              if (count <= model.length && into.join() !== model.splice(0, count).join()) return false;
            }
            if (ring.length !== model.length) return false;
          }
          return true;
        },
      ),
    ),
  );
});

test('the counters run through 32 bits', (t) => {
  const shared = SampleRing.share(16);
  new Int32Array(shared, 0, 2).fill(0x7ffffffa);
  const ring = new SampleRing(shared);
  const into = new Int16Array(6);
  for (let n = 0; n < 5; n++) {
    t.true(ring.write(Int16Array.of(1, 2, 3, 4, 5, n)));
    t.is(ring.length, 6);
    t.true(ring.read(into));
    t.is(into[5], n);
  }
});

test('a reader that is late keeps the newest', (t) => {
  const ring = new SampleRing(SampleRing.share(16));
  ring.write(Int16Array.of(1, 2, 3, 4, 5, 6));
  ring.keep(2);
  const into = new Int16Array(2);
  t.true(ring.read(into));
  t.deepEqual([...into], [5, 6]);
  ring.keep(2);
  t.is(ring.length, 0);
});

test('only a power of two is a size', (t) => {
  for (const size of [0, 1, 3, 100]) t.throws(() => SampleRing.share(size), { instanceOf: RangeError });
});

/** A thread that writes 1, 2, 3 … in pieces of 37 as fast as there is room. */
const WRITER = `
  const { workerData } = require('node:worker_threads');
  import(workerData.module).then(({ SampleRing }) => {
    const ring = new SampleRing(workerData.shared);
    const piece = new Int16Array(37);
    for (let n = 0; n < workerData.pieces; n++) {
      for (let i = 0; i < 37; i++) piece[i] = n * 37 + i;
      while (!ring.write(piece)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  });
`;

test('two threads lose and invent nothing', async (t) => {
  const shared = SampleRing.share(256);
  const pieces = 8000;
  const module = new URL('../../firmware/engine/sound/ring.ts', import.meta.url).href;
  const writer = new Worker(WRITER, { eval: true, workerData: { shared, module, pieces } });
  const ended = new Promise((resolve) => writer.once('exit', resolve));
  const ring = new SampleRing(shared);
  const into = new Int16Array(50);
  let wrong = 0;
  for (let at = 0; at + 50 <= pieces * 37; at += 50) {
    if (!ring.await(50, 5000) || !ring.read(into)) break;
    for (let i = 0; i < 50; i++) if (into[i] !== ((at + i) << 16) >> 16) wrong++;
  }
  await ended;
  t.is(wrong, 0);
  t.true(ring.length < 50);
  t.false(ring.await(50, 5));
});
