/** Packets of TFTP, read and written. */
import test from 'ava';
import fc from 'fast-check';
import { fileOf, readPacket, type TftpPacket, writePacket } from '#provisioning/fetch/tftp_packet.ts';
import { mutations } from '../../support/mutate.ts';

const latin = (octets: Uint8Array) => Buffer.from(octets).toString('latin1');
const word = fc.nat(0xffff);
const text = fc.stringMatching(/^[ -~äö]{0,40}$/);
const options = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,12}$/), text), {
    selector: ([name]) => name,
    maxLength: 5,
  })
  .map((pairs) => new Map(pairs));
const data = fc.uint8Array({ maxLength: 1_300 }).map((octets) => Buffer.from(octets));
const packet: fc.Arbitrary<TftpPacket> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), file: text, options }),
  fc.record({ kind: fc.constant('data' as const), block: word, octets: data }),
  fc.record({ kind: fc.constant('acknowledge' as const), block: word }),
  fc.record({ kind: fc.constant('error' as const), code: word, text }),
  fc.record({ kind: fc.constant('options' as const), options }),
);

test('the octets of a request are those of RFC 2348', (t) => {
  const asked = writePacket({
    ...{ kind: 'read', file: 'foobar' },
    options: new Map([['blksize', '1432']]),
  });
  t.is(latin(asked), '\0\x01foobar\0octet\0blksize\x001432\0');
});

test('what is written is read', (t) => {
  fc.assert(
    fc.property(packet, (one) => {
      t.deepEqual(readPacket(writePacket(one)), one);
    }),
    { numRuns: 2_000 },
  );
});

for (const [what, octets, read] of [
  [
    'options of any case are one',
    '\0\x06BlkSize\x008\0',
    { kind: 'options', options: new Map([['blksize', '8']]) },
  ],
  [
    'a text without its zero ends with the packet',
    '\0\x05\0\x01gone',
    { kind: 'error', code: 1, text: 'gone' },
  ],
  ['an option without its value is none', '\0\x06blksize\0', undefined],
  ['an option twice is none', '\0\x06a\x001\0A\x002\0', undefined],
  ['options without an end are none', '\0\x06a\x001', undefined],
  ['text that is changed on the way is not ours', '\0\x01file\0netascii\0', undefined],
  ['a writer is none', '\0\x02file\0octet\0', undefined],
  ['an acknowledgement has no more', '\0\x04\0\x01x', undefined],
  ['nothing is nothing', '', undefined],
] as const) {
  test(what, (t) => {
    t.deepEqual(readPacket(Buffer.from(octets, 'latin1')), read as TftpPacket | undefined);
  });
}

test('100 000 damaged packets are read as one or as none', (t) => {
  const seeds = fc.sample(packet, { numRuns: 50, seed: 7 }).map((one) => writePacket(one));
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 7)) {
    const one = readPacket(octets);
    if (one === undefined) continue;
    read += 1;
    if (one.kind === 'data' && one.octets.length !== octets.length - 4) t.fail('data of its own');
  }
  t.true(read > 10_000 && read < 100_000, String(read));
});

test('the file of a URL is what stands behind its host, without RFC 3617’s mode', (t) => {
  for (const [url, file] of [
    ['tftp://h/a/b.cfg', 'a/b.cfg'],
    ['tftp://h/a%20b;mode=octet', 'a b'],
    ['tftp://[2001:db8::1]:6969//etc', '/etc'],
    ['tftp://h/', undefined],
    ['tftp://h', undefined],
    ['tftp://h/%00', undefined],
    ['tftp://h/%ff', undefined],
    [`tftp://h/${'x'.repeat(256)}`, undefined],
  ] as const)
    t.is(fileOf(new URL(url)), file, url);
});
