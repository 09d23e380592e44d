/** What the admin page's server answers to everything that is not its page. */
import { connect } from 'node:tls';
import test from 'ava';
import { LARGE } from '#web/admin/requests.ts';
import { mutations } from '../../support/mutate.ts';
import { PASSWORD, type Served, serve, Visitor } from './support.ts';

const HEADERS: Readonly<Record<string, RegExp>> = {
  'content-security-policy': /default-src 'none'/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'permissions-policy': /microphone=\(\)/,
};
const POLICY = [
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
];

test('every answer carries the header fields that keep a browser safe', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const paths = [
    '/',
    '/admin/',
    '/assets/index-abc.js',
    '/nothing',
    'session',
    'config',
    'trace.pcapng',
    'nothing',
  ];
  for (const path of paths) {
    const { headers } = await visitor.ask(path);
    for (const [name, value] of Object.entries(HEADERS))
      t.regex(String(headers[name]), value, `${path} ${name}`);
    const policy = String(headers['content-security-policy']).split('; ');
    for (const directive of POLICY) t.true(policy.includes(directive), `${path} ${directive}`);
    t.notRegex(policy.join(), /unsafe|\*|http|data:|blob:/);
    t.is(headers['access-control-allow-origin'], undefined);
    // A browser that once took a certificate of ours by hand would never again let its owner do so.
    t.is(headers['strict-transport-security'], undefined);
    if (!path.startsWith('/assets')) t.is(headers['cache-control'], 'no-store', path);
  }
});

const FOREIGN: readonly [what: string, headers: (served: Served) => Record<string, string | undefined>][] = [
  ['under a foreign name', () => ({ Host: 'phone.example.test' })],
  ['under a rebound name', ({ admin }) => ({ Host: `evil.test:${admin.port}` })],
  ['under a name that begins as ours', ({ admin }) => ({ Host: `127.0.0.1.evil.test:${admin.port}` })],
  ['for our name at another port', ({ admin }) => ({ Host: `127.0.0.1:${admin.port + 1}` })],
  ['from a foreign origin', () => ({ Origin: 'https://evil.test' })],
  ['from our name without TLS', ({ admin }) => ({ Origin: `http://127.0.0.1:${admin.port}` })],
  ['from another port of ours', ({ admin }) => ({ Origin: `https://127.0.0.1:${admin.port + 1}` })],
  ['from a sandboxed frame', () => ({ Origin: 'null' })],
  ['from a page of another site', () => ({ 'Sec-Fetch-Site': 'cross-site' })],
  ['from another page of the same site', () => ({ 'Sec-Fetch-Site': 'same-site' })],
];

for (const [what, headers] of FOREIGN) {
  test(`a request ${what} is refused, though it has the cookie`, async (t) => {
    const served = await serve(t);
    const visitor = await new Visitor(served).claim(served);
    for (const [method, path] of [
      ['GET', 'config'],
      ['GET', 'trace.pcapng'],
      ['POST', 'config/check'],
    ] as const) {
      const reply = await visitor.ask(path, {
        method,
        headers: headers(served),
        ...(method === 'POST' && { body: { text: '' } }),
      });
      t.is(reply.status, 403, `${method} ${path}`);
      t.is(JSON.parse(reply.body).code, 'foreign');
    }
  });
}

test('what changes something needs the token of the page, the origin, and JSON', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const tried: readonly Record<string, string | undefined>[] = [
    { 'X-Dualtone-CSRF': undefined },
    { 'X-Dualtone-CSRF': 'guess' },
    { 'X-Dualtone-CSRF': visitor.cookie.split('=')[1] },
    { Origin: undefined },
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': undefined },
  ];
  const { revision } = JSON.parse((await visitor.ask('config')).body);
  for (const headers of tried) {
    const reply = await visitor.post('config', { text: 'name: Mallory', revision }, headers);
    t.is(reply.status, 403, JSON.stringify(headers));
  }
  t.deepEqual(served.control.local, {});
  t.is((await visitor.post('config', { text: 'name: Alice', revision })).status, 200);
  t.deepEqual(served.control.local, { name: 'Alice' });
});

test('the token of one session is none for another', async (t) => {
  const served = await serve(t);
  const one = await new Visitor(served).claim(served);
  const other = new Visitor(served);
  await other.post('login', { password: PASSWORD });
  t.is((await one.post('alive', {}, { 'X-Dualtone-CSRF': other.csrf })).status, 403);
});

test('the page is reached by the names and addresses of this machine, and the root leads to it', async (t) => {
  const served = await serve(t);
  const visitor = new Visitor(served);
  for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', 'kitchen.test']) {
    const reply = await visitor.ask('/admin/', { headers: { Host: `${name}:${served.admin.port}` } });
    t.is(reply.status, 200, name);
    t.regex(reply.body, /settings/);
  }
  const root = await visitor.ask('/');
  t.is(root.status, 303);
  t.is(root.headers.location, '/admin/');
});

const OUTSIDE = [
  '/index.html',
  '/../secret.html',
  '/admin/../secret.html',
  '/admin/%2e%2e/secret.html',
  '/admin/..%2fsecret.html',
  '/admin//',
  '/admin/api',
  '/notes.txt',
  '/ws',
];

test('nothing but the page of settings can be had here', async (t) => {
  const visitor = new Visitor(await serve(t));
  for (const path of OUTSIDE) t.is((await visitor.ask(path)).status, 404, path);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    t.is((await visitor.ask('/admin/', { method })).status, 405, method);
  }
});

test('no secret of the configuration is ever served back', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  served.control.phone.pass(
    'REGISTER sip:x SIP/2.0\r\nAuthorization: Digest username="a", response="***"\r\n\r\n',
  );
  const { revision } = JSON.parse((await visitor.ask('config')).body);
  const text =
    'accounts:\n  - {user: bob, domain: other.test, password: top-s3cret-of-bob}\nprovisioning: {url: "https://u:top-s3cret-url@x.test/"}\n';
  await visitor.post('config', { text, revision });
  t.regex(JSON.stringify(served.control.local), /top-s3cret-of-bob/);
  for (const path of ['config', 'session', 'trace.pcapng']) {
    const { status, body } = await visitor.ask(path);
    t.is(status, 200);
    t.notRegex(body, /top-s3cret/, path);
  }
  const view = JSON.parse((await visitor.ask('config')).body);
  t.regex(view.local, /password: "\*{8}"/);
  const wrong = await visitor.post('config/check', { text: `${text}net: {sipPort: many}\n` });
  t.notRegex(wrong.body, /top-s3cret-/);
});

test('a body beyond its limit is refused, told or untold, and the server goes on', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  for (const [path, octets] of [
    ['login', 5000],
    ['config/check', LARGE + 1],
  ] as const) {
    const body = Buffer.alloc(octets, 'x');
    t.is((await visitor.post(path, body)).status, 413, path);
    t.is(
      (await visitor.post(path, body, { 'Transfer-Encoding': 'chunked' })).status,
      413,
      `${path} in chunks`,
    );
  }
  t.is((await visitor.ask('config')).status, 200);
});

test('who asks too often has to wait, and is served again afterwards', async (t) => {
  const served = await serve(t);
  const visitor = new Visitor(served);
  const replies = await Promise.all(Array.from({ length: 15 }, () => visitor.ask('session')));
  t.true(replies.every(({ status }) => status === 200));
  const statuses: number[] = [];
  for (let i = 0; i < 60; i++) statuses.push((await visitor.ask('session')).status);
  t.true(statuses.includes(429));
  served.pass(1000);
  t.is((await visitor.ask('session')).status, 200);
});

const BODIES = [
  { pin: '12345678', password: PASSWORD },
  { password: PASSWORD },
  { before: PASSWORD, password: 'eleven blue umbrellas' },
  { text: 'name: Kitchen\nnet: {sipPort: 5060}\n', revision: 'test-0' },
  { accounts: [{ user: 'alice', domain: 'pbx.example.test', password: '********' }], revision: 'test-0' },
].map((body) => Buffer.from(JSON.stringify(body)));
const POSTS = ['pin', 'claim', 'login', 'config/check', 'config', 'password', 'alive', 'nothing'];

test('damaged bodies before and after the login are answered, never with 500, and the server goes on', async (t) => {
  const served = await serve(t);
  const owner = await new Visitor(served).claim(served);
  const stranger = new Visitor(served);
  const seen = new Set<number>();
  let n = 0;
  for (const body of mutations(BODIES, 400, 6)) {
    served.pass(3_600_000 / 400);
    const path = POSTS[n++ % POSTS.length] ?? '';
    for (const visitor of [owner, stranger]) {
      const { status } = await visitor.post(path, Buffer.from(body));
      seen.add(status);
      if (status >= 500) t.fail(`${path}: ${Buffer.from(body).toString('latin1')}`);
    }
    if (n % 50 === 0) await owner.post('login', { password: PASSWORD });
  }
  t.true(seen.has(400));
  served.pass(3_600_000);
  t.is((await new Visitor(served).ask('session')).status, 200);
});

/** Sends octets that are no request, and waits until the server hangs up or answers. */
function say(port: number, octets: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let told = '';
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (data) => {
      told += data.toString('latin1');
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(told));
    socket.end(octets);
  });
}

test('octets that are no HTTP, and requests with damaged heads, do no harm', async (t) => {
  const served = await serve(t);
  const request = Buffer.from(
    `POST /admin/api/claim HTTP/1.1\r\nHost: 127.0.0.1:${served.admin.port}\r\nOrigin: https://127.0.0.1:${served.admin.port}\r\nContent-Type: application/json\r\nCookie: a=b; __Host-dualtone-admin-1=x\r\nContent-Length: 2\r\n\r\n{}`,
  );
  for (const octets of mutations([request], 60, 7)) {
    t.notRegex(await say(served.admin.port, octets), /^HTTP\/1\.1 (?:500|200)/);
  }
  t.is((await new Visitor(served).ask('session')).status, 200);
});
