/** What a channel says. */
import test from 'ava';
import fc from 'fast-check';
import { ManifestError, parseManifest } from '#update/manifest.ts';
import { mutations } from '../support/mutate.ts';

const FROM = 'https://updates.example/dualtone/stable.json';
const octets = (said: unknown): Uint8Array => Buffer.from(JSON.stringify(said));
const SAID = { channel: 'stable', version: '1.2.3', bundle: 'dualtone-1.2.3.raucb' };

test('channel, version and bundle are read, the bundle beside the manifest', (t) => {
  const { channel, version, bundle } = parseManifest(
    octets({ ...SAID, notes: 'further keys are for others' }),
    FROM,
  );
  t.deepEqual(
    { channel, version, bundle },
    { ...SAID, bundle: 'https://updates.example/dualtone/dualtone-1.2.3.raucb' },
  );
  t.is(
    parseManifest(octets({ ...SAID, bundle: 'https://cdn.example/x?y=z' }), FROM).bundle,
    'https://cdn.example/x?y=z',
  );
});

const REFUSED: readonly [string, unknown, RegExp][] = [
  ['a list', [SAID], /no mapping/],
  ['nothing', null, /no mapping/],
  ['no channel', { version: '1.2.3', bundle: 'x' }, /lacks "channel"/],
  ['a version that is a number', { ...SAID, version: 1.2 }, /lacks "version"/],
  ['a version that is none', { ...SAID, version: 'latest' }, /"version" is none/],
  ['no bundle', { ...SAID, bundle: '' }, /lacks "bundle"/],
  ['http', { ...SAID, bundle: 'http://updates.example/x.raucb' }, /no https URL/],
  ['a file', { ...SAID, bundle: 'file:///data/x.raucb' }, /no https URL/],
  ['a password', { ...SAID, bundle: 'https://me:secret@updates.example/x.raucb' }, /holds a password/],
  ['a bundle without end', { ...SAID, bundle: 'x'.repeat(3000) }, /lacks "bundle"/],
];

for (const [title, said, message] of REFUSED)
  test(`refused: ${title}`, (t) => {
    t.throws(() => parseManifest(octets(said), FROM), { instanceOf: ManifestError, message });
  });

test('refused: what is no JSON, no UTF-8, or too long', (t) => {
  t.throws(() => parseManifest(Buffer.from('{'), FROM), { message: /no JSON/ });
  t.throws(() => parseManifest(Uint8Array.of(0x22, 0xff, 0x22), FROM), { message: /no JSON/ });
  t.throws(() => parseManifest(Buffer.alloc(20_000, ' '), FROM), { message: /octets/ });
});

test('whatever JSON says, it is a manifest or a ManifestError', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (said) => {
      t.throws(() => parseManifest(octets(said), FROM), { instanceOf: ManifestError });
    }),
  );
});

test('no damage to a manifest is more than a ManifestError, and no bundle comes from elsewhere than https', (t) => {
  const seeds = [
    octets(SAID),
    octets({ ...SAID, version: '1.2.3-rc.1', bundle: 'https://cdn.example/a/b.raucb' }),
  ];
  for (const damaged of mutations(seeds, 100_000, 2))
    try {
      const { bundle } = parseManifest(damaged, FROM);
      if (!bundle.startsWith('https://')) t.fail(bundle);
    } catch (error) {
      if (!(error instanceof ManifestError)) t.fail(String(error));
    }
  t.pass();
});
