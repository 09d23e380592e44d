/** `node image/build/fetch.ts NAME…`: brings locked packages whose names begin so into the cache, and no others. */
import { readFileSync } from 'node:fs';
import { fetchAll } from './archive.ts';
import { parseLock } from './lock.ts';
import { LOCK } from './places.ts';
import { step } from './step.ts';

const names = process.argv.slice(2);
const { packages } = parseLock(readFileSync(LOCK, 'utf8'));
try {
  await step(`packages ${names.join(' ')}`, () =>
    fetchAll(packages.filter((one) => names.some((name) => one.name.startsWith(name)))),
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
