/** Versions in the order of Semantic Versioning 2.0.0, 11. */
import test from 'ava';
import fc from 'fast-check';
import { compareVersions, parseVersion } from '#update/version.ts';
import { mutations } from '../support/mutate.ts';

const ORDER = [
  ...[
    '0.1.0',
    '0.9.9',
    '0.10.0',
    '1.0.0-0',
    '1.0.0-1',
    '1.0.0-10',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
  ],
  ...[
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2',
    '1.2.1',
    '2',
    '2026.11',
  ],
];

const order = (one: string, other: string): number => {
  const [a, b] = [parseVersion(one), parseVersion(other)];
  if (a === undefined || b === undefined) throw new Error(`no version: ${one}, ${other}`);
  return Math.sign(compareVersions(a, b));
};

test('each version is newer than all before it, and as old as itself', (t) => {
  for (const [index, one] of ORDER.entries())
    for (const [against, other] of ORDER.entries())
      t.is(order(one, other), Math.sign(index - against), `${one}, ${other}`);
});

test('what follows "+" counts for nothing, and missing numbers are 0', (t) => {
  t.is(order('1.2.3+build.5', '1.2.3'), 0);
  t.is(order('1.2', '1.2.0'), 0);
});

test('what is no version is told apart', (t) => {
  const none = [
    '',
    'v1.2.3',
    '1.2.3.4',
    '01.2.3',
    '1.2.3-',
    '1.2.3-a..b',
    '1..3',
    ' 1.2.3',
    '1.2.3\n',
    '-1',
    `1.2.3-${'a'.repeat(64)}`,
  ];
  for (const text of none) t.is(parseVersion(text), undefined, text);
});

const number = fc.nat(1000);
const version = fc
  .tuple(
    number,
    number,
    number,
    fc.array(fc.oneof(number.map(String), fc.constantFrom('alpha', 'rc', 'x-1')), { maxLength: 3 }),
  )
  .map(
    ([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre.length > 0 ? `-${pre.join('.')}` : ''}`,
  );

test('the order is one: what is newer one way is older the other, and it passes on', (t) => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      t.is(order(a, b) + order(b, a), 0);
      if (order(a, b) <= 0 && order(b, c) <= 0) t.true(order(a, c) <= 0);
    }),
  );
  t.pass();
});

test('no damage to a version is more than none', (t) => {
  const seeds = ORDER.map((text) => Buffer.from(text));
  for (const octets of mutations(seeds, 100_000, 1)) {
    const read = parseVersion(Buffer.from(octets).toString('latin1'));
    if (read !== undefined && compareVersions(read, read) !== 0) t.fail(String(octets));
  }
  t.pass();
});
