/** Child of run.ts: prints kB (1000 octets), gzipped, of the scripts that the agent runs: the bundle without page and source maps. */
import { globSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../../dist/', import.meta.url).pathname;
const scripts = globSync('*.js', { cwd: dist });
if (scripts.length === 0) throw new Error('dist is empty: npm run build');
const octets = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(`${dist}${name}`)).length, 0);
console.log(JSON.stringify({ value: octets / 1000 }));
