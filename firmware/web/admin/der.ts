/**
 * Writes DER (ITU-T X.690): as much of ASN.1 as a certificate of our own needs. Every value is a tag, the length of
 * what follows, and that; nothing is read here.
 *
 *   +-----+--------+-----------------+
 *   | tag | length | contents        |     length: one octet to 127, else 0x80 | n and n octets
 *   +-----+--------+-----------------+
 */
import { Buffer } from 'node:buffer';

/** X.680 8.4, as identifier octets; constructed ones have bit 6 set. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context: 0x80,
  contextConstructed: 0xa0,
} as const;

function value(tag: number, contents: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(tag), length(contents.length), contents]);
}

function length(octets: number): Uint8Array {
  if (octets < 0x80) return Uint8Array.of(octets);
  const digits: number[] = [];
  for (let rest = octets; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.of(0x80 | digits.length, ...digits);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer =>
  value(TAG.sequence, Buffer.concat(parts));
export const set = (...parts: readonly Uint8Array[]): Buffer => value(TAG.set, Buffer.concat(parts));
export const boolean = (yes: boolean): Buffer => value(TAG.boolean, Uint8Array.of(yes ? 0xff : 0));
export const octetString = (octets: Uint8Array): Buffer => value(TAG.octetString, octets);
export const utf8String = (text: string): Buffer => value(TAG.utf8String, Buffer.from(text, 'utf8'));

/** A number that is not negative, most significant octet first. */
export function integer(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((octet) => octet !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : magnitude.subarray(first);
  // The first bit is the sign (X.690 8.3).
  const sign = (digits[0] ?? 0) & 0x80 ? [0] : [];
  return value(TAG.integer, Uint8Array.of(...sign, ...digits));
}

/** `unused`: how many bits at the end do not count. */
export function bitString(octets: Uint8Array, unused = 0): Buffer {
  return value(TAG.bitString, Uint8Array.of(unused, ...octets));
}

/** `1.2.840.10045.2.1`; X.690 8.19: the first two numbers share an octet, seven bits an octet. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return value(TAG.objectIdentifier, Uint8Array.from([40 * first + second, ...others].flatMap(base128)));
}

function base128(number: number): number[] {
  const digits = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift(0x80 | (rest % 128));
  }
  return digits;
}

/** ms since the epoch, to the second. RFC 5280 4.1.2.5: two digits of the year through 2049, four after it. */
export function time(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
  const isShort = new Date(ms).getUTCFullYear() < 2050;
  return value(
    isShort ? TAG.utcTime : TAG.generalizedTime,
    Buffer.from(isShort ? digits.slice(2) : digits, 'latin1'),
  );
}

/** `[number] IMPLICIT` around primitive contents. */
export const context = (number: number, contents: Uint8Array): Buffer =>
  value(TAG.context | number, contents);

/** `[number] EXPLICIT` around whole values. */
export const explicit = (number: number, inner: Uint8Array): Buffer =>
  value(TAG.contextConstructed | number, inner);
