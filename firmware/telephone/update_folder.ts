/**
 * Bundles that a person laid into the data directory, `update/*.raucb`. A file `allow-older` beside them lets be installed
 * what is older, or runs already; it goes with the bundle. A folder of that name stays: for tests of many.
 */
import { mkdirSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bundle } from '#update/types.ts';

const ALLOW_OLDER = 'allow-older';

export class UpdateFolder {
  readonly #folder: string;
  /** Size and time of each when it was looked at last: a file that still grows is not whole. */
  #seen: ReadonlyMap<string, string> = new Map();
  /** Those that are done with, as they were: they may be seen until they are gone. */
  readonly #done = new Map<string, string>();

  constructor(data: string) {
    this.#folder = join(data, 'update');
  }

  /** Made by us, so that it belongs to the telephone. Never throws: a full or read-only directory has no bundles either. */
  prepare(): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch {
      // Said by those who cannot keep what they must keep.
    }
  }

  /** Those that are as they were at the last look. Never rejects. */
  async look(): Promise<readonly Bundle[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    const seen = new Map<string, string>();
    for (const name of names.filter((each) => each.endsWith('.raucb')).sort()) {
      const found = await stat(join(this.#folder, name)).catch(() => undefined);
      if (found?.isFile()) seen.set(join(this.#folder, name), `${found.size} ${found.mtimeMs} ${found.ino}`);
    }
    const whole = [...seen].filter(
      ([path, state]) => this.#seen.get(path) === state && this.#done.get(path) !== state,
    );
    this.#seen = seen;
    for (const path of this.#done.keys()) if (!seen.has(path)) this.#done.delete(path);
    return whole.map(([source]) => ({ source, allowOlder: names.includes(ALLOW_OLDER) }));
  }

  /** Never rejects. */
  async remove(path: string): Promise<void> {
    this.#done.set(path, this.#seen.get(path) ?? '');
    // First: the bundle's going tells a person that the next one may come.
    await rm(join(dirname(path), ALLOW_OLDER), { force: true }).catch(() => {});
    await rm(path, { force: true }).catch(() => {});
  }
}
