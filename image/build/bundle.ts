/** The update bundle of RAUC: the same file systems that fill the slots, in a squashfs with a tree of hashes, signed. */
import { cpSync, existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from './builder.ts';
import type { Keys } from './keys.ts';
import { IMAGE } from './places.ts';

export const COMPATIBLE = 'dualtone-rpi-arm64';
/** RAUC runs it while it installs; it travels in the bundle. */
const HOOK = join(IMAGE, 'boot/hook');

const manifest = (version: string, hooks: boolean): string => `[update]
compatible=${COMPATIBLE}
version=${version}

[bundle]
format=verity
${hooks ? '\n[hooks]\nfilename=hook\n' : ''}
[image.rootfs]
filename=system.erofs
${hooks ? 'hooks=post-install\n' : ''}
[image.boot]
filename=boot.vfat
`;

export interface BundleParts {
  readonly boot: string;
  readonly system: string;
  readonly version: string;
}

/** Nearly the same octets each time: its signature holds the time of the signing, and with a curve, chance. */
export async function makeBundle(
  work: string,
  target: string,
  parts: BundleParts,
  keys: Keys,
  builder: Builder,
) {
  const folder = join(work, 'bundle');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // The folder of the cache is one file system: no octet is copied.
  linkSync(parts.boot, join(folder, 'boot.vfat'));
  linkSync(parts.system, join(folder, 'system.erofs'));
  const hooks = existsSync(HOOK);
  if (hooks) cpSync(HOOK, join(folder, 'hook'));
  writeFileSync(join(folder, 'manifest.raucm'), manifest(parts.version, hooks));
  rmSync(target, { force: true });
  const signed = [`--cert=${keys.certificate.file}`, `--key=${keys.key}`];
  await builder([
    'rauc',
    'bundle',
    ...signed,
    '--mksquashfs-args=-comp zstd -Xcompression-level 19 -all-root',
    folder,
    target,
  ]);
  rmSync(folder, { recursive: true });
}
