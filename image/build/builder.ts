/**
 * The builder: a Debian of the locked versions in a folder of the cache. All that makes octets of the card runs in there,
 * so that they do not depend on the host.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf, type Lock, ofBuilder } from './lock.ts';
import { CACHE, CHECKOUT, cached, used } from './places.ts';
import { bootstrap } from './repository.ts';
import { type RunOptions, run } from './run.ts';

const RECIPE = 'builder 1';

/** Words: the builder's root, the folder to work in, how many folders it sees of the host (at the same paths), these, the command. */
const SCRIPT = `
set -e
root=$1 folder=$2 count=$3; shift 3
while [ "$count" -gt 0 ]; do
  mkdir -p "$root$1"
  mount --rbind "$1" "$root$1"
  shift
  count=$((count - 1))
done
exec chroot "$root" /bin/sh -c 'cd "$0"; exec "$@"' "$folder" "$@"
`;

export type Builder = (
  command: readonly string[],
  options?: Omit<RunOptions, 'env'> & { readonly env?: Readonly<Record<string, string>> },
) => Promise<string>;

/**
 * Makes it where it is not in the cache. What it answers with runs a command in there; paths are the host's. `folders`: what
 * it sees of the host beside the cache and the checkout.
 */
export async function makeBuilder(
  { packages, epoch }: Lock,
  folders: readonly string[] = [],
): Promise<Builder> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const wanted = ofBuilder(packages);
  const root = join(cached(), `builder-${keyOf(wanted, RECIPE)}`);
  if (!existsSync(root)) {
    const coming = `${root}.coming`;
    rmSync(coming, { recursive: true, force: true });
    await bootstrap(wanted, architecture, coming, epoch);
    mkdirSync(join(coming, 'tmp'), { recursive: true });
    renameSync(coming, root);
  }
  used(root);
  const base = {
    PATH: '/usr/sbin:/usr/bin',
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    SOURCE_DATE_EPOCH: String(epoch),
  };
  const seen = [...new Set([CACHE, CHECKOUT, ...folders, '/dev', '/proc'])];
  const words = ['--mount', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh', root];
  // A mount namespace of its own: whatever happens, the mounts end with the program.
  return (command, { cwd = '/', env = {}, ...options } = {}) =>
    run('unshare', [...words, cwd, String(seen.length), ...seen, ...command], {
      called: command.join(' '),
      ...options,
      env: { ...base, ...env },
    });
}
