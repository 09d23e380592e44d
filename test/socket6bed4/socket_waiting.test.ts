/** What a socket does as long as there is no address, and where there is nobody who could give one. */
import dgram from 'node:dgram';
import dns from 'node:dns/promises';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { createSocket, openTunnel } from '#socket6bed4/index.ts';
import { ON_LINK, serveOn } from './tunnel_stand.ts';

const ENVIRONMENT = 'SOCKET6BED4_ROUTERS';
const SILENT = { type: 'udp6', routers: ['127.77.43.1:9'], onLink: ON_LINK } as const;

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await turn();
}

test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
test.afterEach.always(() => {
  mock.timers.reset();
  delete process.env[ENVIRONMENT];
});

test.serial('without a router bind and send end with an error that says what to set', async (t) => {
  for (const act of [
    (socket: dgram.Socket) => socket.bind(5060),
    (socket: dgram.Socket) => socket.send('x', 5060, '::1'),
    (socket: dgram.Socket) => socket.connect(5060),
  ]) {
    const socket = createSocket('udp6');
    act(socket);
    const [error] = await once(socket, 'error').catch((why) => [why]);
    t.is(error.code, 'ERR_6BED4_ROUTERS');
    t.regex(error.message, /SOCKET6BED4_ROUTERS.*routers: \['192\.0\.2\.1:25790'\]/);
    socket.close();
  }
  t.throws(() => createSocket('udp6').bindSync(), { code: 'ERR_6BED4_ROUTERS' });
});

test.serial('routers come from the environment, with commas and spaces', async (t) => {
  const router = await serveOn('127.77.43.2');
  process.env[ENVIRONMENT] = ' 127.77.43.1:9 ,,127.77.43.2  ';
  const socket = createSocket({ type: 'udp6', onLink: ON_LINK });
  await once(socket.bind(), 'listening');
  t.regex(socket.address().address, /^fc64:bed:7f4d:2b02:/);
  socket.close();
  router.close();
});

test.serial(
  'nobody answers: an error every 30 s names whom, what was sent is given up, and the search goes on',
  async (t) => {
    const socket = createSocket(SILENT);
    const errors: Error[] = [];
    const told: unknown[] = [];
    socket.on('error', (error) => errors.push(error));
    socket.bind(5060, () => told.push('bound'));
    socket.send('lost', 5060, '::1', (error) => told.push(error));
    await settle();
    mock.timers.tick(29_999);
    t.deepEqual(errors, []);
    mock.timers.tick(1);
    t.like(errors[0], { code: 'ETIMEDOUT' });
    t.regex(errors[0]?.message ?? '', /127\.77\.43\.1:9.*30 s, still trying/);
    await settle();
    mock.timers.tick(30_000);
    t.is(errors.length, 2);
    t.throws(() => socket.bind(), { code: 'ERR_SOCKET_ALREADY_BOUND' });
    socket.close();
    await settle();
    mock.timers.tick(60_000);
    t.is(errors.length, 2);
    t.deepEqual(told, []);
  },
);

test.serial('a router that comes late makes the socket listen all the same', async (t) => {
  const socket = createSocket({ ...SILENT, routers: ['127.77.43.3'] });
  const errors: Error[] = [];
  socket.on('error', (error) => errors.push(error));
  socket.bind(5060);
  await settle();
  mock.timers.tick(30_000);
  t.is(errors.length, 1);
  const router = await serveOn('127.77.43.3');
  const renewed = openTunnel({ routers: ['127.77.43.3'], onLink: ON_LINK });
  renewed.renew();
  await once(socket, 'listening');
  t.is(socket.address().port, 5060);
  renewed.close();
  router.close();
});

test.serial('names that nobody knows are looked up again and named', async (t) => {
  const tunnel = openTunnel({ routers: ['router.invalid'] });
  const late = once(tunnel, 'error').catch((why) => [why]);
  await settle();
  mock.timers.tick(30_000);
  const [error] = await late;
  t.regex(error.message, /DNS has no IPv4 address of the 6bed4 router router\.invalid:25790/);
  tunnel.close();
});

test.serial('names are looked up every 30 s until one of the routers that are wanted serves', async (t) => {
  const lookups = mock.method(dns, 'lookup');
  syncBuiltinESMExports();
  const router = await serveOn('127.77.43.4');
  const tunnel = openTunnel({ routers: ['127.77.43.4'], onLink: ON_LINK });
  const during = async (act: () => void): Promise<number> => {
    const before = lookups.mock.callCount();
    act();
    for (let i = 0; i < 4; i++) {
      await settle();
      mock.timers.tick(30_000);
    }
    return lookups.mock.callCount() - before;
  };
  try {
    await once(tunnel, 'address');
    t.is(await during(() => {}), 0);
    t.is(await during(() => tunnel.renew()), 1);
    t.is(await during(() => tunnel.setRouters(['127.77.43.9', '127.77.43.4'])), 2);
    t.true((await during(() => tunnel.setRouters(['127.77.43.9']))) >= 4);
    t.is(tunnel.router, '127.77.43.4:25790');
    tunnel.close();
    t.is(await during(() => tunnel.renew()), 0);
  } finally {
    mock.restoreAll();
    syncBuiltinESMExports();
    tunnel.close();
    router.close();
  }
});

test.serial('a tunnel to whose errors nobody listens has none', async (t) => {
  const tunnel = openTunnel({ routers: ['127.77.43.1:9'] });
  await settle();
  t.notThrows(() => mock.timers.tick(90_000));
  tunnel.close();
  await once(tunnel, 'close');
  t.is(tunnel.address, undefined);
});

test.serial('bindSync without an address is refused, and leaves the socket to be bound later', async (t) => {
  const router = await serveOn('127.77.43.4');
  const socket = createSocket({ ...SILENT, routers: ['127.77.43.4'] });
  t.throws(() => socket.bindSync(), { code: 'EADDRNOTAVAIL' });
  await once(socket.bind(), 'listening');
  t.pass();
  socket.close();
  router.close();
});

test.serial('close ends the wait, and a socket in a closed tunnel says so', async (t) => {
  const waiting = createSocket(SILENT);
  waiting.bind(() => t.fail());
  await settle();
  waiting.close();
  await once(waiting, 'close');

  const tunnel = openTunnel(SILENT);
  const inside = tunnel.createSocket();
  inside.bind();
  const never = tunnel.createSocket();
  tunnel.close();
  await once(inside, 'close');
  never.bind();
  const [error] = await once(never, 'error').catch((why) => [why]);
  t.is(error.code, 'ENETDOWN');
  never.close();
});

test.serial('while no IPv4 socket is to be had, bind fails and may be tried again', async (t) => {
  const { bind } = dgram.Socket.prototype;
  const full = mock.method(
    dgram.Socket.prototype,
    'bind',
    function (this: dgram.Socket, ...args: [dgram.BindOptions]) {
      if (Reflect.get(this, 'type') === 'udp6') return bind.apply(this, args);
      return this.emit('error', Object.assign(new Error('full'), { code: 'EMFILE' }));
    },
  );
  const socket = createSocket({ ...SILENT, keepAlive: 12_345 });
  socket.bind(5060);
  const [error] = await once(socket, 'error').catch((why) => [why]);
  t.is(error.code, 'EMFILE');
  full.mock.restore();
  t.notThrows(() => socket.bind(5060));
  socket.close();
});

test.serial('an unreferenced socket does not keep the process, a referenced one does', async (t) => {
  const router = await serveOn('127.77.43.5');
  const tunnel = openTunnel({ routers: ['127.77.43.5'], onLink: ON_LINK }).unref();
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
  const socket = tunnel.createSocket();
  await once(socket.bind(), 'listening');
  const kept = sockets();
  socket.unref();
  t.is(sockets(), kept - 1);
  socket.ref();
  t.is(sockets(), kept);
  socket.close();
  t.is(sockets(), kept - 1);
  tunnel.close();
  router.close();
});

test.serial('what is no udp6 is left to node:dgram', (t) => {
  const socket = createSocket('udp4');
  t.is(Object.getPrototypeOf(socket), dgram.Socket.prototype);
  socket.close();
  t.throws(() => createSocket('udp5' as 'udp4'), { code: 'ERR_SOCKET_BAD_TYPE' });
  t.throws(() => createSocket(undefined as never), { code: 'ERR_SOCKET_BAD_TYPE' });
});
