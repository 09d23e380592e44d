/** Certificates made for one run of the tests by openssl; nothing of them is kept. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface CertificateWish {
  /** As openssl writes it: `URI:sip:example.net,DNS:a.example.net`; null: no subjectAltName. */
  readonly names: string | null;
  readonly commonName?: string;
  /** Until when it is good, from now; negative: it has expired. */
  readonly days?: number;
  readonly usage?: 'serverAuth' | 'clientAuth';
}

/** An authority that nobody knows, until its file is named. */
export class Authority {
  readonly file: string;
  readonly directory: string;
  readonly #key: string;
  #count = 0;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'dualtone-tls-'));
    this.file = join(this.directory, 'authority.pem');
    this.#key = join(this.directory, 'authority.key');
    const subject = ['-subj', '/CN=Test Authority', '-days', '2'];
    const uses = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign'];
    openssl('req', '-x509', ...NEW_KEY, '-keyout', this.#key, '-out', this.file, ...subject, ...uses);
  }

  issue({ names, commonName = 'server', days = 2, usage = 'serverAuth' }: CertificateWish): Certificate {
    const path = join(this.directory, `${++this.#count}`);
    const [keyFile, certificateFile] = [`${path}.key`, `${path}.pem`];
    openssl('req', ...NEW_KEY, '-keyout', keyFile, '-out', `${path}.csr`, '-subj', `/CN=${commonName}`);
    const lines = ['basicConstraints=CA:FALSE', `extendedKeyUsage=${usage}`];
    if (names !== null) lines.push(`subjectAltName=${names}`);
    writeFileSync(`${path}.ext`, lines.join('\n'));
    openssl(
      ...[
        'x509',
        '-req',
        '-in',
        `${path}.csr`,
        '-CA',
        this.file,
        '-CAkey',
        this.#key,
        '-out',
        certificateFile,
      ],
      ...['-extfile', `${path}.ext`, '-set_serial', `${this.#count + 1}`, '-days', `${days}`],
    );
    return { certificateFile, keyFile };
  }

  /** Nobody vouches for it but itself. */
  static selfSigned(directory: string, names: string): Certificate {
    const [keyFile, certificateFile] = [join(directory, 'self.key'), join(directory, 'self.pem')];
    const wish = ['-subj', '/CN=self', '-days', '2', '-addext', `subjectAltName=${names}`];
    openssl('req', '-x509', ...NEW_KEY, '-keyout', keyFile, '-out', certificateFile, ...wish);
    return { certificateFile, keyFile };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
