/** IPv6 addresses: 16 octets everywhere inside, text only at the doors. */
import { Buffer } from 'node:buffer';
import { ipv4Text, parseIpv4 } from './ipv4.ts';
import { uint16, uint32 } from './octets.ts';

/** 16 octets. */
export type Ipv6 = Uint8Array;

const GROUP = /^[\da-fA-F]{1,4}$/;

/** Reads the text forms of RFC 4291 2.2, without brackets, zone or prefix length; undefined: it is none of them. */
export function parseIpv6(text: string): Ipv6 | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || text.length > 45) return undefined;
  const [head = '', tail] = halves;
  // A quad of IPv4 may stand only at the very end.
  const before = groupsOf(head, tail === undefined);
  const behind = tail === undefined ? [] : groupsOf(tail, true);
  if (before === undefined || behind === undefined) return undefined;
  const missing = 8 - before.length - behind.length;
  // RFC 4291 2.2: `::` stands for one group or more.
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...new Array<number>(missing).fill(0), ...behind];
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 255]));
}

function groupsOf(text: string, quadAllowed: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const quad = quadAllowed && last.includes('.') ? parseIpv4(last) : undefined;
  const words = quad === undefined ? parts : parts.slice(0, -1);
  if (!words.every((word) => GROUP.test(word))) return undefined;
  const groups = words.map((word) => Number.parseInt(word, 16));
  return quad === undefined ? groups : [...groups, quad >>> 16, quad & 0xffff];
}

/** RFC 5952: lower case, the first longest run of two zero groups or more as `::`, a quad behind `::ffff:`. */
export function ipv6Text(address: Ipv6): string {
  const groups = Array.from({ length: 8 }, (_, i) => uint16(address, 2 * i));
  if (isMapped(address)) return `::ffff:${ipv4Text(uint32(address, 12))}`;
  const { at, length } = longestZeroRun(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, at))}::${text(groups.slice(at + length))}`;
}

function longestZeroRun(groups: readonly number[]): { at: number; length: number } {
  let longest = { at: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { at: i - length + 1, length };
  }
  return longest;
}

export function sameIpv6(a: Ipv6, b: Ipv6): boolean {
  // From the end: what differs between neighbours stands there.
  for (let i = 15; i >= 0; i -= 1) if (a[i] !== b[i]) return false;
  return true;
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
  return address[0] === 0xfe && ((address[1] ?? 0) & 0xc0) === 0x80;
}

export function isUnspecified(address: Ipv6): boolean {
  return startsWithZeros(address, 16);
}

function isMapped(address: Ipv6): boolean {
  return address[10] === 0xff && address[11] === 0xff && startsWithZeros(address, 10);
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
  const first = address[0] ?? 0;
  const second = address[1] ?? 0;
  switch (first) {
    case 0x00:
      return !isMapped(address) && !(startsWithZeros(address, 15) && (address[15] ?? 0) <= 1);
    case 0x20:
      return second !== 0x02 && !(second === 0x01 && address[2] === 0 && address[3] === 0);
    case 0xfe:
      return !isLinkLocal(address);
    default:
      return first !== 0xff;
  }
}
