/** Locked packages, fetched into the cache: each file is named by its SHA-256, and verified once. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mirror } from './apt.ts';
import type { Package } from './lock.ts';
import { cached } from './places.ts';
import { run } from './run.ts';

/** Packages in one call of apt's helper, which fetches them over few connections. */
const AT_ONCE = 50;

export const debOf = (one: Package): string => join(cached('debs'), `${one.sha256}.deb`);

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Fetches some; what did not come is not there afterwards. apt's helper uses the host's proxies and retries. */
async function fetchSome(address: string, some: readonly Package[]): Promise<void> {
  const coming = (one: Package) => `${debOf(one)}.coming`;
  const words = some.flatMap((one) => [`${address}${one.path}`, coming(one), `SHA256:${one.sha256}`]);
  await run('/usr/lib/apt/apt-helper', ['-o', 'APT::Sandbox::User=root', 'download-file', ...words], {
    fine: [100],
  });
  for (const one of some)
    if (existsSync(coming(one)) && sha256(coming(one)) === one.sha256) renameSync(coming(one), debOf(one));
    else rmSync(coming(one), { force: true });
}

/** What the builder's process ends with then. */
export const GONE = 3;

/** The message names what the mirror does not have any more. */
export class GoneError extends Error {
  override name = 'GoneError';
  readonly code = 'GONE';
}

/** Throws a GoneError. */
export async function fetchAll(packages: readonly Package[]): Promise<void> {
  const absent = () => packages.filter((one) => !existsSync(debOf(one)));
  const wanted = absent();
  if (wanted.length === 0) return;
  const address = await mirror();
  for (let at = 0; at < wanted.length; at += AT_ONCE)
    await fetchSome(address, wanted.slice(at, at + AT_ONCE));
  const gone = absent().map((one) => `  ${one.name} ${one.version} (${address}${one.path})`);
  if (gone.length > 0)
    throw new GoneError(
      `not to be had from the mirror:\n${gone.join('\n')}\nIf it is reachable, newer versions have taken their place: "npm run image -- --relock" locks today's.`,
    );
}
