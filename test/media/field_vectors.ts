/** Recordings that may not be copied into the project: tests use them where they lie beside the checkout. */
import { existsSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';

const ROOT = process.env.DUALTONE_VECTORS ?? new URL('../../../shared/vectors/', import.meta.url).pathname;

/** A test that runs where the set `name` exists; `body` gets its folder. */
export function withVectors(
  name: string,
  title: string,
  body: (t: ExecutionContext, folder: string) => void,
): void {
  const folder = `${ROOT}/${name}`;
  if (existsSync(folder)) test(title, (t) => body(t, folder));
  else test.skip(`${title} (needs the vectors ${name} in ../shared/vectors or $DUALTONE_VECTORS)`, () => {});
}
