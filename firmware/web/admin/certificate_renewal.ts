/**
 * When a certificate of our own has to be made anew: it is about to end, or does not name us any longer. Names and
 * addresses that went away stay in it: each new certificate costs its reader a warning.
 */
import { X509Certificate } from 'node:crypto';
import { octetsOf } from './addresses.ts';

const DAY = 86_400_000;
/** Browsers accept 398 days at most (CA/Browser Forum 6.3.2); Apple's ask it of private ones too. */
export const LIFE = 397 * DAY;
const RENEW_BEFORE_END = 30 * DAY;
/** Clocks of browsers are not all right. */
export const LEEWAY = DAY;
/** A board without a clock begins in 1970: what it signs then is good from here on. */
const EARLIEST = Date.UTC(2026, 0, 1);

/** Temporary addresses (RFC 8981) come and go: as many of the old ones are kept. */
const MOST_ADDRESSES = 24;

export interface Names {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

/** The time to write into a certificate, ms since the epoch. */
export function certificateTime(now: number): number {
  return Math.max(now, EARLIEST);
}

/** Why it cannot stay; undefined: it can. */
export function renewalReason(pem: string, names: Names, now: number): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return 'it cannot be read';
  }
  const at = certificateTime(now);
  if (at > Date.parse(certificate.validTo) - RENEW_BEFORE_END) return 'it is about to end';
  if (at < Date.parse(certificate.validFrom)) return 'it begins in the future';
  const missing = [
    ...names.dnsNames.filter((name) => certificate.checkHost(name) === undefined),
    ...names.addresses.filter((address) => octetsOf(address) && !certificate.checkIP(bare(address))),
  ];
  return missing.length > 0 ? `it does not name ${missing.join(', ')}` : undefined;
}

/** Those of now first, then those of the certificate before. */
export function joinedNames(pem: string | undefined, { dnsNames, addresses }: Names): Names {
  const before = pem === undefined ? [] : addressesIn(pem);
  const all = [...addresses.map(bare), ...before].filter((address) => octetsOf(address) !== undefined);
  return { dnsNames: [...new Set(dnsNames)], addresses: distinct(all).slice(0, MOST_ADDRESSES) };
}

function addressesIn(pem: string): string[] {
  try {
    const names = new X509Certificate(pem).subjectAltName ?? '';
    return [...names.matchAll(/IP Address:([^,\s]+)/g)].map(([, address = '']) => address);
  } catch {
    return [];
  }
}

/** One text for each address, however it is written. */
function distinct(addresses: readonly string[]): string[] {
  return [...new Map(addresses.map((address) => [octetsOf(address)?.toString('hex'), address])).values()];
}

function bare(address: string): string {
  return address.replace(/%.*$/, '');
}

/** SHA-256 of the certificate, as browsers show it: `AB:CD:…`. */
export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}
