/**
 * When the packets of a stream came to a port of loopback: by the kernel's time stamps where tcpdump may listen, else
 * as the echo noticed, which adds its own delays.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { textOf } from './text_of.ts';

export interface Arrivals {
  readonly clock: 'kernel' | 'echo';
  /** Ends the capture. Times in ms, of any beginning; empty where `clock` is `echo`. */
  stop(): Promise<readonly number[]>;
}

export async function watchArrivals(port: number): Promise<Arrivals> {
  const filter = `udp dst port ${port}`;
  const options = ['-i', 'lo', '-tt', '-n', '-q', '-s', '64', '-B', '4096'];
  const child = spawn('tcpdump', [...options, filter], { stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = once(child, 'error').then(() => false);
  if (!(await Promise.race([failed, listens(child.stderr)]))) {
    child.kill();
    return { clock: 'echo', stop: async () => [] };
  }
  const output = textOf(child.stdout);
  return {
    clock: 'kernel',
    stop: async () => {
      child.kill('SIGTERM');
      const lines = (await output).split('\n').filter((line) => line !== '');
      return lines.map((line) => Number.parseFloat(line) * 1000);
    },
  };
}

/** Whether tcpdump begins to listen before it gives up. */
function listens(errors: Readable): Promise<boolean> {
  let said = '';
  return new Promise((resolve) => {
    errors.on('data', (text) => {
      said += text;
      if (/listening/.test(said)) resolve(true);
    });
    errors.on('end', () => resolve(false));
  });
}

export interface Pacing {
  readonly packets: number;
  /** |interval - 20 ms|, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How far the intervals are from 20 ms. */
export function pacingOf(times: readonly number[]): Pacing {
  const deviations = times
    .slice(1)
    .map((time, n) => Math.abs(time - (times[n] ?? time) - 20))
    .sort((a, b) => a - b);
  const at = (part: number) => deviations[Math.floor(part * (deviations.length - 1))] ?? Number.NaN;
  return { packets: times.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
