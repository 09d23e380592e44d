/** The program in a process of its own, from its sources. */
import { spawn } from 'node:child_process';

const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** ms: no verb that ends by itself takes longer. */
const PATIENCE = 60_000;

/** Runs it without a terminal; one that does not end is killed. */
export function runMain(...argv: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += text));
    child.stderr.on('data', (text: Buffer) => (err += text));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
