/**
 * Installs what `npm run build` has built, with the Node it runs on and the native packages, and the files that make a
 * service of it: `node tools/install.ts [DIRECTORY]`, by default into `/`, which takes root. Everything goes below `usr/`.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const CHECKOUT = resolve(import.meta.dirname, '..');
const MODULES = join(CHECKOUT, 'node_modules');
/** With code of the machine, so not in the bundle; what cannot be built here is not there, and nobody misses it. */
const NATIVE = ['koffi', 'onoff', 'i2c-bus', 'speaker'];
/** Of packages: what only their making or their reader needs. */
const LEFT_OUT = /^(?:include|share|deps|doc|obj\.target|.*\.md|.*\.map)$/;

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Names of packages with all that they depend on, as far as it is installed. */
function closureOf(names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const name of names) {
    if (found.has(name) || !existsSync(join(MODULES, name))) continue;
    found.add(name);
    const { dependencies, optionalDependencies } = manifestOf(join(MODULES, name));
    closureOf(Object.keys({ ...dependencies, ...optionalDependencies }), found);
  }
  return found;
}

function install(root: string): void {
  const home = join(root, 'usr/lib/dualtone');
  const node = join(MODULES, `node-linux-${process.arch}`, 'bin/node');
  for (const [needed, how] of [
    [join(CHECKOUT, 'dist/dualtone.js'), 'npm run -s build'],
    [node, 'npm ci'],
  ] as const) {
    if (!existsSync(needed)) throw new Error(`${needed} is missing: "${how}" brings it`);
  }
  // All of an older version goes: the bundle's files carry a hash in their names.
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const filter = (path: string) => !LEFT_OUT.test(basename(path));
  cpSync(join(CHECKOUT, 'dist'), home, { recursive: true, filter });
  cpSync(node, join(home, 'node'));
  for (const name of closureOf(NATIVE))
    cpSync(join(MODULES, name), join(home, 'node_modules', name), { recursive: true, filter });
  writeFileSync(join(home, 'package.json'), '{"type":"module"}\n');
  cpSync(join(CHECKOUT, 'image/files'), root, { recursive: true });
}

try {
  const root = resolve(process.argv[2] ?? '/');
  install(root);
  console.error(`installed: ${join(root, 'usr/bin/dualtone')}; docs/install.md says how to go on`);
} catch (error) {
  console.error(`not installed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
