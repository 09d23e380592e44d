/** A folder that is built is put in its place whole: who runs from it meanwhile misses no file, nor does another build. */
import { existsSync, renameSync, rmSync } from 'node:fs';

/** Builds that end at the same moment take each other's place; the last one stays. */
const TRIES = 5;

/** Where `folder` is built: beside it, and by nobody else. */
export const besides = (folder: string): string => `${folder}.new-${process.pid}`;

/** Puts what was built beside `folder` in its place. Throws an Error where that cannot be. */
export function swap(folder: string): void {
  const old = `${folder}.old-${process.pid}`;
  for (let tries = 1; ; tries++) {
    try {
      if (existsSync(folder)) renameSync(folder, old);
      renameSync(besides(folder), folder);
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}
