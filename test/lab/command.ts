/** Runs the system's tools for networks: `ip`, `nft`, `sysctl`. */
import { spawn } from 'node:child_process';
import type { Family } from '#address/endpoint.ts';

/** The system's own: under npm, `nft` would be a program of `node_modules/.bin` that happens to be called so. */
export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** Milliseconds; none of these tools waits for anything. */
const PATIENCE = 10_000;

/** What the program printed. Rejects with its complaint when it fails. */
export function command(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: SYSTEM_PATH };
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: PATIENCE, env });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('error', reject).on('close', (code) => {
      if (code === 0) return resolve(output);
      reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${complaint}${input}`));
    });
    child.stdin.on('error', () => {}).end(input);
  });
}

/** Lines for `ip -batch`: one process instead of many. `inside` is a namespace; the family where no address tells it. */
export async function ip(lines: readonly string[], inside?: string, family?: Family): Promise<void> {
  const where = inside === undefined ? [] : ['-n', inside];
  const which = family === undefined ? [] : [`-${family}`];
  await command('ip', [...where, ...which, '-batch', '-'], `${lines.join('\n')}\n`);
}

export async function sysctl(namespace: string, settings: Readonly<Record<string, number>>): Promise<void> {
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  await command('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', ...words]);
}
