/** Which addons of the cache are still those that would be built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { keyOfAddons } from '../../image/build/addons.ts';

test('addons are built anew for other headers, and when a package that they are built of changes', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'dualtone-addons-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const packages = ['epoll', 'nan', 'node-gyp'].map((name) => join(root, name));
  const version = (folder: string, said: string) =>
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: said }));
  for (const folder of packages) {
    mkdirSync(folder);
    version(folder, '1.0.0');
  }
  const key = keyOfAddons(packages, 'node-24.0.0');
  t.is(keyOfAddons(packages, 'node-24.0.0'), key);
  t.not(keyOfAddons(packages, 'node-24.0.1'), key);
  for (const folder of packages) {
    version(folder, '1.0.1');
    t.not(keyOfAddons(packages, 'node-24.0.0'), key, folder);
    version(folder, '1.0.0');
  }
});
