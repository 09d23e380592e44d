/** Reads the passwords that stand in files of their own (`password: {file: …}`). */
import { readFile } from 'node:fs/promises';
import type { Config } from './schema.ts';

export interface WithPasswords {
  readonly config: Config;
  /** Files that could not be read: their accounts go on without a password, and will be refused. */
  readonly warnings: readonly string[];
}

/** A password is the first line of its file. Never rejects. */
export async function withPasswords(config: Config): Promise<WithPasswords> {
  const warnings: string[] = [];
  const accounts = await Promise.all(
    config.accounts.map(async (account, index) => {
      if (typeof account.password === 'string') return account;
      try {
        const text = await readFile(account.password.file, 'utf8');
        return { ...account, password: text.split(/\r?\n/, 1)[0] ?? '' };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        warnings.push(`/accounts/${index}/password: ${reason}`);
        return { ...account, password: '' };
      }
    }),
  );
  return { config: { ...config, accounts }, warnings };
}
