/**
 * The data partition grows on a card that is a plain file, by the card's own program with the real sfdisk and resize2fs. What the
 * kernel makes of the table is played: a folder as /sys, and a file for the partition that is as long as the table says.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { needing } from '../support/needs.ts';
import { DEVICE } from './staged.ts';

const GROW = join(DEVICE, 'usr/lib/dualtone/grow');
const MIB = 1 << 20;
const SECTOR = 512;
const START = 182_272;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** As the image is made up, with smaller slots; in sectors. */
const TABLE = `label: dos
label-id: 0xd0a17e01
1 : start=2048, size=32768, type=c
2 : start=34816, size=16384, type=e
4 : start=${START}, size=131072, type=83
3 : start=51200, size=131072, type=5
5 : start=53248, size=16384, type=e
6 : start=71680, size=16384, type=e
7 : start=90112, size=32768, type=83
8 : start=124928, size=32768, type=83
`;
const run = (program: string, words: readonly string[], input = '') =>
  execFileSync(program, words, { env: { ...process.env, PATH }, input, encoding: 'utf8', stdio: 'pipe' });

class Card {
  readonly root = mkdtempSync(join(tmpdir(), 'dualtone-grow-'));
  readonly disk = join(this.root, 'dev/card');
  readonly partition = join(this.root, 'dev/cardp4');

  /** MiB */
  constructor(t: ExecutionContext, size: number) {
    t.teardown(() => rmSync(this.root, { recursive: true, force: true }));
    for (const folder of ['dev', 'tools', 'sys/class/block', 'sys/devices/card/cardp4'])
      mkdirSync(join(this.root, folder), { recursive: true });
    writeFileSync(this.disk, '');
    truncateSync(this.disk, size * MIB);
    run('sfdisk', ['-q', this.disk], TABLE);
    writeFileSync(join(this.root, 'witness'), 'what was kept\n');
    writeFileSync(this.partition, '');
    truncateSync(this.partition, 64 * MIB);
    mkdirSync(join(this.root, 'content'));
    cpSync(join(this.root, 'witness'), join(this.root, 'content/witness'));
    run('mke2fs', ['-q', '-t', 'ext4', '-d', join(this.root, 'content'), this.partition]);
    for (const name of ['card', 'cardp4']) {
      const target = name === 'card' ? '../../devices/card' : '../../devices/card/cardp4';
      symlinkSync(target, join(this.root, 'sys/class/block', name));
    }
    // The kernel hears of the new size, and the partition is that long.
    this.#tool('partx', `truncate -s "$(${this.#sizeCommand})" ${this.partition}`);
    for (const name of ['sfdisk', 'sync', 'resize2fs']) this.#tool(name, `PATH=${PATH} exec ${name} "$@"`);
  }

  /** Size of partition 4, of the table; octets. */
  get size(): number {
    return Number(run('sh', ['-c', this.#sizeCommand]));
  }

  get #sizeCommand(): string {
    const line = `PATH=${PATH} sfdisk -d ${this.disk} | sed -n 's/^.*card4 : .*size= *\\([0-9]*\\).*/\\1/p'`;
    return `echo $((\`${line}\` * ${SECTOR}))`;
  }

  /** As the system starts: the kernel reads the table, then the program runs. `cut`: before or after the how manieth command. */
  start(cut: { readonly before?: number; readonly after?: number } = {}): {
    code: number | null;
    said: string;
  } {
    truncateSync(this.partition, this.size);
    const sys = (path: string, value: number) =>
      writeFileSync(join(this.root, 'sys/devices/card', path), `${value}\n`);
    sys('size', statSync(this.disk).size / SECTOR);
    sys('cardp4/partition', 4);
    sys('cardp4/start', START);
    sys('cardp4/size', this.size / SECTOR);
    writeFileSync(join(this.root, 'count'), '0\n');
    const env = {
      PATH: `${join(this.root, 'tools')}:${PATH}`,
      DUALTONE_SYS: join(this.root, 'sys'),
      DUALTONE_DEV: join(this.root, 'dev'),
      CUT_BEFORE: String(cut.before ?? ''),
      CUT_AFTER: String(cut.after ?? ''),
    };
    const { status, stdout, stderr } = spawnSync('sh', [GROW, this.partition], { env, encoding: 'utf8' });
    return { code: status, said: `${stdout}${stderr}` };
  }

  get table(): Buffer {
    return readFileSync(this.disk).subarray(0, SECTOR);
  }

  /** Octets of the file system, which is whole and has what it had. */
  fileSystem(t: ExecutionContext): number {
    const { status, stdout } = spawnSync('e2fsck', ['-fn', this.partition], {
      env: { PATH },
      encoding: 'utf8',
    });
    t.is(status, 0, stdout);
    t.is(run('debugfs', ['-R', 'cat witness', this.partition]), 'what was kept\n');
    const head = run('dumpe2fs', ['-h', this.partition]);
    const number = (name: string) => Number(new RegExp(`^${name}: +(\\d+)$`, 'm').exec(head)?.[1]);
    return number('Block count') * number('Block size');
  }

  #tool(name: string, deed: string): void {
    const script = `#!/bin/sh
read -r count <${this.root}/count; count=$((count + 1)); echo "$count" >${this.root}/count
[ "$count" != "$CUT_BEFORE" ] || { kill -9 $PPID; exit 1; }
( ${deed} ); code=$?
[ "$count" != "$CUT_AFTER" ] || kill -9 $PPID
exit $code
`;
    writeFileSync(join(this.root, 'tools', name), script, { mode: 0o755 });
  }
}

const test = needing('sfdisk', 'resize2fs');
const LARGE = 361;
const GROWN = (LARGE * MIB - START * SECTOR) & ~(MIB - 1);

test('data takes the rest of the card; of the card only its first sector is written', (t) => {
  const card = new Card(t, LARGE);
  const before = readFileSync(card.disk);
  const { code, said } = card.start();
  t.is(code, 0, said);
  t.regex(said, /data partition: 64 MiB, now 272 MiB/);
  t.is(card.size, GROWN);
  t.is(card.fileSystem(t), GROWN);
  const after = readFileSync(card.disk);
  t.false(before.subarray(0, SECTOR).equals(after.subarray(0, SECTOR)));
  t.true(before.subarray(SECTOR).equals(after.subarray(SECTOR)));
  t.deepEqual(after.subarray(0, 0x1ee), Buffer.concat([before.subarray(0, 0x1ee)]), 'the other entries');
  t.is(before.readUInt32LE(0x1b8), 0xd0a17e01);
});

test('done once it changes nothing, and a card without room is left as it is', (t) => {
  const card = new Card(t, LARGE);
  card.start();
  const before = readFileSync(card.disk);
  const again = card.start();
  t.is(again.code, 0);
  t.regex(again.said, /Nothing to do/);
  t.true(before.equals(readFileSync(card.disk)));
  const tight = new Card(t, 154);
  const untouched = readFileSync(tight.disk);
  t.is(tight.start().code, 0);
  t.true(untouched.equals(readFileSync(tight.disk)));
  t.is(tight.fileSystem(t), 64 * MIB);
});

test('a card that was copied to a larger one grows again', (t) => {
  const card = new Card(t, LARGE);
  card.start();
  truncateSync(card.disk, 2 * LARGE * MIB);
  t.is(card.start().code, 0);
  t.is(card.fileSystem(t), (2 * LARGE * MIB - START * SECTOR) & ~(MIB - 1));
});

test('power may go between any two steps: the next start finishes', (t) => {
  for (let step = 1; step <= 4; step++) {
    for (const cut of [{ before: step }, { after: step }]) {
      const card = new Card(t, LARGE);
      t.is(card.start(cut).code, null, JSON.stringify(cut));
      card.fileSystem(t);
      const { code, said } = card.start();
      t.is(code, 0, said);
      t.is(card.size, GROWN);
      t.is(card.fileSystem(t), GROWN);
    }
  }
});
