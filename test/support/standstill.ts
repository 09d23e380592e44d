/**
 * Moments at which the machine itself stood still: on each processor a process that comes before all others sleeps a
 * millisecond at a time, and tells when it was kept waiting. No program can do anything then, so what sounds gaps.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** ms that the foremost process of a machine that runs is hardly ever kept waiting. */
const STOOD = 8;
const FILE = new URL(import.meta.url).pathname;

export interface Standstill {
  readonly cpu: number;
  /** When it was over, ms as by `Date.now()`. */
  readonly at: number;
  readonly ms: number;
}

export class Standstills {
  readonly all: Standstill[] = [];
  readonly #watchers: readonly ChildProcess[];

  /** Watches nothing where no process may come before all others. */
  constructor() {
    this.#watchers = Array.from({ length: availableParallelism() }, (_, cpu) => {
      const words = ['-c', String(cpu), 'chrt', '--fifo', '90', process.execPath, FILE, 'watch'];
      const watcher = spawn('taskset', words, { stdio: ['ignore', 'pipe', 'ignore'] });
      watcher.on('error', () => {});
      watcher.stdout.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.trim().split('\n')) {
          const [at = 0, ms = 0] = line.split(' ').map(Number);
          this.all.push({ cpu, at, ms });
        }
      });
      return watcher;
    });
  }

  /** For how long one processor stood still from `from` to `to`, ms as by `Date.now()`, all its moments together. */
  longestIn(from: number, to: number): number {
    const sums = new Map<number, number>();
    for (const { cpu, at, ms } of this.all)
      if (at >= from && at - ms <= to) sums.set(cpu, (sums.get(cpu) ?? 0) + ms);
    return Math.max(0, ...sums.values());
  }

  stop(): void {
    for (const watcher of this.#watchers) watcher.kill('SIGKILL');
  }
}

function watch(): never {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let before = performance.now(); ; ) {
    Atomics.wait(cell, 0, 0, 1);
    const now = performance.now();
    const ms = Math.round(now - before);
    if (ms > STOOD) process.stdout.write(`${Date.now()} ${ms}\n`);
    before = now;
  }
}

if (process.argv[1] === FILE && process.argv[2] === 'watch') watch();
