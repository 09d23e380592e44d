/** The kernel's modules for the system: those of the list with all that they need, unpacked, for they pack better together. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Builder } from './builder.ts';
import type { Extracted } from './extracted.ts';
import { closureOf, FOR_ROOT, MODULES } from './modules.ts';

const LISTS = ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'];

/** Files of modules, relative to the kernel's folder, in an order in which they can be loaded. */
export function filesOf(names: readonly string[], { modules }: Extracted): readonly string[] {
  const read = (name: string) => readFileSync(join(modules, name), 'utf8');
  return closureOf(names, read('modules.dep'), read('modules.builtin'));
}

/** Copies modules into `target`, unpacked (Debian packs each by xz). */
export async function copyModules(files: readonly string[], from: string, target: string, builder: Builder) {
  const packed: string[] = [];
  for (const file of files) {
    const to = join(target, file);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(from, file), to);
    if (to.endsWith('.xz')) packed.push(to);
  }
  if (packed.length > 0) await builder(['xz', '--decompress', '--force', ...packed]);
}

/** Puts modules and their lists into the tree of the system. */
export async function addModules(system: string, extracted: Extracted, builder: Builder): Promise<void> {
  const { kernel, modules } = extracted;
  const target = join(system, 'usr/lib/modules', kernel);
  await copyModules(
    filesOf([...FOR_ROOT, ...Object.values(MODULES).flat()], extracted),
    modules,
    target,
    builder,
  );
  for (const list of LISTS) copyFileSync(join(modules, list), join(target, list));
  await builder(['depmod', '--basedir', join(system, 'usr'), kernel]);
}
