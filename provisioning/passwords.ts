/** Reads the secrets that stand in files of their own (`password: {file: …}`). */
import { readFile } from 'node:fs/promises';
import type { Config } from './schema.ts';
import { secretFiles, secretIn, withSecrets } from './secret_files.ts';

export interface WithPasswords {
  readonly config: Config;
  /** Files that could not be read: who needs the secret goes on without, and will be refused. */
  readonly warnings: readonly string[];
}

/** Never rejects. */
export async function withPasswords(config: Config): Promise<WithPasswords> {
  const warnings: string[] = [];
  const secrets = new Map<string, string>();
  for (const { at, file } of secretFiles(config)) {
    try {
      secrets.set(file, secretIn(await readFile(file, 'utf8')));
    } catch (error) {
      warnings.push(`${at}: ${error instanceof Error ? error.message : String(error)}`);
      secrets.set(file, '');
    }
  }
  return { config: withSecrets(config, secrets), warnings };
}
