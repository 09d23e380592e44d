/**
 * U-Boot's script in U-Boot: which slot starts, for every state that a card may be found in, and what is written back.
 * Nothing is asked of Linux.
 */
import { execFileSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE, whereIs } from '../support/programs.ts';
import { type BootState, read, written } from './boot_state.ts';
import { Card, SLOT_FILES } from './card.ts';
import { boot, bootargs, lines, type Machine, machine, treeOf } from './u_boot.ts';

const PROGRAMS = ['qemu-system-aarch64', 'mkimage', 'mcopy', 'mkfs.vfat', 'dtc'] as const;
const absent = PROGRAMS.filter((program) => whereIs(program) === undefined);
const board = absent.length === 0 ? machine('rpi_3') : undefined;
test.after.always(() => board?.[Symbol.dispose]());

/** Serial, and with time: each boots U-Boot at least once, on a machine that others use. */
function booting(title: string, body: (t: ExecutionContext, board: Machine) => Promise<void>): void {
  if (absent.length > 0) {
    const install = absent.map((program) => PACKAGE[program]).join(' ');
    test.skip(`${title} (needs ${absent.join(', ')}: apt-get install ${install})`, () => {});
  } else if (!board) {
    test.skip(`${title} (needs u-boot-rpi and linux-base of image/packages.lock: npm run image fetches them)`, () => {});
  } else {
    test.serial(title, (t) => {
      t.timeout(400_000);
      return body(t, board);
    });
  }
}

/** Octets, or the names of a valid copy. */
type Copy = BootState | Buffer | undefined;

const octets = (copy: BootState | Buffer): Buffer => (Buffer.isBuffer(copy) ? copy : written(copy));
const torn = (copy: BootState): Buffer => Buffer.concat([written(copy).subarray(0, 30), Buffer.alloc(4066)]);

const GOOD = { seq: '10', order: 'a b', a_left: '3', b_left: '3', a_good: '1', b_good: '1' };

interface Case {
  readonly title: string;
  readonly a?: Copy;
  readonly b?: Copy;
  /** What is done to slot A. */
  readonly spoil?: (card: Card) => void;
  readonly starts: 'a' | 'b';
  /** Which copy is in force afterwards, and what it says. */
  readonly into: 'a' | 'b';
  readonly state: BootState;
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  {
    title: 'a card without a boot state starts A, and counts',
    starts: 'a',
    into: 'a',
    state: { seq: '1', order: 'a b', a_left: '2', b_left: '3' },
    says: /no boot state, A then B\nslot a of a b, start 3 of 3\n/,
  },
  {
    title: 'of two valid copies the newer one counts, in hexadecimal, and nothing of the other',
    a: { ...GOOD, seq: '9', extra: 'from=a', fell: 'a' },
    b: { ...GOOD, order: 'b a', b_left: '2' },
    starts: 'b',
    into: 'a',
    state: { ...GOOD, seq: '11', order: 'b a', b_left: '1' },
    says: /boot state is state_b, seq 10\nslot b of b a, start 2 of 3\nstate_a written, seq 11\n/,
  },
  {
    title: 'a newer copy that was cut off is left aside, and written over',
    a: torn({ ...GOOD, seq: '11', order: 'b a' }),
    b: { ...GOOD, extra: 'loglevel=7 x=y' },
    starts: 'a',
    into: 'a',
    state: { ...GOOD, seq: '11', a_left: '2', extra: 'loglevel=7 x=y' },
    says: /state_a is not valid\nboot state is state_b, seq 10\n/,
  },
  {
    title: 'with both copies cut off it is A',
    a: torn(GOOD),
    b: written(GOOD).subarray(0, 700),
    starts: 'a',
    into: 'a',
    state: { seq: '1', order: 'a b', a_left: '2', b_left: '3' },
    says: /state_a is not valid\nstate_b is not valid\nno boot state/,
  },
  {
    title: 'a slot without a start left is given up for the other, and that is remembered',
    a: { ...GOOD, order: 'b a', b_left: '0', b_good: '1' },
    starts: 'a',
    into: 'b',
    state: { ...GOOD, seq: '11', order: 'b a', a_left: '2', b_left: '0', fell: 'b' },
    says: /slot b has no start left\nslot a of b a, start 3 of 3\n/,
  },
  {
    title: 'when neither has a start left both get three again',
    b: { ...GOOD, a_left: '0', b_left: '0' },
    starts: 'a',
    into: 'a',
    state: { ...GOOD, seq: '11', a_left: '2' },
    says: /neither slot has a start left, both get three again\nslot a of a b, start 3 of 3\n/,
  },
  {
    title: 'names that nobody knows are not taken in, and values that make no sense are as on a new card',
    a: { seq: '7', order: 'c', a_left: '7', bootargs: 'init=/bin/sh', bootcmd: 'reset' },
    starts: 'a',
    into: 'b',
    state: { seq: '8', order: 'a b', a_left: '2', b_left: '3' },
    says: /slot a of a b, start 3 of 3\n/,
  },
  {
    title: 'a slot without a kernel is given up at once, and the other one starts',
    a: GOOD,
    spoil: (card) => card.slot('a', 'Image.gz', undefined),
    starts: 'b',
    into: 'a',
    state: { ...GOOD, seq: '12', a_left: '0', b_left: '2', fell: 'a' },
    says: /slot a cannot be loaded\nslot a has no start left\nslot b of a b, start 3 of 3\n/,
  },
  {
    title: 'a slot whose kernel does not unpack is given up at once',
    a: GOOD,
    spoil: (card) => card.slot('a', 'Image.gz', Buffer.alloc(5000, 'no kernel')),
    starts: 'b',
    into: 'a',
    state: { ...GOOD, seq: '12', a_left: '0', b_left: '2', fell: 'a' },
    says: /slot a cannot be loaded\n/,
  },
  {
    title: 'a slot without its words is given up at once',
    a: GOOD,
    spoil: (card) => card.slot('a', 'slot.txt', undefined),
    starts: 'b',
    into: 'a',
    state: { ...GOOD, seq: '12', a_left: '0', b_left: '2', fell: 'a' },
    says: /slot a cannot be loaded\n/,
  },
];

const ROOT = {
  a: 'root=PARTUUID=d0a17e01-07 ro dualtone.slot=a rauc.slot=A',
  b: 'root=PARTUUID=d0a17e01-08 ro dualtone.slot=b rauc.slot=B',
};
const WORDS = 'console=ttyS1,115200 quiet';

for (const { title, a, b, spoil, starts, into, state, says } of CASES)
  booting(title, async (t, board) => {
    const card = new Card(t);
    if (a) card.write(2, 'state_a', octets(a));
    if (b) card.write(2, 'state_b', octets(b));
    spoil?.(card);
    const said = await boot(card, board);
    t.regex(`${lines(said).join('\n')}\n`, says);
    t.is(bootargs(said).trim(), [ROOT[starts], WORDS, state.extra ?? ''].join(' ').trim());
    t.deepEqual(read(card.read(2, `state_${into}`) ?? Buffer.alloc(0)), state);
  });

booting('the write changes one copy and its entry, and nothing else of the card', async (t, board) => {
  const card = new Card(t);
  card.write(2, 'state_a', octets(GOOD));
  card.write(2, 'state_b', octets({ ...GOOD, seq: 'f' }));
  const [others, before] = [[1, 5, 6] as const, card.octets(2)];
  const untouched = others.map((partition) => card.octets(partition));
  await boot(card, board);
  const after = card.octets(2);
  const sectors = new Set<number>();
  for (let at = 0; at < after.length; at += 512)
    if (!after.subarray(at, at + 512).equals(before.subarray(at, at + 512))) sectors.add(at / 512);
  const at = after.indexOf(card.read(2, 'state_b') ?? '') / 512;
  t.true(Number.isInteger(at) && at > 0);
  const elsewhere = [...sectors].filter((sector) => sector < at || sector >= at + 8);
  t.true(elsewhere.length <= 1, `one sector of the root folder, with the entry: ${elsewhere}`);
  t.true(untouched.every((octets, index) => octets.equals(card.octets(others[index] ?? 1))));
});

booting('a write that fails leaves the only valid copy alone, also the one after it', async (t, board) => {
  const card = new Card(t);
  card.write(2, 'state_a', octets(GOOD));
  card.fill(2);
  card.slot('a', 'Image.gz', undefined);
  const said = await boot(card, board);
  t.deepEqual(
    lines(said).filter((line) => line.includes('written')),
    Array(2).fill('state_b cannot be written'),
  );
  t.true(bootargs(said).startsWith(ROOT.b));
  t.deepEqual(card.read(2, 'state_a'), octets(GOOD));
});

booting(
  'three starts that nobody found good, then the other slot; a slot found good keeps its three',
  async (t, board) => {
    const card = new Card(t);
    card.write(2, 'state_a', octets({ ...GOOD, order: 'b a', b_good: '' }));
    const started: string[] = [];
    for (let start = 1; start <= 4; start += 1) started.push(bootargs(await boot(card, board)).slice(23, 25));
    t.deepEqual(started, ['08', '08', '08', '07']);
    const { seq: _, ...state } = read(card.read(2, 'state_a') ?? Buffer.alloc(0)) ?? {};
    t.deepEqual(state, { order: 'b a', a_left: '2', b_left: '0', a_good: '1', fell: 'b' });
  },
);

const OVERLAY = (target: string) => `/dts-v1/; /plugin/;
/ { fragment@0 { ${target}; __overlay__ { dualtone-board = "rotary"; }; }; };`;

booting("the board's overlay of the slot is applied to the device tree", async (t, board) => {
  const card = new Card(t);
  card.write(2, 'state_a', octets({ ...GOOD, board: 'rotary' }));
  card.folderOf('a', 'overlays');
  card.slot('a', 'overlays/rotary.dtbo', compiled(OVERLAY('target-path = "/"')));
  const said = await boot(card, board);
  t.true(lines(said).includes('overlay rotary'));
  t.true(treeOf(said)?.includes('dualtone-board'));
});

booting(
  'an overlay that is missing or does not fit leaves the tree as it was, and the telephone starts',
  async (t, board) => {
    const card = new Card(t);
    card.write(2, 'state_a', octets({ ...GOOD, board: 'rotary' }));
    t.true(lines(await boot(card, board)).includes('no overlay rotary'));
    card.folderOf('a', 'overlays');
    card.slot('a', 'overlays/rotary.dtbo', compiled(OVERLAY('target = <&nowhere>')));
    const said = await boot(card, board);
    t.true(lines(said).includes('overlay rotary does not fit'));
    t.false(treeOf(said)?.includes('dualtone-board'));
    t.true(bootargs(said).startsWith(ROOT.a));
  },
);

function compiled(source: string): Buffer {
  return execFileSync('dtc', ['-@', '-I', 'dts', '-O', 'dtb', '-q'], { input: source });
}

booting(
  'with neither slot to be loaded it begins again, and starts as soon as one can be',
  async (t, board) => {
    const card = new Card(t);
    for (const slot of ['a', 'b'] as const) card.slot(slot, 'initrd', undefined);
    const said = await boot(card, board, (text) => text.includes('resetting'));
    t.regex(lines(said).join('\n'), /no slot can be loaded/);
    card.slot('b', 'initrd', SLOT_FILES.initrd);
    t.true(bootargs(await boot(card, board)).startsWith(ROOT.b));
  },
);

booting('U-Boot without the environment of the card finds the script by itself', async (t, board) => {
  const card = new Card(t);
  card.write(1, 'uboot.env', Buffer.alloc(0x4000));
  t.is(bootargs(await boot(card, board)).trim(), `${ROOT.a} ${WORDS}`);
});
