/** A telephone and the servers that want to configure it: the right one, a rogue, one that moved, one that replays. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Standing } from '#provisioning/fetch/types.ts';
import {
  Provisioner,
  type ProvisionerEvent,
  type ProvisionerOptions,
  type ProvisioningSettings,
} from '#provisioning/sources/provisioner.ts';
import type { Candidate, Step } from '#provisioning/types.ts';
import { selfSigned } from '../../support/authority.ts';
import { needing } from '../../support/needs.ts';
import { Nginx } from '../../support/nginx.ts';
import { scratch } from '../../support/phone_process.ts';
import { until } from '../../support/process.ts';
import { IDENTITY } from '../identity_here.ts';

const web = needing('nginx', 'openssl');
const FILE = 'dca632010203.json';
let port = 26_500;

/** A server with a key of its own, on a port of its own. */
async function server(t: ExecutionContext, name: string, on = ++port) {
  const dir = scratch(`provisioner-${name}`);
  const nginx = new Nginx(join(dir, 'nginx'));
  t.teardown(async () => {
    await nginx.stop();
    rmSync(dir, { recursive: true });
  });
  const { chain, key } = await selfSigned(join(dir, 'own'), ['pbx.example']);
  const tls = `server { listen 127.0.0.1:${on} ssl; ssl_certificate ${chain}; ssl_certificate_key ${key};
    location /secret/ { auth_basic x; auth_basic_user_file ${dir}/none; } }`;
  await nginx.serve(tls, on);
  return { nginx, tls, port: on, host: `127.0.0.1:${on}`, url: `https://127.0.0.1:${on}/` };
}

const SETTINGS: ProvisioningSettings = { interval: 86_400, allowHttp: false, allowTftp: false, compat: [] };

function telephone(
  t: ExecutionContext,
  settings: Partial<ProvisioningSettings> = {},
  more: Partial<ProvisionerOptions> = {},
) {
  const events: ProvisionerEvent[] = [];
  let count = 0;
  const provisioner = new Provisioner({
    identity: IDENTITY,
    settings: { ...SETTINGS, ...settings },
    random: () => (++count * 0x1234_5678).toString(16).padStart(16, '0'),
    on: (event) => events.push(event),
    ...more,
  });
  t.teardown(() => provisioner.close());
  const of = <K extends ProvisionerEvent['kind']>(kind: K) =>
    events.filter((event): event is Extract<ProvisionerEvent, { kind: K }> => event.kind === kind);
  const comes = async <K extends ProvisionerEvent['kind']>(kind: K, times = 1) => {
    const enough = () => (of(kind).length >= times ? of(kind) : undefined);
    return until(`${kind} ${times}`, enough, 15_000, () => JSON.stringify(events));
  };
  const find = (url: string, step: Step = 'dhcp') => {
    const candidate: Candidate = { step, url, family: 4, from: `${step} on lo`, order: 0 };
    provisioner.candidates([candidate]);
  };
  return { provisioner, events, of, comes, find };
}

const config = (version: string, more: object = {}) => JSON.stringify({ version, name: 'Kitchen', ...more });

web('a factory-new telephone takes what the first server has, and pins it', async (t) => {
  const pbx = await server(t, 'pbx');
  pbx.nginx.put(FILE, config('1'));
  const { provisioner, comes, find } = telephone(t);
  find(pbx.url);
  const [fetched] = await comes('fetched');
  t.like(fetched, { host: pbx.host, version: '1', from: 'dhcp on lo' });
  t.deepEqual(fetched?.layers, [
    { origin: 'server device', from: `${pbx.url}${FILE}`, value: { version: '1', name: 'Kitchen' } },
  ]);
  t.regex(provisioner.pin?.keys[0] ?? '', /^sha256\/[\w+/]{43}=$/);
  t.true(provisioner.isServer('127.0.0.1'));
  t.false(provisioner.isServer('192.0.2.66'));
});

/** Pinned to a server, with version 5 in force. */
async function settled(t: ExecutionContext, settings: Partial<ProvisioningSettings> = {}) {
  const pbx = await server(t, 'pbx');
  pbx.nginx.put(FILE, config('5'));
  const first = telephone(t, settings);
  first.find(pbx.url);
  const [{ standing } = { standing: undefined }] = await first.comes('fetched');
  first.provisioner.close();
  const restart = (kept: Standing | undefined = standing) =>
    telephone(t, settings, kept === undefined ? {} : { standing: kept });
  return { pbx, restart };
}

web('after a restart the server says that nothing is new', async (t) => {
  const { pbx, restart } = await settled(t);
  const { provisioner, comes, of } = restart();
  provisioner.start();
  await comes('unchanged');
  t.regex(pbx.nginx.log.at(-1) ?? '', / 304 /);
  t.is(of('fetched').length, 0);
});

web('a rogue server on the LAN is told of and never asked', async (t) => {
  const { restart } = await settled(t);
  const rogue = await server(t, 'rogue');
  rogue.nginx.put(FILE, config('99', { accounts: [{ user: 'evil', domain: 'evil.example' }] }));
  const { provisioner, comes, of, find } = restart();
  provisioner.start();
  await comes('unchanged');
  find(rogue.url, 'pnp');
  find(rogue.url.replace('https', 'http'), 'pnp');
  const [told] = await comes('server-change');
  t.like(told?.change, { host: rogue.host, from: 'pnp on lo' });
  provisioner.resync();
  await comes('unchanged', 2);
  t.deepEqual(rogue.nginx.log, []);
  t.is(of('fetched').length, 0);
  t.is(of('server-change').length, 1);
});

web('when a key is pressed the telephone moves there', async (t) => {
  const { restart } = await settled(t);
  const next = await server(t, 'next');
  next.nginx.put(FILE, config('1'));
  const { provisioner, comes, find } = restart();
  provisioner.start();
  await comes('unchanged');
  find(next.url, 'dhcp');
  await comes('server-change');
  provisioner.approve(next.host);
  const [fetched] = await comes('fetched');
  t.is(fetched?.host, next.host);
  t.is(provisioner.pin?.host, next.host);
});

web('the same address with another key is refused, told, and not asked for anything', async (t) => {
  const { pbx, restart } = await settled(t);
  await pbx.nginx.stop();
  const rogue = await server(t, 'rogue', pbx.port);
  rogue.nginx.put(FILE, config('99'));
  const { provisioner, comes, of } = restart();
  provisioner.start();
  const [told] = await comes('server-change');
  t.like(told?.change, { host: pbx.host, reason: 'it shows another key than before' });
  await comes('refused');
  await sleep(200);
  t.deepEqual(rogue.nginx.log, []);
  t.is(of('fetched').length, 0);
});

web('an old configuration that is sent again is refused and told', async (t) => {
  const { pbx, restart } = await settled(t);
  pbx.nginx.put(FILE, config('4', { name: 'Cellar' }));
  const { provisioner, comes, of } = restart();
  provisioner.start();
  const [refused] = await comes('refused');
  t.regex(refused?.reason ?? '', /version 4 is older than 5/);
  t.is(of('fetched').length, 0);
  pbx.nginx.put(FILE, config('6', { name: 'Attic!' }));
  provisioner.resync();
  const [fetched] = await comes('fetched');
  t.is(fetched?.version, '6');
});

web('a server that says moveTo is left for its successor', async (t) => {
  const { pbx, restart } = await settled(t);
  const next = await server(t, 'next');
  next.nginx.put(FILE, config('1', { name: 'Moved' }));
  pbx.nginx.put(FILE, config('6', { provisioning: { moveTo: next.url } }));
  const { provisioner, comes } = restart();
  provisioner.start();
  const fetched = await comes('fetched', 2);
  t.deepEqual(
    fetched.map(({ host }) => host),
    [pbx.host, next.host],
  );
  t.is(provisioner.pin?.host, next.host);
});

web("files in other makers' formats are read, common and own together", async (t) => {
  const pbx = await server(t, 'pbx');
  pbx.nginx.put(
    'y000000000000.boot',
    '#!version:1.0.0.1\ninclude:config <common.cfg>\ninclude:config "own.cfg"\n',
  );
  pbx.nginx.put('common.cfg', '#!version:1.0.0.1\naccount.1.sip_server.1.address = pbx.example\n');
  pbx.nginx.put(
    'own.cfg',
    '#!version:1.0.0.1\naccount.1.user_name = 204\naccount.1.password = s3cret\naccount.1.enable = 1\n',
  );
  const { comes, find } = telephone(t, { compat: ['snom', 'yealink'] });
  find(pbx.url);
  const [fetched] = await comes('fetched');
  t.like(fetched?.layers.at(-1)?.value, { accounts: [{ user: '204', domain: 'pbx.example' }] });
});

web('what is no configuration is refused with a line, and a page of HTML is one of that', async (t) => {
  const pbx = await server(t, 'pbx');
  pbx.nginx.put(FILE, '<html><body>log in</body></html>');
  const { comes, of, find } = telephone(t);
  find(pbx.url);
  const [refused] = await comes('refused');
  t.is(of('fetched').length, 0);
  t.true((refused?.reason ?? '').length > 5);
  t.log(refused?.reason);
});

web("the configured server's user and password go to it, and to nobody whom the LAN names", async (t) => {
  const [pbx, rogue] = [await server(t, 'pbx'), await server(t, 'rogue')];
  const authorization = 'if ($http_authorization = "") { return 401; }';
  const guarded = (tls: string) =>
    tls.replace(
      'location /secret/',
      `location = /${FILE} { add_header WWW-Authenticate 'Basic realm="x"' always; ${authorization} } location /secret/`,
    );
  for (const one of [pbx, rogue]) {
    one.nginx.put(FILE, config('1'));
    await one.nginx.serve(guarded(one.tls), one.port);
  }
  const { provisioner, comes, find } = telephone(t, { url: pbx.url, user: 'me', password: 's3cret' });
  find(rogue.url, 'pnp');
  await comes('refused');
  provisioner.start();
  const [fetched] = await comes('fetched');
  t.is(fetched?.host, pbx.host);
  t.true(pbx.nginx.log.some((line) => line.includes('"Basic ')));
  t.false(rogue.nginx.log.some((line) => line.includes('Basic')));
});

web('a password for a server of https is for nobody who has its name by http', async (t) => {
  const rogue = await server(t, 'rogue');
  await rogue.nginx.serve(
    `server { listen 127.0.0.1:${rogue.port}; location / {
       add_header WWW-Authenticate 'Basic realm="x"' always; return 401; } }`,
    rogue.port,
  );
  const login = { user: 'me', password: 's3cret' };
  const { comes, find } = telephone(t, { url: rogue.url, allowHttp: true, ...login });
  find(rogue.url.replace('https', 'http'), 'pnp');
  await comes('refused');
  t.true(rogue.nginx.log.length > 0);
  t.false(rogue.nginx.log.some((line) => line.includes('Basic')));
});

web(
  'the address that the owner gave counts once: where its server sent us, nobody takes its place',
  async (t) => {
    const [first, next] = [await server(t, 'pbx'), await server(t, 'next')];
    first.nginx.put(FILE, config('1', { provisioning: { moveTo: next.url } }));
    next.nginx.put(FILE, config('2'));
    const before = telephone(t, { url: first.url });
    before.provisioner.start();
    const [, { standing } = { standing: undefined }] = await before.comes('fetched', 2);
    t.is(before.provisioner.pin?.host, next.host);
    before.provisioner.resync();
    await before.comes('unchanged');
    before.provisioner.close();
    await first.nginx.stop();
    // Whoever has the old name now, by its DNS or its address.
    const rogue = await server(t, 'rogue', first.port);
    rogue.nginx.put(FILE, config('99'));
    const after = telephone(t, { url: first.url }, standing === undefined ? {} : { standing });
    after.provisioner.start();
    await after.comes('unchanged');
    await sleep(2_500);
    t.deepEqual([after.of('fetched').length, after.provisioner.pin?.host], [0, next.host]);
    t.deepEqual(rogue.nginx.log, []);
    after.provisioner.close();
    // Another address is another word of the owner's.
    const other = telephone(t, { url: `${rogue.url}?` }, standing === undefined ? {} : { standing });
    other.provisioner.start();
    t.like(await other.comes('fetched'), [{ host: rogue.host }]);
  },
);

test('tftp is refused with a reason: it is not allowed, or not near', async (t) => {
  for (const [allowTftp, url, reason] of [
    [false, 'tftp://127.0.0.1/', /tftp is not allowed/],
    [true, 'tftp://8.8.8.8/', /tftp is for servers nearby/],
    [true, 'tftp://127.0.0.1/%00', /names no file/],
  ] as const) {
    const { comes, find } = telephone(t, { allowTftp });
    find(url);
    t.regex((await comes('refused'))[0]?.reason ?? '', reason);
  }
});

test('closed while a question is out, nothing is told any more', async (t) => {
  const { provisioner, events, find } = telephone(t);
  find('https://127.0.0.1:9/x.json');
  provisioner.close();
  await sleep(100);
  t.deepEqual(events, []);
});
