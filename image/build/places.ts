/** Where things lie: in the checkout, in the cache of this machine, and while a card is made. */
import { mkdirSync } from 'node:fs';
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

/** A folder of the cache, made where it is not there yet. */
export function cached(...names: string[]): string {
  const folder = join(CACHE, ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}
