/**
 * The key and certificate by which neighbours know a telephone that was given none: made once, and the same for as long
 * as the telephone remembers anything, for another one is that of another telephone to those who met it. Nobody looks at
 * its names and dates.
 */
import { generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keyOf, selfSigned } from '#web/admin/certificate.ts';
import { certificateTime } from '#web/admin/certificate_renewal.ts';
import { readKept, writeKept } from '#web/admin/kept_file.ts';
import type { Log } from './log.ts';

/** In the data directory. */
export const OWN_CERTIFICATE = 'neighbour.pem';
/** RFC 5280 4.1.2.5: no end that is known of. */
const NO_END = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * The file, made where there is none. Undefined where it cannot be made or kept, which is logged: a key that the next
 * start would not know were worse than none. `now`: ms since the epoch.
 */
export async function ownCertificate(data: string, log: Log, now: number): Promise<string | undefined> {
  const path = join(data, OWN_CERTIFICATE);
  const kept = await readKept(path);
  if (kept !== undefined && isWhole(kept)) return path;
  if (kept !== undefined) log('warn', `${path} cannot be used: neighbours will meet another key`);
  try {
    await writeKept(path, await made(now));
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log('warn', `no certificate of our own for neighbours: ${reason}; they are called without TLS`);
    return undefined;
  }
}

/** The key is made in a thread of the pool. */
async function made(now: number): Promise<string> {
  const { privateKey: key } = await promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' });
  const certificate = selfSigned({
    ...{ commonName: 'dualtone', dnsNames: ['dualtone.local'], addresses: [] },
    ...{ notBefore: certificateTime(now), notAfter: NO_END, serial: randomBytes(16), key },
  });
  return certificate + String(key.export({ type: 'pkcs8', format: 'pem' }));
}

function isWhole(pem: string): boolean {
  const key = keyOf(pem);
  try {
    return key !== undefined && new X509Certificate(pem).checkPrivateKey(key);
  } catch {
    return false;
  }
}
