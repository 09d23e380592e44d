import test from 'ava';
import fc from 'fast-check';
import { cpio, type Entry } from '../../image/build/cpio.ts';

interface Read {
  readonly name: string;
  readonly mode: number;
  readonly time: number;
  readonly device: readonly [number, number];
  readonly data: string;
}

/** As the kernel's init/initramfs.c walks it: heads of 110 octets, everything to the next multiple of 4. */
function read(archive: Buffer): readonly Read[] {
  const found: Read[] = [];
  const to4 = (at: number) => at + ((4 - (at % 4)) % 4);
  for (let at = 0; ; ) {
    const field = (index: number) =>
      Number.parseInt(archive.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    if (archive.toString('latin1', at, at + 6) !== '070701') throw new Error(`no head at ${at}`);
    const begin = to4(at + 110 + field(11));
    const name = archive.toString('utf8', at + 110, at + 110 + field(11) - 1);
    if (name === 'TRAILER!!!') return found;
    const data = archive.toString('latin1', begin, begin + field(6));
    found.push({ name, mode: field(1), time: field(5), device: [field(9), field(10)], data });
    at = to4(begin + field(6));
  }
}

const name = fc.stringMatching(/^[a-z][a-z/]{0,9}$/);
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ kind: fc.constant('folder' as const), name, mode: fc.nat(0o777) }),
  fc.record({
    kind: fc.constant('file' as const),
    name,
    mode: fc.nat(0o777),
    data: fc.uint8Array({ maxLength: 20 }).map((octets) => Buffer.from(octets)),
  }),
  fc.record({ kind: fc.constant('link' as const), name, target: name }),
  fc.record({
    kind: fc.constant('device' as const),
    name,
    mode: fc.nat(0o777),
    major: fc.nat(255),
    minor: fc.nat(255),
  }),
);

const KINDS = { folder: 0o040000, file: 0o100000, link: 0o120777, device: 0o020000 };

test('the kernel finds in an archive what was put in, in this order', (t) => {
  fc.assert(
    fc.property(fc.array(entry), fc.nat(2 ** 31), (entries, epoch) => {
      const wanted = entries.map(
        (one): Read => ({
          name: one.name,
          mode: KINDS[one.kind] | ('mode' in one ? one.mode : 0),
          time: epoch,
          device: one.kind === 'device' ? [one.major, one.minor] : [0, 0],
          data: one.kind === 'file' ? one.data.toString('latin1') : one.kind === 'link' ? one.target : '',
        }),
      );
      t.deepEqual(read(cpio(entries, epoch)), wanted);
    }),
  );
});

test('the same entries give the same octets', (t) => {
  const entries: readonly Entry[] = [
    { kind: 'folder', name: 'bin', mode: 0o755 },
    { kind: 'link', name: 'bin/sh', target: 'busybox' },
  ];
  t.deepEqual(cpio(entries, 1), cpio(entries, 1));
  t.notDeepEqual(cpio(entries, 1), cpio(entries, 2));
});
