/** Lays what `npm run build` has built into a directory tree, for this machine or another: below `usr/`, and nothing else. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Of which machine the parts are that are not the same everywhere. */
export interface Machine {
  /** File of its Node. */
  readonly node: string;
  /** Where a package for this machine lies; undefined: it does not get it. */
  folderOf(name: string): string | undefined;
}

const CHECKOUT = resolve(import.meta.dirname, '..');
const MODULES = join(CHECKOUT, 'node_modules');
/** With code of the machine, so not in the bundle; what cannot be built here is not there, and nobody misses it. */
const NATIVE = ['koffi', 'onoff', 'i2c-bus', 'speaker'];
/** Of packages: what only their making or their reader needs. */
const LEFT_OUT = /^(?:include|share|deps|doc|obj\.target|.*\.md|.*\.map)$/;

export const THIS_MACHINE: Machine = {
  node: join(MODULES, `node-linux-${process.arch}`, 'bin/node'),
  folderOf: (name) => (existsSync(join(MODULES, name)) ? join(MODULES, name) : undefined),
};

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Folders of packages, by name, with all that they depend on, as far as the machine has it. */
function closureOf(
  machine: Machine,
  names: readonly string[],
  found = new Map<string, string>(),
): ReadonlyMap<string, string> {
  for (const name of names) {
    const folder = found.has(name) ? undefined : machine.folderOf(name);
    if (!folder) continue;
    found.set(name, folder);
    const { dependencies, optionalDependencies } = manifestOf(folder);
    closureOf(machine, Object.keys({ ...dependencies, ...optionalDependencies }), found);
  }
  return found;
}

/** Throws an Error that says what is missing, and what brings it. */
export function install(root: string, machine: Machine): void {
  const home = join(root, 'usr/lib/dualtone');
  for (const [needed, how] of [
    [join(CHECKOUT, 'dist/dualtone.js'), 'npm run -s build'],
    [machine.node, 'npm ci'],
  ] as const) {
    if (!existsSync(needed)) throw new Error(`${needed} is missing: "${how}" brings it`);
  }
  // All of an older version goes: the bundle's files carry a hash in their names.
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const filter = (path: string) => !LEFT_OUT.test(basename(path));
  cpSync(join(CHECKOUT, 'dist'), home, { recursive: true, filter });
  cpSync(machine.node, join(home, 'node'));
  for (const [name, folder] of closureOf(machine, NATIVE))
    cpSync(folder, join(home, 'node_modules', name), { recursive: true, filter });
  writeFileSync(join(home, 'package.json'), '{"type":"module"}\n');
  cpSync(join(CHECKOUT, 'image/files'), root, { recursive: true });
}
