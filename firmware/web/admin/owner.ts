/** Whether the telephone has an owner, and the owner's password: a file in the data directory, never in the configuration. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readKept, writeKept } from './kept_file.ts';
import { fits, hashOf } from './password.ts';

const FILE = 'owner';

export class Owner {
  readonly #path: string;
  #hash: string | undefined;

  private constructor(path: string, hash: string | undefined) {
    this.#path = path;
    this.#hash = hash;
  }

  static async read(directory: string): Promise<Owner> {
    const path = join(directory, FILE);
    const kept = (await readKept(path))?.trim();
    return new Owner(path, kept === '' ? undefined : kept);
  }

  get claimed(): boolean {
    return this.#hash !== undefined;
  }

  /** Rejects where it cannot be kept: nobody is owner of a telephone that forgets it at its next start. */
  async setPassword(password: string): Promise<void> {
    const hash = await hashOf(password);
    await writeKept(this.#path, `${hash}\n`);
    this.#hash = hash;
  }

  async knows(password: string): Promise<boolean> {
    return fits(password, this.#hash ?? '');
  }

  /** A factory reset: the next one with the PIN is the owner. */
  async forget(): Promise<void> {
    await rm(this.#path, { force: true });
    this.#hash = undefined;
  }
}
