/**
 * What a server showed in its handshake, in the terms of fetch/trust.ts. A server may send any certificates along: only
 * those count that really signed the one below.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { checkServerIdentity, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { Presented } from '#provisioning/fetch/trust.ts';

const LONGEST_CHAIN = 8;
const DATES = ['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'];

/** `names`: any of them will do; addresses without brackets. undefined: it showed no certificate. */
export function presented(socket: TLSSocket, names: readonly string[]): Presented | undefined {
  const certificate = socket.getPeerCertificate(true);
  const chain = provedChain(certificate);
  const [own, ...above] = chain.map(spkiHash);
  if (own === undefined) return undefined;
  const named = names.some((name) => checkServerIdentity(name, certificate) === undefined);
  const error = String(socket.authorizationError ?? '');
  return {
    keys: [own, ...above],
    named,
    proved: socket.authorized && named,
    datesOnly: named && DATES.includes(error),
    inDate: chain.every((one) => isInDate(one, Date.now())),
  };
}

/** RFC 7469 2.4: the hash of the whole SubjectPublicKeyInfo. */
export function spkiHash(certificate: X509Certificate): string {
  const octets = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(octets).digest('base64')}`;
}

function provedChain(first: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let next: DetailedPeerCertificate | undefined = first; next?.raw !== undefined; ) {
    const certificate = new X509Certificate(next.raw);
    const below = chain.at(-1);
    if (below !== undefined && !signs(certificate, below)) break;
    chain.push(certificate);
    if (next.issuerCertificate === next || chain.length === LONGEST_CHAIN) break;
    next = next.issuerCertificate;
  }
  return chain;
}

function signs(above: X509Certificate, below: X509Certificate): boolean {
  return above.ca && below.checkIssued(above) && below.verify(above.publicKey);
}

function isInDate({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}
