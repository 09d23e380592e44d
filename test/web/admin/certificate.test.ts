/** The certificate that the telephone signs for itself, held against openssl and node. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { octetsOf } from '#web/admin/addresses.ts';
import { selfSigned } from '#web/admin/certificate.ts';
import { CertificateFile } from '#web/admin/certificate_file.ts';
import { LIFE } from '#web/admin/certificate_renewal.ts';
import { integer, objectIdentifier, octetString, time } from '#web/admin/der.ts';
import { needing } from '../../support/needs.ts';
import { serve } from './support.ts';

const run = promisify(execFile);
const withOpenssl = needing('openssl');
const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const NOW = Date.UTC(2026, 10, 20);
const WISH = {
  commonName: 'Küche',
  dnsNames: ['localhost', 'kitchen.local'],
  addresses: ['127.0.0.1', '::1', '2001:db8::7', 'fe80::1%eth0', 'no address'],
  notBefore: NOW,
  notAfter: NOW + 86_400_000,
  key,
};
const made = (serial: Uint8Array = randomBytes(16)) => selfSigned({ ...WISH, serial });

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

test('values are written as X.690 says', (t) => {
  t.is(hex(integer(Uint8Array.of(0))), '020100');
  t.is(hex(integer(Uint8Array.of(0, 0, 127))), '02017f');
  t.is(hex(integer(Uint8Array.of(128))), '02020080');
  t.is(hex(objectIdentifier('1.2.840.113549')), '06062a864886f70d');
  t.is(hex(octetString(new Uint8Array(200)).subarray(0, 3)), '0481c8');
  t.is(hex(octetString(new Uint8Array(70_000)).subarray(0, 5)), '0483011170');
  t.is(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString('latin1', 2), '491231235959Z');
  t.is(time(Date.UTC(2050, 0, 1)).toString('latin1', 2), '20500101000000Z');
});

test('the certificate names the telephone and nothing else, and proves itself by its own key', (t) => {
  const certificate = new X509Certificate(made());
  t.true(certificate.verify(certificate.publicKey));
  t.is(certificate.ca, false);
  t.is(certificate.subject, 'CN=Küche');
  for (const name of WISH.dnsNames) t.is(certificate.checkHost(name), name);
  for (const address of ['127.0.0.1', '::1', '2001:db8::7', 'fe80::1'])
    t.truthy(certificate.checkIP(address));
  t.is(certificate.checkHost('other.local'), undefined);
  t.is(certificate.checkIP('192.0.2.1'), undefined);
  t.is(certificate.validFromDate.getTime(), NOW);
});

test('whatever the serial number, it is positive and the certificate can be read', (t) => {
  for (const first of [0, 1, 127, 128, 255]) {
    const certificate = new X509Certificate(made(Uint8Array.of(first, ...randomBytes(15))));
    t.regex(certificate.serialNumber, /^[4-7][\dA-F]{31}$/);
  }
});

test('any name at all makes a certificate that can be read', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (commonName) => {
      new X509Certificate(
        selfSigned({ ...WISH, commonName: commonName.replaceAll('\0', ''), serial: randomBytes(16) }),
      );
    }),
    { numRuns: 30 },
  );
  t.pass();
});

withOpenssl('openssl reads it, finds nothing wrong with it, and every name in it', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'dualtone-certificate-')), 'certificate.pem');
  writeFileSync(
    file,
    selfSigned({
      ...WISH,
      notBefore: Date.now() - 1000,
      notAfter: Date.now() + 1e9,
      serial: randomBytes(16),
    }),
  );
  const { stdout } = await run('openssl', ['x509', '-in', file, '-noout', '-text']);
  for (const told of [
    'Version: 3',
    'ecdsa-with-SHA256',
    'ASN1 OID: prime256v1',
    'CA:FALSE',
    'Digital Signature',
    'TLS Web Server Authentication',
    'DNS:localhost, DNS:kitchen.local, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    'Subject Key Identifier',
  ]) {
    t.true(stdout.includes(told), told);
  }
  const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', file];
  t.regex((await run('openssl', [...verify, '-verify_ip', '2001:db8::7', file])).stdout, /OK/);
  t.regex((await run('openssl', [...verify, '-verify_hostname', 'kitchen.local', file])).stdout, /OK/);
  await t.throwsAsync(run('openssl', [...verify, '-verify_hostname', 'other.local', file]));
});

interface Kept {
  readonly log: string[];
  at(now: number, addresses?: readonly string[]): Promise<X509Certificate>;
  readonly path: string;
}

/** Each `at` is a start of its own. */
function kept(): Kept {
  const directory = mkdtempSync(join(tmpdir(), 'dualtone-tls-'));
  const log: string[] = [];
  return {
    log,
    path: join(directory, 'tls.pem'),
    at: async (now, addresses = ['192.0.2.7']) => {
      const file = new CertificateFile({
        directory,
        commonName: 'Kitchen',
        log: (_, text) => log.push(text),
        clock: () => now,
      });
      return new X509Certificate((await file.for({ dnsNames: ['localhost'], addresses })).certificate);
    },
  };
}

test('it is made once and is the same at the next start, for our eyes only', async (t) => {
  const { at, path, log } = kept();
  const [first, second] = [await at(NOW), await at(NOW + 86_400_000)];
  t.is(first.fingerprint256, second.fingerprint256);
  t.is(statSync(path).mode & 0o777, 0o600);
  t.deepEqual(log, []);
});

test('an address more makes a new one with the same key, an address less does not', async (t) => {
  const { at, log } = kept();
  const first = await at(NOW, ['192.0.2.7', '2001:db8::7']);
  t.is((await at(NOW, ['192.0.2.7'])).fingerprint256, first.fingerprint256);
  const next = await at(NOW, ['192.0.2.7', '2001:db8::8']);
  t.not(next.fingerprint256, first.fingerprint256);
  t.true(first.publicKey.equals(next.publicKey));
  t.truthy(next.checkIP('2001:db8::7'), 'those of before stay in it');
  t.regex(log.join(), /does not name 2001:db8::8/);
});

test('it is renewed a month before its end', async (t) => {
  const { at, log } = kept();
  const first = await at(NOW);
  const end = first.validToDate.getTime();
  t.is(end - first.validFromDate.getTime(), LIFE);
  t.is((await at(end - 31 * 86_400_000)).fingerprint256, first.fingerprint256);
  t.not((await at(end - 29 * 86_400_000)).fingerprint256, first.fingerprint256);
  t.regex(log.join(), /about to end/);
});

test('a clock that was never set does not make a certificate of 1970', async (t) => {
  const { at } = kept();
  const first = await at(5000);
  t.true(first.validToDate.getTime() > Date.UTC(2027, 0, 1));
  t.is((await at(Date.UTC(2026, 1, 1))).fingerprint256, first.fingerprint256);
});

for (const [what, spoil] of [
  ['empty', () => ''],
  ['cut off', (text: string) => text.slice(0, 300)],
  ['without its key', (text: string) => text.slice(text.indexOf('-----BEGIN CERTIFICATE'))],
  ['no PEM', () => 'garbage'],
] as const) {
  test(`a file that is ${what} is replaced`, async (t) => {
    const { at, path } = kept();
    const first = await at(NOW);
    writeFileSync(path, spoil(readFileSync(path, 'utf8')));
    const next = await at(NOW);
    t.not(next.fingerprint256, first.fingerprint256);
    t.is((await at(NOW)).fingerprint256, next.fingerprint256);
  });
}

test('browsers get this certificate, with TLS 1.2 or newer', async (t) => {
  const { admin } = await serve(t);
  const certificate = await new Promise<X509Certificate | undefined>((resolve, reject) => {
    const socket = connect({ port: admin.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate());
      socket.destroy();
    });
    socket.on('error', reject);
  });
  t.is(certificate?.fingerprint256, admin.fingerprint());
  for (const name of ['localhost', 'kitchen.test']) t.is(certificate?.checkHost(name), name);
  for (const address of ['127.0.0.1', '::1', '192.0.2.7', '2001:db8::7'])
    t.truthy(certificate?.checkIP(address));
  const old = new Promise((resolve, reject) => {
    const socket = connect(
      {
        port: admin.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.1',
      },
      () => resolve(socket.destroy()),
    );
    socket.on('error', reject);
  });
  await t.throwsAsync(old);
});

test('an address is read as it is written, in any of its forms', (t) => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => octetsOf(text)?.join('.') === text.split('.').map(Number).join('.')),
  );
  fc.assert(fc.property(fc.ipV6(), (text) => octetsOf(text)?.length === 16));
  t.is(octetsOf('2001:db8::192.0.2.1')?.toString('hex'), '20010db80000000000000000c0000201');
  t.is(octetsOf('[fe80::1%eth0]')?.toString('hex'), 'fe800000000000000000000000000001');
  for (const wrong of [
    '',
    '1.2.3',
    '1.2.3.256',
    '::1::',
    '1:2:3',
    ':::',
    '1:2:3:4:5:6:7:8:9',
    '::g',
    '12345::',
    '1.2.3.4::',
  ]) {
    t.is(octetsOf(wrong), undefined, wrong);
  }
});
