/** Node, bundle and native packages as the builder lays them out: what the telephone loads of them is still there. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CHECKOUT } from '../../image/build/places.ts';
import { addRuntime } from '../../image/build/runtime.ts';

const MODULES = join(CHECKOUT, 'node_modules');
const OWN_KOFFI = join(MODULES, `@koromix/koffi-linux-${process.arch}`);
const BUILT = ['epoll/build/Release/epoll.node', 'i2c-bus/build/Release/i2c.node'];
const needed = [OWN_KOFFI, join(CHECKOUT, 'dist/dualtone.js'), ...BUILT.map((name) => join(MODULES, name))];

/** The builder's tree with what this machine can load in place of what is for the board. */
function laidOut(t: ExecutionContext): string {
  const root = mkdtempSync(join(tmpdir(), 'dualtone-runtime-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const addons = join(root, 'addons');
  for (const name of BUILT) {
    mkdirSync(join(addons, name, '..'), { recursive: true });
    cpSync(join(MODULES, name), join(addons, name));
  }
  const system = join(root, 'system');
  addRuntime(system, { pack: '', node: process.execPath, koffi: OWN_KOFFI, addons });
  const packages = join(system, 'usr/lib/dualtone/node_modules');
  const [theirs, ours] = ['arm64', process.arch].map((arch) =>
    join(packages, `@koromix/koffi-linux-${arch}`),
  );
  if (theirs !== undefined && ours !== undefined && !existsSync(ours)) renameSync(theirs, ours);
  return join(system, 'usr/lib/dualtone');
}

const here = needed.every((path) => existsSync(path)) ? test : test.skip;

for (const name of ['koffi', 'onoff', 'epoll', 'i2c-bus']) {
  here(`${name} can be loaded where the builder has laid it`, (t) => {
    const home = laidOut(t);
    // Node looks for packages beside the file that asks for them, and nowhere else here.
    const program = `import(${JSON.stringify(name)}).then((it) => console.log(Object.keys(it).length > 0))`;
    const { status, stdout, stderr } = spawnSync(join(home, 'node'), ['--input-type=module', '-e', program], {
      cwd: home,
      encoding: 'utf8',
      env: {},
    });
    t.is(stdout, 'true\n', stderr);
    t.is(status, 0);
  });
}
