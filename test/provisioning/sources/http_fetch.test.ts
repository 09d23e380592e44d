/** Fetching from little servers of the tests' own, which misbehave. */
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { FetchOptions } from '#provisioning/sources/https_fetch.ts';

import { errorOf, fetchIt, little, login, textOf } from './fetch_stand.ts';

test('the request is the one that servers know us by', async (t) => {
  let asked = '';
  const server = createTcpServer((socket: Socket) =>
    socket.once('data', (octets) => {
      asked = octets.toString('latin1');
      socket.end('HTTP/1.1 304 Not Modified\r\n\r\n');
    }),
  ).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const validators = { etag: '"c41f"', lastModified: 'Fri, 20 Nov 2026 12:00:00 GMT' };
  t.deepEqual(await fetchIt(`http://127.0.0.1:${port}/h/dca632010203.json?a=b`, { validators }), {
    kind: 'unchanged',
    address: '127.0.0.1',
  });
  t.deepEqual(asked.split('\r\n'), [
    'GET /h/dca632010203.json?a=b HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'User-Agent: Dualtone/1.0.0 (pi-desk; rpi-4b) dc:a6:32:01:02:03',
    'Accept: application/vnd.dualtone+json, application/xml;q=0.8, text/plain;q=0.5',
    'Accept-Encoding: identity',
    'If-None-Match: "c41f"',
    'If-Modified-Since: Fri, 20 Nov 2026 12:00:00 GMT',
    'Connection: close',
    '',
    '',
  ]);
});

test('Digest is answered with the strongest algorithm, and once more when the nonce was stale', async (t) => {
  const md5 = (text: string) => createHash('sha256').update(text).digest('hex');
  const heard: string[] = [];
  const base = await little(t, (request, response) => {
    const given = request.headers.authorization ?? '';
    heard.push(given);
    const field = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(given)?.[1] ?? '';
    const a1 = md5('me:prov:s3cret');
    const a2 = md5(`GET:${request.url}`);
    const right = md5(`${a1}:${field('nonce')}:${field('nc')}:${field('cnonce')}:auth:${a2}`);
    if (field('nonce') === 'second' && field('response') === right) return response.end('{}');
    const stale = given === '' ? '' : ', stale=true';
    const nonce = given === '' ? 'first' : 'second';
    response.setHeader('WWW-Authenticate', [
      'Basic realm="prov"',
      `Digest realm="prov", nonce="${nonce}", qop="auth", algorithm=MD5${stale}`,
      `Digest realm="prov", nonce="${nonce}", qop="auth", algorithm=SHA-256${stale}`,
    ]);
    response.writeHead(401).end();
  });
  t.is(textOf(await fetchIt(`${base}/x?y=z`, { login })), '{}');
  t.is(heard.length, 3);
  t.true(heard.slice(1).every((given) => given.startsWith('Digest ') && given.includes('algorithm=SHA-256')));
  t.like(await fetchIt(`${base}/x`, { login: { ...login, password: 'wrong' } }), {
    failure: { status: 401 },
  });
});

test('a server that never has enough of passwords is left', async (t) => {
  let count = 0;
  const base = await little(t, (_request, response) => {
    count += 1;
    response.writeHead(401, { 'WWW-Authenticate': `Digest realm="x", nonce="${count}", stale=true` }).end();
  });
  t.like(await fetchIt(base, { login }), { failure: { status: 401 } });
  t.is(count, 3);
});

test('user and password stay with the server that they are for', async (t) => {
  const heard: (string | undefined)[] = [];
  const there = await little(t, (request, response) => {
    heard.push(request.headers.authorization);
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
  });
  const here = await little(t, (request, response) => {
    if (request.headers.authorization === undefined)
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    else response.writeHead(302, { Location: `${there}/x` }).end();
  });
  t.like(await fetchIt(here, { login }, { allowHttp: true }), { failure: { status: 401 } });
  t.deepEqual(heard, [undefined]);
});

test('http is for loopback, the link and private networks, unless it is forced', async (t) => {
  const base = await little(t, (_request, response) => response.end('{}'));
  t.is((await fetchIt(base)).kind, 'content');
  // The time is over before the name is resolved: the address is judged, and nobody is called.
  const resolve = async () => {
    await sleep(30);
    return ['203.0.113.1'];
  };
  const far = { resolve, patience: 5 };
  t.regex(errorOf(await fetchIt('http://far.example/x', {}, far)), /allowHttp/);
  const onLink = { ...far, onLink: (address: string) => address === '203.0.113.1' };
  for (const allowed of [onLink, { ...far, allowHttp: true }]) {
    const fetched = await fetchIt('http://far.example/x', {}, allowed);
    t.is(fetched.kind === 'failed' && fetched.failure.kind, 'unreachable');
  }
});

test('Teredo addresses are not used', async (t) => {
  const fetched = await fetchIt('https://teredo.example/', {}, { resolve: async () => ['2001::1'] });
  t.is(fetched.kind === 'failed' && fetched.failure.kind, 'distrusted');
});

test('what is too large, endless, slow, compressed or cut off is refused', async (t) => {
  const base = await little(t, (request, response) => {
    switch (request.url) {
      case '/announced':
        response.writeHead(200, { 'Content-Length': 1 << 21 }).end();
        break;
      case '/endless': {
        const more = () => response.destroyed || response.write(Buffer.alloc(65_536)) || true;
        const timer = setInterval(more, 1);
        response.on('close', () => clearInterval(timer));
        break;
      }
      case '/slow':
        response.write('{');
        break;
      case '/gzip':
        response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x');
        break;
      default:
        response.writeHead(200, { 'Content-Length': 100 });
        response.write('{"name": ');
        setTimeout(() => response.destroy(), 20);
    }
  });
  const failure = async (path: string) => {
    const fetched = await fetchIt(`${base}${path}`, {}, { patience: path === '/slow' ? 300 : 5_000 });
    return fetched.kind === 'failed' ? fetched.failure.kind : fetched.kind;
  };
  t.is(await failure('/announced'), 'unusable');
  t.is(await failure('/endless'), 'unusable');
  t.is(await failure('/slow'), 'unreachable');
  t.is(await failure('/gzip'), 'unusable');
  t.is(await failure('/cut'), 'unreachable');
});

test('who does not exist, does not listen, or speaks no HTTP or TLS, is told apart', async (t) => {
  const kind = async (url: string, more: Partial<FetchOptions> = {}) => {
    const fetched = await fetchIt(url, {}, more);
    return fetched.kind === 'failed' ? fetched.failure.kind : fetched.kind;
  };
  const nowhere = async () => {
    throw Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
  };
  t.is(await kind('https://nowhere.example/', { resolve: nowhere }), 'no such name');
  t.is(await kind('https://127.0.0.1:9/'), 'unreachable');
  const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n').on('error', () => {}));
  server.listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  t.is(await kind(`https://127.0.0.1:${port}/`), 'tls');
  t.is(await kind(`http://127.0.0.1:${port}/`), 'unreachable');
});
