/** A telephone that updates itself, beside a RAUC that is a program which speaks as busctl does. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { Control, Status } from '#phone/types.ts';
import { type Config, defaultConfig } from '#provisioning/schema.ts';
import { Rauc } from '../../firmware/telephone/rauc.ts';
import { Updates } from '../../firmware/telephone/updates.ts';
import { FakeControl } from '../cli/control.ts';

/** As the program's. */
export const hashOf = (version: string): string =>
  createHash('sha256').update(`${version} ours`).digest('hex');

const BUSCTL = join(import.meta.dirname, 'fake_busctl.mjs');
const REGISTERED = { aor: 'sip:a@example.test', state: 'registered' } as const;

/** A telephone's control of which only the status and its changes count here. */
class Telephone extends FakeControl implements Control {
  isIdle = true;
  registered = false;
  readonly #listeners = new Set<(news: 'status') => void>();

  override status(): Status {
    const status = super.status();
    return {
      ...status,
      accounts: this.registered
        ? [{ ...status.accounts[0], ...REGISTERED } as Status['accounts'][number]]
        : [],
      extension: '',
    };
  }

  override subscribe(listener: (news: 'status') => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  changed(change: Partial<Pick<Telephone, 'isIdle' | 'registered'>>): void {
    Object.assign(this, change);
    for (const listener of this.#listeners) listener('status');
  }
}

export interface Kept {
  booted: 'a' | 'b';
  good: { a: boolean; b: boolean };
  versions: { a?: string; b?: string };
  hashes?: { a?: string; b?: string };
  limit: string;
  error: string;
  installing?: { version: string; signature: string; polls: number };
}

export const GOOD: Kept = {
  booted: 'a',
  good: { a: true, b: true },
  versions: {},
  limit: '1.2.0',
  error: '',
};

export class Stand {
  readonly folder = mkdtempSync(join(tmpdir(), 'dualtone-updates-'));
  readonly telephone = new Telephone();
  readonly log: string[] = [];
  readonly shown: string[] = [];
  readonly updates: Updates;
  /** ms that have passed beside the true ones. */
  passed = 0;

  constructor(
    t: ExecutionContext,
    kept: Kept = GOOD,
    update: Partial<Config['update']> = {},
    tlsCa?: string,
  ) {
    // The environment is the process's own; each test has a process file of its own by the name of the program.
    const busctl = join(this.folder, 'busctl');
    writeFileSync(busctl, `#!/bin/sh\nFAKE_RAUC=${this.folder} exec ${process.execPath} ${BUSCTL} "$@"\n`, {
      mode: 0o755,
    });
    mkdirSync(this.#path('run'));
    writeFileSync(this.#path('rauc.json'), JSON.stringify(kept));
    writeFileSync(this.#path('os-release'), 'ID=debian\nIMAGE_VERSION="1.2.0"\n');
    writeFileSync(this.#path('state'), 'seq=4\nfell=b\n');
    const places = { busctl, configuration: this.#path('rauc.json'), bootState: this.#path('state') };
    this.updates = new Updates(
      {
        rauc: new Rauc(places, 50),
        places: {
          data: this.folder,
          release: this.#path('os-release'),
          certificate: this.#path('none'),
          restart: join(this.folder, 'run', 'restart'),
          authorities: this.#path('authorities.pem'),
        },
        identity: {
          mac: '020000000001',
          model: 'Sim',
          version: '0.0.1',
          vendor: 'example',
          board: 'sim',
          machine: 'sim',
        },
        control: this.telephone,
        isIdle: () => this.telephone.isIdle,
        clockIsSet: () => true,
        show: (text) => this.shown.push(text),
        log: (level, text) => this.log.push(`${level}: ${text}`),
        folderPause: 100,
        now: () => performance.now() + this.passed,
      },
      {
        ...defaultConfig(),
        update: { ...defaultConfig().update, ...update },
        net: { ...defaultConfig().net, ...(tlsCa === undefined ? {} : { tlsCa }) },
      },
    );
    t.teardown(() => {
      this.updates.close();
      // What was asked last may still be written down there.
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    });
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  lay(name: string, bundle: object): string {
    const path = join(this.folder, 'update', name);
    writeFileSync(path, JSON.stringify(bundle));
    return path;
  }

  /** What RAUC was asked to do. */
  get asked(): readonly string[] {
    const asked = existsSync(this.#path('asked'))
      ? readFileSync(this.#path('asked'), 'utf8').split('\n')
      : [];
    return asked.filter((line) => /InstallBundle/.test(line));
  }

  get marked(): readonly string[] {
    return readFileSync(this.#path('asked'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('Mark'));
  }

  async until(what: string, is: () => boolean): Promise<void> {
    for (let tries = 0; !is(); tries += 1) {
      if (tries > 600)
        throw new Error(`not in time: ${what}\n${this.log.join('\n')}\n${this.asked.join('\n')}`);
      await pause(50);
    }
  }
}
