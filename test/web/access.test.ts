/** Who may open the page, and who may not. */
import { createServer } from 'node:net';
import test from 'ava';
import { startWeb } from '#web/server.ts';
import { FakeControl } from './fake_control.ts';
import { cookie, get, Page, serve, smallPage, TOKEN } from './support.ts';

test('the printed address sets the cookie and goes on to the page without the token', async (t) => {
  const { port, url } = await serve(t);
  t.is(url, `http://127.0.0.1:${port}/?token=${TOKEN}`);
  const reply = await get(port, `/?token=${TOKEN}&measure`);
  t.is(reply.status, 303);
  t.is(reply.headers.location, '/?measure=');
  t.deepEqual(reply.headers['set-cookie'], [`dualtone-${port}=${TOKEN}; HttpOnly; SameSite=Strict; Path=/`]);
  const page = await get(port, '/', cookie(port));
  t.is(page.status, 200);
  t.regex(page.body, /small/);
});

test('a token is made at each start and is long enough not to be guessed', async (t) => {
  const pageDir = smallPage();
  const start = () => startWeb({ control: new FakeControl(), http: { host: '127.0.0.1', port: 0 }, pageDir });
  const [one, two] = await Promise.all([start(), start()]);
  t.teardown(() => Promise.all([one.close(), two.close()]));
  const [first, second] = [one, two].map((web) => new URL(web.url).searchParams.get('token') ?? '');
  t.not(first, second);
  t.is(Buffer.from(first ?? '', 'base64url').length, 24);
});

const REFUSED: readonly [what: string, path: string, headers: (port: number) => Record<string, string>][] = [
  ['without a token', '/', () => ({})],
  ['with a wrong token', '/?token=guess', () => ({})],
  ['with an empty token', '/?token=', () => ({})],
  ['with a wrong token in the cookie', '/', (port) => cookie(port, 'guess')],
  ['with the cookie of a phone on another port', '/', (port) => cookie(port + 1)],
  ['to a file without a token', '/assets/index-abc.js', () => ({})],
  ['with the token for another path', `/assets/index-abc.js?token=${TOKEN}`, () => ({})],
  ['under a foreign name', '/', (port) => ({ ...cookie(port), Host: `phone.example.test:${port}` })],
  ['under a rebound name with the token', `/?token=${TOKEN}`, (port) => ({ Host: `evil.test:${port}` })],
  [
    'under a name that begins as ours',
    '/',
    (port) => ({ ...cookie(port), Host: `127.0.0.1.evil.test:${port}` }),
  ],
  ['for our name at another port', '/', (port) => ({ ...cookie(port), Host: `127.0.0.1:${port + 1}` })],
  ['for our name without a port', '/', (port) => ({ ...cookie(port), Host: '127.0.0.1' })],
  ['under no name', '/', (port) => ({ ...cookie(port), Host: `:${port}` })],
  ['from a foreign origin', '/', (port) => ({ ...cookie(port), Origin: 'http://evil.test' })],
  [
    'from our address at another port',
    '/',
    (port) => ({ ...cookie(port), Origin: `http://127.0.0.1:${port + 1}` }),
  ],
  ['from another of our names', '/', (port) => ({ ...cookie(port), Origin: `http://localhost:${port}` })],
  ['from a sandboxed frame', '/', (port) => ({ ...cookie(port), Origin: 'null' })],
  ['from a page of another site', '/', (port) => ({ ...cookie(port), 'Sec-Fetch-Site': 'cross-site' })],
  ['from a page at another port', '/', (port) => ({ ...cookie(port), 'Sec-Fetch-Site': 'same-site' })],
];

for (const [what, path, headers] of REFUSED) {
  test(`a request ${what} gets 403`, async (t) => {
    const { port } = await serve(t);
    const reply = await get(port, path, headers(port));
    t.is(reply.status, 403);
    t.is(reply.headers['set-cookie'], undefined);
    t.notRegex(reply.body, /small/);
    t.truthy(reply.headers['content-security-policy']);
  });

  if (path === '/') {
    test(`a WebSocket ${what} gets 403`, async (t) => {
      const { port, control } = await serve(t);
      await t.throwsAsync(new Page(port, headers(port)).opened(), { message: '403' });
      t.is(control.listeners.size, 0);
    });
  }
}

test('the page answers under every name of this machine', async (t) => {
  const { port } = await serve(t);
  for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
    const headers = { ...cookie(port), Host: `${name}:${port}`, Origin: `http://${name}:${port}` };
    t.is((await get(port, '/', headers)).status, 200, name);
  }
});

test('a phone that listens on all addresses is reached by the address, not by a rebound name', async (t) => {
  const options = { control: new FakeControl(), pageDir: smallPage(), token: TOKEN };
  const web = await startWeb({ ...options, http: { host: '0.0.0.0', port: 0 } });
  t.teardown(() => web.close());
  const port = Number(new URL(web.url).port);
  t.is(web.url, `http://localhost:${port}/?token=${TOKEN}`);
  t.is((await get(port, '/', cookie(port))).status, 200);
  t.is((await get(port, '/', { ...cookie(port), Host: `192.0.2.1:${port}` })).status, 403);
  t.is((await get(port, '/', { ...cookie(port), Host: `evil.test:${port}` })).status, 403);
});

const POLICY: readonly string[] = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
];

test('every answer carries the strict policy', async (t) => {
  const { port } = await serve(t);
  for (const path of ['/', '/assets/index-abc.js', '/nothing']) {
    const { headers } = await get(port, path, cookie(port));
    const policy = String(headers['content-security-policy']).split('; ');
    for (const directive of POLICY) t.true(policy.includes(directive), `${path} ${directive}`);
    t.notRegex(policy.join(), /unsafe|\*|http/);
    t.is(headers['x-content-type-options'], 'nosniff');
    t.is(headers['referrer-policy'], 'no-referrer');
    t.is(headers['cross-origin-opener-policy'], 'same-origin');
    t.is(headers['cross-origin-resource-policy'], 'same-origin');
    t.regex(String(headers['permissions-policy']), /microphone=\(self\)/);
    t.is(headers['access-control-allow-origin'], undefined);
  }
});

test('the page itself is never stored, its hashed files are', async (t) => {
  const { port } = await serve(t);
  t.is((await get(port, '/', cookie(port))).headers['cache-control'], 'no-store');
  t.regex(
    String((await get(port, '/assets/index-abc.js', cookie(port))).headers['cache-control']),
    /immutable/,
  );
});

test('the icon is there under the name that browsers ask for', async (t) => {
  const { port } = await serve(t);
  const icon = await get(port, '/favicon.ico', cookie(port));
  t.is(icon.status, 200);
  t.is(icon.headers['content-type'], 'image/svg+xml');
});

const OUTSIDE = [
  '/../secret.html',
  '/%2e%2e/secret.html',
  '/..%2fsecret.html',
  '/assets/../../secret.html',
  '/assets\\..\\..\\secret.html',
  '//secret.html',
  '/notes.txt',
  '/assets',
  '/assets/',
  '/index.html%00.js',
  '/ws',
];

test('nothing outside the page can be had', async (t) => {
  const { port } = await serve(t);
  for (const path of OUTSIDE) {
    const reply = await get(port, path, cookie(port));
    t.is(reply.status, 404, path);
    t.notRegex(reply.body, /secret|not for/);
  }
});

test('only GET and HEAD are answered', async (t) => {
  const { port } = await serve(t);
  const head = await get(port, '/', cookie(port), 'HEAD');
  t.is(head.status, 200);
  t.is(head.body, '');
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    t.is((await get(port, '/', cookie(port), method)).status, 405, method);
  }
});

test('a page that was not built is said so, with the way out', async (t) => {
  const start = startWeb({
    control: new FakeControl(),
    http: { host: '127.0.0.1', port: 0 },
    pageDir: '/nowhere/page',
  });
  await t.throwsAsync(start, { code: 'page-missing', message: /npm run build/ });
});

test('an address in use is said so, with the way out', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  const start = startWeb({
    control: new FakeControl(),
    http: { host: '127.0.0.1', port },
    pageDir: smallPage(),
  });
  await t.throwsAsync(start, { code: 'address-in-use', message: /--http/ });
});
