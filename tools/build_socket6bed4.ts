/**
 * Builds `firmware/socket6bed4/dist/`: what strangers install of the package socket6bed4, one file of JavaScript and
 * its types. Quick when nothing changed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { build as bundle } from 'vite';
import { besides, swap } from './swap.ts';

const PACKAGE = 'firmware/socket6bed4';
const SOURCES = [`${PACKAGE}/{index.ts,{address,packet,peer,socket}/*.ts}`, 'tools/build_socket6bed4.ts'];
const DIST = `${PACKAGE}/dist`;
const NEW = besides(DIST);
const STAMP = 'index.js';

export async function buildSocket6bed4(): Promise<void> {
  if (isFresh()) return;
  console.error('socket6bed4: building …');
  rmSync(NEW, { recursive: true, force: true });
  await bundle({
    configFile: false,
    logLevel: 'warn',
    build: {
      // For Node: its modules stay imports.
      ssr: `${PACKAGE}/index.ts`,
      // The oldest that the package promises.
      target: 'node20',
      outDir: resolve(NEW),
      minify: true,
      // As constants, numbers are put in where they are used.
      rolldownOptions: { output: { topLevelVar: false } },
    },
  });
  emitTypes();
  swap(DIST);
}

function isFresh(): boolean {
  const stamp = `${DIST}/${STAMP}`;
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return globSync(SOURCES).every((file) => statSync(file).mtimeMs < built);
}

/** Those that can be reached from the door; what is inside concerns nobody. */
function emitTypes(): void {
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--stripInternal'];
  const compiler = 'node_modules/typescript/bin/tsc';
  const args = [compiler, '-p', `${PACKAGE}/tsconfig.json`, ...options, '--outDir', NEW];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the types of socket6bed4 could not be written; tsc said why above');

  const wanted = new Set(['index.d.ts']);
  for (const file of wanted) {
    for (const [, to = ''] of readFileSync(`${NEW}/${file}`, 'utf8').matchAll(/from '(\.[^']+)\.ts'/g)) {
      wanted.add(new URL(`${to}.d.ts`, `file:///${file}`).pathname.slice(1));
    }
  }
  for (const file of globSync('**/*.d.ts', { cwd: NEW })) if (!wanted.has(file)) rmSync(`${NEW}/${file}`);
}
