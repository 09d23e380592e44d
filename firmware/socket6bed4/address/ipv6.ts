/** IPv6 addresses: 16 octets everywhere inside, text only at the doors. */
import { Buffer } from 'node:buffer';
import { isIPv6 } from 'node:net';
import { ipv4Text } from './ipv4.ts';
import { sameOctets, uint8, uint16, uint32 } from './octets.ts';

/** 16 octets. */
export type Ipv6 = Uint8Array;

/** Reads the text forms of RFC 4291 2.2, without brackets, zone or prefix length; undefined: it is none of them. */
export function parseIpv6(text: string): Ipv6 | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail = ''] = canonical(text)
    .split('::')
    .map((half) => half.replace(/[^:]+/g, (group) => group.padStart(4, '0')).replaceAll(':', ''));
  return Uint8Array.from(Buffer.from(head.padEnd(32 - tail.length, '0') + tail, 'hex'));
}

/** RFC 5952: lower case, the first longest run of two zero groups or more as `::`, a quad behind `::ffff:`. */
export function ipv6Text(address: Ipv6): string {
  if (isMapped(address)) return `::ffff:${ipv4Text(uint32(address, 12))}`;
  return canonical(
    Buffer.from(address)
      .toString('hex')
      .replace(/.{4}(?=.)/g, '$&:'),
  );
}

/** As URLs have it: by RFC 5952, but never with a quad. */
function canonical(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

export function sameIpv6(a: Ipv6, b: Ipv6): boolean {
  return sameOctets(a, b, 16);
}

/** The address as the key of a Map: a string of 16 characters, one for each octet. */
export function ipv6Key(address: Ipv6): string {
  return Buffer.from(address.buffer, address.byteOffset, 16).toString('latin1');
}

/** RFC 4291 2.7. */
export function isMulticast(address: Ipv6): boolean {
  return address[0] === 0xff;
}

/** RFC 4291 2.5.6: fe80::/10. */
export function isLinkLocal(address: Ipv6): boolean {
  return uint16(address, 0) >>> 6 === 0xfe80 >>> 6;
}

export function isUnspecified(address: Ipv6): boolean {
  return startsWithZeros(address, 16);
}

/** :: or ::1. */
export function isSelf(address: Ipv6): boolean {
  return startsWithZeros(address, 15) && uint8(address, 15) <= 1;
}

function isMapped(address: Ipv6): boolean {
  return uint16(address, 10) === 0xffff && startsWithZeros(address, 10);
}

function startsWithZeros(address: Ipv6, count: number): boolean {
  for (let i = 0; i < count; i += 1) if (address[i] !== 0) return false;
  return true;
}

/**
 * Whether a stranger's packet may have this source. Not: the unspecified, loopback and v4-mapped addresses,
 * multicast, link-local; nor Teredo (2001::/32) and 6to4 (2002::/16), behind which another tunnel hides who sends.
 */
export function mayBeSource(address: Ipv6): boolean {
  if (uint32(address, 0) === 0x20010000 || uint16(address, 0) === 0x2002) return false;
  return !(isMulticast(address) || isLinkLocal(address) || isSelf(address) || isMapped(address));
}
