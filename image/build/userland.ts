/** The device's Debian, as mmdebstrap makes it under emulation: the one long step, done once for a lock list. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf, type Lock, ofRole } from './lock.ts';
import { cached, used } from './places.ts';
import { bootstrap } from './repository.ts';

const RECIPE = 'userland 1';

/** A tar archive in the cache. */
export async function makeUserland({ packages, epoch }: Lock): Promise<string> {
  const wanted = ofRole(packages, 'device');
  const file = join(cached(), `userland-${keyOf(wanted, RECIPE)}.tar`);
  if (!existsSync(file)) {
    const coming = file.replace(/\.tar$/, '.coming.tar');
    await bootstrap(wanted, 'arm64', coming, epoch);
    renameSync(coming, file);
  }
  return used(file);
}
