/** The settings follow another configuration while the telephone runs, and take who is logged in along. */
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:tls';
import test from 'ava';
import { freePort } from '#net/free_port.ts';
import { SessionCookie } from '#web/admin/cookies.ts';
import { goneFrom } from '../../../firmware/web/page/admin/moved.ts';
import { eventually } from '../support.ts';
import { serve, Visitor } from './support.ts';

const OUTSIDE = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const fromOutside = OUTSIDE === undefined ? test.skip : test;
const title = (text: string) =>
  OUTSIDE === undefined ? `${text} (needs an address besides loopback)` : text;

/** Until it is closed; false: it was refused. */
function connected(host: string, port: number): Promise<{ readonly closed: Promise<void> } | false> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => resolve({ closed }));
    const closed = new Promise<void>((ended) => socket.on('close', () => ended()));
    socket.on('error', () => resolve(false));
  });
}

test('at another port the session goes on, and the former one is closed', async (t) => {
  const served = await serve(t);
  const { admin } = served;
  const former = admin.port;
  const visitor = await new Visitor(served).claim(served);
  const cookie = visitor.cookie;
  const port = await freePort({ family: 4, address: '127.0.0.1' });
  await admin.follow({ listen: 'loopback', port });
  t.is(admin.port, port);
  t.is(admin.url, `https://localhost:${port}/`);
  t.is(await connected('127.0.0.1', former), false);
  visitor.go(port);
  t.is((await visitor.ask('config')).status, 200);
  t.regex(visitor.cookie, new RegExp(`^__Host-dualtone-admin-${port}=`), 'and has the name of the new port');
  t.is(visitor.cookie.split('=')[1], cookie.split('=')[1]);
  t.is((await visitor.post('alive')).status, 200);
  t.is((await visitor.post('logout')).status, 200);
  visitor.cookie = cookie;
  t.is((await visitor.ask('config')).status, 403, 'who has logged out is out with the former cookie too');
});

test('the event that tells of the move comes before the connection ends', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  let told = '';
  const socket = connect({ host: '127.0.0.1', port: served.admin.port, rejectUnauthorized: false });
  t.teardown(() => socket.destroy());
  socket.on('data', (text: Buffer) => {
    told += text.toString();
  });
  socket.write(
    `GET /admin/api/events HTTP/1.1\r\nHost: 127.0.0.1:${served.admin.port}\r\nCookie: ${visitor.cookie}\r\n\r\n`,
  );
  await eventually(() => told.includes('event: status'));
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const port = await freePort({ family: 4, address: '127.0.0.1' });
  await served.admin.follow({ listen: 'loopback', port });
  await ended;
  t.true(told.includes(`event: moved\ndata: {"port":${port},"scope":"loopback"}`));
});

test('a port that is taken is not had: the page stays where it is, and the reason says what to do', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  const served = await serve(t);
  const former = served.admin.port;
  await t.throwsAsync(served.admin.follow({ listen: 'loopback', port }), { message: /in use.*admin\.port/ });
  t.is(served.admin.port, former);
  t.is((await new Visitor(served).ask('session')).status, 200);
});

test('who did not get the port that is wanted does not move for a configuration that says the same', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const { admin } = await serve(t, { port, morePorts: 20 });
  const own = admin.port;
  await new Promise((resolve) => taken.close(resolve));
  await admin.follow({ listen: 'loopback', port });
  t.is(admin.port, own);
});

fromOutside(title('with listen: loopback it draws back, and those from elsewhere are let go'), async (t) => {
  const served = await serve(t, { listen: 'auto' });
  const { admin } = served;
  const visitor = await new Visitor(served).claim(served);
  await eventually(() => admin.scope() === 'everywhere');
  const far = await connected(OUTSIDE ?? '', admin.port);
  t.truthy(far);
  await admin.follow({ listen: 'loopback', port: admin.port });
  t.is(admin.scope(), 'loopback');
  t.is(await connected(OUTSIDE ?? '', admin.port), false);
  if (far !== false) await far.closed;
  t.is((await visitor.ask('config')).status, 200);
  await admin.follow({ listen: 'auto', port: admin.port });
  t.is(admin.scope(), 'everywhere');
  t.truthy(await connected(OUTSIDE ?? '', admin.port));
});

test('switched off it tells whoever looks on, and is gone', async (t) => {
  const served = await serve(t);
  const visitor = await new Visitor(served).claim(served);
  const events = visitor.ask('events');
  await eventually(() => served.control.phone.listeners.size === 1);
  await served.admin.retire();
  t.regex((await events).body, /event: moved\ndata: null\n\nevent: end/);
  t.is(await connected('127.0.0.1', served.admin.port), false);
});

test('a cookie of a former port is good until there is one of this port; those of other ports never are', (t) => {
  const cookie = new SessionCookie(3, true, [1, 2, 3]);
  const asked = (text: string) => ({ headers: { cookie: text } }) as Parameters<SessionCookie['tokenOf']>[0];
  const [one, two, three] = [1, 2, 3].map((port) => `__Host-dualtone-admin-${port}=t${port}`);
  t.is(cookie.tokenOf(asked(`${one}; ${two}`)), 't2', 'the last one');
  t.is(cookie.tokenOf(asked(`${one}; ${three}`)), 't3');
  t.is(cookie.formerOf(asked(`${one}; ${three}`)), undefined);
  t.is(cookie.tokenOf(asked('__Host-dualtone-admin-4=t4; dualtone-admin-1=t1')), undefined);
});

for (const [here, where, gone] of [
  [
    'https://phone.test:8443/admin/#config',
    { port: 9443, scope: 'everywhere' },
    'https://phone.test:9443/admin/#config',
  ],
  ['https://phone.test/admin/', { port: 443, scope: 'everywhere' }, undefined],
  [
    'https://phone.test:8443/admin/',
    { port: 8443, scope: 'loopback' },
    'only for the machine of the phone itself',
  ],
  ['https://[::1]:8443/admin/', { port: 8443, scope: 'loopback' }, undefined],
  ['https://localhost:8443/admin/', { port: 443, scope: 'loopback' }, 'https://localhost/admin/'],
  ['http://localhost:8080/admin/', { port: 9443, scope: 'everywhere' }, undefined],
  ['http://localhost:8080/admin/', null, 'switched off'],
] as const) {
  test(`a page at ${here} that hears ${JSON.stringify(where)} ${gone === undefined ? 'stays' : `says ${gone}`}`, (t) => {
    const { why = '', url } = goneFrom(new URL(here), where) ?? {};
    if (gone === undefined) t.is(why, '');
    else t.true(url === gone || why.includes(gone), `${why} ${url}`);
  });
}
