import type { Timing } from './part.ts';

/** Resolves when `work` is done or has failed, and after `ms` in any case. */
export function inTime(work: Promise<unknown>, ms: number, timing: Pick<Timing, 'after'>): Promise<void> {
  return new Promise((resolve) => {
    const callOff = timing.after(ms, resolve);
    const done = () => {
      callOff();
      resolve();
    };
    work.then(done, done);
  });
}
