import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { callLine } from '#cli/calls.ts';
import { type ControlServer, startControlServer } from '#cli/control_server.ts';
import { controlSocket, dataDir, prepareDataDir } from '#cli/data_dir.ts';
import { CALL, dualtone, entry, FakeControl } from './control.ts';
import { runMain } from './main_process.ts';

const freshDir = () => mkdtempSync(join(tmpdir(), 'dualtone-cli-'));

/** A control server on a fake phone in a directory of its own, closed at the end of the test. */
async function phone(
  t: ExecutionContext,
): Promise<{ control: FakeControl; data: string; server: ControlServer }> {
  const data = freshDir();
  const control = new FakeControl();
  const server = await startControlServer(() => control, controlSocket(data));
  t.teardown(() => server.close());
  return { control, data, server };
}

test('status and calls print JSON that holds the calls', async (t) => {
  const { data } = await phone(t);
  const status = await dualtone('status', '--json', '--data', data);
  t.is(status.code, 0);
  t.is(JSON.parse(status.out).extension, '204');
  const calls = await dualtone('calls', '--json', '--data', data);
  t.deepEqual(JSON.parse(calls.out), JSON.parse(status.out).calls);
  t.regex((await dualtone('status', '--data', data)).out, /call 1 to sip:bob@example.test: calling/);
});

test('a call is told with the name of its caller, which cannot steer the terminal', (t) => {
  const call = { ...CALL, direction: 'in', state: 'talking', peer: 'sip:bob@b.test' } as const;
  t.is(callLine({ ...call, name: 'Bob' }), 'call 1 from Bob <sip:bob@b.test>: talking');
  t.is(
    callLine({ ...call, name: 'B\u001b[2J\nob' }),
    'call 1 from B\\x1b[2J\\x0aob <sip:bob@b.test>: talking',
  );
});

test('screen, leds, metrics and config show print what the phone says', async (t) => {
  const { data } = await phone(t);
  t.is((await dualtone('screen', '--data', data)).out, 'Kitchen\n204');
  t.is((await dualtone('leds', '--data', data)).out, 'line: slow\nbell: rings (1000 4000 ms)\nhook: on');
  t.is((await dualtone('metrics', '--data', data)).out, 'dualtone_up 1');
  t.is(
    (await dualtone('config', 'show', '--explain', 'net', '--data', data)).out,
    '/net/sipPort: 5060\n  from https://pbx.test/ (server device)\n  instead of 5060 from defaults (factory)',
  );
});

test('dial hands over number and wish to wait', async (t) => {
  const { control, data } = await phone(t);
  t.is((await dualtone('dial', '201', '--data', data)).code, 0);
  t.is((await dualtone('dial', 'sip:bob@[::1]', '--wait', '--data', data)).code, 0);
  t.deepEqual(control.asked, [
    { dial: '201', wait: false },
    { dial: 'sip:bob@[::1]', wait: true },
  ]);
});

test('a dial that the phone refuses, and one that fails while waited for, end with 1 and the reason', async (t) => {
  const { control, data } = await phone(t);
  t.like(await dualtone('dial', 'nonsense', '--data', data), {
    code: 1,
    err: 'dualtone: nonsense is no number',
  });
  control.dialled = { ...control.dialled, state: 'ended', cause: '486 Busy Here' };
  t.like(await dualtone('dial', '201', '--wait', '--data', data), {
    code: 1,
    err: 'dualtone: the call failed: 486 Busy Here',
  });
});

test('answer without a ringing call fails', async (t) => {
  const { data } = await phone(t);
  t.like(await dualtone('answer', '--data', data), { code: 1, err: 'dualtone: nothing rings' });
});

test('hangup ends one call or all', async (t) => {
  const { control, data } = await phone(t);
  t.is((await dualtone('hangup', '7', '--data', data)).out, '1 call ended');
  t.is((await dualtone('hangup', '--data', data)).out, '2 calls ended');
  t.deepEqual(control.asked, [{ hangUp: '7' }, { hangUp: undefined }]);
});

test('press and hook move the handset', async (t) => {
  const { control, data } = await phone(t);
  await dualtone('hook', 'off', '--data', data);
  await dualtone('press', '1#', '--data', data);
  await dualtone('press', 'mute', '--data', data);
  await dualtone('hook', 'flash', '--data', data);
  t.deepEqual(control.asked, [
    { kind: 'hook', state: 'off' },
    { kind: 'key', key: '1', down: true },
    { kind: 'key', key: '1', down: false },
    { kind: 'key', key: '#', down: true },
    { kind: 'key', key: '#', down: false },
    { kind: 'function', key: 'mute', down: true },
    { kind: 'function', key: 'mute', down: false },
    { kind: 'flash' },
  ]);
});

test('trace prints messages without letting them steer the terminal', async (t) => {
  const { data } = await phone(t);
  const { out } = await dualtone('trace', '--data', data);
  t.regex(out, /udp 192\.0\.2\.1:5060 <- 192\.0\.2\.2:5060/);
  t.true(out.includes('sip:\\x1b[2Jx'));
  t.false(out.includes('\u001b'));
});

test('trace --follow prints what comes until the phone ends', async (t) => {
  const { control, data, server } = await phone(t);
  const following = dualtone('trace', '--follow', '--json', '--data', data);
  while (control.listeners.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const listener of control.listeners) listener(entry('later'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await server.close();
  const { out } = await following;
  t.true(out.endsWith(JSON.stringify(entry('later'))), out);
});

const WRONG_USAGE: readonly (readonly string[])[] = [
  [],
  ['explode'],
  ['--colour'],
  ['dial'],
  ['dial', 'a', 'b'],
  ['status', '--colour'],
  ['hook', 'up'],
  ['press', 'abc'],
  ['config'],
  ['config', 'mend'],
  ['run', '--http', 'here'],
  ['run', '--http', '127.0.0.1:99999'],
  ['run', '--log', 'loud'],
  ['run', '--trial', '1'],
  ['run', '--trial', '1m'],
];

for (const argv of WRONG_USAGE) {
  test(`"${argv.join(' ')}" is wrong usage: 2 and one line`, async (t) => {
    const { code, err, out } = await dualtone(...argv);
    t.is(code, 2);
    t.is(out, '');
    t.regex(err, /^dualtone: [^\n]+$/);
  });
}

test('every verb explains itself', async (t) => {
  const { code, out } = await dualtone('--help');
  t.is(code, 0);
  const verbs = [...out.matchAll(/^ {2}dualtone (config \w+|[\w-]+)/gm)].map(([, verb]) => verb ?? '');
  t.is(verbs.length, 19);
  for (const verb of verbs) {
    const help = await dualtone(...verb.split(' '), '--help');
    t.is(help.code, 0);
    t.true(help.out.startsWith(`usage: dualtone ${verb}`), help.out);
  }
});

test('without a running phone a verb fails and says how to start one', async (t) => {
  const data = freshDir();
  const { code, err } = await dualtone('status', '--data', data);
  t.is(code, 1);
  t.true(err.includes(data) && err.includes('dualtone run'), err);
});

test('a second phone in the same directory is refused, and the first lives on', async (t) => {
  const { control, data } = await phone(t);
  await t.throwsAsync(
    startControlServer(() => control, controlSocket(data)),
    { message: /already running/ },
  );
  t.is((await dualtone('status', '--data', data)).code, 0);
});

test('the socket of a killed phone is replaced', async (t) => {
  const data = freshDir();
  const path = controlSocket(data);
  // A name that nobody listens on, as kill -9 leaves it behind.
  writeFileSync(path, '');
  const server = await startControlServer(() => new FakeControl(), path);
  t.teardown(() => server.close());
  t.is((await dualtone('status', '--data', data)).code, 0);
});

test('directory and socket are for their owner alone', async (t) => {
  const data = join(freshDir(), 'deep', 'state');
  prepareDataDir(data);
  t.is(statSync(data).mode & 0o777, 0o700);
  chmodSync(data, 0o755);
  prepareDataDir(data);
  t.is(statSync(data).mode & 0o777, 0o700);
  const server = await startControlServer(() => new FakeControl(), controlSocket(data));
  t.teardown(() => server.close());
  t.is(statSync(controlSocket(data)).mode & 0o777, 0o600);
});

test('a directory that all share is never taken', (t) => {
  const shared = freshDir();
  chmodSync(shared, 0o1777);
  t.throws(() => prepareDataDir(shared), { message: /shared by all/ });
});

test('a directory that its file system will not make ends the phone with the reason', async (t) => {
  const { code, err } = await runMain('run', '--http', 'off', '--data', '/proc/x/y');
  t.is(code, 1);
  t.regex(
    err,
    /^dualtone: cannot use \/proc\/x\/y as data directory: no directory can be made in \/proc; choose another with --data\n$/,
  );
});

test('the data directory follows the XDG specification', (t) => {
  t.is(dataDir('/x/y'), '/x/y');
  t.is(dataDir(undefined, { XDG_STATE_HOME: '/state' }), '/state/dualtone');
  t.regex(dataDir(undefined, { XDG_STATE_HOME: 'relative' }), /\/\.local\/state\/dualtone$/);
});

test('a path too long for a socket is refused in words', (t) => {
  t.throws(() => controlSocket(`/${'x'.repeat(120)}`), { message: /too long/ });
});

test('run hands its options to the phone', async (t) => {
  const { booted } = await dualtone(
    'run',
    '--config',
    'c.yaml',
    '--http',
    '[::1]:9090',
    '--log',
    'warn',
    '--data',
    '/d',
  );
  t.deepEqual(booted, [
    {
      config: 'c.yaml',
      data: '/d',
      log: 'warn',
      http: { host: '::1', port: 9090, given: true },
    },
  ]);
  t.is((await dualtone('run', '--http', 'off')).booted[0]?.http, undefined);
  t.is((await dualtone('run', '--trial', '30')).booted[0]?.trial, 30_000);
  t.like((await dualtone('run')).booted[0], { http: { host: '127.0.0.1', port: 8080, given: false } });
});

test('config show --explain tells where a value comes from', async (t) => {
  const file = join(freshDir(), 'phone.yaml');
  writeFileSync(file, 'net: {sipPort: 5070}');
  const explain = async (key: string) => dualtone('config', 'show', '--config', file, '--explain', key);
  t.is(
    (await explain('net.sipPort')).out,
    `/net/sipPort: 5070\n  from ${file} (drop file)\n  instead of 5060 from defaults (factory)`,
  );
  t.is((await explain('/net/tlsPort')).out, '/net/tlsPort: 5061\n  from defaults (factory)');
  t.is((await explain('extension')).out, '/extension is not set');
  t.is((await explain('net.colour')).code, 2);
});

test('config check says what is not built and what is unknown, config show masks', async (t) => {
  const file = join(freshDir(), 'phone.yaml');
  writeFileSync(file, 'colour: red\naccounts: [{user: a, domain: b.test, password: s3cret, srtp: required}]');
  const check = await dualtone('config', 'check', file);
  t.is(check.code, 0);
  t.regex(check.out, /\/colour: unknown key/);
  t.regex(check.out, /SRTP is not built yet: calls of this account will be refused/);
  const show = await dualtone('config', 'show', '--config', file, '--json');
  t.false(show.out.includes('s3cret'));
  t.is(JSON.parse(show.out).net.sipPort, 5060);
  const explained = await dualtone('config', 'show', '--config', file, '--explain', 'accounts', '--json');
  t.is(JSON.parse(explained.out)[0].by.value[0].password, '********');
  writeFileSync(file, 'net: {sipPort: none}');
  t.like(await dualtone('config', 'check', file), { code: 1, out: '' });
  t.is((await dualtone('config', 'check', `${file}.absent`)).code, 1);
});

test('config check and config show take the files of other makers, by what is in them', async (t) => {
  const file = join(freshDir(), 'phone.yaml');
  const lines = [
    '#!version:1.0.0.1',
    'account.1.enable = 1',
    'account.1.user_name = 204',
    'account.1.password = s3cret',
  ];
  writeFileSync(
    file,
    [...lines, 'account.1.sip_server.1.address = pbx.test', 'no.such.key = 1', ''].join('\n'),
  );
  const check = await dualtone('config', 'check', file);
  t.is(check.code, 0);
  t.regex(check.out, /^read as a file of yealink$/m);
  t.regex(check.out, /^keys that are not known here: no\.such\.key$/m);
  const { out } = await dualtone('config', 'show', '--config', file, '--json');
  t.like(JSON.parse(out).accounts[0], { user: '204', domain: 'pbx.test', password: '********' });
  writeFileSync(file, '<html><body>please log in</body></html>');
  t.regex((await dualtone('config', 'check', file)).err, /is refused: an HTML page/);
});
