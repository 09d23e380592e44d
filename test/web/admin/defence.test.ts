/** What the settings cannot do at all, and what they leave alone. */
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { LogMemory } from '#web/admin/log_memory.ts';
import { ROUTES } from '#web/admin/routes.ts';
import { serve, Visitor } from './support.ts';

test('the settings can neither dial, answer, listen nor operate the telephone', (t) => {
  t.deepEqual(Object.keys(ROUTES).sort(), [
    'GET config',
    'GET session',
    'GET trace.pcapng',
    'POST alive',
    'POST claim',
    'POST config',
    'POST config/check',
    'POST login',
    'POST logout',
    'POST neighbour',
    'POST password',
    'POST pin',
    'POST reset',
    'POST selftest',
    'POST server',
  ]);
  const open = Object.entries(ROUTES).filter(([, { needs }]) => needs === 'nothing');
  t.deepEqual(
    open.map(([name]) => name),
    ['GET session', 'POST pin', 'POST claim', 'POST login'],
  );
});

test('no source of the telephone starts a shell', (t) => {
  const files = globSync('{firmware,hal,provisioning}/**/*.{ts,tsx}', {
    exclude: ['**/node_modules/**', '**/dist/**'],
  });
  t.true(files.length > 100);
  const wrong = files.filter((file) => {
    const text = readFileSync(file, 'utf8');
    return (
      /\bshell:\s*(?!false)/.test(text) ||
      /import\s*\{[^}]*\bexec(?:Sync)?\b[^}]*\}\s*from 'node:child_process'/.test(text) ||
      /\bchild_process\.exec(?:Sync)?\(/.test(text)
    );
  });
  t.deepEqual(wrong, []);
});

test('the page puts text from the network nowhere but into text', (t) => {
  const wrong = globSync('firmware/web/page/**/*.{ts,tsx}').filter((file) =>
    /dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/.test(
      readFileSync(file, 'utf8'),
    ),
  );
  t.deepEqual(wrong, []);
});

test('there is no account, password or PIN before somebody makes one', async (t) => {
  const served = await serve(t);
  t.deepEqual(readdirSync(join(served.data, 'admin')), ['tls.pem']);
  const visitor = new Visitor(served);
  for (const password of ['', 'admin', 'password', 'user', '1234', '0000', '12345678', 'dualtone']) {
    t.is((await visitor.post('login', { password })).status, 403, password);
    const { status } = await visitor.post('claim', { pin: password, password: 'seven green bicycles' });
    t.true(status === 403 || status === 429, password);
    served.pass(3_600_000);
  }
});

test('strangers at the door make nothing be written', async (t) => {
  const served = await serve(t);
  const owner = await new Visitor(served).claim(served);
  const stamps = () =>
    ['owner', 'tls.pem'].map((name) => statSync(join(served.data, 'admin', name)).mtimeMs).join();
  const before = stamps();
  const stranger = new Visitor(served);
  for (let i = 0; i < 20; i++) {
    await stranger.post('login', { password: `wrong ${i}` });
    await stranger.ask('config');
    served.pass(1000);
  }
  await owner.post('alive');
  t.is(stamps(), before);
  t.deepEqual(readdirSync(join(served.data, 'admin')).sort(), ['owner', 'tls.pem']);
});

test('the log in memory is short, and so are its lines', (t) => {
  const memory = new LogMemory();
  const told: string[] = [];
  const end = memory.subscribe(({ text }) => told.push(text));
  for (let i = 0; i < 2000; i++) memory.add('info', `${i} ${'x'.repeat(10_000)}`, i);
  end();
  memory.add('info', 'the last', 2000);
  t.is(memory.lines().length, 500);
  t.true(memory.lines().every(({ text }) => text.length <= 2000));
  t.is(memory.lines().at(-1)?.text, 'the last');
  t.is(told.length, 2000);
});
