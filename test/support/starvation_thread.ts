/** Wakes every few milliseconds and notes by how much it was late at worst: see undisturbed.ts. */
import { workerData } from 'node:worker_threads';

const STEP_MS = 5;
const cells = workerData as Int32Array;

while (Atomics.load(cells, 0) === 0) {
  const begin = performance.now();
  Atomics.wait(cells, 0, 0, STEP_MS);
  const late = Math.round((performance.now() - begin - STEP_MS) * 1000);
  if (late > Atomics.load(cells, 1)) Atomics.store(cells, 1, late);
}
