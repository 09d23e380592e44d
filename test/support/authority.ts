/** An authority of the tests, made by openssl: it signs servers' and clients' certificates, also for other times. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../lab/command.ts';

export interface Issued {
  /** PEM files. */
  readonly certificate: string;
  readonly key: string;
  readonly chain: string;
}

export interface Wish {
  readonly names: readonly string[];
  /** As openssl has them: `20200101000000Z`. Default: now, and for two days. */
  readonly from?: string;
  readonly to?: string;
  /** Of one issued before: a certificate renewed with the same key. */
  readonly key?: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export class Authority {
  readonly #dir: string;
  #count = 0;

  static async create(dir: string, name = 'the authority of a test'): Promise<Authority> {
    writeFileSync(
      join(dir, 'ca.cnf'),
      [
        '[ca]\ndefault_ca=d\n[d]',
        `dir=${dir}\ndatabase=${dir}/index.txt\nserial=${dir}/serial\nnew_certs_dir=${dir}`,
        `certificate=${dir}/ca.pem\nprivate_key=${dir}/ca.key\ndefault_md=sha256\npolicy=p\ndefault_days=2`,
        'unique_subject=no\ncopy_extensions=copy\n[p]\ncommonName=supplied\n',
      ].join('\n'),
    );
    writeFileSync(join(dir, 'index.txt'), '');
    // Without key identifiers, as a forger would leave them out: only the signature tells who signed.
    writeFileSync(join(dir, 'extensions'), 'authorityKeyIdentifier=none\n');
    writeFileSync(join(dir, 'serial'), '1000\n');
    await command('openssl', [
      ...['req', '-x509', ...CURVE, '-days', '9000', '-subj', `/CN=${name}`],
      ...['-addext', 'basicConstraints=critical,CA:true', '-addext', 'keyUsage=critical,keyCertSign'],
      ...['-keyout', join(dir, 'ca.key'), '-out', join(dir, 'ca.pem')],
    ]);
    return new Authority(dir);
  }

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** PEM text of its own certificate. */
  get pem(): string {
    return readFileSync(join(this.#dir, 'ca.pem'), 'utf8');
  }

  async issue({ names, from, to, key: known }: Wish): Promise<Issued> {
    const base = join(this.#dir, `issued${++this.#count}`);
    const [key, request, certificate, chain] = [
      known ?? `${base}.key`,
      `${base}.csr`,
      `${base}.pem`,
      `${base}.chain`,
    ];
    const alternatives = names.map((name) => `${/^[\d.]+$|:/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',');
    await command('openssl', [
      ...['req', '-new', ...(known === undefined ? [...CURVE, '-keyout', key] : ['-key', key])],
      ...['-subj', `/CN=${names[0]}`, '-addext', `subjectAltName=${alternatives}`, '-out', request],
    ]);
    await command('openssl', [
      ...[
        'ca',
        '-batch',
        '-notext',
        '-config',
        join(this.#dir, 'ca.cnf'),
        '-in',
        request,
        '-out',
        certificate,
      ],
      ...['-extfile', join(this.#dir, 'extensions')],
      ...(from === undefined ? [] : ['-startdate', from]),
      ...(to === undefined ? [] : ['-enddate', to]),
    ]);
    writeFileSync(chain, readFileSync(certificate));
    appendFileSync(chain, this.pem);
    return { certificate, key, chain };
  }
}

/** A certificate that vouches for itself. */
export async function selfSigned(base: string, names: readonly string[]): Promise<Issued> {
  const [key, certificate] = [`${base}.key`, `${base}.pem`];
  const alternatives = names.map((name) => `${/^[\d.]+$|:/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',');
  await command('openssl', [
    ...['req', '-x509', ...CURVE, '-days', '2', '-subj', `/CN=${names[0]}`],
    ...['-addext', `subjectAltName=${alternatives}`, '-keyout', key, '-out', certificate],
  ]);
  return { certificate, key, chain: certificate };
}
