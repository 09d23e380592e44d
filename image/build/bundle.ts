/** The update bundle of RAUC: the same file systems that fill the slots, in a squashfs with a tree of hashes, signed. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from './builder.ts';
import type { Keys } from './keys.ts';
import { IMAGE } from './places.ts';

const MANIFEST = join(IMAGE, 'rauc/manifest.raucm.in');
/** What is in it is packed already, but for the empty part of the boot file system. */
const SQUASHFS = '-comp zstd -Xcompression-level 3 -all-root';

export interface BundleParts {
  readonly boot: string;
  readonly system: string;
  readonly version: string;
  /** The day of the lock list, s */
  readonly epoch: number;
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
  linkSync(parts.system, join(folder, 'system.img'));
  const build = new Date(parts.epoch * 1000).toISOString().slice(0, 10);
  const manifest = readFileSync(MANIFEST, 'utf8')
    .replaceAll('@VERSION@', parts.version)
    .replaceAll('@BUILD@', build);
  writeFileSync(join(folder, 'manifest.raucm'), manifest);
  rmSync(target, { force: true });
  const { file } = keys.certificate;
  // By the keyring RAUC verifies what it has signed: a certificate that no telephone will believe makes no card either.
  const signed = [`--cert=${file}`, `--key=${keys.key}`, `--keyring=${file}`];
  await builder(['rauc', 'bundle', ...signed, `--mksquashfs-args=${SQUASHFS}`, folder, target]);
  rmSync(folder, { recursive: true });
}
