/** Fetching from real servers: nginx with certificates that openssl made, and little ones that misbehave. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Question } from '#provisioning/fetch/types.ts';
import { type Fetched, type FetchOptions, fetchFile } from '#provisioning/sources/https_fetch.ts';
import { Authority, type Issued, selfSigned } from '../../support/authority.ts';
import { needing } from '../../support/needs.ts';
import { Nginx } from '../../support/nginx.ts';
import { scratch } from '../../support/phone_process.ts';
import { whereIs } from '../../support/programs.ts';
import { IDENTITY } from '../identity_here.ts';

const dir = scratch('fetch');
const nginx = new Nginx(join(dir, 'nginx'));
const web = needing('nginx', 'openssl');
const PORT = {
  plain: 26_080,
  proved: 26_443,
  self: 26_444,
  mutual: 26_445,
  old: 26_446,
  future: 26_447,
  names: 26_448,
  only4: 26_450,
};

let authority: Authority;
let made: Record<'good' | 'self' | 'old' | 'future' | 'service' | 'client', Issued>;

function tls(port: number, { chain, key }: Issued, more = ''): string {
  return `server { listen 127.0.0.1:${port} ssl; listen [::1]:${port} ssl; ssl_certificate ${chain};
    ssl_certificate_key ${key}; ${more} }`;
}

const LOCATIONS = `
  location = /to-http { return 302 http://127.0.0.1:${PORT.plain}/x.json; }
  location = /home { return 301 /x.json; }
  location = /round { return 302 /round2; } location = /round2 { return 302 /round; }
  location = /away { return 302 https://localhost:${PORT.names}/x.json; }
  location = /to-self { return 302 https://127.0.0.1:${PORT.self}/x.json; }
  location = /basic/x.json { auth_basic prov; auth_basic_user_file ${dir}/passwords; alias ${nginx.root}/x.json; }
  location = /link { add_header Link '<sip:watch@pbx.example>; rel="monitor"'; add_header Cache-Control 'private, max-age=600'; return 200 '{}'; }
  location = /busy { add_header Retry-After 120 always; return 503; }
  location = /forbidden { return 403; }`;

test.before(async () => {
  if (whereIs('nginx') === undefined || whereIs('openssl') === undefined) return;
  authority = await Authority.create(dir);
  const here = ['localhost', '127.0.0.1', '::1'];
  made = {
    good: await authority.issue({ names: here }),
    self: await selfSigned(join(dir, 'self'), ['somebody.example']),
    old: await authority.issue({ names: here, from: '20200101000000Z', to: '20200201000000Z' }),
    future: await authority.issue({ names: here, from: '20990101000000Z', to: '20990201000000Z' }),
    service: await authority.issue({ names: ['service.example'] }),
    client: await authority.issue({ names: ['dca632010203'] }),
  };
  writeFileSync(join(dir, 'passwords'), 'me:{PLAIN}s3cret\n');
  nginx.put('x.json', '{"name": "Kitchen"}');
  nginx.put('large.json', ' '.repeat((1 << 20) + 1));
  await nginx.serve(
    [
      `server { listen 127.0.0.1:${PORT.plain}; ${LOCATIONS}
         location = /up.json { return 301 https://127.0.0.1:${PORT.proved}/x.json; } }`,
      tls(PORT.proved, made.good, LOCATIONS),
      tls(PORT.self, made.self),
      tls(PORT.mutual, made.good, `ssl_client_certificate ${dir}/ca.pem; ssl_verify_client on;`),
      tls(PORT.old, made.old),
      tls(PORT.only4, made.good).replace(/listen \[::1\].*? ssl;/, ''),
      tls(PORT.future, made.future),
      tls(PORT.names, made.good, 'server_name localhost;'),
      tls(PORT.names, made.service, 'server_name service.example;'),
    ].join('\n'),
    PORT.plain,
  );
});

test.after.always(() => nginx.stop());

function options(more: Partial<FetchOptions> = {}): FetchOptions {
  return {
    identity: IDENTITY,
    allowHttp: false,
    clock: () => 'known',
    authorities: trusted(),
    random: () => 'c0ffee',
    patience: 5_000,
    ...more,
  };
}

/** One list for all: the fetcher keeps what it made of it. */
let list: readonly string[] | undefined;
function trusted(): readonly string[] {
  list ??= [authority?.pem ?? ''].filter((pem) => pem !== '');
  return list;
}

function fetchIt(
  url: string,
  question: Partial<Question> = {},
  more: Partial<FetchOptions> = {},
): Promise<Fetched> {
  const empty = { validators: undefined, login: undefined, domain: undefined, pin: undefined };
  return fetchFile({ url, ...empty, firstUse: false, common: [], ...question }, options(more));
}

const at = (port: number, path = '/x.json', host = '127.0.0.1') => `https://${host}:${port}${path}`;
const http = (path: string) => `http://127.0.0.1:${PORT.plain}${path}`;
const textOf = (fetched: Fetched) =>
  fetched.kind === 'content' ? Buffer.from(fetched.octets).toString() : JSON.stringify(fetched);
const errorOf = (fetched: Fetched) =>
  fetched.kind === 'failed' && 'error' in fetched.failure ? fetched.failure.error : JSON.stringify(fetched);

/** RFC 7469 2.4, by another way than the fetcher's. */
async function spki(file: string): Promise<string> {
  const key = new X509Certificate(readFileSync(file)).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(key).digest('base64')}`;
}

/** A server of the test's own, on a free port. */
async function little(t: ExecutionContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

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

web('a server below an authority that we know is proved; its chain, tag and address are told', async (t) => {
  const fetched = await fetchIt(at(PORT.proved));
  if (fetched.kind !== 'content') return t.fail(textOf(fetched));
  t.is(textOf(fetched), '{"name": "Kitchen"}');
  t.deepEqual(fetched.shown?.keys, [await spki(made.good.certificate), await spki(join(dir, 'ca.pem'))]);
  t.true(fetched.shown?.proved);
  t.is(fetched.address, '127.0.0.1');
  t.regex(fetched.etag ?? '', /^"/);
  t.deepEqual(await fetchIt(at(PORT.proved), { validators: { etag: fetched.etag ?? '' } }), {
    kind: 'unchanged',
    address: '127.0.0.1',
  });
});

web('an IPv6 literal needs no name and no proxy', async (t) => {
  process.env.https_proxy = 'http://127.0.0.1:9';
  t.teardown(() => {
    delete process.env.https_proxy;
  });
  const fetched = await fetchIt(at(PORT.proved, '/x.json', '[::1]'));
  t.is(fetched.kind === 'content' && fetched.address, '::1');
});

web('of a name IPv6 is tried first, and IPv4 when nobody is there', async (t) => {
  const resolve = (...addresses: string[]) => ({ resolve: async () => addresses });
  const both = await fetchIt(at(PORT.proved, '/x.json', 'localhost'), {}, resolve('127.0.0.1', '::1'));
  t.is(both.kind === 'content' && both.address, '::1');
  const only4 = await fetchIt(at(PORT.only4, '/x.json', 'localhost'), {}, resolve('::1', '127.0.0.1'));
  t.is(only4.kind === 'content' && only4.address, '127.0.0.1');
});

web(
  'nothing is asked of a server that nobody vouches for, before it is to be believed at first use',
  async (t) => {
    const fetched = await fetchIt(at(PORT.self, '/unasked.json'), {
      login: { user: 'me', password: 's3cret' },
    });
    t.is(fetched.kind, 'unproved');
    t.false(nginx.log.some((line) => line.includes('unasked')));
    const believed = await fetchIt(at(PORT.self), { firstUse: true });
    t.deepEqual(believed.kind === 'content' && believed.shown?.keys, [await spki(made.self.certificate)]);
  },
);

web('a pinned key is believed, another is not asked anything', async (t) => {
  const host = `127.0.0.1:${PORT.self}`;
  const own = await spki(made.self.certificate);
  t.is((await fetchIt(at(PORT.self), { pin: { host, keys: [own] } })).kind, 'content');
  const changed = await fetchIt(at(PORT.self, '/never.json'), {
    pin: { host, keys: [await spki(made.good.certificate)] },
  });
  t.like(changed, { kind: 'changed', reason: 'it shows another key than before' });
  t.false(nginx.log.some((line) => line.includes('never')));
});

web('a pinned authority is believed with a new key below it, and only for the same name', async (t) => {
  const keys = [await spki(join(dir, 'ca.pem'))];
  const pin = { host: `127.0.0.1:${PORT.proved}`, keys };
  t.is((await fetchIt(at(PORT.proved), { pin }, { authorities: [] })).kind, 'content');
  const resolve = async () => ['127.0.0.1'];
  const other = await fetchIt(
    at(PORT.proved, '/x.json', 'other.example'),
    { pin },
    { authorities: [], resolve },
  );
  t.like(other, { kind: 'changed', reason: 'its certificate names another host' });
});

web('an authority sent along that signed nothing proves nothing', async (t) => {
  const elsewhere = scratch('forger');
  const forger = await Authority.create(elsewhere);
  const leaf = await forger.issue({ names: ['localhost', '127.0.0.1'] });
  const forged = join(elsewhere, 'forged.pem');
  // Its authority has the name of ours, so that the chain looks whole.
  writeFileSync(forged, readFileSync(leaf.certificate, 'utf8') + authority.pem);
  const rogue = new Nginx(join(dir, 'rogue'));
  t.teardown(() => rogue.stop());
  await rogue.serve(tls(26_449, { ...leaf, chain: forged }), 26_449);
  const keys = [await spki(join(dir, 'ca.pem'))];
  t.is((await fetchIt(at(26_449), { pin: { host: '127.0.0.1:26449', keys } })).kind, 'changed');
});

web('provisioning.pin has to be there, whoever vouches', async (t) => {
  const wrong = await fetchIt(at(PORT.proved), {}, { requiredPin: await spki(made.self.certificate) });
  t.regex(errorOf(wrong), /provisioning\.pin/);
  t.is(
    (await fetchIt(at(PORT.self), {}, { requiredPin: await spki(made.self.certificate) })).kind,
    'content',
  );
});

web(
  'dates: without a pin they are waited for, with one they do not matter while the time is not known',
  async (t) => {
    const pin = { host: `127.0.0.1:${PORT.future}`, keys: [await spki(join(dir, 'ca.pem'))] };
    const kind = async (question: Partial<Question>, clock: 'known' | 'awaited' | 'absent') => {
      const fetched = await fetchIt(at(PORT.future), question, { clock: () => clock });
      return fetched.kind === 'failed' ? fetched.failure.kind : fetched.kind;
    };
    t.is(await kind({}, 'awaited'), 'no time');
    t.is(await kind({}, 'absent'), 'unproved');
    t.is(await kind({}, 'known'), 'unproved');
    t.is(await kind({ pin }, 'awaited'), 'content');
    t.is(await kind({ pin }, 'known'), 'distrusted');
    const old = await fetchIt(at(PORT.old), { pin: { ...pin, keys: [await spki(made.old.certificate)] } });
    t.is(old.kind, 'content', 'its own key was pinned: it is the same server, whatever the date');
  },
);

web(
  'the domain of the configuration service is asked for and believed in place of the host (RFC 6011)',
  async (t) => {
    const domain = 'service.example';
    const fetched = await fetchIt(at(PORT.names, '/x.json'), { domain });
    t.true(fetched.kind === 'content' && fetched.shown?.proved);
    t.deepEqual(fetched.kind === 'content' && fetched.shown?.keys[0], await spki(made.service.certificate));
  },
);

web('who wants to see our certificate sees it', async (t) => {
  const without = await fetchIt(at(PORT.mutual));
  t.is(without.kind === 'failed' && without.failure.kind, 'status');
  const clientCertificate = {
    certificate: readFileSync(made.client.certificate, 'utf8'),
    key: readFileSync(made.client.key, 'utf8'),
  };
  t.is((await fetchIt(at(PORT.mutual), {}, { clientCertificate })).kind, 'content');
});

const login = { user: 'me', password: 's3cret' };

web('Basic is answered over https, over http only where that is allowed', async (t) => {
  const path = '/basic/x.json';
  t.is((await fetchIt(at(PORT.proved, path), { login })).kind, 'content');
  t.like(await fetchIt(at(PORT.proved, path)), { failure: { status: 401 } });
  t.like(await fetchIt(at(PORT.proved, path), { login: { user: 'me', password: 'wrong' } }), {
    failure: { status: 401 },
  });
  t.like(await fetchIt(http(path), { login }), { failure: { status: 401 } });
  t.false(nginx.log.some((line) => line.startsWith(`${PORT.plain} `) && line.includes('Basic')));
  t.is((await fetchIt(http(path), { login }, { allowHttp: true })).kind, 'content');
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

web('redirections lead home and to who is vouched for, never down to http or round', async (t) => {
  t.is((await fetchIt(at(PORT.proved, '/home'))).kind, 'content');
  t.regex(errorOf(await fetchIt(at(PORT.proved, '/to-http'))), /https to http/);
  t.regex(errorOf(await fetchIt(at(PORT.proved, '/round'))), /circle/);
  t.is((await fetchIt(at(PORT.proved, '/away'))).kind, 'content');
  t.is((await fetchIt(at(PORT.proved, '/to-self'))).kind, 'unproved');
  const pin = { host: `127.0.0.1:${PORT.proved}`, keys: [await spki(made.good.certificate)] };
  const away = await fetchIt(at(PORT.proved, '/to-self'), { pin, firstUse: true });
  t.is(away.kind, 'unproved', 'the word of the pinned server does not make another one believed');
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

web('http that leads to itself by https counts as https from then on', async (t) => {
  const fetched = await fetchIt(http('/up.json'));
  t.false(fetched.kind === 'content' && fetched.upgraded, 'another port is another server');
  t.is(fetched.kind === 'content' && fetched.shown, undefined);
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

web('headers that matter later are told: life, change monitor, Retry-After', async (t) => {
  t.like(await fetchIt(at(PORT.proved, '/link')), { maxAge: 600, monitor: 'sip:watch@pbx.example' });
  t.like(await fetchIt(at(PORT.proved, '/busy')), { failure: { status: 503, retryAfter: 120_000 } });
  t.like(await fetchIt(at(PORT.proved, '/forbidden')), { failure: { status: 403 } });
  t.like(await fetchIt(at(PORT.proved, '/nothing.json')), { kind: 'absent' });
  t.like(await fetchIt(at(PORT.proved, '/large.json')), { failure: { kind: 'unusable' } });
});

web('the log of the server shows no password anywhere but in Authorization', async (t) => {
  t.false(nginx.log.some((line) => line.includes('s3cret')));
});
