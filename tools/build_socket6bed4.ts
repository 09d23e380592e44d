/**
 * Builds `firmware/socket6bed4/dist/`: what strangers install of the package socket6bed4, one file of JavaScript and
 * its types. Quick when nothing changed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build as bundle, minify } from 'vite';

const PACKAGE = 'firmware/socket6bed4';
const SOURCES = [`${PACKAGE}/{index.ts,{address,packet,peer,socket}/*.ts}`, 'tools/build_socket6bed4.ts'];
const DIST = `${PACKAGE}/dist`;
/** Built beside the old one and put in its place whole. */
const NEW = `${PACKAGE}/dist.new`;
const OLD = `${PACKAGE}/dist.old`;
const STAMP = 'index.js';
/** The oldest Node that the package promises. */
const TARGET = 'node20';
const NUMBERS = numbersOf(globSync(SOURCES[0] ?? ''));

export async function buildSocket6bed4(): Promise<void> {
  if (isFresh()) return;
  console.error('socket6bed4: building …');
  rmSync(NEW, { recursive: true, force: true });
  await bundle({
    configFile: false,
    logLevel: 'warn',
    plugins: [{ name: 'numbers', transform: (code, id) => (id.endsWith('.ts') ? withNumbers(code) : null) }],
    build: {
      target: TARGET,
      outDir: resolve(NEW),
      minify: 'oxc',
      lib: { entry: resolve(PACKAGE, 'index.ts'), formats: ['es'], fileName: 'index' },
      rolldownOptions: {
        platform: 'node',
        external: /^node:/,
        treeshake: { manualPureFunctions: ['Uint8Array.of'] },
        // As constants they are put in where they are used.
        output: { topLevelVar: false },
      },
    },
  });
  emitTypes();
  await shrink(`${NEW}/${STAMP}`);
  rmSync(OLD, { recursive: true, force: true });
  if (existsSync(DIST)) renameSync(DIST, OLD);
  renameSync(NEW, DIST);
  rmSync(OLD, { recursive: true, force: true });
}

function isFresh(): boolean {
  const stamp = `${DIST}/${STAMP}`;
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return globSync(SOURCES).every((file) => statSync(file).mtimeMs < built);
}

/** Puts the numbers of `const Table = { name: 1 } as const` in where they are used. */
function withNumbers(code: string): string {
  return code.replace(
    /\b([A-Z]\w+)\.(\w+)\b/g,
    (text, table, name) => NUMBERS.get(`${table}.${name}`) ?? text,
  );
}

/** By `Table.name`. */
function numbersOf(files: readonly string[]): ReadonlyMap<string, string> {
  const tables = files.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/^(?:export )?const (\w+) = \{([^{}]*)\} as const;/gm),
  ]);
  const rows = tables.flatMap(([, table, body = '']) =>
    [...body.matchAll(/(\w+): (\d+)\b/g)].map(
      ([, name, number = '']) => [`${table}.${name}`, number] as const,
    ),
  );
  return new Map(rows);
}

/** What vite leaves of white space and of marks for other bundlers. */
async function shrink(file: string): Promise<void> {
  const { code, errors } = await minify(file, readFileSync(file, 'utf8'), {
    module: true,
    compress: { target: TARGET },
    mangle: true,
    codegen: true,
  });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  writeFileSync(file, code.replaceAll('/* @__PURE__ */ ', ''));
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
