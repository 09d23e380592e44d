/** The telephone's key and certificate, kept in the data directory; made when they are missed, renewed when due. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keyOf, selfSigned } from './certificate.ts';
import {
  certificateTime,
  joinedNames,
  LEEWAY,
  LIFE,
  type Names,
  renewalReason,
} from './certificate_renewal.ts';
import { readKept, writeKept } from './kept_file.ts';

const FILE = 'tls.pem';

export interface Identity {
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
}

export interface IdentityOptions {
  readonly directory: string;
  readonly commonName: string;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  /** ms since the epoch. */
  readonly clock?: () => number;
}

export class CertificateFile {
  readonly #options: IdentityOptions;
  readonly #path: string;
  #identity: Identity | undefined;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#path = join(options.directory, FILE);
  }

  /** The one for these names: the same as before while that names them all. A full disk costs the memory of it only. */
  async for(names: Names): Promise<Identity> {
    const kept = this.#identity ?? split(await readKept(this.#path));
    const now = (this.#options.clock ?? Date.now)();
    const key = kept && keyOf(kept.key);
    if (kept !== undefined && key !== undefined) {
      const reason = renewalReason(kept.certificate, names, now);
      if (reason === undefined) {
        this.#identity = kept;
        return kept;
      }
      this.#options.log('info', `the certificate of the settings page is made anew: ${reason}`);
    }
    const made = this.#make(key, joinedNames(kept?.certificate, names), now);
    this.#identity = made;
    await this.#keep(made);
    return made;
  }

  /** The key stays: who pinned it needs nothing new. */
  #make(kept: KeyObject | undefined, names: Names, now: number): Identity {
    const key = kept ?? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const from = certificateTime(now);
    const certificate = selfSigned({
      ...names,
      commonName: this.#options.commonName,
      notBefore: from - LEEWAY,
      notAfter: from + LIFE - LEEWAY,
      serial: randomBytes(16),
      key,
    });
    return { key: String(key.export({ type: 'pkcs8', format: 'pem' })), certificate };
  }

  async #keep({ key, certificate }: Identity): Promise<void> {
    try {
      await writeKept(this.#path, key + certificate);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log(
        'warn',
        `the settings page's certificate cannot be kept, and is another after a start: ${reason}`,
      );
    }
  }
}

function split(text: string | undefined): Identity | undefined {
  const [key] = /-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----\n?/.exec(text ?? '') ?? [];
  const [certificate] =
    /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/.exec(text ?? '') ?? [];
  return key === undefined || certificate === undefined ? undefined : { key, certificate };
}
