/**
 * The boot state written and read as image/README.md has it, apart from everybody who does it in the image: CRC-32 of
 * IEEE 802.3 bit by bit, little endian, then `name=value` NUL … NUL NUL, filled up to 4096 octets.
 */

const SIZE = 4096;
const POLYNOMIAL = 0xedb88320;

export type BootState = Readonly<Record<string, string>>;

function crc32(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  }
  return ~crc >>> 0;
}

export function written(state: BootState): Buffer {
  const text = Object.entries(state).map(([name, value]) => `${name}=${value}\0`);
  const copy = Buffer.alloc(SIZE);
  copy.write(text.join(''), 4, 'latin1');
  copy.writeUInt32LE(crc32(copy.subarray(4)), 0);
  return copy;
}

/** undefined: not a valid copy. */
export function read(copy: Buffer): BootState | undefined {
  if (copy.length !== SIZE || copy.readUInt32LE(0) !== crc32(copy.subarray(4))) return undefined;
  const [text = ''] = copy.toString('latin1', 4).split('\0\0');
  const pairs = text
    .split('\0')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return Object.fromEntries(pairs);
}
