/**
 * What the telephone tells others of this system: files in the directory that systemd makes for a service (RuntimeDirectory=).
 * By them `dualtone rest` knows whose outputs a killed telephone left on, and the card which overlay the next start needs and
 * which ports its firewall opens. Without a service there is no such directory, and nothing is told.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** By name: the board that runs, by its name or the file of its profile; the one that the next start shall have; who may call us. */
type File = 'board' | 'board-wanted' | 'ports';
/** Octets: a name, or the path of a file. */
const LONGEST = 4096;

/** Never throws: a telephone runs without. */
export function tellSystem(file: File, text: string, environment: Environment = process.env): void {
  const path = pathOf(file, environment);
  if (path === undefined) return;
  try {
    // Whole or not at all: whoever watches it reads it at once.
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    // A full /run is told of by others.
  }
}

/** The board of the telephone that runs as this service, or ran last; undefined: none has told. */
export function boardOfService(environment: Environment = process.env): string | undefined {
  const path = pathOf('board', environment);
  if (path === undefined) return undefined;
  try {
    const board = readFileSync(path, 'utf8').slice(0, LONGEST);
    return board === '' ? undefined : board;
  } catch {
    return undefined;
  }
}

/** systemd.exec(5): several directories are joined by colons; ours is the first. */
function pathOf(file: File, { RUNTIME_DIRECTORY }: Environment): string | undefined {
  const [directory = ''] = (RUNTIME_DIRECTORY ?? '').split(':');
  return directory.startsWith('/') ? join(directory, file) : undefined;
}
