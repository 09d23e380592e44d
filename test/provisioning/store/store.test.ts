import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { generationOf, nextLayers, type ReceivedLayer } from '#provisioning/generation.ts';
import { type Kept, NOTHING, NOTHING_KEPT } from '#provisioning/lifecycle/types.ts';
import { keptPath } from '#provisioning/store/kept_files.ts';
import { ConfigurationStore, StoreError } from '#provisioning/store/store.ts';

function directory(): string {
  return mkdtempSync(join(tmpdir(), 'dualtone-store-'));
}

async function open(data: string): Promise<ConfigurationStore & { readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  const store = await ConfigurationStore.open(data, (text) => warnings.push(text));
  return Object.assign(store, { warnings });
}

function layersOf(version: string): readonly ReceivedLayer[] {
  const from = `https://pbx.test/${version}.yaml`;
  return [
    { origin: 'server common', from, value: { version, country: 'DE' }, etag: '"c41f"' },
    {
      origin: 'server device',
      from,
      value: { accounts: [{ user: 'ann', domain: 'pbx.test', password: 's3cret' }] },
      time: '2026-11-20T12:00:00Z',
    },
  ];
}

function generation(version: string) {
  return generationOf(layersOf(version), [], 'pbx.test');
}

function kept(version: string, good?: string): Kept {
  return {
    inForce: generation(version),
    ...(good === undefined ? {} : { good: generation(good) }),
    ...(version === good ? {} : { trial: { starts: 1 } }),
    givenUp: [{ id: 'x', reason: 'did not register within 300 s' }],
  };
}

test('an empty directory holds nothing, and has no complaint', async (t) => {
  const store = await open(directory());
  t.deepEqual([store.kept, store.standing, store.local, store.warnings], [NOTHING_KEPT, undefined, {}, []]);
  t.deepEqual(store.layersOf(NOTHING), []);
});

test('what was kept is there after a restart: layers, trial, pins, local changes', async (t) => {
  const data = directory();
  const store = await open(data);
  const standing = {
    pin: { host: 'pbx.test', keys: ['sha256/abc'] },
    url: 'https://pbx.test/{mac}.yaml',
    step: 'dhcp' as const,
    files: [{ url: 'https://pbx.test/a.yaml', validators: { etag: '"c41f"' } }],
  };
  await Promise.all([
    store.keep(kept('1', '1'), { layers: layersOf('1') }),
    store.keep(kept('2', '1'), { layers: layersOf('2') }),
    store.keepStanding(standing),
    store.keepLocal({ country: 'FR' }),
  ]);
  for (const each of [store, await open(data)]) {
    t.deepEqual(each.kept, kept('2', '1'));
    t.deepEqual(each.layersOf(generation('2')), layersOf('2'));
    t.deepEqual(each.layersOf(generation('1')), layersOf('1'));
    t.deepEqual([each.standing, each.local], [standing, { country: 'FR' }]);
  }
});

test('everything is for our eyes alone', async (t) => {
  const data = directory();
  const store = await open(data);
  await store.keep(kept('1', '1'), { layers: layersOf('1') });
  await store.keepLocal({ country: 'FR' });
  const dir = join(data, 'provisioning');
  t.is(statSync(dir).mode & 0o777, 0o700);
  const names = readdirSync(dir);
  t.is(names.length, 3);
  for (const name of names) t.is(statSync(join(dir, name)).mode & 0o777, 0o600, name);
  chmodSync(dir, 0o755);
  await open(data);
  t.is(statSync(dir).mode & 0o777, 0o700);
});

test('generations that nobody points at any longer are removed, and halves of files with them', async (t) => {
  const data = directory();
  const store = await open(data);
  const dir = join(data, 'provisioning');
  for (const version of ['1', '2', '3'])
    await store.keep(kept(version, version), { layers: layersOf(version) });
  writeFileSync(join(dir, 'state.json.new'), 'half');
  await store.keep(kept('4', '3'), { layers: layersOf('4') });
  t.deepEqual(
    readdirSync(dir).sort(),
    [`${generation('3').id}.json`, `${generation('4').id}.json`, 'state.json'].sort(),
  );
});

test('files that layers name are kept as long as a generation or a local change names them, for our eyes alone', async (t) => {
  const data = directory();
  const store = await open(data);
  const put = async (content: string, good?: string) => {
    const path = keptPath(store.folder, Buffer.from(content));
    const layersNaming = (tlsCa: string): readonly ReceivedLayer[] => [
      { origin: 'drop file', from: 'dualtone.yaml', value: { net: { tlsCa } } },
    ];
    const layers = layersNaming(path);
    const inForce = generationOf(layers, [], undefined);
    const proven = good === undefined ? inForce : generationOf(layersNaming(good), [], undefined);
    await store.keep(
      { inForce, good: proven, givenUp: [] },
      { layers, files: new Map([[path, Buffer.from(content)]]) },
    );
    return path;
  };
  const there = () => readdirSync(store.folder).filter((name) => name.endsWith('.pem'));
  const first = await put('first');
  t.deepEqual(there(), [basename(first)]);
  t.is(readFileSync(first, 'utf8'), 'first');
  t.is(statSync(first).mode & 0o777, 0o600);
  const second = await put('second', first);
  t.deepEqual(there(), [first, second].map((path) => basename(path)).sort());
  await (await open(data)).keep(store.kept);
  t.is(there().length, 2, 'after a restart too');
  await store.keepLocal({ net: { tlsKey: first } });
  const third = await put('third');
  t.deepEqual(there(), [first, third].map((path) => basename(path)).sort());
  await store.forget();
  t.deepEqual(there(), []);
});

test('a file for which there is no room leaves what was in force', async (t) => {
  const store = await open(directory());
  const path = keptPath(store.folder, Buffer.from('AUTHORITY'));
  mkdirSync(`${path}.new`);
  const layers: readonly ReceivedLayer[] = [
    { origin: 'drop file', from: 'x', value: { net: { tlsCa: path } } },
  ];
  const inForce = generationOf(layers, [], undefined);
  await t.throwsAsync(
    store.keep({ inForce, givenUp: [] }, { layers, files: new Map([[path, Buffer.from('AUTHORITY')]]) }),
    { instanceOf: StoreError },
  );
  t.deepEqual(store.kept, NOTHING_KEPT);
});

test('layers under a wrong name are refused', async (t) => {
  const store = await open(directory());
  await t.throwsAsync(store.keep(kept('1'), { layers: layersOf('2') }), { message: /not the layers/ });
  t.deepEqual(store.kept, NOTHING_KEPT);
});

test('the same layers received anew bring their new etag', async (t) => {
  const data = directory();
  const store = await open(data);
  await store.keep(kept('1', '1'), { layers: layersOf('1') });
  const renewed = layersOf('1').map((layer) => ({ ...layer, etag: '"new"' }));
  await store.keep(kept('1', '1'), { layers: renewed });
  t.is((await open(data)).layersOf(generation('1'))[0]?.etag, '"new"');
});

test('a generation that has gone bad gives way to the last good one, and that is told without its content', async (t) => {
  const data = directory();
  const store = await open(data);
  await store.keep(kept('1', '1'), { layers: layersOf('1') });
  await store.keep(kept('2', '1'), { layers: layersOf('2') });
  const file = join(data, 'provisioning', `${generation('2').id}.json`);
  const whole = readFileSync(file, 'utf8');
  for (const damaged of ['', 's3cret', whole.slice(0, -9), whole.replace('ann', 'eve'), '{}', 'null']) {
    writeFileSync(file, damaged);
    const again = await open(data);
    t.deepEqual(again.kept.inForce, generation('1'));
    t.is(again.kept.trial, undefined);
    t.regex(again.warnings.join(), /is not used/);
    t.false(again.warnings.join().includes('s3cret'));
  }
});

test('a last good one that has gone bad takes nothing away from the one in force', async (t) => {
  const data = directory();
  const store = await open(data);
  await store.keep(kept('1', '1'), { layers: layersOf('1') });
  await store.keep(kept('2', '1'), { layers: layersOf('2') });
  writeFileSync(join(data, 'provisioning', `${generation('1').id}.json`), '');
  const again = await open(data);
  t.deepEqual([again.kept.inForce, again.kept.good], [generation('2'), undefined]);
  t.deepEqual(again.kept.trial, { starts: 1 });
});

test('a pointer that has gone bad means a new beginning', async (t) => {
  const data = directory();
  const store = await open(data);
  await store.keep(kept('1', '1'), { layers: layersOf('1') });
  for (const damaged of ['', '[', '{}', '{"kept":{"inForce":7}}']) {
    writeFileSync(join(data, 'provisioning', 'state.json'), damaged);
    const again = await open(data);
    t.deepEqual(again.kept, NOTHING_KEPT);
    t.is(again.warnings.length, 1);
  }
});

test('a directory that cannot be written is told, and what was there stays', async (t) => {
  const data = directory();
  const store = await open(data);
  await store.keep(kept('1', '1'), { layers: layersOf('1') });
  const state = join(data, 'provisioning', 'state.json.new');
  const { mkdirSync } = await import('node:fs');
  mkdirSync(state);
  const error = await t.throwsAsync(store.keep(kept('2', '1'), { layers: layersOf('2') }), {
    instanceOf: StoreError,
  });
  t.regex(error?.message ?? '', /cannot write .*state.json.*the settings before stay/);
  t.deepEqual(store.kept, kept('1', '1'));
  t.deepEqual((await open(data)).kept, kept('1', '1'));
});

test('to forget leaves nothing behind', async (t) => {
  const data = directory();
  const store = await open(data);
  await store.keep(kept('1', '1'), { layers: layersOf('1') });
  await store.keepLocal({ metrics: { token: 's3cret' } });
  await store.forget();
  const again = await open(data);
  t.deepEqual([again.kept, again.standing, again.local], [NOTHING_KEPT, undefined, {}]);
  const dir = join(data, 'provisioning');
  for (const name of readdirSync(dir)) t.false(readFileSync(join(dir, name), 'utf8').includes('s3cret'));
});

test('a server replaces what servers said, a drop file what drop files said', (t) => {
  const drop: ReceivedLayer = { origin: 'drop file', from: 'a', value: { name: 'a' } };
  const both = nextLayers([drop], layersOf('1'));
  t.deepEqual(both, [drop, ...layersOf('1')]);
  t.deepEqual(nextLayers(both, layersOf('2')), [drop, ...layersOf('2')]);
  const other = { ...drop, value: { name: 'b' } };
  t.deepEqual(nextLayers(both, [other]), [...layersOf('1'), other]);
});

test('a generation is named by what it says, whatever the order of keys, and knows version and accounts', (t) => {
  const one: ReceivedLayer = {
    origin: 'server device',
    from: 'x',
    value: { a: 1, net: { b: [{ c: 1, d: 2 }], e: 3 } },
    etag: '1',
  };
  const same: ReceivedLayer = {
    origin: 'server device',
    from: 'y',
    value: { net: { e: 3, b: [{ d: 2, c: 1 }] }, a: 1 },
  };
  t.is(generationOf([one], [], undefined).id, generationOf([same], [], undefined).id);
  t.not(generationOf([one], [], undefined).id, generationOf([{ ...one, value: { a: 2 } }], [], undefined).id);
  t.like(generation('7'), { version: '7', server: 'pbx.test', accounts: 1 });
  const local = { origin: 'local' as const, from: '', value: { accounts: [] } };
  t.is(generationOf(layersOf('7'), [local], 'pbx.test').accounts, 0);
});
