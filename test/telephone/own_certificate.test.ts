/** The key and certificate by which neighbours know a telephone that was given none. */
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import test from 'ava';
import { KEPT } from '../../firmware/telephone/memory.ts';
import { OWN_CERTIFICATE, ownCertificate } from '../../firmware/telephone/own_certificate.ts';
import { scratch } from '../support/phone_process.ts';

const NOW = Date.UTC(2026, 10, 20);

/** The content of the file and what was logged, after a start in this directory. */
async function started(data: string, now = NOW) {
  const log: string[] = [];
  const file = await ownCertificate(data, (level, text) => log.push(`${level} ${text}`), now);
  return { file, log, pem: file === undefined ? '' : readFileSync(file, 'utf8') };
}

test('it is made at the first start, for our eyes alone, and never again', async (t) => {
  const data = scratch('own-certificate');
  const first = await started(data);
  t.deepEqual(readdirSync(data), [OWN_CERTIFICATE]);
  t.is(statSync(join(data, OWN_CERTIFICATE)).mode & 0o777, 0o600);
  t.is((await started(data, NOW + 50 * 366 * 86_400_000)).pem, first.pem);
  t.deepEqual(first.log, []);
  t.not((await started(scratch('own-certificate'))).pem, first.pem);
});

test('its file is certificate and key in one, without an end, also where the clock was never set', async (t) => {
  for (const now of [NOW, 0]) {
    const { pem } = await started(scratch('own-certificate'), now);
    t.notThrows(() => createSecureContext({ key: pem, cert: pem }));
    const certificate = new X509Certificate(pem);
    t.true(certificate.verify(certificate.publicKey));
    t.is(certificate.validToDate.getUTCFullYear(), 9999);
    t.true(certificate.validFromDate.getTime() >= Date.UTC(2026, 0, 1));
  }
});

test('a file that cannot be used gives way to another, and that is told', async (t) => {
  const data = scratch('own-certificate');
  const { pem, file = '' } = await started(data);
  const other = await started(scratch('own-certificate'));
  const [certificate = ''] = /^[\s\S]*?END CERTIFICATE-----\n/.exec(pem) ?? [];
  const foreign = other.pem.slice(other.pem.indexOf('-----BEGIN PRIVATE'));
  for (const broken of ['', 'no PEM', certificate, certificate + foreign]) {
    if (broken === '') truncateSync(file);
    else writeFileSync(file, broken);
    const again = await started(data);
    t.notThrows(() => createSecureContext({ key: again.pem, cert: again.pem }), broken);
    t.is(again.log.length, 1);
    t.regex(again.log[0] ?? '', /^warn .*neighbours will meet another key/);
  }
});

test('where it cannot be kept there is none, for the next start would have another', async (t) => {
  const data = scratch('own-certificate');
  mkdirSync(join(data, `${OWN_CERTIFICATE}.new`));
  const { file, log } = await started(data);
  t.is(file, undefined);
  t.regex(log.join(), /^warn no certificate of our own for neighbours: EISDIR.*called without TLS$/);
});

test('a factory reset forgets it', (t) => {
  t.true(Object.hasOwn(KEPT, OWN_CERTIFICATE));
});
