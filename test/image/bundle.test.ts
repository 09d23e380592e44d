/** How a bundle is made, as far as the words go that RAUC is given. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeBundle } from '../../image/build/bundle.ts';

test('a bundle is held against the certificate that goes onto the card, or there is none', async (t) => {
  const work = mkdtempSync(join(tmpdir(), 'dualtone-bundle-'));
  t.teardown(() => rmSync(work, { recursive: true }));
  const part = (name: string) => {
    writeFileSync(join(work, name), name);
    return join(work, name);
  };
  const parts = { boot: part('boot'), system: part('system'), version: '1.2.3', epoch: 86_400 };
  const keys = { key: '/keys/a.key', certificate: { file: '/keys/a.crt', development: false } };
  let [asked, manifest]: [readonly string[], string] = [[], ''];
  await makeBundle(work, join(work, 'x.raucb'), parts, keys, async (words) => {
    asked = words;
    manifest = readFileSync(join(words.at(-2) ?? '', 'manifest.raucm'), 'utf8');
    return '';
  });
  // Without it RAUC signs with whatever it is given, also what no telephone will believe: a certificate for another
  // purpose, or one of an authority that the card does not have.
  for (const word of ['--keyring=/keys/a.crt', '--cert=/keys/a.crt', '--key=/keys/a.key'])
    t.true(asked.includes(word), `${word}: ${asked.join(' ')}`);
  t.regex(manifest, /^version=1\.2\.3\nbuild=1970-01-02$/m);
});
