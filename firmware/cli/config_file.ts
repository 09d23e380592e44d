/** Reads a configuration file for a verb. */
import { readFile } from 'node:fs/promises';
import { readConfig } from '#provisioning/read.ts';
import type { Config } from '#provisioning/schema.ts';
import { CommandError } from './verb.ts';
import { whyOf } from './why.ts';

export interface ConfigFile {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** What the file itself says. */
  readonly given: unknown;
}

/** CommandError: cannot be read, or refused. Without `path`: the defaults. */
export async function loadConfig(path: string | undefined): Promise<ConfigFile> {
  const result = await readConfig(path === undefined ? '{}' : await textOf(path));
  if ('error' in result) throw new CommandError(`${path} is refused: ${result.error}`);
  return result;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${whyOf(error)}`);
  }
}
