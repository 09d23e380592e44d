/** Packages of npm for another machine than this: fetched by npm, verified by package-lock.json, unpacked into the cache. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT, cached } from './places.ts';
import { run } from './run.ts';

interface Locked {
  readonly version: string;
  /** `sha512-` and base64 */
  readonly integrity: string;
}

function locked(name: string): Locked {
  const { packages } = JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8'));
  const found = packages[`node_modules/${name}`];
  if (!found?.integrity) throw new Error(`package-lock.json has no ${name}`);
  return found;
}

/** Folder of the package's files. */
export async function packOf(name: string): Promise<string> {
  const { version, integrity } = locked(name);
  const folder = join(cached('npm'), `${name.replaceAll('/', '+')}-${version}`);
  if (existsSync(folder)) return folder;
  const coming = `${folder}.coming`;
  rmSync(coming, { recursive: true, force: true });
  mkdirSync(coming, { recursive: true });
  const said = await run('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', coming], {
    cwd: coming,
  });
  const file = join(coming, said.trim().split('\n').at(-1) ?? '');
  const sum = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (sum !== integrity)
    throw new Error(`${name} ${version}: ${sum}, but package-lock.json says ${integrity}`);
  await run('tar', [
    '--extract',
    '--no-same-owner',
    '--file',
    file,
    '--directory',
    coming,
    '--strip-components=1',
  ]);
  rmSync(file);
  renameSync(coming, folder);
  return folder;
}
