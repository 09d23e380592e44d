/**
 * Files that lie beside a drop file and that its settings name: the store keeps them, for they leave the card with it. Under
 * the hash of what they hold: who names one names this content, and so does a generation.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

const NAME = /^[0-9a-f]{64}\.pem$/;

/** `folder`: of the store. */
export function keptPath(folder: string, octets: Uint8Array): string {
  return join(folder, `${createHash('sha256').update(octets).digest('hex')}.pem`);
}

export function isKeptFile(name: string): boolean {
  return NAME.test(name);
}
