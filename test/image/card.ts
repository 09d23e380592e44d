/**
 * A small card that U-Boot starts from, without a Linux: partitions 1, 2, 5 and 6 of image/README.md, 16 MiB each, and in
 * the slots a "kernel" of nine instructions that sends the device tree it was given down the serial line.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';

const BOOT = resolve(import.meta.dirname, '../../image/boot');
const SECTOR = 512;
const MEBIBYTE = 2048;
/** Sectors of each partition: what FAT16 needs with four sectors a cluster. */
const LENGTH = 16 * MEBIBYTE;
/** QEMU wants a power of two. */
const SIZE = 128 * 2 ** 20;

const EXTENDED = MEBIBYTE + 2 * LENGTH;
const LOGICAL = MEBIBYTE + LENGTH;

/** First sector of each. */
const START = {
  1: MEBIBYTE,
  2: MEBIBYTE + LENGTH,
  5: EXTENDED + MEBIBYTE,
  6: EXTENDED + LOGICAL + MEBIBYTE,
} as const;

export type Partition = keyof typeof START;

const SLOT = { a: 5, b: 6 } as const;

interface Entry {
  readonly type: number;
  readonly start: number;
  readonly length: number;
}

/** A sector with a partition table of up to four entries. */
function table(entries: readonly Entry[]): Buffer {
  const sector = Buffer.alloc(SECTOR);
  sector.writeUInt32LE(0xd0a17e01, 440);
  for (const [index, { type, start, length }] of entries.entries()) {
    const at = 446 + 16 * index;
    sector.writeUInt8(type, at + 4);
    sector.writeUInt32LE(start, at + 8);
    sector.writeUInt32LE(length, at + 12);
  }
  sector.writeUInt16BE(0x55aa, 510);
  return sector;
}

function partitioned(path: string): void {
  const card = openSync(path, 'w');
  ftruncateSync(card, SIZE);
  const main = table([
    { type: 0x0c, start: START[1], length: LENGTH },
    { type: 0x0e, start: START[2], length: LENGTH },
    { type: 0x05, start: EXTENDED, length: 2 * LOGICAL },
  ]);
  const fifth = table([
    { type: 0x0e, start: MEBIBYTE, length: LENGTH },
    { type: 0x05, start: LOGICAL, length: LOGICAL },
  ]);
  writeSync(card, main, 0, SECTOR, 0);
  writeSync(card, fifth, 0, SECTOR, EXTENDED * SECTOR);
  writeSync(
    card,
    table([{ type: 0x0e, start: MEBIBYTE, length: LENGTH }]),
    0,
    SECTOR,
    (EXTENDED + LOGICAL) * SECTOR,
  );
  closeSync(card);
}

/**
 * An arm64 Image (Documentation/arch/arm64/booting.rst): header of 64 octets, then what sends the flattened device tree at
 * x0, of which octets 4 to 7 are the length, to the mini UART of a Pi 3 (AUX_MU_IO_REG, 0x3f215040), and stands still.
 */
function kernel(): Buffer {
  const image = Buffer.alloc(4096);
  image.writeUInt32LE(0x14000010, 0); // b 64
  image.writeBigUInt64LE(BigInt(image.length), 16);
  image.writeBigUInt64LE(0b1010n, 24); // little endian, 4 KiB pages, anywhere in memory
  image.write('ARM\x64', 56, 'latin1');
  const code = [
    0xb9400402, // ldr w2, [x0, #4]
    0x5ac00842, // rev w2, w2
    0xd28a0801, // mov x1, #0x5040
    0xf2a7e421, // movk x1, #0x3f21, lsl #16
    0x38401403, // loop: ldrb w3, [x0], #1
    0xb9000023, // str w3, [x1]
    0x71000442, // subs w2, w2, #1
    0x54ffffa1, // b.ne loop
    0x14000000, // b .
  ];
  for (const [index, word] of code.entries()) image.writeUInt32LE(word, 64 + 4 * index);
  return gzipSync(image);
}

/** What both slots hold, unless a test says otherwise. */
export const SLOT_FILES: Readonly<Record<string, string | Buffer>> = {
  'Image.gz': kernel(),
  initrd: Buffer.alloc(100_000, 'initrd'),
  'slot.txt': 'words=console=ttyS1,115200 quiet\nversion=1.2.3\n',
};

export class Card {
  readonly folder = mkdtempSync(join(tmpdir(), 'dualtone-card-'));
  readonly path = join(this.folder, 'card.img');

  constructor(t: ExecutionContext) {
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
    partitioned(this.path);
    for (const start of Object.values(START))
      execFileSync('mkfs.vfat', ['-F', '16', '--offset', String(start), this.path, String(LENGTH / 2)], {
        stdio: 'ignore',
      });
    const script = join(this.folder, 'boot.scr');
    const words = ['-A', 'arm64', '-T', 'script', '-C', 'none', '-d', join(BOOT, 'boot.cmd'), script];
    execFileSync('mkimage', words, { stdio: 'ignore' });
    const environment = execFileSync('mkenvimage', ['-s', '0x4000', '-o', '-', join(BOOT, 'uboot.env.txt')]);
    this.write(1, 'boot.scr', readFileSync(script));
    this.write(1, 'uboot.env', environment);
    for (const slot of ['a', 'b'] as const)
      for (const [name, content] of Object.entries(SLOT_FILES)) this.write(SLOT[slot], name, content);
  }

  write(partition: Partition, name: string, content: string | Uint8Array): void {
    const file = join(this.folder, 'file');
    writeFileSync(file, content);
    this.#mtools('mcopy', partition, '-o', file, `::${name}`);
  }

  /** Leaves no cluster free. */
  fill(partition: Partition): void {
    const [, free = ''] = /([\d ]+) bytes free/.exec(this.#mtools('mdir', partition, '::').toString()) ?? [];
    this.write(partition, 'filling', Buffer.alloc(Number(free.replaceAll(' ', ''))));
  }

  /** undefined: there is no such file. */
  read(partition: Partition, name: string): Buffer | undefined {
    try {
      return this.#mtools('mtype', partition, `::${name}`);
    } catch {
      return undefined;
    }
  }

  slot(slot: 'a' | 'b', name: string, content: string | Uint8Array | undefined): void {
    if (content === undefined) this.#mtools('mdel', SLOT[slot], `::${name}`);
    else this.write(SLOT[slot], name, content);
  }

  folderOf(slot: 'a' | 'b', name: string): void {
    this.#mtools('mmd', SLOT[slot], `::${name}`);
  }

  /** The octets of a partition, as they lie on the card. */
  octets(partition: Partition): Buffer {
    return readFileSync(this.path).subarray(START[partition] * SECTOR, (START[partition] + LENGTH) * SECTOR);
  }

  #mtools(tool: string, partition: Partition, ...words: readonly string[]): Buffer {
    return execFileSync(tool, ['-i', `${this.path}@@${START[partition] * SECTOR}`, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
