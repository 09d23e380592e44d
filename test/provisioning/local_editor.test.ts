/** Editing what was changed on the telephone: what is wrong is told at its line, secrets go out masked and come back. */
import test from 'ava';
import fc from 'fast-check';
import { lineFinder } from '#provisioning/lines.ts';
import { LocalEditor } from '#provisioning/local_editor.ts';
import { MASK } from '#provisioning/mask.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import { mutations } from '../support/mutate.ts';

const SERVED: Mapping = {
  name: 'Kitchen',
  accounts: [{ user: 'alice', domain: 'pbx.test', password: 's3cret' }],
  dial: { map: 'x.T' },
};

function editor(local: Mapping = {}) {
  const kept = { local, writes: 0 };
  const it = new LocalEditor({
    below: () => [{ origin: 'server device', from: 'https://pbx.test/a.yaml', value: SERVED }],
    read: async () => kept.local,
    write: async (value) => {
      kept.local = value;
      kept.writes += 1;
    },
    run: 'r',
  });
  return { it, kept };
}

async function save(it: LocalEditor, text: string) {
  return it.save({ text }, (await it.view()).revision);
}

test('what is shown is in force, with its origin and without its secrets', async (t) => {
  const { it } = editor({ name: 'Hall' });
  const view = await it.view();
  t.is(view.local, 'name: Hall\n');
  t.like(view.effective, { name: 'Hall', accounts: [{ user: 'alice', password: MASK }] });
  const name = view.places.find(({ at }) => at === '/name');
  t.deepEqual(
    name?.said.map(({ origin, value }) => [origin, value]),
    [
      ['local', 'Hall'],
      ['server device', 'Kitchen'],
      ['factory', 'Dualtone'],
    ],
  );
  t.false(JSON.stringify(view).includes('s3cret'));
});

test('only what differs from the layers below is kept', async (t) => {
  const { it, kept } = editor();
  t.like(await save(it, 'name: Kitchen\nextension: "207"\n'), { kind: 'saved' });
  t.deepEqual(kept.local, { extension: '207' });
  t.like(await save(it, ''), { kind: 'saved' });
  t.deepEqual(kept.local, {});
});

const WRONG: readonly [text: string, line: number, path: string, reason: RegExp][] = [
  ['name: A\nnet:\n  sipPort: many\n', 3, '/net/sipPort', /port number/],
  [
    'name: A\naccounts:\n  - user: bob\n    domain: x.test\n  - user: carol\n',
    5,
    '/accounts/1/domain',
    /missing/,
  ],
  ['net:\n  - 5060\n', 1, '/net', /mapping/],
  ['name: A\nlist: ]\n', 2, '', /not readable as YAML/],
  ['{"name": "A",\n "net": {"sipPort":\n 0}}', 2, '/net/sipPort', /port/],
];

for (const [text, line, path, reason] of WRONG) {
  test(`what is wrong in ${JSON.stringify(text)} is told at line ${line}`, async (t) => {
    const { it, kept } = editor();
    const { faults } = await it.check(text);
    t.is(faults[0]?.line, line);
    t.is(faults[0]?.path, path);
    t.regex(faults[0]?.reason ?? '', reason);
    t.like(await save(it, text), { kind: 'refused' });
    t.is(kept.writes, 0);
  });
}

test('several faults are several, each at its line', async (t) => {
  const { it } = editor();
  const { faults } = await it.check(
    'name: 1\nnet:\n  sipPort: a\naccounts:\n  - user: 5\n    domain: x.test\n',
  );
  t.deepEqual(
    faults.map(({ path, line }) => [path, line]),
    [
      ['/name', 1],
      ['/accounts/0/user', 5],
      ['/net/sipPort', 3],
    ],
  );
});

test('an unknown key is a warning at its line, and no reason to refuse', async (t) => {
  const { it } = editor();
  const { faults, warnings } = await it.check('name: A\nnet:\n  sippport: 5060\n');
  t.deepEqual(faults, []);
  t.like(warnings[0], { path: '/net/sippport', line: 3 });
});

test('a masked password stays what it was; for another server it has to be given again', async (t) => {
  const { it, kept } = editor();
  const list = (domain: string) => [{ user: 'alice', domain, password: MASK, displayName: 'Alice' }];
  const { revision } = await it.view();
  t.like(await it.save({ accounts: list('pbx.test') }, revision), { kind: 'saved' });
  t.like(kept.local, { accounts: [{ password: 's3cret', displayName: 'Alice' }] });
  const refused = await it.save({ accounts: list('evil.test') }, (await it.view()).revision);
  t.like(refused, { kind: 'refused', faults: [{ path: '/accounts/0/password' }] });
});

test('a form shows every key of an account; what it would have anyway is not kept as a change', async (t) => {
  const { it, kept } = editor();
  const { accounts } = (await it.view()).effective as Config;
  const [account] = accounts;
  const bob = { ...account, user: 'bob', domain: 'pbx.test', password: 'n3w', displayName: 'Bob' };
  t.like(await it.save({ accounts: [bob] }, (await it.view()).revision), { kind: 'saved' });
  t.deepEqual(kept.local, {
    accounts: [{ user: 'bob', domain: 'pbx.test', password: 'n3w', displayName: 'Bob' }],
  });
});

test('a password typed into a form is kept as it was typed', async (t) => {
  const { it, kept } = editor();
  const bob = { user: 'bob', domain: 'pbx.test', password: "* it's: new #" };
  t.like(await it.save({ accounts: [bob] }, (await it.view()).revision), { kind: 'saved' });
  t.like(kept.local, { accounts: [bob] });
});

test('an account list of a form leaves the other changes as they are', async (t) => {
  const { it, kept } = editor({ name: 'Hall', metrics: { token: 'hidden' } });
  t.like(await it.save({ accounts: [] }, (await it.view()).revision), { kind: 'saved' });
  t.deepEqual(kept.local, { name: 'Hall', metrics: { token: 'hidden' }, accounts: [] });
});

test('who edited what another one changed meanwhile is told so, and changes nothing', async (t) => {
  const { it, kept } = editor();
  const { revision } = await it.view();
  const both = await Promise.all([
    it.save({ text: 'name: One' }, revision),
    it.save({ text: 'name: Two' }, revision),
  ]);
  t.deepEqual(
    both.map(({ kind }) => kind),
    ['saved', 'outdated'],
  );
  t.deepEqual(kept.local, { name: 'One' });
  const next = await it.view();
  it.outdate();
  t.is((await it.save({ text: 'name: Three' }, next.revision)).kind, 'outdated');
});

test('a line is found for keys with slashes and tildes, and the nearest around a missing one', async (t) => {
  const line = await lineFinder('a:\n  "b/c~d":\n    - 1\n    - e: 2\n');
  t.is(line('/a/b~1c~0d'), 2);
  t.is(line('/a/b~1c~0d/1/e'), 4);
  t.is(line('/a/b~1c~0d/1/missing/deeper'), 4);
  t.is(line('/nothing'), 1);
});

test('no text at all breaks the finder of lines', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), fc.string(), async (text, path) => {
      const line = (await lineFinder(text))(`/${path}`);
      return line === undefined || line >= 1;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('damaged text is refused or taken, and never kept by half', async (t) => {
  const { it, kept } = editor();
  const seeds = [
    'name: Hall\nnet: {sipPort: 5060}\naccounts:\n  - user: bob\n    domain: x.test\n    password: "********"\n',
    '{"name": "Hall", "dial": {"map": "x.T", "allow": ["*"]}, "metrics": {"token": "t"}}',
  ].map((text) => Buffer.from(text));
  for (const octets of mutations(seeds, 2000, 3)) {
    const before = JSON.stringify(kept.local);
    const saved = await save(it, Buffer.from(octets).toString('utf8'));
    if (saved.kind !== 'saved') t.is(JSON.stringify(kept.local), before);
    kept.local = {};
  }
  t.pass();
});
