/**
 * The user part of our Contacts: random, so that only those whom we told it can ring us by it, and the same after
 * every start, so that a registrar replaces the binding of a phone that was killed instead of ringing both.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomToken } from './random.ts';
import { writeWhole } from './whole_file.ts';

const FILE = 'contact-token';

/** Reads it from the data directory, or makes one and keeps it there. A full disk costs the memory, not the start. */
export function contactToken(data: string, warn: (text: string) => void): string {
  const path = join(data, FILE);
  try {
    const kept = readFileSync(path, 'utf8').trim();
    if (/^[\da-f]{16,64}$/.test(kept)) return kept;
  } catch {
    // The first start.
  }
  const token = `${randomToken()}${randomToken()}`;
  try {
    writeWhole(path, `${token}\n`);
  } catch (error) {
    warn(`cannot keep the contact token: ${error instanceof Error ? error.message : String(error)}`);
  }
  return token;
}
