/** When the card is tested anew. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { CHECKOUT } from '../../image/build/places.ts';
import { ingredients, PLACES } from './ingredients.ts';

const names = ingredients(CHECKOUT).map(({ name }) => name);

test('the card is tested anew when its image, what speaks to RAUC, its stories or its packages change', (t) => {
  for (const name of [
    'image/packages.lock',
    'image/device/usr/lib/dualtone/bootstate',
    'image/boot/boot.cmd',
    'firmware/update/updater.ts',
    'firmware/telephone/rauc.ts',
    'test/card/stories/update.ts',
    'tools/installation.ts',
    'packages',
  ])
    t.true(names.includes(name), name);
});

test('it is not when only what was made of it changes, or the daily firmware', (t) => {
  t.deepEqual(
    names.filter((name) => name.startsWith('image/out') || name.startsWith('firmware/phone')),
    [],
  );
  t.is(new Set(names).size, names.length);
});

test('a link counts by where it leads to, there or not, and a program by that it is one', (t) => {
  const checkout = mkdtempSync(join(tmpdir(), 'dualtone-ingredients-'));
  t.teardown(() => rmSync(checkout, { recursive: true }));
  const at = (name: string) => join(checkout, name);
  for (const place of PLACES) {
    mkdirSync(dirname(at(place)), { recursive: true });
    if (place.endsWith('.ts')) writeFileSync(at(place), '');
    else mkdirSync(at(place), { recursive: true });
  }
  writeFileSync(at('package-lock.json'), '{"packages": {}}');
  writeFileSync(at('image/init'), '#!/bin/sh\n');
  symlinkSync('../run/absent', at('image/link'));
  const seen = () =>
    ingredients(checkout)
      .map(({ name, octets }) => `${name} ${octets}`)
      .join();
  const before = seen();
  t.true(before.includes('image/link'));
  chmodSync(at('image/init'), 0o755);
  const runnable = seen();
  t.not(runnable, before);
  unlinkSync(at('image/link'));
  symlinkSync('/dev/null', at('image/link'));
  t.not(seen(), runnable);
});
