/** UTF-8 text of people, and the Latin-1 octet text that stands for it in messages (RFC 3261 7.3.1). */
import { Buffer } from 'node:buffer';

const ASCII_ONLY = /^[\0-\x7f]*$/;

/** The octets of `utf8` as one character each: what the writer wants. */
export function octetText(utf8: string): string {
  return ASCII_ONLY.test(utf8) ? utf8 : Buffer.from(utf8, 'utf8').toString('latin1');
}

/** What octet text says to people; octets that are no UTF-8 become U+FFFD. */
export function plainText(octets: string): string {
  return ASCII_ONLY.test(octets) ? octets : Buffer.from(octets, 'latin1').toString('utf8');
}

/** A view of the same octets with Buffer's methods; copies nothing. */
export function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
