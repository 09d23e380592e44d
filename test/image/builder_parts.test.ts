/** The builder's parts that decide something by themselves. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { parseVersion } from '#update/version.ts';
import { lockedOut } from '../../image/build/accounts.ts';
import { NEW, parseState, serializeState } from '../../image/build/bootstate.ts';
import { closureOf, FOR_ROOT, MODULES, plainName } from '../../image/build/modules.ts';
import { optionsOf } from '../../image/build/options.ts';
import { LIMITS, tooLarge } from '../../image/build/outputs.ts';
import { IMAGE } from '../../image/build/places.ts';
import { slotText } from '../../image/build/slot.ts';
import { mutations } from '../support/mutate.ts';
import { read, written } from './boot_state.ts';

const DEPENDENCIES = `kernel/fs/erofs/erofs.ko.xz: kernel/lib/lz4/lz4_decompress.ko.xz kernel/fs/netfs.ko.xz
kernel/lib/lz4/lz4_decompress.ko.xz:
kernel/fs/netfs.ko.xz: kernel/lib/lz4/lz4_decompress.ko.xz
kernel/drivers/block/virtio_blk.ko.xz:
`;

test('a module comes after all that it needs, and once', (t) => {
  const files = closureOf(['virtio-blk', 'erofs', 'erofs'], DEPENDENCIES, '');
  t.deepEqual(files.map(plainName), ['virtio_blk', 'lz4_decompress', 'netfs', 'erofs']);
});

test('a module that is part of the kernel needs no file; one that it does not have is named', (t) => {
  t.deepEqual(closureOf(['mmc-block'], DEPENDENCIES, 'kernel/drivers/mmc/core/mmc_block.ko\n'), []);
  t.throws(() => closureOf(['erofs', 'warp', 'drive'], DEPENDENCIES, ''), { message: /warp, drive/ });
});

test('no module is listed twice', (t) => {
  const names = [...FOR_ROOT, ...Object.values(MODULES).flat()].map(plainName);
  t.deepEqual(names.length, new Set(names).size);
});

test("the slot's words are one line for U-Boot, and the version another", (t) => {
  t.is(
    slotText('words=quiet console=ttyS1,115200\n', '1.2.0-rc.1'),
    'words=quiet console=ttyS1,115200\nversion=1.2.0-rc.1\n',
  );
});

test('the words of this checkout suit U-Boot, and end on the console that a board has', (t) => {
  const text = slotText(readFileSync(join(IMAGE, 'boot/slot.txt'), 'utf8'), '0.1.0');
  const consoles = [...text.matchAll(/console=(\S+)/g)].map(([, name]) => name);
  t.is(consoles.at(-1), 'ttyS1,115200');
});

for (const [what, words, version] of [
  ['a variable of U-Boot', 'words=root=$root', '1'],
  ['two commands', 'words=quiet;reset', '1'],
  ['a quotation', 'words="quiet"', '1'],
  ['a version of two lines', 'words=quiet', '1\nbootcmd=reset'],
  ['no words at all', 'version=1', '1'],
] as const)
  test(`slot.txt refuses ${what}`, (t) => {
    t.throws(() => slotText(words, version), { message: /^slot\.txt: / });
  });

test('the boot state of a new card is one that its readers read: A first, both good, three starts each', (t) => {
  t.deepEqual(read(serializeState(NEW)), {
    seq: '1',
    order: 'a b',
    a_left: '3',
    b_left: '3',
    a_good: '1',
    b_good: '1',
  });
});

const names = fc.dictionary(fc.stringMatching(/^[a-z_]{1,9}$/), fc.stringMatching(/^[ -~]{0,40}$/), {
  maxKeys: 20,
  noNullPrototype: true,
});

test('a boot state is read as it was written, here and elsewhere', (t) => {
  fc.assert(
    fc.property(names, (state) => {
      t.deepEqual(parseState(serializeState(state)), state);
      t.deepEqual(parseState(written(state)), state);
    }),
  );
});

test('a boot state that is too large is refused before it is written', (t) => {
  t.throws(() => serializeState({ extra: 'x'.repeat(4096) }), { instanceOf: RangeError });
});

test('no damage to a boot state goes unnoticed', (t) => {
  const whole = serializeState(NEW);
  let valid = 0;
  for (const octets of mutations([whole], 100_000, 4096))
    if (parseState(Buffer.from(octets)) && !whole.equals(octets)) valid += 1;
  t.is(valid, 0);
});

test('no line of shadow has a password, nor the day on which it was made', (t) => {
  t.is(lockedOut('root:$y$j9T$abc:20412:0:99999:7:::', 100), 'root:!*:100:0:99999:7:::');
  t.is(lockedOut('dualtone:!:20412::::::', 100), 'dualtone:!*:100::::::');
});

test('what is handed out may not outgrow its limits', (t) => {
  t.deepEqual(tooLarge({ 'dualtone.img.xz': 200_000_000, 'dualtone.raucb': 120_000_000 }), []);
  t.is(
    tooLarge({ 'dualtone.img.xz': 200_000_001, 'dualtone.raucb': 120_000_001 }).length,
    Object.keys(LIMITS).length,
  );
});

test('a key without its certificate is refused, and words that nobody knows', (t) => {
  t.throws(() => optionsOf(['--key', 'a.key']), { message: /belong together/ });
  t.throws(() => optionsOf(['--faster']));
  t.is(optionsOf(['--version', '9.9.9']).version, '9.9.9');
});

test('a version that telephones could not compare is refused before anything is built', (t) => {
  const said = ['1', '1.2', '1.2.3-rc.1+x', '1.2.3.4', 'v1.2.3', '1.02', '', '1.2.3-', '1.2.3 4'];
  for (const version of said) {
    const asked = () => optionsOf([`--version=${version}`]);
    if (parseVersion(version) === undefined) t.throws(asked, { message: /--version/ }, version);
    else t.is(asked().version, version);
  }
});
