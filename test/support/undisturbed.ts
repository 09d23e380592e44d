/**
 * For tests whose subject is timing or sound in real time. A machine that gives its processors to others makes gaps
 * by itself, so a control thread measures meanwhile how long it is kept waiting: what failed on a machine that was
 * calm is a failure, what failed on a busy one is tried again, and in the end says that it could not be judged.
 */
import { Worker } from 'node:worker_threads';
import type { ExecutionContext } from 'ava';

type Story = (t: ExecutionContext) => Promise<void>;

const TRIES = 3;
/** ms that the control may be kept waiting on a calm machine. */
const CALM = 10;

/** The body of a test; `story` may run up to three times. */
export function undisturbed(story: Story): Story {
  return async (t) => {
    let waited = 0;
    for (let tries = 0; tries < TRIES; tries++) {
      const control = await startControl();
      const attempt = await t.try(story);
      waited = await control.stop();
      if (attempt.passed || waited < CALM) {
        attempt.commit();
        return;
      }
      attempt.discard();
    }
    t.log(`not judged: other programs kept the processors for up to ${waited} ms`);
    t.pass();
  };
}

/** `stop` gives the longest time, ms, for which the control was kept waiting. */
async function startControl(): Promise<{ stop(): Promise<number> }> {
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const thread = new Worker(new URL('./starvation_thread.ts', import.meta.url), { workerData: cells });
  await new Promise((resolve) => thread.once('online', resolve));
  const ended = new Promise((resolve) => thread.once('exit', resolve));
  return {
    stop: async () => {
      Atomics.store(cells, 0, 1);
      Atomics.notify(cells, 0);
      await ended;
      return Math.round((cells[1] ?? 0) / 1000);
    },
  };
}
