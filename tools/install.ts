/**
 * Installs what `npm run build` has built, with the Node it runs on and the native packages, and the files that make a
 * service of it: `node tools/install.ts [DIRECTORY]`, by default into `/`, which takes root. Everything goes below `usr/`.
 */
import { join, resolve } from 'node:path';
import { install, THIS_MACHINE } from './installation.ts';

try {
  const root = resolve(process.argv[2] ?? '/');
  install(root, THIS_MACHINE);
  console.error(`installed: ${join(root, 'usr/bin/dualtone')}; docs/install.md says how to go on`);
} catch (error) {
  console.error(`not installed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
