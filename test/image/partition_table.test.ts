/** QEMU starts U-Boot without the card's table; whether a board's ROM finds its partition, only sector 0 says. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writeCard } from '../../image/build/card.ts';
import { CARD, MIB, PARTITIONS, partition, SIGNATURE, tables } from '../../image/build/mbr.ts';

const folder = mkdtempSync(join(tmpdir(), 'dualtone-table-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const card = join(folder, 'card.img');
const marks = new Map(
  PARTITIONS.filter(({ number }) => number !== 3).map(({ number }) => [number, join(folder, `${number}`)]),
);
for (const [number, file] of marks) writeFileSync(file, `partition ${number}`);
writeCard(card, marks);
const octets = readFileSync(card);

const byNumber = ([a = 0]: readonly number[], [b = 0]: readonly number[]): number => a - b;
const path = `${process.env.PATH}:/usr/sbin:/sbin`;
const has = (program: string): boolean =>
  spawnSync(program, ['--version'], { env: { ...process.env, PATH: path } }).status === 0;

interface Table {
  readonly id: string;
  readonly partitions: readonly { readonly node: string; readonly start: number; readonly size: number }[];
}

interface Entry {
  readonly active: number;
  readonly kind: number;
  readonly first: number;
  readonly sectors: number;
}

/** Entries of the table in the sector at `at` (octets). */
const entriesAt = (at: number): readonly Entry[] =>
  [0, 1, 2, 3].map((index) => {
    const entry = octets.subarray(at + 446 + 16 * index, at + 462 + 16 * index);
    return {
      active: entry.readUInt8(0),
      kind: entry.readUInt8(4),
      first: entry.readUInt32LE(8),
      sectors: entry.readUInt32LE(12),
    };
  });

test('sector 0 is a table of the old kind whose first entry is a FAT32 that the ROM of Pi 3 and Zero 2 W finds', (t) => {
  t.deepEqual([...octets.subarray(510, 512)], [0x55, 0xaa]);
  t.is(octets.readUInt32LE(440), 0xd0a17e01);
  const [first, second, third, fourth] = entriesAt(0);
  t.deepEqual(first, { active: 0, kind: 0x0c, first: 2048, sectors: 128 * 2048 });
  t.is(second?.kind, 0x0e);
  t.is(third?.kind, 0x0f);
  t.is(fourth?.kind, 0x83);
  t.true(
    (fourth?.first ?? 0) > (third?.first ?? 0) + (third?.sectors ?? 0) - 1,
    'data lies last, that it can grow',
  );
});

test('no two partitions share a sector, and none lies beyond the card', (t) => {
  const plain = PARTITIONS.filter(({ number }) => number !== 3).toSorted((a, b) => a.start - b.start);
  for (const [index, { start, size, name }] of plain.entries()) {
    const next = plain[index + 1]?.start ?? CARD;
    t.true(start + size <= next, name);
  }
  t.is(octets.length, CARD * MIB);
});

test('the chain of logical partitions leads to each of them, and ends', (t) => {
  const extended = entriesAt(0)[2]?.first ?? 0;
  const found: number[] = [];
  for (let at = extended, hops = 0; hops < 10; hops += 1) {
    const [own, next] = entriesAt(at * 512);
    found.push(at + (own?.first ?? 0));
    if (!next || next.kind === 0) break;
    t.is(next.kind, 0x0f);
    at = extended + next.first;
  }
  t.deepEqual(
    found,
    [5, 6, 7, 8].map((number) => partition(number).start * 2048),
  );
});

test('each partition begins with its own content', (t) => {
  for (const [number] of marks) {
    const mark = `partition ${number}`;
    const at = partition(number).start * MIB;
    t.is(octets.toString('latin1', at, at + mark.length), mark);
  }
});

test('zeros that a file system reads are written: bmaptool leaves out holes, where an old card has something else', (t) => {
  const zeros = join(folder, 'zeros');
  for (const [number, written] of [
    [1, 4],
    [2, 1],
    [5, 1],
    [4, 64],
  ] as const) {
    writeFileSync(zeros, '');
    truncateSync(zeros, partition(number).size * MIB);
    const target = join(folder, 'written.img');
    writeCard(target, new Map([[number, zeros]]));
    const { blocks } = statSync(target);
    // The tables take a few sectors.
    t.is(Math.floor((blocks * 512) / MIB), written, `MiB of partition ${number}`);
  }
});

(has('sfdisk') ? test : test.skip)('sfdisk finds no fault in the table', (t) => {
  const { status, stdout, stderr } = spawnSync('sfdisk', ['--verify', card], {
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  t.is(status, 0, stdout + stderr);
  t.regex(stdout, /No errors detected/);
  const { stdout: json } = spawnSync('sfdisk', ['--json', card], {
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  const { partitiontable }: { partitiontable: Table } = JSON.parse(json);
  t.is(partitiontable.id, `0x${SIGNATURE.toString(16)}`);
  const read = partitiontable.partitions.map((one) => [
    Number(/\d+$/.exec(one.node)?.[0]),
    one.start,
    one.size,
  ]);
  const wanted = PARTITIONS.map(({ number, start, size }) => [number, start * 2048, size * 2048]);
  t.deepEqual(read.toSorted(byNumber), wanted.toSorted(byNumber));
});

(has('fdisk') ? test : test.skip)('fdisk reads the same partitions', (t) => {
  const { stdout } = spawnSync('fdisk', ['--list', card], {
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  for (const { number, start, size } of PARTITIONS)
    t.regex(stdout, new RegExp(`card\\.img${number} +${start * 2048} +${(start + size) * 2048 - 1} `));
});

test('logical partitions without an extended one are a mistake of the caller', (t) => {
  t.throws(
    () =>
      tables(
        PARTITIONS.filter(({ number }) => number > 4),
        SIGNATURE,
      ),
    { message: /extended/ },
  );
});
