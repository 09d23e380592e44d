/**
 * The keys by which a telephone knows its updates: the owner's, or a development pair that is made once on this machine
 * and lies in its cache, outside of the tree.
 */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from './builder.ts';
import { KEYS } from './places.ts';

export interface Certificate {
  readonly file: string;
  /** Made here, for trying: page and screen of the telephone say so. */
  readonly development: boolean;
}

export interface Keys {
  readonly key: string;
  readonly certificate: Certificate;
}

/** Days that a certificate made here is valid: nobody renews it. */
const VALID = '7300';

/** openssl's words for a key and its certificate, as RAUC wants them. */
export function selfSigned(key: string, file: string, subject: string): readonly string[] {
  const kind = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256'.split(' ');
  // RAUC asks for the purpose that S/MIME has: it signs by CMS.
  const purpose = ['extendedKeyUsage=emailProtection', 'keyUsage=digitalSignature,keyCertSign'];
  const extensions = purpose.flatMap((each) => ['-addext', each]);
  return [
    'req',
    '-x509',
    ...kind,
    '-keyout',
    key,
    '-out',
    file,
    '-days',
    VALID,
    '-subj',
    subject,
    ...extensions,
  ];
}

export async function ownKeys(builder: Builder): Promise<Keys> {
  mkdirSync(KEYS, { recursive: true, mode: 0o700 });
  const key = join(KEYS, 'update.key');
  const file = join(KEYS, 'update.crt');
  if (!existsSync(file)) {
    await builder(['openssl', ...selfSigned(key, file, '/O=Dualtone/CN=Dualtone development')]);
    chmodSync(key, 0o600);
  }
  return { key, certificate: { file, development: true } };
}
