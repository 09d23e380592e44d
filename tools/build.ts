/**
 * Builds `dist/`: dualtone.js (the agent and its command line), rest.js (its verb `rest`), media-worker.js (the media
 * thread) and page/ (the handset in the browser); and the package socket6bed4. Quick when nothing changed: what is newer than its inputs
 * is left alone.
 */
import { chmodSync, existsSync, globSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build as bundle, type Options } from 'tsup';
import { build as buildPage } from 'vite';
import { buildSocket6bed4 } from './build_socket6bed4.ts';
import { besides, swap } from './swap.ts';

const SOURCES = [
  '{firmware,hal,provisioning}/**/*.{ts,tsx,css,html,json,js,svg}',
  'tools/build.ts',
  'package-lock.json',
];
const STAMP = 'dist/.built';
/** Packages with code of the machine: they stay where npm put them, and are looked for when they are wanted. */
const NATIVE = ['onoff', 'i2c-bus', 'speaker', 'koffi'];
const NEW = besides('dist');

const newest = (patterns: readonly string[]): number =>
  Math.max(...globSync([...patterns], { exclude: ['**/dist/**'] }).map((file) => statSync(file).mtimeMs));

export function isFresh(): boolean {
  return existsSync(STAMP) && statSync(STAMP).mtimeMs > newest(SOURCES);
}

const BUNDLE: Options = {
  format: ['esm'],
  target: 'node24',
  platform: 'node',
  outDir: NEW,
  silent: true,
  minify: true,
  sourcemap: true,
  removeNodeProtocol: false,
  noExternal: [new RegExp(`^(?!(?:${NATIVE.join('|')})$)`)],
  external: NATIVE,
  // CommonJS packages inside the bundle ask for Node's own modules by require(), and ws for two native ones.
  banner: { js: 'const require=process.getBuiltinModule;' },
  define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
  config: false,
  tsconfig: 'tsconfig.json',
};

/** The verb `rest` in one file: each chunk that Node looks for costs more than what is in it. */
const REST = 'rest';
const restApart: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'rest apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/rest_alone\.ts$/ }, () => ({ path: `./${REST}.js`, external: true })),
};

async function build(): Promise<void> {
  await bundle({
    ...BUNDLE,
    entry: {
      dualtone: 'firmware/main.ts',
      'media-worker': 'firmware/engine/worker.ts',
      'sound-worker': 'firmware/engine/sound/worker.ts',
      'pwm-toggle-worker': 'hal/linux/pwm_toggle_worker.ts',
      'keeper-worker': 'hal/linux/keeper_worker.ts',
      'bell-speaker-child': 'hal/linux/bell_speaker_child.ts',
    },
    clean: true,
    splitting: true,
    esbuildPlugins: [restApart],
    esbuildOptions: (options) => {
      // For Node this package is CommonJS, of which every octet has to stay; its other face is ES modules.
      options.alias = { yaml: './node_modules/yaml/browser/dist/index.js' };
    },
  });
  await bundle({ ...BUNDLE, entry: { [REST]: 'firmware/telephone/rest_alone.ts' }, splitting: false });
  chmodSync(`${NEW}/dualtone.js`, 0o755);
  await buildPage({
    configFile: 'firmware/web/page/vite.config.ts',
    logLevel: 'warn',
    build: { outDir: resolve(NEW, 'page') },
  });
  writeFileSync(`${NEW}/.built`, '');
  swap('dist');
}

await buildSocket6bed4();
if (!isFresh()) {
  console.error('dualtone: building …');
  await build();
}
