/** What strangers get: the packed package in an empty project, by its own README. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { buildSocket6bed4 } from '../../tools/build_socket6bed4.ts';
import { until } from '../support/process.ts';
import { startRouter } from './tunnel_stand.ts';

const run = promisify(execFile);
const PACKAGE = resolve('firmware/socket6bed4');
const MOST_OCTETS = 12_000;

let project: string;

test.before(async () => {
  await buildSocket6bed4();
  project = mkdtempSync(join(tmpdir(), 'socket6bed4-'));
  await run('npm', ['pack', PACKAGE, '--pack-destination', project, '--ignore-scripts']);
  const packed = readdirSync(project).find((name) => name.endsWith('.tgz')) ?? '';
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', `./${packed}`, '--offline', '--no-audit', '--no-fund'], { cwd: project });
  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(installed('README.md'), 'utf8'));
  writeFileSync(join(project, 'example.js'), example?.[1] ?? '');
});

test.after.always(() => rmSync(project, { recursive: true, force: true }));

const installed = (...path: readonly string[]): string => join(project, 'node_modules/socket6bed4', ...path);

test('the package holds its code, its types, its README and its licence, and nothing else', (t) => {
  const files = readdirSync(installed(), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\./.test(name),
  );
  t.true(files.includes('README.md'));
  t.true(readdirSync(installed()).includes('LICENSE'));
  t.deepEqual(
    files.filter((name) => name.endsWith('.js')),
    ['dist/index.js'],
  );
  t.true(
    files.every((name) => /^(?:package\.json|README\.md|dist\/.*\.d\.ts|dist\/index\.js)$/.test(name)),
    files.join(),
  );
});

test('it depends on nobody', (t) => {
  const { dependencies } = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
  t.is(dependencies, undefined);
  t.deepEqual(
    readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['socket6bed4'],
  );
  const imports = [...readFileSync(installed('dist/index.js'), 'utf8').matchAll(/\bfrom\s*["'`]([^"'`]+)/g)];
  t.true(imports.length > 3);
  t.true(imports.every(([, name]) => name?.startsWith('node:')));
});

test('who packs it in a fresh checkout builds it first', (t) => {
  const scriptsIn = (folder: string): Record<string, string> =>
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts;
  const [, root = '', script = ''] =
    /^npm --prefix (\S+) run -s (\S+)$/.exec(scriptsIn(PACKAGE).prepack ?? '') ?? [];
  t.is(scriptsIn(resolve(PACKAGE, root))[script], 'node tools/build.ts');
  t.regex(readFileSync('tools/build.ts', 'utf8'), /^await buildSocket6bed4\(\);$/m);
});

test('its code is small', (t) => {
  const octets = gzipSync(readFileSync(installed('dist/index.js')), { level: 9 }).length;
  t.log(`${octets} octets gzipped`);
  t.true(octets <= MOST_OCTETS);
});

test('the example of its README runs as it stands', async (t) => {
  await startRouter(t, '127.77.42.1');
  const child = spawn(process.execPath, ['example.js'], {
    cwd: project,
    env: { ...process.env, SOCKET6BED4_ROUTERS: '127.77.42.1:25790' },
  });
  t.teardown(() => child.kill());
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await until('the datagram', () => /hello from/.test(output));
  t.regex(
    output,
    /^listening on \[fc64:bed:7f4d:2a01:7c00:1:[\da-f:]+\]:5060\nhello from fc64:bed:7f4d:2a01:/,
  );
});

test('without a router it says what to set', async (t) => {
  const { stderr } = await run(process.execPath, ['example.js'], {
    cwd: project,
    env: { ...process.env, SOCKET6BED4_ROUTERS: '' },
  }).catch((error) => error);
  t.regex(stderr, /No 6bed4 router is known: set the environment variable SOCKET6BED4_ROUTERS/);
});

test('its types hold in a strict project', async (t) => {
  writeFileSync(
    join(project, 'typed.ts'),
    `import dgram from 'node:dgram';
import { createSocket, openTunnel, type Socket, type SocketOptions, type Tunnel } from 'socket6bed4';
const options: SocketOptions = { type: 'udp6', routers: ['192.0.2.1'], recvErr: true };
const socket: Socket = createSocket(options, (message, from) => message.length + from.port);
const plain: dgram.Socket = socket.bind(0, () => {});
const other: dgram.Socket = createSocket('udp4');
const tunnel: Tunnel = openTunnel({ routers: ['192.0.2.1'], port: 25790 });
tunnel.on('address', (address: string, previous?: string) => address === previous);
tunnel.on('error', (error: Error) => error.message);
const inside: Socket = tunnel.createSocket({ reuseAddr: true });
export const answer: Promise<string> = tunnel.sourceFor('fc64::1');
// @ts-expect-error
openTunnel({});
// @ts-expect-error
createSocket('udp5');
export { inside, other, plain };
`,
  );
  const options = { strict: true, module: 'nodenext', target: 'es2022', noEmit: true, types: ['node'] };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['typed.ts'] }),
  );
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  cpSync(resolve('node_modules/@types/node'), join(project, 'node_modules/@types/node'), { recursive: true });
  cpSync(resolve('node_modules/undici-types'), join(project, 'node_modules/undici-types'), {
    recursive: true,
  });
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', project], { cwd: project }).catch(
    (error) => error,
  );
  t.is(stdout, '');
});
