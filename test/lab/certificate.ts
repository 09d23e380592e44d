/** A certificate that is its own authority, for servers of the laboratory. */
import { join } from 'node:path';
import { command } from './command.ts';

export interface Certificate {
  /** PEM files. Who believes the certificate as an authority, believes the server. */
  readonly certificate: string;
  readonly key: string;
}

/** For these domain names, in files of this directory; good for two days. */
export async function certify(directory: string, names: readonly string[]): Promise<Certificate> {
  const made = { certificate: join(directory, 'certificate.pem'), key: join(directory, 'key.pem') };
  await command('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...[
      '-subj',
      '/CN=laboratory',
      '-addext',
      `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`,
    ],
    ...['-keyout', made.key, '-out', made.certificate],
  ]);
  return made;
}
