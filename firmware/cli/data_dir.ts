/** The directory where a running phone keeps its socket and its memory. */
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { CommandError } from './verb.ts';
import { whyOf } from './why.ts';

/** Of the phone that is a service (docs/dualtone.service). */
export const SYSTEM_DATA = '/var/lib/dualtone';

const SOCKET = 'control.sock';
/** `sun_path` of unix(7), with its closing zero. Octets. */
const LONGEST_SOCKET_PATH = 107;
const STICKY = 0o1000;

/** `--data`, else `$XDG_STATE_HOME/dualtone`, else `~/.local/state/dualtone`. */
export function dataDir(option: string | undefined, environment = process.env): string {
  if (option !== undefined && option !== '') return resolve(option);
  const state = environment.XDG_STATE_HOME;
  // The XDG specification: a relative path is invalid and ignored.
  const base = state?.startsWith('/') ? state : join(homedir(), '.local', 'state');
  return join(base, 'dualtone');
}

export function controlSocket(data: string): string {
  const path = join(data, SOCKET);
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path;
  throw new CommandError(`${path} is too long for a socket's name; choose a shorter directory with --data`);
}

/** Creates the directory for us alone, or makes it so. Throws CommandError where that would be wrong. */
export function prepareDataDir(data: string): void {
  try {
    makeDirectory(data);
    const { mode } = statSync(data);
    if ((mode & 0o077) === 0) return;
    if ((mode & STICKY) !== 0) throw new Error('it is shared by all users');
    chmodSync(data, 0o700);
  } catch (error) {
    throw new CommandError(
      `cannot use ${data} as data directory: ${whyOf(error)}; choose another with --data`,
    );
  }
}

/**
 * With those above it, one by one: `recursive` tries for ever where a file system makes no directories, as /proc says
 * ENOENT although the one above is there.
 */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new Error(`no directory can be made in ${dirname(path)}`);
    // Somebody else made it just now.
    if (code !== 'EEXIST') throw error;
  }
}
