/** Where the settings can be reached from: this machine, or every address. */
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import test from 'ava';
import { startAdmin } from '#web/admin/admin.ts';
import { startWeb } from '#web/server.ts';
import { FakeControl } from '../fake_control.ts';
import { cookie, eventually, get, TOKEN } from '../support.ts';
import { FakeAdmin } from './fake_admin.ts';
import { adminPage, PASSWORD, serve, Visitor } from './support.ts';

const OUTSIDE = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const fromOutside = OUTSIDE === undefined ? test.skip : test;
const title = (text: string) =>
  OUTSIDE === undefined ? `${text} (needs an address besides loopback)` : text;

function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

fromOutside(
  title('until it is claimed a telephone without a screen listens on loopback alone'),
  async (t) => {
    const served = await serve(t, { listen: 'auto' });
    const { admin } = served;
    t.is(admin.scope(), 'loopback');
    t.true(await reaches('127.0.0.1', admin.port));
    t.true(await reaches('::1', admin.port));
    t.false(await reaches(OUTSIDE ?? '', admin.port));
    const visitor = await new Visitor(served).claim(served);
    await eventually(() => admin.scope() === 'everywhere');
    for (const host of ['127.0.0.1', '::1', OUTSIDE ?? '']) t.true(await reaches(host, admin.port), host);
    t.is((await visitor.ask('config')).status, 200, 'who claimed it goes on');
    const there = { headers: { Host: `${OUTSIDE}:${admin.port}` } };
    t.is(
      (await visitor.ask('config', there)).status,
      403,
      'an address of ours that this connection did not reach',
    );
  },
);

fromOutside(title('a telephone with a screen can be claimed from another machine'), async (t) => {
  const { admin } = await serve(t, { listen: 'auto', hasScreen: true });
  t.is(admin.scope(), 'everywhere');
  t.true(await reaches(OUTSIDE ?? '', admin.port));
});

fromOutside(title('with admin.listen: loopback it stays there, claimed and with a screen'), async (t) => {
  const served = await serve(t, { hasScreen: true });
  await new Visitor(served).claim(served);
  t.is(served.admin.scope(), 'loopback');
  t.false(await reaches(OUTSIDE ?? '', served.admin.port));
});

test('who has an owner listens everywhere from the start', async (t) => {
  const first = await serve(t, { listen: 'auto' });
  await new Visitor(first).claim(first);
  await first.close();
  const second = await serve(t, { listen: 'auto', data: first.data });
  t.is(second.admin.scope(), 'everywhere');
});

test('a port that is taken is left to its owner, and the next one is used', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  const { admin } = await serve(t, { port, morePorts: 20 });
  t.true(admin.port > port && admin.port <= port + 20);
  const strict = startAdmin({
    ...{
      control: new FakeAdmin(),
      listen: 'loopback',
      port,
      hasScreen: false,
      data: mkdtempSync(join(tmpdir(), 'dualtone-admin-')),
      name: 'x',
    },
    ...{ pageDir: adminPage(), names: () => ({ dnsNames: [], addresses: [] }), log: () => {} },
  });
  await t.throwsAsync(strict, { code: 'address-in-use', message: /admin\.port/ });
});

test('one host cannot take all connections', async (t) => {
  const { admin } = await serve(t);
  const sockets = Array.from({ length: 24 }, () => {
    const socket = connect({ host: '127.0.0.1', port: admin.port, rejectUnauthorized: false });
    t.teardown(() => socket.destroy());
    return new Promise<boolean>((resolve) => {
      socket.once('secureConnect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
    });
  });
  const open = (await Promise.all(sockets)).filter(Boolean).length;
  t.is(open, 16);
});

test('the handset on loopback shows the settings to who has its token, and they want the PIN as well', async (t) => {
  const { admin, control } = await serve(t);
  const web = await startWeb({
    ...{
      control: new FakeControl(),
      http: { host: '127.0.0.1', port: 0 },
      pageDir: adminPage(),
      token: TOKEN,
    },
    admin: admin.site,
  });
  t.teardown(() => web.close());
  const port = Number(new URL(web.url).port);
  t.is((await get(port, '/admin/')).status, 403, 'without the token');
  t.is((await get(port, '/admin/api/session')).status, 403, 'without the token');
  t.is((await get(port, '/admin/', cookie(port))).status, 200);
  t.is((await get(port, '/admin/api/config', cookie(port))).status, 403);
  const session = JSON.parse((await get(port, '/admin/api/session', cookie(port))).body);
  t.like(session, { claimed: false, in: false, fingerprint: undefined, handset: '/' });
  t.deepEqual(control.shown, []);
});

test('without settings the handset says where they may be', async (t) => {
  const web = await startWeb({
    ...{
      control: new FakeControl(),
      http: { host: '127.0.0.1', port: 0 },
      pageDir: adminPage(),
      token: TOKEN,
    },
  });
  t.teardown(() => web.close());
  const port = Number(new URL(web.url).port);
  for (const path of ['/admin/', '/admin/index.html', '/admin/api/session']) {
    const reply = await get(port, path, cookie(port));
    t.is(reply.status, 404, path);
    t.regex(reply.body, /admin\.listen/);
  }
});

fromOutside(title('over plain HTTP nobody but this machine gets to the settings'), async (t) => {
  const { admin } = await serve(t);
  const web = await startWeb({
    ...{ control: new FakeControl(), http: { host: '0.0.0.0', port: 0 }, pageDir: adminPage(), token: TOKEN },
    admin: admin.site,
  });
  t.teardown(() => web.close());
  const port = Number(new URL(web.url).port);
  const reply = await fetch(`http://${OUTSIDE}:${port}/admin/`, { headers: cookie(port) });
  t.is(reply.status, 404);
  t.regex(await reply.text(), /https:/);
});

test('a telephone that ends lets go of whoever looks on', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const events = visitor.ask('events');
  await eventually(() => served.control.phone.listeners.size === 1);
  await served.close();
  t.regex((await events).body, /event: end/);
  t.is(served.control.phone.listeners.size, 0);
  t.is(await reaches('127.0.0.1', served.admin.port), false);
});

test('who looks on hears what happens, and nothing after the session', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const events = visitor.ask('events');
  await eventually(() => served.control.phone.listeners.size === 1);
  served.control.phone.pass('OPTIONS sip:x SIP/2.0\r\n\r\n');
  served.control.say({ level: 'warn', text: 'line\nwith a break' });
  await visitor.post('logout');
  served.control.say({ level: 'warn', text: 'too late' });
  const { body } = await events;
  t.regex(body, /event: status\ndata: \{.*"extension":"204"/);
  t.regex(body, /event: traces\ndata: \[\{.*OPTIONS sip:x/);
  t.regex(body, /event: lines\ndata: \[\{.*line\\nwith a break/);
  t.notRegex(body, /too late/);
});

test('no more than eight look on at a time', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const streams = Array.from({ length: 8 }, () => visitor.ask('events'));
  await eventually(() => served.control.phone.listeners.size === 8);
  t.is((await visitor.ask('events')).status, 429);
  await visitor.post('password', { before: PASSWORD, password: 'eleven blue umbrellas' });
  await Promise.all(streams);
  t.is(served.control.phone.listeners.size, 0);
});
