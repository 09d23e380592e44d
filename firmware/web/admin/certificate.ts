/**
 * A certificate that a telephone signs for itself: X.509 version 3 (RFC 5280) with a key on P-256, for its names and
 * addresses. Nobody vouches for it; a person compares its fingerprint with the one that the telephone shows.
 */
import { Buffer } from 'node:buffer';
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { octetsOf } from './addresses.ts';
import {
  bitString,
  boolean,
  context,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';

export interface CertificateWish {
  /** Of the telephone, for people. */
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  /** IPv4 and IPv6 as text; what is no address is left out. */
  readonly addresses: readonly string[];
  /** ms since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** 16 random octets. */
  readonly serial: Uint8Array;
  /** An EC key on P-256. */
  readonly key: KeyObject;
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
/** RFC 5280 4.2.1. */
const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
} as const;
/** RFC 5280 A.1: ub-common-name. Characters. */
const LONGEST_COMMON_NAME = 64;
/** GeneralName (RFC 5280 4.2.1.6). */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** The certificate as PEM. */
export function selfSigned(wish: CertificateWish): string {
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
  const name = nameOf(wish.commonName);
  const publicKey = createPublicKey(wish.key).export({ type: 'spki', format: 'der' });
  const toBeSigned = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    // RFC 5280 4.1.2.2: positive, and not zero.
    integer(Uint8Array.of(0x40 | ((wish.serial[0] ?? 0) & 0x3f), ...wish.serial.subarray(1))),
    algorithm,
    name,
    sequence(time(wish.notBefore), time(wish.notAfter)),
    name,
    publicKey,
    explicit(3, sequence(...extensionsOf(wish, publicKey))),
  );
  const signature = sign('sha256', toBeSigned, wish.key);
  return pem(sequence(toBeSigned, algorithm, bitString(signature)));
}

function nameOf(commonName: string): Buffer {
  const text = utf8String(
    Array.from(commonName || 'telephone')
      .slice(0, LONGEST_COMMON_NAME)
      .join(''),
  );
  return sequence(set(sequence(objectIdentifier(COMMON_NAME), text)));
}

function extensionsOf({ dnsNames, addresses }: CertificateWish, publicKey: Uint8Array): Buffer[] {
  const names = [
    ...dnsNames.map((name) => context(DNS_NAME, Buffer.from(name, 'latin1'))),
    ...addresses.flatMap((address) => {
      const octets = octetsOf(address);
      return octets === undefined ? [] : [context(IP_ADDRESS, octets)];
    }),
  ];
  const keyIdentifier = createHash('sha1').update(publicKey).digest();
  return [
    extension(EXTENSION.basicConstraints, sequence(), { critical: true }),
    // digitalSignature, the first bit.
    extension(EXTENSION.keyUsage, bitString(Uint8Array.of(0x80), 7), { critical: true }),
    extension(EXTENSION.extendedKeyUsage, sequence(objectIdentifier(SERVER_AUTHENTICATION))),
    extension(EXTENSION.subjectAltName, sequence(...names)),
    extension(EXTENSION.subjectKeyIdentifier, octetString(keyIdentifier)),
  ];
}

function extension(id: string, contents: Uint8Array, { critical = false } = {}): Buffer {
  const mark = critical ? [boolean(true)] : [];
  return sequence(objectIdentifier(id), ...mark, octetString(contents));
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Reads a PEM key; undefined when it is none, or not on P-256. */
export function keyOf(text: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(text);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}
