import test from 'ava';
import fc from 'fast-check';
import { compareVersions } from '#provisioning/lifecycle/version.ts';

const RISING: readonly (string | undefined)[][] = [
  [
    undefined,
    '',
    '0',
    '1',
    '1.2',
    '1.2.1',
    '1.10',
    '2',
    '10',
    '99999999999999999999',
    '100000000000000000000',
  ],
  [undefined, '2025-12-31.9', '2026-01-01', '2026-01-01.1', '2026-11-20.9', '2026-11-20.10', '2026-11-21'],
  ['v1', 'v2', 'v10'],
];

test('versions are ordered as people read them', (t) => {
  for (const row of RISING) {
    for (const [i, a] of row.entries()) {
      for (const [j, b] of row.entries())
        t.is(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} ${b}`);
    }
  }
  t.is(compareVersions('1.02', '1.2'), 0);
});

test('any three versions are in one order', (t) => {
  const version = fc.option(fc.stringMatching(/^[a-c0-3.-]{0,6}$/), { nil: undefined });
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      t.is(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)), 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) t.true(compareVersions(a, c) <= 0);
    }),
    { numRuns: 5000 },
  );
});
