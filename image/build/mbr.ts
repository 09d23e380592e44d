/**
 * The partition table of the old kind, with logical partitions: sector 0 and one extended boot record (EBR) before each
 * logical partition.
 *
 *     0 code 446 (disk signature at 440) | 446 four entries of 16 | 510 55 aa
 *     entry: active 1 | first CHS 3 | kind 1 | last CHS 3 | first sector 4 | sectors 4, little endian
 */

export const SECTOR = 512;
export const MIB = 1024 * 1024;
const PER_MIB = MIB / SECTOR;

export interface Partition {
  readonly number: number;
  readonly name: string;
  readonly kind: number;
  /** MiB from the card's beginning */
  readonly start: number;
  /** MiB */
  readonly size: number;
}

export const SIGNATURE = 0xd0a17e01;
const EXTENDED = 0x0f;

/** What lies where; every beginning is a whole MiB, which flash and tools like. Partition 4 lies last, that it can grow. */
export const PARTITIONS: readonly Partition[] = [
  { number: 1, name: 'DUALTONE', kind: 0x0c, start: 1, size: 128 },
  { number: 2, name: 'BOOTSTATE', kind: 0x0e, start: 129, size: 16 },
  { number: 3, name: 'extended', kind: EXTENDED, start: 145, size: 772 },
  { number: 5, name: 'BOOT_A', kind: 0x0e, start: 146, size: 64 },
  { number: 6, name: 'BOOT_B', kind: 0x0e, start: 211, size: 64 },
  { number: 7, name: 'system A', kind: 0x83, start: 276, size: 320 },
  { number: 8, name: 'system B', kind: 0x83, start: 597, size: 320 },
  { number: 4, name: 'data', kind: 0x83, start: 917, size: 64 },
];

/** MiB of the whole card. */
export const CARD = Math.max(...PARTITIONS.map(({ start, size }) => start + size));

export function partition(number: number): Partition {
  const found = PARTITIONS.find((one) => one.number === number);
  if (!found) throw new Error(`the card has no partition ${number}`);
  return found;
}

interface Sector {
  /** Sector of the card that it is. */
  readonly at: number;
  readonly octets: Buffer;
}

/** Cylinder, head, sector beyond what they can say: whoever reads these reads the sector numbers. */
const NO_CHS = [0xfe, 0xff, 0xff];

function entry(octets: Buffer, index: number, kind: number, first: number, sectors: number): void {
  const at = 446 + 16 * index;
  octets.set([0x00, ...NO_CHS, kind, ...NO_CHS], at);
  octets.writeUInt32LE(first, at + 8);
  octets.writeUInt32LE(sectors, at + 12);
}

function table(): Buffer {
  const octets = Buffer.alloc(SECTOR);
  octets.set([0x55, 0xaa], 510);
  return octets;
}

/** Sector 0 and all EBRs. An EBR lies one MiB before its partition, and names the next one relative to the extended. */
export function tables(partitions: readonly Partition[], signature: number): readonly Sector[] {
  const first = table();
  first.writeUInt32LE(signature, 440);
  for (const { number, kind, start, size } of partitions)
    if (number <= 4) entry(first, number - 1, kind, start * PER_MIB, size * PER_MIB);
  const extended = partitions.find(({ kind }) => kind === EXTENDED);
  const logical = partitions.filter(({ number }) => number > 4).toSorted((a, b) => a.number - b.number);
  const sectors = [{ at: 0, octets: first }];
  for (const [index, { kind, start, size }] of logical.entries()) {
    if (!extended) throw new Error('logical partitions need an extended one');
    const octets = table();
    entry(octets, 0, kind, PER_MIB, size * PER_MIB);
    const next = logical[index + 1];
    if (next)
      entry(octets, 1, EXTENDED, (next.start - 1 - extended.start) * PER_MIB, (next.size + 1) * PER_MIB);
    sectors.push({ at: (start - 1) * PER_MIB, octets });
  }
  return sectors;
}
