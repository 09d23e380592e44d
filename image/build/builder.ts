/**
 * The builder: a Debian of the locked versions in a folder of the cache. All that makes octets of the card runs in there,
 * so that they do not depend on the host.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf, type Lock, ofRole } from './lock.ts';
import { builderOf } from './packages.ts';
import { CACHE, CHECKOUT, cached } from './places.ts';
import { bootstrap } from './repository.ts';
import { type RunOptions, run } from './run.ts';

const RECIPE = 'builder 1';

/** What programs in the builder see of the host, at the same paths. */
const SHARED = [CACHE, CHECKOUT];
const SCRIPT = `
set -e
root=$1 folder=$2; shift 2
for path in ${SHARED.map((path) => `'${path}'`).join(' ')} /dev /proc; do
  mkdir -p "$root$path"
  mount --rbind "$path" "$root$path"
done
exec chroot "$root" /bin/sh -c 'cd "$0"; exec "$@"' "$folder" "$@"
`;

export type Builder = (
  command: readonly string[],
  options?: Omit<RunOptions, 'env'> & { readonly env?: Readonly<Record<string, string>> },
) => Promise<string>;

/** Makes it where it is not in the cache. What it answers with runs a command in there; paths are the host's. */
export async function makeBuilder({ packages, epoch }: Lock): Promise<Builder> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const wanted = ofRole(packages, builderOf(architecture));
  const root = join(cached(), `builder-${keyOf(wanted, RECIPE)}`);
  if (!existsSync(root)) {
    const coming = `${root}.coming`;
    rmSync(coming, { recursive: true, force: true });
    await bootstrap(wanted, architecture, coming, epoch);
    mkdirSync(join(coming, 'tmp'), { recursive: true });
    renameSync(coming, root);
  }
  const base = {
    PATH: '/usr/sbin:/usr/bin',
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    SOURCE_DATE_EPOCH: String(epoch),
  };
  // A mount namespace of its own: whatever happens, the mounts end with the program.
  return (command, { cwd = '/', env = {}, ...options } = {}) =>
    run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh', root, cwd, ...command], {
      called: command.join(' '),
      ...options,
      env: { ...base, ...env },
    });
}
