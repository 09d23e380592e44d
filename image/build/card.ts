/** The card: partition table and file systems in one sparse file. */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { CARD, MIB, PARTITIONS, partition, SECTOR, SIGNATURE, tables } from './mbr.ts';

/** Octets that are left out of the file where they are all zero. */
const HOLE = 64 * 1024;
/**
 * MiB at the beginning of a FAT partition that are written with their zeros: its tables, which say what is free. bmaptool
 * leaves out holes, and whatever was on a card before stays there. Of other partitions every octet counts: ext4 reads zeros
 * of its journal and of the room for its growth.
 */
const TABLES: Readonly<Record<number, number>> = { 1: 4, 2: 1, 5: 1, 6: 1 };

/** `whole`: octets from the beginning that are no hole. */
function copyInto(card: number, file: string, at: number, whole: number): void {
  const from = openSync(file, 'r');
  const octets = Buffer.alloc(HOLE);
  const zeros = Buffer.alloc(HOLE);
  for (let offset = 0; ; offset += HOLE) {
    const read = readSync(from, octets, 0, HOLE, offset);
    if (read === 0) break;
    const part = octets.subarray(0, read);
    if (offset < whole || !part.equals(zeros.subarray(0, read))) writeSync(card, part, 0, read, at + offset);
  }
  closeSync(from);
}

/** `contents`: the file of each partition, by number. */
export function writeCard(target: string, contents: ReadonlyMap<number, string>): void {
  const card = openSync(target, 'w');
  ftruncateSync(card, CARD * MIB);
  for (const { at, octets } of tables(PARTITIONS, SIGNATURE))
    writeSync(card, octets, 0, octets.length, at * SECTOR);
  for (const [number, file] of contents) {
    const whole = (TABLES[number] ?? partition(number).size) * MIB;
    copyInto(card, file, partition(number).start * MIB, whole);
  }
  closeSync(card);
}
