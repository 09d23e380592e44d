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

/** Days that the development certificate is valid: nobody renews it. */
const VALID = '7300';

export async function ownKeys(builder: Builder): Promise<Keys> {
  mkdirSync(KEYS, { recursive: true, mode: 0o700 });
  const key = join(KEYS, 'update.key');
  const file = join(KEYS, 'update.crt');
  if (!existsSync(file)) {
    const subject = ['-subj', '/O=Dualtone/CN=Dualtone development'];
    // RAUC asks for the purpose that S/MIME has: it signs by CMS.
    const purpose = [
      '-addext',
      'extendedKeyUsage=emailProtection',
      '-addext',
      'keyUsage=digitalSignature,keyCertSign',
    ];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const words = [
      'req',
      '-x509',
      ...kind,
      '-keyout',
      key,
      '-out',
      file,
      '-days',
      VALID,
      '-sha256',
      ...subject,
      ...purpose,
    ];
    await builder(['openssl', ...words]);
    chmodSync(key, 0o600);
  }
  return { key, certificate: { file, development: true } };
}
