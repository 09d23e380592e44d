/**
 * What a telephone keeps in its data directory besides configurations, and how it forgets: whoever has it next shall find
 * nothing of who had it before. A mark goes first, so that a forgetting that was cut off is finished at the next start.
 */
import { existsSync } from 'node:fs';
import { rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, UNFINISHED, writeAtomic } from '#provisioning/store/atomic_file.ts';
import type { ConfigurationStore } from '#provisioning/store/store.ts';

/** While it is there everything is to be forgotten. */
const MARK = 'factory-reset';

/** By name in the data directory. What is of this run alone, as the control socket, is not among them. */
export const KEPT = {
  'contact-token': 'who may ring us',
  'neighbours.json': 'our extension, and the keys of those whom we met',
  'neighbour.pem': 'the key that neighbours know us by',
  'reachability.json': 'servers that we knew, and networks that we were in',
  admin: "the owner's password, the certificate of the page and its key",
  update: 'bundles that were laid there to be installed',
} as const;

export class Memory {
  readonly #data: string;
  readonly #store: ConfigurationStore;

  constructor(data: string, store: ConfigurationStore) {
    this.#data = data;
    this.#store = store;
  }

  /** Whether somebody wanted it and the power went. */
  get isToBeForgotten(): boolean {
    return existsSync(this.#path(MARK));
  }

  /** Rejects where the mark cannot be written: nothing is forgotten then. */
  async mark(): Promise<void> {
    await writeAtomic(this.#path(MARK), '');
  }

  /** While nobody writes any of it. Rejects with StoreError or the system's error; the mark stays then. */
  async forget(): Promise<void> {
    await this.#store.forget();
    for (const name of Object.keys(KEPT)) {
      for (const each of [name, `${name}${UNFINISHED}`])
        await rm(this.#path(each), { recursive: true, force: true });
    }
    await syncDirectory(this.#data);
    await unlink(this.#path(MARK)).catch(passingOverAbsence);
    await syncDirectory(this.#data);
  }

  #path(name: string): string {
    return join(this.#data, name);
  }
}

function passingOverAbsence(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
