import { readdirSync, readFileSync } from 'node:fs';

/** ms of CPU of all threads of a process that live. */
export function cpuOf(id: number): number {
  const threads = readdirSync(`/proc/${id}/task`);
  const times = threads.map(
    (task) => readFileSync(`/proc/${id}/task/${task}/schedstat`, 'utf8').split(' ')[0],
  );
  return times.reduce((sum, ns) => sum + Number(ns), 0) / 1e6;
}
