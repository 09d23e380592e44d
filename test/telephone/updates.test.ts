/** Updates carried out: RAUC by a program that speaks as busctl does, the channel on an https server of its own. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Rauc } from '../../firmware/telephone/rauc.ts';
import { UpdateFolder } from '../../firmware/telephone/update_folder.ts';
import { Authority } from '../support/authority.ts';
import { GOOD, hashOf, type Kept, Stand } from './updates_stand.ts';

test('a slot on trial is told good to RAUC when the telephone is registered', async (t) => {
  const stand = new Stand(t, { ...GOOD, good: { a: false, b: true } });
  await stand.until('the slots', () => stand.updates.status !== undefined);
  const { slot, version, state, fell } = stand.updates.status ?? {};
  t.deepEqual({ slot, version, state, fell }, { slot: 'a', version: '1.2.0', state: 'trial', fell: 'b' });
  t.deepEqual(stand.shown, ['Update on trial', 'Update rolled back']);
  t.deepEqual(stand.marked, []);
  stand.telephone.changed({ registered: true });
  await stand.until('good', () => stand.updates.status?.state === 'good');
  t.deepEqual(stand.marked, ['call Mark ss good booted']);
});

test('a bundle in the folder is installed when nobody uses the telephone, and removed', async (t) => {
  const stand = new Stand(t);
  stand.telephone.changed({ isIdle: false });
  const path = stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it waits', () => stand.updates.status?.waiting === 'installation');
  t.deepEqual(stand.asked, []);
  stand.telephone.changed({ isIdle: true });
  await stand.until('it is under way', () => (stand.updates.status?.installing ?? 0) > 0);
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  t.deepEqual(stand.asked, [`call InstallBundle sa{sv} ${path} 0`]);
  await stand.until('the new slot is known', () => stand.updates.status?.other.version === '1.3.0');
  await stand.until('the folder is empty', () => readdirSync(join(stand.folder, 'update')).length === 0);
  t.true(stand.shown.includes('Update installed'));
  t.false(existsSync(join(stand.folder, 'run', 'restart')), 'not before it has been quiet for a minute');
});

test('a bundle that RAUC refuses is removed, with its reason in the status; the next one is installed', async (t) => {
  const stand = new Stand(t);
  stand.lay('a.raucb', { version: '1.3.0', signature: 'theirs' });
  stand.lay('b.raucb', { version: '1.3.0', signature: 'ours' });
  stand.lay('c.txt', {});
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  t.true(
    stand.log.some((line) => /a\.raucb: signature verification failed/.test(line)),
    stand.log.join('\n'),
  );
  const left = (): string => readdirSync(join(stand.folder, 'update')).join();
  await stand.until('only another file is left', () => left() === 'c.txt');
});

const RUNS: Kept = { ...GOOD, versions: { a: '1.3.0' }, hashes: { a: hashOf('1.3.0') } };

test('a bundle that lies there still when what it holds runs is removed, and installed only if a person insists', async (t) => {
  const stand = new Stand(t, RUNS);
  const path = stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it is gone', () => !existsSync(path));
  t.deepEqual(stand.asked, []);
  const { refused, present, waiting } = stand.updates.status ?? {};
  t.deepEqual([refused, present, waiting], [undefined, path, undefined]);
  t.true(
    stand.log.some((line) => /^info: .*new\.raucb is what runs already/.test(line)),
    stand.log.join('\n'),
  );
  stand.lay('allow-older', {});
  stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  t.is(stand.asked.at(-1), `call InstallBundle sa{sv} ${path} 1 ignore-version-limit b true`);
});

test('a bundle that was tried and given up is refused, unless a person insists', async (t) => {
  const stand = new Stand(t, { ...GOOD, versions: { b: '1.3.0' }, hashes: { b: hashOf('1.3.0') } });
  const path = stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it is gone', () => !existsSync(path));
  t.deepEqual(stand.asked, []);
  t.regex(stand.updates.status?.refused ?? '', /new\.raucb: it was tried and given up/);
  stand.lay('allow-older', {});
  stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
});

test('what runs is not installed at the command, nor when its channel offers it by another version', async (t) => {
  const stand = new Stand(t, RUNS);
  const source = join(stand.folder, 'x.raucb');
  writeFileSync(source, JSON.stringify({ version: '1.3.0', signature: 'ours' }));
  await stand.until('the slots', () => stand.updates.status !== undefined);
  for (const offered of [{}, { version: '1.3.0' }]) {
    await stand.updates.install({ source, allowOlder: false, ...offered });
    await stand.until('it is done with', () => stand.updates.status?.present === source);
  }
  t.deepEqual(stand.asked, []);
});

test('a bundle beside which RAUC knows no hash of what runs is installed', async (t) => {
  const stand = new Stand(t, { ...RUNS, hashes: { b: hashOf('1.3.0') } });
  // The other slot has it, and was not given up.
  writeFileSync(join(stand.folder, 'state'), 'seq=4\n');
  stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  t.is(stand.asked.length, 1);
});

test('a start that the system does not hear of is tried again', async (t) => {
  const stand = new Stand(t);
  rmSync(join(stand.folder, 'run'), { recursive: true });
  stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  stand.passed += 61_000;
  stand.telephone.changed({});
  await stand.until('it is told', () => stand.log.some((line) => /cannot start anew: ENOENT/.test(line)));
  mkdirSync(join(stand.folder, 'run'));
  stand.passed += 61_000;
  stand.telephone.changed({});
  await stand.until('it starts anew', () => existsSync(join(stand.folder, 'run', 'restart')));
  t.is(stand.log.filter((line) => line.includes('cannot start anew')).length, 1);
});

test('an older one is refused unless a person says so, at the command or by a file beside it', async (t) => {
  const stand = new Stand(t);
  const path = stand.lay('old.raucb', { version: '1.1.0', signature: 'ours' });
  await stand.until('it is refused', () => stand.updates.status?.refused !== undefined);
  t.regex(stand.updates.status?.refused ?? '', /1\.1\.0 is below 1\.2\.0/);
  await stand.until('it is gone', () => !existsSync(path));
  stand.lay('allow-older', {});
  stand.lay('old.raucb', { version: '1.1.0', signature: 'ours' });
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  t.is(stand.asked.at(-1), `call InstallBundle sa{sv} ${path} 1 ignore-version-limit b true`);
  await stand.until('the folder is empty', () => readdirSync(join(stand.folder, 'update')).length === 0);
});

test('a file that is done with is not found once more while it goes, and another of its name is', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'dualtone-update-folder-'));
  t.teardown(() => rmSync(data, { recursive: true, force: true }));
  const folder = new UpdateFolder(data);
  folder.prepare();
  const source = join(data, 'update', 'x.raucb');
  writeFileSync(source, 'one');
  t.deepEqual(await folder.look(), [], 'it may still grow');
  t.deepEqual(await folder.look(), [{ source, allowOlder: false }]);
  const looking = folder.look();
  const removing = folder.remove(source);
  t.deepEqual(await looking, []);
  await removing;
  writeFileSync(source, 'another');
  await folder.look();
  t.is((await folder.look()).length, 1);
});

test('who insists with a folder in place of a file insists for all that lie there', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'dualtone-update-folder-'));
  t.teardown(() => rmSync(data, { recursive: true, force: true }));
  const folder = new UpdateFolder(data);
  folder.prepare();
  mkdirSync(join(data, 'update', 'allow-older'));
  for (const name of ['1.raucb', '2.raucb']) {
    const source = join(data, 'update', name);
    writeFileSync(source, name);
    await folder.look();
    t.deepEqual(await folder.look(), [{ source, allowOlder: true }]);
    await folder.remove(source);
    t.false(existsSync(source));
  }
});

test('a person checks the channel: what is newer is streamed by RAUC, what is older is not taken', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-channel-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const authority = await Authority.create(folder);
  const { certificate, key } = await authority.issue({ names: ['127.0.0.1'] });
  let manifest: object = { channel: 'stable', version: '1.1.0', bundle: '1.1.0.raucb' };
  const server = createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (_request, response) => response.end(JSON.stringify(manifest)),
  ).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}/stable.json`;

  const stand = new Stand(t, GOOD, { url }, join(folder, 'ca.pem'));
  await stand.until('the slots', () => stand.updates.status !== undefined);
  t.regex((await stand.updates.check()).refused ?? '', /1\.1\.0 is older than 1\.2\.0/);
  manifest = { channel: 'stable', version: '1.3.0', bundle: '1.3.0.raucb' };
  await stand.updates.check();
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  const believed = join(stand.folder, 'authorities.pem');
  t.deepEqual(stand.asked, [
    `call InstallBundle sa{sv} https://127.0.0.1:${port}/1.3.0.raucb 2 tls-ca s ${believed} require-manifest-hash s ${hashOf('1.3.0')}`,
  ]);
  t.true(readFileSync(believed, 'utf8').endsWith(authority.pem), 'RAUC believes whom we believe');
  t.is(statSync(believed).mode & 0o777, 0o644, 'it reads them as another user');

  const stranger = new Stand(t, GOOD, { url });
  await stranger.until('the slots', () => stranger.updates.status !== undefined);
  t.regex(
    (await stranger.updates.check()).refused ?? '',
    /stable\.json: /,
    'whom nobody vouches for is not asked',
  );
  t.deepEqual(stranger.asked, []);
});

test('a bundle of another version than its channel says is not installed', async (t) => {
  const stand = new Stand(t);
  const path = join(stand.folder, 'x.raucb');
  writeFileSync(path, JSON.stringify({ version: '1.2.0', signature: 'ours' }));
  await stand.until('the slots', () => stand.updates.status !== undefined);
  await stand.updates.install({ source: path, allowOlder: false, version: '1.3.0' });
  await stand.until('it is refused', () => stand.updates.status?.refused !== undefined);
  t.regex(stand.updates.status?.refused ?? '', /its version is 1\.2\.0, its channel says 1\.3\.0/);
  t.deepEqual(stand.asked, []);
});

test('what RAUC was asked for before the telephone ended is waited for', async (t) => {
  const installing = { version: '1.2.5', signature: 'ours', polls: 0 };
  const stand = new Stand(t, { ...GOOD, installing });
  const path = stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  t.deepEqual(stand.asked, [`call InstallBundle sa{sv} ${path} 0`]);
  t.false(stand.shown.includes('Update refused'));
});

test('over what is installed and was not started nothing is installed, and a person is told so', async (t) => {
  const stand = new Stand(t);
  stand.lay('new.raucb', { version: '1.3.0', signature: 'ours' });
  await stand.until('it is installed', () => stand.updates.status?.waiting === 'restart');
  const source = stand.lay('newer.txt', { version: '1.3.1', signature: 'ours' });
  await t.throwsAsync(stand.updates.install({ source, allowOlder: false }), {
    message: /waits to be started/,
  });
});

test('neither http nor a path below somewhere is asked for', async (t) => {
  const stand = new Stand(t);
  await stand.until('the slots', () => stand.updates.status !== undefined);
  for (const source of ['http://updates.example/x.raucb', 'x.raucb', 'file:///x.raucb', '-x'])
    await t.throwsAsync(stand.updates.install({ source, allowOlder: false }), { message: /https:/ }, source);
});

test('authorities that cannot be read are said, and updates go on with those of the system', async (t) => {
  const stand = new Stand(t, GOOD, {}, '/nowhere/ca.pem');
  await stand.until('the slots', () => stand.updates.status !== undefined);
  t.true(
    stand.log.some((line) => /^warn: .*net\.tlsCa.*\/nowhere\/ca\.pem/.test(line)),
    stand.log.join('\n'),
  );
});

test('without an address to ask, and without RAUC, a person is told why', async (t) => {
  const stand = new Stand(t);
  await t.throwsAsync(stand.updates.check(), { message: /update\.url/ });
  rmSync(join(stand.folder, 'busctl'));
  const places = {
    busctl: join(stand.folder, 'busctl'),
    configuration: join(stand.folder, 'none'),
    bootState: '',
  };
  const rauc = new Rauc(places);
  t.false(rauc.isThere);
  await t.throwsAsync(rauc.slots(), { message: /ENOENT/ });
});
