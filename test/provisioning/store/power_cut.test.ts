/**
 * The power goes at every system call that writes, renames, syncs or removes: strace kills the process on entering it, so
 * that everything before has happened and nothing after. Each time the old configuration or the new one is there, whole.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { generationId } from '#provisioning/generation.ts';
import type { Kept } from '#provisioning/lifecycle/types.ts';
import { keptPath } from '#provisioning/store/kept_files.ts';
import { ConfigurationStore } from '#provisioning/store/store.ts';
import { needing } from '../../support/needs.ts';
import { keptOf, LOCAL, layersOf, STANDING } from './power_cut_deed.ts';

const test = needing('strace');
const DEED = new URL('./power_cut_deed.ts', import.meta.url).pathname;
const MUTATING =
  /^(?:p?writev?(?:64)?2?|rename(?:at2?)?|f(?:data)?sync|sync_file_range|unlink(?:at)?|f?truncate|mkdir(?:at)?|f?chmod(?:at)?)$/;
/** More calls than any deed makes. */
const MOST_CALLS = 40;

interface Place {
  readonly data: string;
  readonly card: string;
}

const DROP = `accounts: [{user: bob, domain: drop.test, password: {file: pass.txt}}]
net: {tlsKey: own.key}
`;
const KEY = 'dr0p s3cret of a key';

/** What the telephone makes of it. */
const dropped = ({ data }: Place) => ({
  origin: 'drop file' as const,
  from: 'dualtone.yaml',
  value: {
    accounts: [{ user: 'bob', domain: 'drop.test', password: 'dr0p s3cret' }],
    net: { tlsKey: keyOf({ data }) },
  },
});

/** Where its key is kept. */
const keyOf = ({ data }: Pick<Place, 'data'>) => keptPath(join(data, 'provisioning'), Buffer.from(KEY));

/** A telephone that is content with version 1, and a card with a drop file. */
async function prepared(): Promise<Place> {
  const root = mkdtempSync(join(tmpdir(), 'dualtone-cut-'));
  const [data, card] = [join(root, 'data'), join(root, 'card')];
  mkdirSync(card);
  writeFileSync(join(card, 'dualtone.yaml'), DROP);
  writeFileSync(join(card, 'pass.txt'), 'dr0p s3cret\n');
  writeFileSync(join(card, 'own.key'), KEY);
  await run('prepare', { data, card }, []);
  return { data, card };
}

function copied({ data, card }: Place): Place {
  const root = mkdtempSync(join(tmpdir(), 'dualtone-cut-'));
  const place = { data: join(root, 'data'), card: join(root, 'card') };
  cpSync(data, place.data, { recursive: true });
  cpSync(card, place.card, { recursive: true });
  return place;
}

interface Ended {
  /** null: killed. */
  readonly code: number | null;
  readonly out: string;
}

/** One thread of the pool, so that each kind of call is counted in one place. */
function run(deed: string, { data, card }: Place, strace: readonly string[]): Promise<Ended> {
  const node = [process.execPath, DEED, deed, data, card];
  const [program = '', ...args] = strace.length === 0 ? node : ['strace', ...strace, ...node];
  return new Promise((resolve) => {
    const env = { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_OPTIONS: '' };
    const child = execFile(program, args, { env, timeout: 30_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, out: stdout + stderr }),
    );
  });
}

/** Every file that a deed may touch: strace looks at the calls about these and no others. */
function pathsOf(place: Place): readonly string[] {
  const { data, card } = place;
  const dir = join(data, 'provisioning');
  const kept = ['1', '2'].map((version) => keptOf(version, version).inForce.id);
  const ids = [...kept, generationId([dropped(place)])].map((id) => `${id}.json`);
  const known = ['state.json', 'local.json', basename(keyOf(place)), ...ids].flatMap((name) => [
    name,
    `${name}.new`,
  ]);
  const cards = [
    'dualtone.yaml',
    'dualtone.yaml.applied',
    'dualtone.yaml.applied.new',
    'pass.txt',
    'own.key',
  ];
  const erasing = ['dualtone.yaml', 'pass.txt', 'own.key'].map((name) => `${name}.dualtone-erasing`);
  return [
    dir,
    ...known.map((name) => join(dir, name)),
    card,
    ...[...cards, ...erasing].map((name) => join(card, name)),
  ];
}

const looking = (place: Place): readonly string[] => [
  '-f',
  '-qq',
  ...pathsOf(place).flatMap((path) => ['-P', path]),
];

/** The mutating calls of a deed that nobody interrupts, in their order. */
async function callsOf(deed: string, place: Place): Promise<readonly string[]> {
  const log = join(place.data, '..', 'strace.log');
  await run(deed, place, [...looking(place), '-o', log]);
  const names = readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => /^\d+\s+(\w+)\(/.exec(line)?.[1] ?? '');
  return names.filter((name) => MUTATING.test(name));
}

/** Does `deed` once for each of its calls that `among` names, with `fault` at this call, and looks at what is left. */
async function interrupting(
  t: ExecutionContext,
  deed: string,
  fault: string,
  look: (place: Place, ended: Ended, at: string) => Promise<void>,
  among = MUTATING,
): Promise<void> {
  const before = await prepared();
  const calls = (await callsOf(deed, copied(before))).filter((name) => among.test(name));
  t.true(calls.length > 0 && calls.length < MOST_CALLS, calls.join(' '));
  const seen = new Map<string, number>();
  for (const name of calls) {
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    const place = copied(before);
    const inject = ['-o', '/dev/null', `--inject=${name}:${fault}:when=${nth}`];
    await look(place, await run(deed, place, [...looking(place), ...inject]), `${name} ${nth}`);
    rmSync(join(place.data, '..'), { recursive: true });
  }
  t.log(`${deed}: ${calls.length} faults: ${calls.join(' ')}`);
}

async function reopened(t: ExecutionContext, { data }: Place, at: string): Promise<ConfigurationStore> {
  return ConfigurationStore.open(data, (text) => t.fail(`${at}: ${text}`));
}

const OLD = keptOf('1', '1');
const NEW = keptOf('2', '1');

/** The generation in force with its layers, all of one piece. */
function isWhole(
  t: ExecutionContext,
  store: ConfigurationStore,
  expected: readonly Kept[],
  at: string,
): void {
  const found = expected.find((kept) => JSON.stringify(kept) === JSON.stringify(store.kept));
  t.truthy(found, `${at}: ${JSON.stringify(store.kept)}`);
  t.deepEqual(store.layersOf(OLD.inForce), layersOf('1'), `${at}: the last good one is there in any case`);
  if (found === NEW) t.deepEqual(store.layersOf(NEW.inForce), layersOf('2'), at);
}

test('a new generation: killed at any call, the old or the new is there, and the next attempt succeeds', async (t) => {
  await interrupting(t, 'keep', 'signal=KILL', async (place, ended, at) => {
    t.is(ended.code, null, `${at}: ${ended.out}`);
    const store = await reopened(t, place, at);
    isWhole(t, store, [OLD, NEW], at);
    t.deepEqual(store.standing, store.kept.inForce.id === NEW.inForce.id ? STANDING : undefined, at);
    t.is((await run('keep', place, [])).code, 0);
    const again = await reopened(t, place, at);
    isWhole(t, again, [NEW], at);
    t.deepEqual(
      readdirSync(join(place.data, 'provisioning')).filter((name) => name.endsWith('.new')),
      [],
      at,
    );
  });
});

test('a local change: killed at any call, the old or the new is there', async (t) => {
  await interrupting(t, 'local', 'signal=KILL', async (place, ended, at) => {
    t.is(ended.code, null, `${at}: ${ended.out}`);
    const store = await reopened(t, place, at);
    t.true(
      [LOCAL.old, LOCAL.new].some(({ name }) => name === store.local.name),
      at,
    );
    isWhole(t, store, [OLD], at);
  });
});

test('a drop file: killed at any call, its settings are in the telephone or on the card, and no secret stays there', async (t) => {
  await interrupting(t, 'drop', 'signal=KILL', async (place, ended, at) => {
    t.is(ended.code, null, `${at}: ${ended.out}`);
    const isIn = (await reopened(t, place, at)).kept.inForce.id !== OLD.inForce.id;
    if (isIn) t.is(readFileSync(keyOf(place), 'utf8'), KEY, at);
    const cardHasIt =
      existsSync(join(place.card, 'dualtone.yaml')) &&
      readFileSync(join(place.card, 'dualtone.yaml'), 'utf8') === DROP;
    t.true(isIn || cardHasIt, at);
    const { code, out } = await run('drop', place, []);
    t.deepEqual([code, out], [0, ''], at);
    const store = await reopened(t, place, at);
    const [layer] = store.layersOf(store.kept.inForce);
    t.deepEqual(layer?.value, dropped(place).value, at);
    t.is(readFileSync(keyOf(place), 'utf8'), KEY, at);
    t.deepEqual(readdirSync(place.card), ['dualtone.yaml.applied'], at);
  });
});

test('what is renamed has been synced before, and its directory is synced after', async (t) => {
  const place = await prepared();
  for (const deed of ['keep', 'local']) {
    const calls = (await callsOf(deed, copied(place))).join(' ');
    t.regex(calls, /^(?:mkdir |chmod )*(?:(?:write |pwrite64 )+fsync rename fsync ?)+$/);
  }
});

test('a full disk loses nothing and is said', async (t) => {
  const writes = /write|^mkdir/;
  for (const deed of ['keep', 'local', 'drop']) {
    await interrupting(
      t,
      deed,
      'error=ENOSPC',
      async (place, { code, out }, at) => {
        if (at.startsWith('mkdir')) return;
        const store = await reopened(t, place, at);
        t.deepEqual(store.layersOf(OLD.inForce), layersOf('1'), at);
        t.regex(out, /no space (?:is )?left/i, at);
        if (deed === 'drop' && code === 0) return;
        t.is(code, 3, out);
        t.regex(out, /^full: no space is left for .*: the settings before stay; make room on the disk$/m);
        isWhole(t, store, [OLD], at);
        t.deepEqual(store.local, LOCAL.old, at);
        if (deed === 'drop') t.is(readFileSync(join(place.card, 'dualtone.yaml'), 'utf8'), DROP, at);
      },
      writes,
    );
  }
});

test('a disk that cannot sync is said, and the old is in force', async (t) => {
  await interrupting(
    t,
    'keep',
    'error=EIO',
    async (place, { code, out }, at) => {
      t.is(code, 3, `${at}: ${out}`);
      t.regex(out, /^unwritable: cannot write .*EIO/m, at);
      isWhole(t, await reopened(t, place, at), [OLD, NEW], at);
    },
    /^(?:fsync|rename)/,
  );
});
