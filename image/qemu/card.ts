/**
 * A card in a machine that is emulated: a copy of the image, as large as a card that one buys. Files on its FAT
 * partitions are read and written with mtools, those on the data partition with debugfs, while no machine runs.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEW, parseState, serializeState } from '../build/bootstate.ts';

/** QEMU's card reader takes powers of two only. */
const GIB = 2 ** 30;
const SECTOR = 512;
/** Sectors of a MiB. */
const MEBIBYTE = 2048;

/** Octets that a data partition which has not grown has room for. */
const SMALL = 8 * 2 ** 20;

/** What debugfs says then. */
const NO_ROOM = /allocate/;

export const FIRMWARE = 1;
export const BOOTSTATE = 2;
export const DATA = 4;
export const BOOT = { a: 5, b: 6 } as const;

interface Partition {
  readonly node: string;
  /** Sectors. */
  readonly start: number;
  readonly size: number;
}

export class Card {
  /** The raw image of the whole card. */
  readonly path: string;
  readonly #folder: string;

  /** A new card of `gib` GiB with what `image` holds; as a copy that costs no room where the file system can do that. */
  constructor(image: string, gib = 2) {
    this.#folder = mkdtempSync(join(tmpdir(), 'dualtone-card-'));
    this.path = join(this.#folder, 'card.img');
    call('cp', ['--sparse=always', '--reflink=auto', image, this.path]);
    truncateSync(this.path, gib * GIB);
  }

  /** A file of a FAT partition; undefined: it is not there. */
  read(partition: number, name: string): Buffer | undefined {
    const { status, stdout } = spawnSync('mcopy', [...this.#at(partition), `::${name}`, '-'], {
      maxBuffer: 2 ** 28,
    });
    return status === 0 ? stdout : undefined;
  }

  write(partition: number, name: string, octets: string | Buffer): void {
    const file = this.#temporary(octets);
    call('mcopy', ['-o', ...this.#at(partition), file, `::${name}`]);
  }

  names(partition: number): readonly string[] {
    return call('mdir', ['-b', ...this.#at(partition), '::'])
      .split('\n')
      .flatMap((line) => (line.startsWith('::/') ? [line.slice(3)] : []));
  }

  /**
   * Puts a file, or the file at a path, on the data partition, folders included. `owner`: number of user and group. What is
   * larger than a new card's partition wants one that has grown, as it does at the first start. Throws where it does not fit.
   */
  putData(name: string, octets: Buffer | string | { readonly file: string }, owner = 0, mode = 0o644): void {
    const file = typeof octets === 'object' && 'file' in octets ? octets.file : this.#temporary(octets);
    const { size } = statSync(file);
    if (size > SMALL) this.growData();
    const folders = name.split('/').slice(0, -1);
    const commands = [
      ...folders.flatMap((_, at) => {
        const folder = folders.slice(0, at + 1).join('/');
        return [
          `mkdir ${folder}`,
          `set_inode_field ${folder} uid ${owner}`,
          `set_inode_field ${folder} gid ${owner}`,
        ];
      }),
      `rm ${name}`,
      `write ${file} ${name}`,
      `set_inode_field ${name} uid ${owner}`,
      `set_inode_field ${name} gid ${owner}`,
      `set_inode_field ${name} mode ${0o100000 | mode}`,
    ];
    const script = join(this.#folder, 'debugfs');
    writeFileSync(script, `${commands.join('\n')}\n`);
    // debugfs ends with 0 whatever it could not do: that there is no folder or file yet, or no room for one.
    const said = this.#debugfs(['-f', script]);
    if (said.status !== 0 || NO_ROOM.test(said.stderr)) throw new Error(`${name}: ${said.stderr}`);
  }

  /** Not a block is left on the data partition, also of those that ext4 keeps for root. */
  fillData(): void {
    const { size } = this.range(DATA);
    const said = this.#debugfs(['-R', `write ${this.#temporary(randomBytes(size))} fill`]);
    if (!NO_ROOM.test(said.stderr)) throw new Error(`there is room left: ${said.stderr}`);
  }

  /** Nothing of its file system is left. */
  breakData(): void {
    const { start, size } = this.range(DATA);
    const file = openSync(this.path, 'r+');
    writeSync(file, randomBytes(size), 0, size, start);
    closeSync(file);
  }

  #debugfs(words: readonly string[]): { readonly status: number | null; readonly stderr: string } {
    return spawnSync('debugfs', ['-w', ...words, this.#data()], { env: ENVIRONMENT, encoding: 'utf8' });
  }

  /** The data partition takes the rest of the card, as `usr/lib/dualtone/grow` has it done. */
  growData(): void {
    const { start } = this.#partition(DATA);
    const size = Math.floor((statSync(this.path).size / SECTOR - start) / MEBIBYTE) * MEBIBYTE;
    if (this.#partition(DATA).size >= size) return;
    const words = ['--quiet', '--force', '--no-tell-kernel', '--wipe', 'never', '--wipe-partitions', 'never'];
    call('sfdisk', [...words, '-N', `${DATA}`, this.path], `start=${start}, size=${size}, type=83\n`);
    // In a file of its own: of a larger one resize2fs cuts off the end.
    const alone = join(this.#folder, 'data');
    const blocks = ['bs=1M', 'conv=sparse,notrunc', 'status=none'];
    const at = start / MEBIBYTE;
    call('dd', [`if=${this.path}`, `of=${alone}`, `skip=${at}`, `count=${size / MEBIBYTE}`, ...blocks]);
    truncateSync(alone, size * SECTOR);
    call('resize2fs', [alone]);
    call('dd', [`if=${alone}`, `of=${this.path}`, `seek=${at}`, ...blocks]);
    rmSync(alone);
  }

  /** Both copies of the boot state; undefined: not valid. */
  states(): { readonly a: Names | undefined; readonly b: Names | undefined } {
    const [a, b] = (['state_a', 'state_b'] as const).map((name) =>
      parseState(this.read(BOOTSTATE, name) ?? Buffer.alloc(0)),
    );
    return { a, b };
  }

  /** Puts further words for the kernel into the boot state, which is otherwise a new card's. */
  tellKernel(extra: string): void {
    this.write(BOOTSTATE, 'state_a', serializeState({ ...NEW, extra }));
  }

  /** What is in force: of the valid copies the newer one. */
  state(): Names {
    const { a, b } = this.states();
    const seq = (names: Names | undefined) =>
      names === undefined ? -1 : Number.parseInt(names.seq ?? '0', 16);
    return (seq(b) > seq(a) ? b : a) ?? {};
  }

  /** All octets of a partition: what was left of files that are no more, too. */
  octets(partition: number): Buffer {
    const { start, size } = this.range(partition);
    const octets = Buffer.alloc(size);
    const file = openSync(this.path, 'r');
    try {
      readSync(file, octets, 0, size, start);
    } finally {
      closeSync(file);
    }
    return octets;
  }

  /** Where a partition lies in the image, in octets. */
  range(partition: number): { readonly start: number; readonly size: number } {
    const { start, size } = this.#partition(partition);
    return { start: start * SECTOR, size: size * SECTOR };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #at(partition: number): string[] {
    return ['-i', `${this.path}@@${this.#offset(partition)}`];
  }

  #data(): string {
    return `${this.path}?offset=${this.#offset(DATA)}`;
  }

  #offset(partition: number): number {
    return this.#partition(partition).start * SECTOR;
  }

  #partition(partition: number): Partition {
    const table = JSON.parse(call('sfdisk', ['--json', this.path])) as {
      readonly partitiontable: { readonly partitions: readonly Partition[] };
    };
    const found = table.partitiontable.partitions.find(({ node }) => node === `${this.path}${partition}`);
    if (found === undefined) throw new Error(`${this.path} has no partition ${partition}`);
    return found;
  }

  #temporary(octets: string | Buffer): string {
    const file = join(this.#folder, 'write');
    writeFileSync(file, octets);
    return file;
  }

  /** The card's own copy of a file of its FAT partitions, for QEMU. */
  extract(partition: number, name: string): string {
    const octets = this.read(partition, name);
    if (octets === undefined) throw new Error(`${name} is not on partition ${partition}`);
    const file = join(this.#folder, name.replaceAll('/', '_'));
    writeFileSync(file, octets);
    return file;
  }
}

const ENVIRONMENT = {
  ...process.env,
  PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
  MTOOLS_SKIP_CHECK: '1',
};

type Names = Readonly<Record<string, string>>;

function call(program: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env: ENVIRONMENT,
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}
