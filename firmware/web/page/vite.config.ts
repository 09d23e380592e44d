/** Builds the pages into dist/page, handset and settings: relative addresses, everything a file of its own so that the CSP holds. */
import { defineConfig } from 'vite';

const here = new URL('.', import.meta.url).pathname;

export default defineConfig({
  root: here,
  base: './',
  build: {
    outDir: `${here}../../../dist/page`,
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: { input: { index: `${here}index.html`, admin: `${here}admin/index.html` } },
    // data: and blob: addresses are forbidden by the policy, inline scripts too.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  worker: { format: 'es' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
