/** Kernel, firmware, U-Boot and what else is taken for its files alone: unpacked natively, into one folder of the cache. */
import {
  closeSync,
  existsSync,
  globSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { debOf } from './archive.ts';
import type { Builder } from './builder.ts';
import { keyOf, type Lock, ofBuilder, ofRole, type Package } from './lock.ts';
import { cached, used } from './places.ts';

const RECIPE = 'extracted 3';

export interface Extracted {
  readonly root: string;
  /** The kernel's version, as `uname -r` says it. */
  readonly kernel: string;
  /** Folder of its modules, with modules.dep. */
  readonly modules: string;
}

/** U-Boot wants Linux' own format `Image` (its magic is at 56: Documentation/arch/arm64/booting.rst), plain or by gzip. */
async function packKernel(kernel: string, target: string, builder: Builder): Promise<void> {
  const head = Buffer.alloc(64);
  const file = openSync(kernel, 'r');
  readSync(file, head);
  closeSync(file);
  if (head.toString('latin1', 56, 60) !== 'ARM\x64')
    throw new Error(`${kernel} is no kernel that U-Boot starts`);
  // The builder's gzip: that of Node packs otherwise on another machine.
  await builder(['sh', '-c', 'gzip -9 --no-name --stdout "$0" >"$1"', kernel, target]);
}

/**
 * Name of the folder. The builder's programs make octets of what lies there, and of what is built against it: with another
 * builder it is made anew, as it would be without a cache.
 */
export const folderOf = (packages: readonly Package[]): string =>
  `extracted-${keyOf([...ofRole(packages, 'extracted'), ...ofBuilder(packages)], RECIPE)}`;

export async function extract({ packages }: Lock, builder: Builder): Promise<Extracted> {
  const wanted = ofRole(packages, 'extracted');
  const root = join(cached(), folderOf(packages));
  if (!existsSync(root)) {
    const coming = `${root}.coming`;
    rmSync(coming, { recursive: true, force: true });
    for (const one of wanted) await builder(['dpkg-deb', '--extract', debOf(one), coming]);
    for (const kernel of readdirSync(join(coming, 'usr/lib/modules')))
      await builder(['depmod', '--basedir', join(coming, 'usr'), kernel]);
    const [kernel = ''] = globSync('usr/lib/modules/*/vmlinuz', { cwd: coming });
    await packKernel(join(coming, kernel), join(coming, 'Image.gz'), builder);
    renameSync(coming, root);
  }
  used(root);
  const [kernel, ...more] = readdirSync(join(root, 'usr/lib/modules'));
  if (!kernel || more.length > 0)
    throw new Error(`one kernel is wanted in ${root}, not ${[kernel, ...more]}`);
  return { root, kernel, modules: join(root, 'usr/lib/modules', kernel) };
}
