/** The packages with code of the machine, cross-built against the headers of the device's Node. */

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Builder } from './builder.ts';
import { CHECKOUT, cached, used } from './places.ts';
import { run } from './run.ts';

const RECIPE = 'addons 2';
const MODULES = join(CHECKOUT, 'node_modules');
/** What node-gyp builds. `binding`: the file that is loaded. */
const ADDONS = [
  { name: 'epoll', binding: 'epoll.node' },
  { name: 'i2c-bus', binding: 'i2c.node' },
  { name: 'speaker', binding: 'binding.node' },
];
const CROSS = 'aarch64-linux-gnu';

/** node-gyp comes with npm. */
async function nodeGyp(): Promise<string> {
  const npm = process.env.npm_execpath ?? (await run('sh', ['-c', 'command -v npm'])).trim();
  const beside = join(dirname(dirname(realpathSync(npm))), 'node_modules/node-gyp');
  const found = [beside, '/usr/share/nodejs/node-gyp'].find((folder) =>
    existsSync(join(folder, 'bin/node-gyp.js')),
  );
  if (!found) throw new Error('npm of this host has no node-gyp beside it');
  return found;
}

/** The bundled mpg123 has no settings for arm64; they are those of any Linux of 64 bits, which x64's are. */
function completeSpeaker(folder: string): void {
  const config = join(folder, 'deps/mpg123/config/linux');
  if (!existsSync(join(config, 'arm64')))
    cpSync(join(config, 'x64'), join(config, 'arm64'), { recursive: true });
}

/** Changes with the versions of `packages` (folders of npm's), or `headers`, which says what they are built against. */
export function keyOfAddons(packages: readonly string[], headers: string): string {
  const hash = createHash('sha256').update(RECIPE).update(headers);
  for (const folder of packages) hash.update(readFileSync(join(folder, 'package.json')));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Folder with `NAME/build/Release/BINDING` of each. `node`: the unpacked package of the device's Node; `sysroot`: where
 * libasound2 and its headers for arm64 are.
 */
export async function makeAddons(node: string, sysroot: string, builder: Builder): Promise<string> {
  const tool = await nodeGyp();
  const packages = [...ADDONS.map(({ name }) => join(MODULES, name)), join(MODULES, 'nan'), tool];
  const target = join(cached(), `addons-${keyOfAddons(packages, `${node} ${sysroot}`)}`);
  if (existsSync(target)) return used(target);
  const coming = `${target}.coming`;
  rmSync(coming, { recursive: true, force: true });
  // The builder sees the cache, but not the host's npm; what node-gyp needs lies beside it there.
  const gyp = join(coming, 'gyp/node_modules');
  cpSync(dirname(tool), gyp, { recursive: true, dereference: true });
  for (const { name, binding } of ADDONS) {
    const folder = join(coming, 'build', name);
    cpSync(join(MODULES, name), folder, { recursive: true, filter: (path) => !path.endsWith('/build') });
    mkdirSync(join(coming, 'build/node_modules'), { recursive: true });
    cpSync(join(MODULES, 'nan'), join(coming, 'build/node_modules/nan'), { recursive: true });
    if (name === 'speaker') completeSpeaker(folder);
    await compile(folder, node, sysroot, join(gyp, 'node-gyp'), builder);
    const made = join(folder, 'build/Release', binding);
    const to = join(coming, name, 'build/Release');
    mkdirSync(to, { recursive: true });
    await builder([`${CROSS}-strip`, '--strip-unneeded', '-o', join(to, binding), made]);
  }
  for (const folder of ['build', 'gyp']) rmSync(join(coming, folder), { recursive: true });
  renameSync(coming, target);
  return target;
}

async function compile(
  folder: string,
  node: string,
  sysroot: string,
  gyp: string,
  builder: Builder,
): Promise<void> {
  const flags = `-I${sysroot}/usr/include -ffile-prefix-map=${folder}=. -Wno-incompatible-pointer-types`;
  const words = ['rebuild', '--arch=arm64', `--nodedir=${node}`];
  await builder([process.execPath, join(gyp, 'bin/node-gyp.js'), ...words], {
    cwd: folder,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/sbin:/usr/bin`,
      CC: `${CROSS}-gcc`,
      CXX: `${CROSS}-g++`,
      AR: `${CROSS}-ar`,
      LINK: `${CROSS}-g++`,
      CFLAGS: flags,
      CXXFLAGS: flags,
      LDFLAGS: `-L${sysroot}/usr/lib/aarch64-linux-gnu`,
    },
  });
}
