/** `dualtone update`: what it asks of the phone, and what it says to people. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startControlServer } from '#cli/control_server.ts';
import { controlSocket } from '#cli/data_dir.ts';
import type { Status, UpdateDesk, UpdateStatus } from '#phone/types.ts';
import { dualtone, FakeControl } from './control.ts';

const GOOD: UpdateStatus = {
  ...{ slot: 'a', version: '1.2.0', state: 'good', fell: null, development: false },
  other: { good: true },
};

class Desk extends FakeControl implements UpdateDesk {
  readonly told: unknown[] = [];
  update: UpdateStatus = GOOD;
  /** What comes of an installation, look by look. */
  coming: UpdateStatus[] = [];

  override status(): Status {
    this.update = this.coming.shift() ?? this.update;
    return { ...super.status(), update: this.update };
  }

  async check(): Promise<UpdateStatus> {
    this.told.push('check');
    return { ...GOOD, available: '1.3.0' };
  }

  async install(bundle: object): Promise<UpdateStatus> {
    this.told.push(bundle);
    return { ...GOOD, waiting: 'installation' };
  }
}

async function phone(t: ExecutionContext): Promise<{ readonly desk: Desk; readonly data: string }> {
  const data = mkdtempSync(join(tmpdir(), 'dualtone-update-'));
  const desk = new Desk();
  const server = await startControlServer(
    () => desk,
    controlSocket(data),
    () => desk,
  );
  t.teardown(() => server.close());
  return { desk, data };
}

test('update says which version runs in which slot, and status says it too', async (t) => {
  const { desk, data } = await phone(t);
  t.is(
    (await dualtone('update', '--data', data)).out,
    'system 1.2.0 in slot a\nother slot: as on the card, good',
  );
  t.regex((await dualtone('status', '--data', data)).out, /^system 1\.2\.0 in slot a$/m);
  desk.update = {
    ...GOOD,
    state: 'trial',
    fell: 'b',
    other: { version: '1.3.0', good: false },
    development: true,
  };
  const { out } = await dualtone('update', 'status', '--data', data);
  t.regex(
    out,
    /in slot a, on trial\nother slot: 1\.3\.0, not known to be good\nslot b was given up after three starts\n/,
  );
  t.regex(out, /signed with a development key$/);
  t.deepEqual(JSON.parse((await dualtone('update', '--json', '--data', data)).out), desk.update);
  t.deepEqual(JSON.parse((await dualtone('status', '--json', '--data', data)).out).update, desk.update);
});

test('update check asks the channel', async (t) => {
  const { desk, data } = await phone(t);
  t.regex((await dualtone('update', 'check', '--data', data)).out, /version 1\.3\.0 is there$/);
  t.deepEqual(desk.told, ['check']);
});

test('update install says how far it is, and ends when it is installed', async (t) => {
  const { desk, data } = await phone(t);
  const file = join(data, 'x.raucb');
  writeFileSync(file, '');
  desk.coming = [
    { ...GOOD, installing: 40 },
    { ...GOOD, waiting: 'restart' },
  ];
  const { code, out, err } = await dualtone('update', 'install', file, '--allow-older', '--data', data);
  t.is(code, 0);
  t.deepEqual(desk.told, [{ source: file, allowOlder: true }]);
  t.is(err, 'waits until nobody uses the telephone\ninstalling: 40 %');
  t.regex(out, /installed: starts anew when nobody has used the telephone for a minute$/);
});

test('update install says what it waits for while the system is on trial', async (t) => {
  const { desk, data } = await phone(t);
  desk.coming = [
    { ...GOOD, state: 'trial', waiting: 'trial' },
    { ...GOOD, waiting: 'installation' },
    { ...GOOD, waiting: 'restart' },
  ];
  const { code, err } = await dualtone(
    'update',
    'install',
    'https://updates.example/x.raucb',
    '--data',
    data,
  );
  t.is(code, 0);
  t.deepEqual(err.split('\n'), [
    'waits until nobody uses the telephone',
    'waits until the system that runs is found good',
    'waits until nobody uses the telephone',
  ]);
});

test('a bundle that is what runs already ends with 0, and a word how to have it all the same', async (t) => {
  const { desk, data } = await phone(t);
  const source = 'https://updates.example/x.raucb';
  desk.coming = [{ ...GOOD, present: source }];
  const { code, out } = await dualtone('update', 'install', source, '--data', data);
  t.is(code, 0);
  t.regex(out, /^https:\/\/updates\.example\/x\.raucb is what runs already: not installed$/m);
});

test('what is refused ends with 1 and the reason', async (t) => {
  const { desk, data } = await phone(t);
  desk.coming = [{ ...GOOD, refused: 'signature \u001b[2Jverification failed' }];
  const { code, err } = await dualtone(
    'update',
    'install',
    'https://updates.example/x.raucb',
    '--data',
    data,
  );
  t.is(code, 1);
  t.regex(err, /not installed: signature \\x1b\[2Jverification failed/);
  t.deepEqual(desk.told, [{ source: 'https://updates.example/x.raucb', allowOlder: false }]);
});

test('a system without slots says so', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'dualtone-update-'));
  const server = await startControlServer(() => new FakeControl(), controlSocket(data));
  t.teardown(() => server.close());
  for (const deed of ['status', 'check']) {
    const { code, err } = await dualtone('update', deed, '--data', data);
    t.is(code, 1);
    t.regex(err, /this system is not updated here/);
  }
});

test('what is no deed, no file and no https is refused before the phone is asked', async (t) => {
  const { desk, data } = await phone(t);
  const refused: readonly (readonly [number, ...string[]])[] = [
    [2, 'now'],
    [2, 'install'],
    [2, 'check', 'x'],
    [2, 'check', '--allow-older'],
    [2, 'install', 'http://updates.example/x.raucb'],
    [1, 'install', join(data, 'absent.raucb')],
  ];
  for (const [code, ...words] of refused)
    t.is((await dualtone('update', ...words, '--data', data)).code, code, words.join(' '));
  t.deepEqual(desk.told, []);
});
