/** The initrd: busybox, the modules without which there is no root, and image/boot/init. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Builder } from './builder.ts';
import { cpio, type Entry } from './cpio.ts';
import type { Extracted } from './extracted.ts';
import { copyModules, filesOf } from './kernel.ts';
import { FOR_ROOT } from './modules.ts';
import { IMAGE } from './places.ts';

/** What image/boot/init calls. */
const APPLETS = ['cat', 'echo', 'grep', 'insmod', 'mount', 'reboot', 'sh', 'sleep', 'switch_root'];
const FOLDERS = ['bin', 'dev', 'modules', 'proc', 'root', 'sys'];

/** Writes it packed to `target`. */
export async function makeInitrd(
  work: string,
  target: string,
  extracted: Extracted,
  builder: Builder,
  epoch: number,
): Promise<void> {
  const folder = join(work, 'initrd.d');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = filesOf(FOR_ROOT, extracted);
  await copyModules(files, extracted.modules, folder, builder);
  const unpacked = files.map((file) => file.replace(/\.xz$/, ''));
  const file = (name: string, from: string, mode: number): Entry => ({
    kind: 'file',
    name,
    mode,
    data: readFileSync(from),
  });
  const entries: readonly Entry[] = [
    ...FOLDERS.map((name): Entry => ({ kind: 'folder', name, mode: 0o755 })),
    { kind: 'device', name: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    file('init', join(IMAGE, 'boot/init'), 0o755),
    file('bin/busybox', join(extracted.root, 'usr/bin/busybox'), 0o755),
    ...APPLETS.map((name): Entry => ({ kind: 'link', name: `bin/${name}`, target: 'busybox' })),
    ...unpacked.map((name) => file(`modules/${basename(name)}`, join(folder, name), 0o644)),
    {
      kind: 'file',
      name: 'modules/order',
      mode: 0o644,
      data: Buffer.from(`${unpacked.map((name) => basename(name)).join('\n')}\n`),
    },
  ];
  const plain = join(work, 'initrd.cpio');
  writeFileSync(plain, cpio(entries, epoch));
  await builder(['zstd', '--quiet', '--force', '-19', '--no-progress', plain, '-o', target]);
}
