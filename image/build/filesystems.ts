/** File systems of the card, made without mounting any, of fixed names and dates: the same tree gives the same octets. */
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import type { Builder } from './builder.ts';
import { MIB } from './mbr.ts';

/** A file, and its name in the file system; folders are made. */
export interface Placed {
  readonly name: string;
  readonly from: string;
}

export interface Fat {
  readonly label: string;
  readonly bits: 16 | 32;
  /** 8 hexadecimal digits */
  readonly id: string;
  /** MiB */
  readonly size: number;
}

/** `files` in the order of their names. */
export async function makeFat(
  target: string,
  fat: Fat,
  files: readonly Placed[],
  builder: Builder,
): Promise<void> {
  rmSync(target, { force: true });
  writeFileSync(target, '');
  truncateSync(target, fat.size * MIB);
  await builder(['mkfs.vfat', '--invariant', '-F', String(fat.bits), '-n', fat.label, '-i', fat.id, target]);
  const ordered = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const folders = new Set(ordered.map(({ name }) => name.split('/').slice(0, -1).join('/')).filter(Boolean));
  // mtools reads SOURCE_DATE_EPOCH for the dates of what it makes.
  if (folders.size > 0) await builder(['mmd', '-i', target, ...[...folders].map((name) => `::/${name}`)]);
  for (const { name, from } of ordered) await builder(['mcopy', '-i', target, from, `::/${name}`]);
}

/**
 * zstd, which the kernel unpacks fast (CONFIG_EROFS_FS_ZIP_ZSTD), in clusters of 64 KiB. `small` is for what is handed out
 * (level 15 takes five times as long and saves 4 %), `quick` for what is tried.
 */
const EROFS = { small: ['-zzstd,level=9', '-C65536'], quick: ['-zzstd,level=1', '-C65536'] } as const;

export async function makeErofs(
  target: string,
  tree: string,
  how: keyof typeof EROFS,
  epoch: number,
  builder: Builder,
): Promise<void> {
  rmSync(target, { force: true });
  const uuid = 'd0a17e01-0000-4000-8000-000000000007';
  await builder(['mkfs.erofs', '--quiet', ...EROFS[how], `-T${epoch}`, `-U${uuid}`, target, tree]);
}

export async function makeExt4(target: string, size: number, epoch: number, builder: Builder): Promise<void> {
  rmSync(target, { force: true });
  const uuid = 'd0a17e01-0000-4000-8000-000000000004';
  // It grows to whatever card it is on: room for the group descriptors of 256 GiB is taken now.
  const extended = `hash_seed=${uuid},lazy_itable_init=0,lazy_journal_init=0,resize=67108864`;
  const words = ['-q', '-t', 'ext4', '-b', '4096', '-m', '1', '-L', 'data', '-U', uuid, '-E', extended];
  await builder(['mke2fs', ...words, target, `${size}M`], { env: { E2FSPROGS_FAKE_TIME: String(epoch) } });
}

/** Throws an Error where a file system is larger than its partition. */
export function within(file: string, limit: number, name: string): void {
  const { size } = statSync(file);
  if (size > limit * MIB)
    throw new Error(
      `${name} takes ${(size / MIB).toFixed(1)} MiB, its partition has ${limit}: leave out more (prune.ts, modules.ts)`,
    );
}
