/**
 * Who vouches for servers of updates besides the authorities of the system: those that `net.tlsCa` names. RAUC asks the server
 * itself, as a user who may not read the telephone's files, and takes one file with all of them (its option `tls-ca`).
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';

/** Of the system, as Debian keeps them. */
const SYSTEM = '/etc/ssl/certs/ca-certificates.crt';

export interface Authorities {
  /** PEM, without those of the system. */
  readonly own: readonly string[];
  /** PEM file of all of them. */
  readonly file: string;
}

/** @param into where the file for RAUC goes. Throws where one of them cannot be read or written. */
export function authoritiesWith(tlsCa: string, into: string): Authorities {
  const own = readFileSync(tlsCa, 'utf8');
  writeFileSync(into, `${system()}\n${own}`);
  // Whatever the umask says: they are no secret, and another user reads them.
  chmodSync(into, 0o644);
  return { own: [own], file: into };
}

function system(): string {
  try {
    return readFileSync(SYSTEM, 'utf8');
  } catch {
    return '';
  }
}
