/**
 * Whether the data directory has room for what the telephone wants to remember. Calls need none: where there is no room it goes
 * on by what it knows and says so, until somebody has made some.
 */
import { statfs } from 'node:fs/promises';
import type { StorageStatus } from '#phone/types.ts';

/** ms between looks. */
const PAUSE = 15_000;
/**
 * Octets. Files are written beside the old ones that they replace, and the largest of them, a configuration, is smaller than this.
 */
const FULL = 256 * 1024;
/** From here on it is said to have room again: not at every block that comes and goes. */
const ROOM = 2 * FULL;

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
    const state = free < FULL || (was === 'full' && free < ROOM) ? 'full' : 'ok';
    this.#status = { state, free };
    if (state === was) return;
    if (state === 'ok') told('info', `${data} has room again: what changes is remembered`, undefined);
    else
      told('warn', `${data} is full: what changes is forgotten at the next start; make room there`, SCREEN);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }
}

/** At most 20 characters; a text of the display's table. */
const SCREEN = 'Disk is full';
