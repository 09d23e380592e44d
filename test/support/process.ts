/** A peer's process: started, awaited, ended by its id; what it printed is kept for the failure message. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export class PeerProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<number>;
  output = '';

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const collect = (chunk: Buffer): void => {
      this.printed(chunk);
      this.output = (this.output + chunk.toString('latin1')).slice(-20_000);
    };
    this.#child.stdout?.on('data', collect);
    this.#child.stderr?.on('data', collect);
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject).on('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
    });
    this.ended.catch(() => {});
  }

  /** Every octet of its output; for who wants more than the last of it. */
  protected printed(_chunk: Buffer): void {}

  get id(): number {
    return this.#child.pid ?? -1;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code within `ms`; throws with the process's output when it does not end. */
  async exit(ms: number): Promise<number> {
    const code = await Promise.race([this.ended, sleep(ms, undefined, { ref: false })]);
    if (code === undefined) throw new Error(`still running after ${ms} ms:\n${this.output}`);
    return code;
  }

  /** SIGTERM, then SIGKILL after two seconds. */
  async stop(): Promise<number> {
    this.kill('SIGTERM');
    const code = await Promise.race([this.ended, sleep(2000)]);
    if (code !== undefined) return code;
    this.kill('SIGKILL');
    return this.ended;
  }
}

/** Polls until `probe` gives something; throws after `ms` with `what` and, if given, the peer's output. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 5000,
  explain: () => string = () => '',
): Promise<T> {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    await sleep(40);
  }
  throw new Error(`waited ${ms} ms in vain: ${what}\n${explain()}`);
}
