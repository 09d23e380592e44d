/** Runs the shell tools of the image on a folder of their own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type BootState, read } from './boot_state.ts';

const TOOLS = resolve(import.meta.dirname, '../../image/device/usr/lib/dualtone');

export interface Outcome {
  /** null: it was ended by a signal. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export type Copy = 'a' | 'b';

export class Partition {
  readonly folder = mkdtempSync(join(tmpdir(), 'dualtone-bootstate-'));

  constructor(t: ExecutionContext) {
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** By dash, which has none of bash's additions. `killAfter`: ms until it is killed. */
  tool(
    name: string,
    words: readonly string[],
    env: NodeJS.ProcessEnv = {},
    killAfter?: number,
  ): Promise<Outcome> {
    const child = spawn('dash', [join(TOOLS, name), ...words], {
      env: { ...process.env, BOOTSTATE_DIRECTORY: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Killed with all that it started, as by a power cut.
      detached: killAfter !== undefined,
    });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.err += text;
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => endGroup(child.pid), killAfter);
    return new Promise((done) => {
      child.on('close', (code) => {
        clearTimeout(timer);
        done({ code, ...said });
      });
    });
  }

  set(...pairs: readonly string[]): Promise<Outcome> {
    return this.tool('bootstate', ['set', ...pairs]);
  }

  async get(): Promise<BootState> {
    const { out } = await this.tool('bootstate', ['get']);
    const lines = out.split('\n').filter((line) => line !== '');
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  }

  put(copy: Copy, octets: Uint8Array): void {
    writeFileSync(join(this.folder, `state_${copy}`), octets);
  }

  octets(copy: Copy): Buffer {
    return readFileSync(join(this.folder, `state_${copy}`));
  }

  copy(copy: Copy): BootState | undefined {
    return read(this.octets(copy));
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
