/** What the owner of a toggled line and its thread share. */
import { threadId, Worker } from 'node:worker_threads';
import test from 'ava';
import { Control } from '#hal/linux/pwm_control.ts';

test('an order is seen on the other side, with its times', (t) => {
  const owner = new Control();
  const thread = new Control(owner.shared);
  t.is(thread.order().kind, 'rest');
  owner.run(25, 12.5, 2000);
  const { serial, ...order } = thread.order();
  t.deepEqual(order, { kind: 'run', high: 25, low: 12.5, limit: 2000 });
  owner.rest();
  t.is(thread.order().kind, 'rest');
  t.not(thread.order().serial, serial);
  owner.end();
  t.is(thread.order().kind, 'end');
});

test('whoever waits wakes with the next order, and does not sleep over one that came before', async (t) => {
  const control = new Control();
  const worker = new Worker(
    `const { workerData } = require('node:worker_threads');
     const order = new Int32Array(workerData, 0, 1);
     setTimeout(() => { Atomics.add(order, 0, 1); Atomics.notify(order, 0); }, 30);`,
    { eval: true, workerData: control.shared },
  );
  t.not(worker.threadId, threadId);
  const started = performance.now();
  control.wait(control.order().serial, 20_000);
  const { serial } = control.order();
  control.rest();
  control.wait(serial, 20_000);
  t.true(performance.now() - started < 15_000);
  await worker.terminate();
});

test('lateness is counted, and forgotten with the next wave', (t) => {
  const control = new Control();
  control.run(25, 25, 1000);
  t.deepEqual(control.jitter(), { edges: 0, mean: 0, p99: 0, most: 0 });
  for (let n = 0; n < 98; n += 1) control.count(0.05);
  control.count(0.75);
  control.count(50);
  const { edges, mean, p99, most } = control.jitter();
  t.is(edges, 100);
  t.is(most, 50);
  t.true(Math.abs(mean - (98 * 0.05 + 0.75 + 50) / 100) < 1e-9);
  t.true(Math.abs(p99 - 0.8) < 1e-9);
  control.run(25, 25, 1000);
  t.is(control.jitter().edges, 0);
});
