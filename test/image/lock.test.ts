import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { folderOf } from '../../image/build/extracted.ts';
import { keyOf, ofBuilder, ofRole, type Package, parseLock, serializeLock } from '../../image/build/lock.ts';
import { ROLES, WANTED } from '../../image/build/packages.ts';
import { LOCK } from '../../image/build/places.ts';
import { mutations } from '../support/mutate.ts';

const LOCKED = readFileSync(LOCK, 'utf8');
const DIGITS = '0123456789abcdef';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,20}$/);
const packageOf = fc.record<Package>({
  role: fc.constantFrom(...ROLES),
  name,
  version: fc.stringMatching(/^(?:[0-9]:)?[0-9][0-9a-z.+~-]{0,15}$/),
  architecture: fc.constantFrom('arm64', 'amd64', 'all'),
  sha256: fc
    .array(fc.constantFrom(...DIGITS), { minLength: 64, maxLength: 64 })
    .map((digits) => digits.join('')),
  path: name.map((part) => `pool/main/${part}/${part}_1%2b2~3_all.deb`.replaceAll(/\.+/g, '.')),
});

const words = (one: Package): string => Object.values(one).toSorted().join(' ');
const byWords = (a: Package, b: Package): number => (words(a) < words(b) ? -1 : 1);

test('a lock list is read as it was written, whatever its order was', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(packageOf, { selector: (one) => `${one.role} ${one.name}` }),
      fc.nat(20_000),
      (packages, day) => {
        const text = serializeLock({ epoch: day * 86_400, packages });
        const read = parseLock(text);
        t.is(read.epoch, day * 86_400);
        t.deepEqual(read.packages.toSorted(byWords), packages.toSorted(byWords));
        t.is(serializeLock({ epoch: read.epoch, packages: read.packages.toReversed() }), text);
      },
    ),
  );
});

for (const [what, line, said] of [
  ['a word too few', 'device dash 1 arm64 00', /line 2: wants ROLE/],
  ['a role that is none', `phone dash 1 arm64 ${'0'.repeat(64)} pool/d.deb`, /line 2: wants ROLE/],
  ['a hash that is none', 'device dash 1 arm64 beef pool/d.deb', /line 2: no SHA-256: beef/],
  ['a path out of the archive', `device dash 1 arm64 ${'0'.repeat(64)} pool/../../d.deb`, /line 2: no path/],
  [
    'a path with words for a shell',
    `device dash 1 arm64 ${'0'.repeat(64)} pool/$(id).deb`,
    /line 2: no path/,
  ],
] as const)
  test(`a lock list with ${what} is refused by its line`, (t) => {
    t.throws(() => parseLock(`date 2026-01-01\n${line}\n`), { message: said });
  });

test('a lock list without its date is refused', (t) => {
  t.throws(() => parseLock('# nothing\n'), { message: /date YYYY-MM-DD/ });
});

test('damage to a lock list ends in an error about the list, or in packages that could be some', (t) => {
  const seed = Buffer.from(LOCKED.split('\n').slice(0, 12).join('\n'));
  let refused = 0;
  for (const octets of mutations([seed], 100_000, 512)) {
    try {
      for (const one of parseLock(Buffer.from(octets).toString()).packages)
        if (!/^[0-9a-f]{64}$/.test(one.sha256) || one.path.includes('..')) t.fail(one.path);
    } catch (error) {
      refused += 1;
      if (!(error instanceof Error && error.message.startsWith('packages.lock'))) throw error;
    }
  }
  t.true(refused > 10_000);
});

test('the list of this checkout holds what is wanted, and is written as it would be written', (t) => {
  const { epoch, packages } = parseLock(LOCKED);
  t.is(serializeLock({ epoch, packages }), LOCKED);
  for (const role of ROLES) {
    const names = new Set(ofRole(packages, role).map((one) => one.name));
    const { installed, alone } = WANTED[role];
    const missing = [...installed, ...alone].filter((one) => !one.startsWith('?') && !names.has(one));
    t.deepEqual(missing, [], role);
  }
  const kernels = ofRole(packages, 'extracted').filter((one) => one.name.startsWith('linux-binary-'));
  t.is(kernels.length, 1, 'one kernel');
});

test('what was made of packages is made anew when a package changes, or the recipe', (t) => {
  const { packages } = parseLock(LOCKED);
  const device = ofRole(packages, 'device');
  const [first, ...rest] = device;
  const changed = first ? [{ ...first, version: `${first.version}+1` }, ...rest] : [];
  t.is(keyOf(device, '1'), keyOf([...device], '1'));
  t.not(keyOf(device, '1'), keyOf(changed, '1'));
  t.not(keyOf(device, '1'), keyOf(device, '2'));
});

test('what the builder makes of a kernel is made anew with another builder, and not for another system', (t) => {
  const { packages } = parseLock(LOCKED);
  const newer = (some: readonly Package[]) =>
    packages.map((one) => (some.includes(one) ? { ...one, version: `${one.version}+1` } : one));
  t.not(folderOf(packages), folderOf(newer(ofBuilder(packages))));
  t.not(folderOf(packages), folderOf(newer(ofRole(packages, 'extracted'))));
  t.is(folderOf(packages), folderOf(newer(ofRole(packages, 'device'))));
});

/** The first numbers of a Debian version are upstream's. */
const upstream = (version = ''): readonly number[] =>
  (/^(?:\d+:)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []).slice(1).map((part) => Number(part ?? 0));

const isBefore = (version: readonly number[], other: readonly number[]): boolean => {
  const at = other.findIndex((part, index) => part !== (version[index] ?? 0));
  return at >= 0 && (version[at] ?? 0) < (other[at] ?? 0);
};

test('the RAUC of the card understands what dm-verity of its kernel says', (t) => {
  const { packages } = parseLock(LOCKED);
  const kernel = packages.find(({ name: each }) => /^linux-image-\d.*-arm64$/.test(each));
  const rauc = packages.find(({ role, name: each }) => role === 'device' && each === 'rauc');
  // Since 6.19 its status has a second word, which RAUC passes over since 1.15.1 (rauc#1842).
  t.false(isBefore(upstream(kernel?.version), [6, 19]), 'with an older kernel this test says nothing');
  t.false(isBefore(upstream(rauc?.version), [1, 15, 1]), `RAUC ${rauc?.version}, Linux ${kernel?.version}`);
});
