/**
 * The boot state as U-Boot writes it (`env export -c -s 0x1000`; image/README.md, "Which slot starts"):
 *
 *     CRC-32 of the rest, little endian 4 | name=value NUL … NUL | zeros to 4096
 */
import { crc32 } from 'node:zlib';

export const STATE_SIZE = 4096;

/** On a new card: A starts, and both slots have served, for they are the same. */
export const NEW: Readonly<Record<string, string>> = {
  seq: '1',
  order: 'a b',
  a_left: '3',
  b_left: '3',
  a_good: '1',
  b_good: '1',
};

/** Throws a RangeError where it does not fit. */
export function serializeState(names: Readonly<Record<string, string>>): Buffer {
  const text = `${Object.entries(names)
    .map(([name, value]) => `${name}=${value}\0`)
    .join('')}\0`;
  const octets = Buffer.alloc(STATE_SIZE);
  if (Buffer.byteLength(text) > STATE_SIZE - 4)
    throw new RangeError('the boot state is larger than 4096 octets');
  octets.write(text, 4);
  octets.writeUInt32LE(crc32(octets.subarray(4)), 0);
  return octets;
}

/** undefined: not valid. */
export function parseState(octets: Buffer): Readonly<Record<string, string>> | undefined {
  if (octets.length !== STATE_SIZE || crc32(octets.subarray(4)) !== octets.readUInt32LE(0)) return undefined;
  const names: [string, string][] = [];
  for (const word of octets.subarray(4).toString().split('\0')) {
    if (!word) break;
    const at = word.indexOf('=');
    if (at > 0) names.push([word.slice(0, at), word.slice(at + 1)]);
  }
  return Object.fromEntries(names);
}
