/** Where things lie: in the checkout, in the cache of this machine, and while a card is made. */
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const CHECKOUT = resolve(import.meta.dirname, '../..');
export const IMAGE = join(CHECKOUT, 'image');
export const LOCK = join(IMAGE, 'packages.lock');
export const OUT = join(IMAGE, 'out');

const OURS = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dualtone');
/** All of it can be made again, with the same octets. */
export const CACHE = join(OURS, 'image');
/** What cannot: telephones that were made with the development keys believe only these. */
export const KEYS = join(OURS, 'development-keys');

/** ms that something may lie in the cache unused. */
const KEPT = 30 * 86_400_000;

/** Takes away what nobody has used for a month, and what was left of a making that was cut off. */
export function forget(): void {
  for (const name of readdirSync(cached())) {
    const path = join(CACHE, name);
    const unused = Date.now() - statSync(path).mtimeMs;
    if (
      /^(?:addons|builder|extracted|userland)-/.test(name)
        ? unused > KEPT
        : name.startsWith('work-') && unused > KEPT / 30
    )
      rmSync(path, { recursive: true, force: true });
  }
}

/** Says that something of the cache is in use. */
export function used(path: string): string {
  const now = new Date();
  utimesSync(path, now, now);
  return path;
}

/** A folder of the cache, made where it is not there yet. */
export function cached(...names: string[]): string {
  const folder = join(CACHE, ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}
