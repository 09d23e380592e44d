/** Fetching from real nginx, with certificates that openssl made. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Question } from '#provisioning/fetch/types.ts';
import type { FetchOptions } from '#provisioning/sources/https_fetch.ts';
import { Authority, type Issued, selfSigned } from '../../support/authority.ts';
import { needing } from '../../support/needs.ts';
import { Nginx } from '../../support/nginx.ts';
import { scratch } from '../../support/phone_process.ts';
import { whereIs } from '../../support/programs.ts';

import { errorOf, fetchIt as fetchAlone, login, textOf } from './fetch_stand.ts';

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

/** One list for all: the fetcher keeps what it made of it. */
let list: readonly string[] | undefined;
function trusted(): readonly string[] {
  list ??= [authority?.pem ?? ''].filter((pem) => pem !== '');
  return list;
}

const fetchIt = (url: string, question: Partial<Question> = {}, more: Partial<FetchOptions> = {}) =>
  fetchAlone(url, question, { authorities: trusted(), ...more });

const at = (port: number, path = '/x.json', host = '127.0.0.1') => `https://${host}:${port}${path}`;
const http = (path: string) => `http://127.0.0.1:${PORT.plain}${path}`;

/** RFC 7469 2.4, by another way than the fetcher's. */
async function spki(file: string): Promise<string> {
  const key = new X509Certificate(readFileSync(file)).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(key).digest('base64')}`;
}

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

web('http that leads to itself by https counts as https from then on', async (t) => {
  const fetched = await fetchIt(http('/up.json'));
  t.false(fetched.kind === 'content' && fetched.upgraded, 'another port is another server');
  t.is(fetched.kind === 'content' && fetched.shown, undefined);
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
