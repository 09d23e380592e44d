/**
 * Whether the data directory has room for what the telephone wants to remember, and remembers at all. Calls need neither: the
 * telephone goes on by what it knows and says so, until somebody has made room.
 */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorageStatus } from '#phone/types.ts';

/** ms between looks. */
const PAUSE = 15_000;
/**
 * Octets. Files are written beside the old ones that they replace, and the largest of them, a configuration, is smaller than this.
 */
const FULL = 256 * 1024;
/** From here on it is said to have room again: not at every block that comes and goes. */
const ROOM = 2 * FULL;
/** Lies there when the directory is gone as soon as the machine is switched off (image: dualtone-data-fallback.service). */
const VOLATILE = 'volatile';

export interface DiskSpaceOptions {
  /** The data directory. */
  readonly data: string;
  /** For log and display. */
  readonly told: (level: 'info' | 'warn', text: string, screen: string | undefined) => void;
  /** ms between looks. */
  readonly pause?: number;
}

export class DiskSpace {
  readonly #options: DiskSpaceOptions;
  readonly #timer: NodeJS.Timeout;
  #status: StorageStatus | undefined;
  #isClosed = false;

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), options.pause ?? PAUSE);
    this.#timer.unref();
  }

  /** undefined: not known yet, or the system does not say it. */
  get status(): StorageStatus | undefined {
    return this.#status;
  }

  /** Never rejects. */
  async look(): Promise<void> {
    const { data, told } = this.#options;
    const found = await statfs(data).catch(() => undefined);
    if (found === undefined || this.#isClosed) return;
    // Those that are left to us: some file systems keep a share for root.
    const free = found.bavail * found.bsize;
    const was = this.#status?.state ?? 'ok';
    const state = stateOf(data, was === 'full' ? ROOM : FULL, free);
    this.#status = { state, free };
    if (state === was) return;
    const [level, text, screen] = TOLD[state];
    told(level, `${data} ${text}`, screen);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }
}

function stateOf(data: string, needed: number, free: number): StorageStatus['state'] {
  if (existsSync(join(data, VOLATILE))) return 'volatile';
  return free < needed ? 'full' : 'ok';
}

/** Level and text of the log; what the display shows: at most 20 characters, a text of its table. */
const TOLD = {
  ok: ['info', 'has room again: what changes is remembered', undefined],
  full: ['warn', 'is full: what changes is forgotten at the next start; make room there', 'Disk is full'],
  volatile: ['warn', 'is memory: all is forgotten when the machine is switched off', 'Nothing is kept'],
} as const;
