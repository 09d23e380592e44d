/** The boot file system of a slot: kernel, initrd, `slot.txt`, and the overlays of boards. */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Builder } from './builder.ts';
import type { Extracted } from './extracted.ts';
import { makeFat, type Placed } from './filesystems.ts';
import { makeInitrd } from './initrd.ts';
import { partition } from './mbr.ts';
import { IMAGE } from './places.ts';
import { slotText } from './slot.ts';

const OVERLAYS = join(IMAGE, 'boot/overlays');

async function compileOverlays(work: string, builder: Builder): Promise<readonly Placed[]> {
  if (!existsSync(OVERLAYS)) return [];
  const folder = join(work, 'overlays');
  mkdirSync(folder, { recursive: true });
  const made: Placed[] = [];
  for (const name of globSync('*.dts', { cwd: OVERLAYS }).toSorted()) {
    const board = basename(name, '.dts');
    const from = join(folder, `${board}.dtbo`);
    await builder(['dtc', '-q', '-@', '-I', 'dts', '-O', 'dtb', '-o', from, join(OVERLAYS, name)]);
    made.push({ name: `overlays/${board}.dtbo`, from });
  }
  return made;
}

/** `work`: a folder for what is made on the way; answers with the file system's file. */
export async function makeBoot(
  work: string,
  version: string,
  extracted: Extracted,
  builder: Builder,
  epoch: number,
): Promise<string> {
  const at = (name: string) => join(work, name);
  await makeInitrd(work, at('initrd'), extracted, builder, epoch);
  writeFileSync(at('slot.txt'), slotText(readFileSync(join(IMAGE, 'boot/slot.txt'), 'utf8'), version));
  const files = [
    { name: 'Image.gz', from: join(extracted.root, 'Image.gz') },
    ...['initrd', 'slot.txt'].map((name) => ({ name, from: at(name) })),
    ...(await compileOverlays(work, builder)),
  ];
  const target = at('boot.vfat');
  const fat = { label: 'BOOT', bits: 16, id: 'd0a17e05', size: partition(5).size } as const;
  await makeFat(target, fat, files, builder);
  return target;
}
