/** The boot state in POSIX shell: what it writes, whatever a power cut leaves of it, and who writes at the same time. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { seededRandom } from '../support/mutate.ts';
import { whereIs } from '../support/programs.ts';
import { written } from './boot_state.ts';
import { Partition } from './bootstate_tool.ts';

const FRESH = { seq: '0', order: 'a b', a_left: '3', b_left: '3' };

test('a new card is A, then B, with three starts each', async (t) => {
  t.deepEqual(await new Partition(t).get(), FRESH);
});

test('what is set is read back, in a copy that anybody can verify, and writes go by turns', async (t) => {
  const card = new Partition(t);
  t.is((await card.set('a_good=1', 'extra=loglevel=7 quiet')).code, 0);
  const first = { ...FRESH, seq: '1', a_good: '1', extra: 'loglevel=7 quiet' };
  t.deepEqual(card.copy('a'), first);
  const before = card.octets('a');

  t.is((await card.set('fell=b', 'b_left=0')).code, 0);
  t.deepEqual(card.octets('a'), before, 'the copy that is in force is not touched');
  t.deepEqual(card.copy('b'), { ...first, seq: '2', b_left: '0', fell: 'b' });
  t.deepEqual(await card.get(), { ...first, seq: '2', b_left: '0', fell: 'b' });

  t.is((await card.set('fell=')).code, 0);
  t.deepEqual(card.copy('a'), { ...first, seq: '3', b_left: '0' }, 'what is set to nothing is gone');
  t.is((await card.tool('bootstate', ['get', 'extra'])).out, 'loglevel=7 quiet\n');
});

const title = "it is, octet for octet, what U-Boot's own tool makes";
const mkenvimage = whereIs('mkenvimage');
(mkenvimage ? test : test.skip)(
  mkenvimage ? title : `${title} (needs mkenvimage: apt-get install u-boot-tools)`,
  async (t) => {
    const card = new Partition(t);
    await card.set('order=b a', 'board=rotary-bell', 'a_left=2');
    const text = join(card.folder, 'text');
    writeFileSync(text, 'seq=1\norder=b a\na_left=2\nb_left=3\nboard=rotary-bell\n');
    const made = spawnSync(mkenvimage ?? '', ['-s', '4096', '-p', '0', '-o', '-', text]);
    t.deepEqual(card.octets('a'), made.stdout);
  },
);

test('seq counts in hexadecimal, as U-Boot does', async (t) => {
  const card = new Partition(t);
  card.put('a', written({ ...FRESH, seq: '9' }));
  card.put('b', written({ ...FRESH, seq: 'a', fell: 'a' }));
  t.is((await card.get()).fell, 'a');
  await card.set('fell=');
  t.is(card.copy('a')?.seq, 'b');
  card.put('b', written({ ...FRESH, seq: 'ff' }));
  await card.set('fell=b');
  t.is(card.copy('a')?.seq, '100');
});

test('names that nobody knows and values that make no sense are as on a new card', async (t) => {
  const card = new Partition(t);
  card.put(
    'a',
    written({ seq: '5', bootcmd: 'reset', PATH: '/tmp', order: 'b', a_left: '9', b_left: '-1', board: 'x' }),
  );
  t.deepEqual(await card.get(), { ...FRESH, seq: '5', board: 'x' });
  await card.set('b_left=1');
  t.deepEqual(card.copy('b'), { ...FRESH, seq: '6', b_left: '1', board: 'x' });
});

test('nothing of one copy leaks into the other', async (t) => {
  const card = new Partition(t);
  card.put('a', written({ ...FRESH, seq: '1', board: 'old', extra: 'old', fell: 'a' }));
  card.put('b', written({ ...FRESH, seq: '2' }));
  t.deepEqual(await card.get(), { ...FRESH, seq: '2' });
});

test('a value is text to the shell and never a command', async (t) => {
  const card = new Partition(t);
  const value = '$(touch x) `touch x` "; touch x; \' \\ %s * a=b';
  t.is((await card.set(`extra=${value}`)).code, 0);
  t.is((await card.get()).extra, value);
  card.put('b', written({ ...FRESH, seq: '$(touch x)', extra: 'y' }));
  t.is((await card.get()).extra, value);
});

test('a write that was cut off at any octet leaves the state from before it, or all of the new one', async (t) => {
  const card = new Partition(t);
  const old = written({ ...FRESH, seq: '6', fell: 'b' });
  const before = { ...FRESH, seq: '7', board: 'sim' };
  const after = { ...FRESH, seq: '8', order: 'b a', board: 'sim', extra: 'x' };
  card.put('a', written(before));
  const whole = written(after);
  // Behind the last name both are filled with the same zeros.
  const end = whole.lastIndexOf('x') + 2;
  let wholeOnes = 0;
  for (let length = 0; length <= end; length += 1) {
    const copy = Buffer.concat([whole.subarray(0, length), old.subarray(length)]);
    card.put('b', copy);
    const equal = copy.equals(whole);
    if (equal) wholeOnes += 1;
    t.deepEqual(await card.get(), equal ? after : before, `${length} octets`);
  }
  t.true(wholeOnes > 0 && wholeOnes < 4);
});

test('a copy of any other length is not valid', async (t) => {
  const card = new Partition(t);
  const before = { ...FRESH, seq: '7', board: 'sim' };
  card.put('a', written(before));
  const whole = written({ ...FRESH, seq: '8', fell: 'b' });
  const lengths = [0, 1, 3, 4, 5, 60, 511, 512, 1024, 2048, 4092, 4095, 4097, 5000];
  for (const length of lengths) {
    card.put('b', Buffer.concat([whole, Buffer.alloc(1000)]).subarray(0, length));
    t.deepEqual(await card.get(), before, `${length} octets`);
  }
  t.is((await card.set('fell=a')).code, 0);
  t.deepEqual(card.copy('b'), { ...before, seq: '8', fell: 'a' }, 'and is written over, whole');
});

test('writers at the same time lose nothing of each other', async (t) => {
  const card = new Partition(t);
  const pairs = [
    'order=b a',
    'a_left=1',
    'b_left=2',
    'a_good=1',
    'b_good=1',
    'fell=a',
    'board=sim',
    'extra=x',
  ];
  const outcomes = await Promise.all([...pairs, ...pairs].map((pair) => card.set(pair)));
  t.deepEqual(new Set(outcomes.map(({ code }) => code)), new Set([0]));
  const state = await card.get();
  t.deepEqual(state, { seq: '10', ...Object.fromEntries(pairs.map((pair) => pair.split('='))) });
});

test('whoever is killed while writing leaves the old state or the new one', async (t) => {
  const card = new Partition(t);
  const random = seededRandom(7);
  let last = 0;
  for (let round = 1; round <= 24; round += 1) {
    await card.tool('bootstate', ['set', `extra=round ${round} ${'x'.repeat(round)}`], {}, random() * 80);
    const { extra = 'round 0' } = await card.get();
    const found = Number(/^round (\d+)/.exec(extra)?.[1]);
    t.true(found === last || found === round, `round ${round}: ${extra}`);
    last = found;
  }
  t.is((await card.set('fell=a')).code, 0, 'nobody who was killed holds the lock');
});

test('what is no command, no name or no plain text is refused, and nothing is written', async (t) => {
  const card = new Partition(t);
  const refused = [
    [],
    ['put'],
    ['set'],
    ['set', 'board'],
    ['set', 'board', 'sim'],
    ['set', 'seq=9'],
    ['set', 'path=x'],
    ['set', 'a_left=1', 'x=y'],
    ['set', 'extra=a\nb'],
    ['set', 'extra=ü'],
    ['get', 'path'],
    ['get', 'seq', 'fell'],
  ];
  for (const words of refused) {
    const { code, err } = await card.tool('bootstate', words);
    t.is(code, 2, words.join(' '));
    t.regex(err, /^bootstate: /);
  }
  const { code, err } = await card.set(`extra=${'x'.repeat(4090)}`);
  t.is(code, 1);
  t.regex(err, /too long/);
  t.deepEqual(await card.get(), FRESH);
});
