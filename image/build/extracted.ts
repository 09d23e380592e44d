/** Kernel, firmware, U-Boot and what else is taken for its files alone: unpacked natively, into one folder of the cache. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { debOf } from './archive.ts';
import type { Builder } from './builder.ts';
import { keyOf, type Lock, ofRole } from './lock.ts';
import { cached } from './places.ts';

const RECIPE = 'extracted 2';

export interface Extracted {
  readonly root: string;
  /** The kernel's version, as `uname -r` says it. */
  readonly kernel: string;
  /** Folder of its modules, with modules.dep. */
  readonly modules: string;
}

export async function extract({ packages }: Lock, builder: Builder): Promise<Extracted> {
  const wanted = ofRole(packages, 'extracted');
  const root = join(cached(), `extracted-${keyOf(wanted, RECIPE)}`);
  if (!existsSync(root)) {
    const coming = `${root}.coming`;
    rmSync(coming, { recursive: true, force: true });
    for (const one of wanted) await builder(['dpkg-deb', '--extract', debOf(one), coming]);
    for (const kernel of readdirSync(join(coming, 'usr/lib/modules')))
      await builder(['depmod', '--basedir', join(coming, 'usr'), kernel]);
    renameSync(coming, root);
  }
  const [kernel, ...more] = readdirSync(join(root, 'usr/lib/modules'));
  if (!kernel || more.length > 0)
    throw new Error(`one kernel is wanted in ${root}, not ${[kernel, ...more]}`);
  return { root, kernel, modules: join(root, 'usr/lib/modules', kernel) };
}
