/** Connections opened before there is something to send, and asked whether they live. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Flow } from '#sip/types.ts';
import { type Listening, listening, MESSAGE, until } from './support.ts';

/** A server of the test's own, and what connected to it. */
async function served(t: ExecutionContext, met: (socket: Socket) => void = () => {}) {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    t.teardown(() => socket.destroy());
    met(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { sockets, port: (server.address() as AddressInfo).port };
}

async function flowTo(phone: Listening, port: number): Promise<Flow> {
  return phone.door.flowTo('tcp', { family: 4, address: '127.0.0.1', port });
}

test('connect opens a connection, and what is sent then goes over it', async (t) => {
  const [phone, other] = [await listening(t), await listening(t)];
  const flow = await flowTo(phone, other.door.port);
  phone.door.connect(flow, 'first');
  await until(() => phone.connected.length === 1);
  phone.door.connect(flow, 'again');
  await until(() => phone.connected.length === 2);
  phone.door.send(flow, Buffer.from(MESSAGE), 'it');
  await until(() => other.received.length === 1);
  t.deepEqual(phone.connected, ['first', 'again']);
  t.is(other.door.connections, 1);
});

test('a refused connection is an error at once', async (t) => {
  const phone = await listening(t);
  const gone = await listening(t);
  const flow = await flowTo(phone, gone.door.port);
  await gone.door.close();
  const start = performance.now();
  phone.door.connect(flow, 'it');
  await until(() => phone.errors.length === 1);
  t.true(performance.now() - start < 500);
  t.regex(phone.errors[0]?.[1] ?? '', /ECONNREFUSED/);
  t.deepEqual(phone.connected, []);
});

test('over UDP there is nothing to connect or to ping', async (t) => {
  const phone = await listening(t);
  const flow = await phone.door.flowTo('udp', { family: 4, address: '127.0.0.1', port: 9 });
  phone.door.connect(flow, 'connect');
  phone.door.ping(flow, 'ping');
  await until(() => phone.errors.length === 2);
  t.deepEqual(
    phone.errors.map(([ref]) => ref),
    ['connect', 'ping'],
  );
});

test('a connection that is taken back is reset, and nobody is told', async (t) => {
  const phone = await listening(t);
  const { sockets, port } = await served(t, (socket) => socket.resume());
  phone.door.connect(await flowTo(phone, port), 'loser');
  await until(() => phone.connected.length === 1 && sockets.length === 1);
  const [socket] = sockets;
  const reset = socket && once(socket, 'error').catch((error) => [error]);
  phone.door.disconnect('loser');
  t.like((await reset)?.[0], { code: 'ECONNRESET' });
  await until(() => phone.door.connections === 0);
  t.deepEqual(phone.errors, []);
});

test('a connection that is in use, or wanted by another, is not taken back', async (t) => {
  const [phone, other] = [await listening(t), await listening(t)];
  const flow = await flowTo(phone, other.door.port);
  phone.door.connect(flow, 'one');
  phone.door.connect(flow, 'two');
  phone.door.disconnect('one');
  await until(() => phone.connected.length > 0);
  t.deepEqual(phone.connected, ['two']);
  phone.door.send(flow, Buffer.from(MESSAGE), 'it');
  phone.door.disconnect('two');
  await until(() => other.received.length === 1);
  t.is(phone.door.connections, 1);
  t.deepEqual(phone.errors, []);
});

test('a connection that is taken back before it is there is given up', async (t) => {
  const [phone, other] = [await listening(t), await listening(t)];
  phone.door.connect(await flowTo(phone, other.door.port), 'it');
  phone.door.disconnect('it');
  await until(() => phone.door.connections === 0);
  t.deepEqual([...phone.connected, ...phone.errors], []);
});

test('a ping is answered by a pong', async (t) => {
  const [phone, other] = [await listening(t), await listening(t)];
  const flow = await flowTo(phone, other.door.port);
  phone.door.connect(flow, 'connect');
  phone.door.ping(flow, 'early');
  await until(() => phone.pongs.length === 1);
  phone.door.ping(flow, 'late');
  await until(() => phone.pongs.length === 2);
  t.deepEqual(phone.pongs, ['early', 'late']);
  t.deepEqual([phone.errors, other.received], [[], []]);
});

test('a ping opens no connection', async (t) => {
  const [phone, other] = [await listening(t), await listening(t)];
  phone.door.ping(await flowTo(phone, other.door.port), 'it');
  await until(() => phone.errors.length === 1);
  t.deepEqual(phone.errors, [['it', 'the connection is closed']]);
  t.is(phone.door.connections, 0);
});

test('a peer that never answered a ping is reported, and kept', async (t) => {
  const phone = await listening(t, { limits: { pong: 50 } });
  const { port } = await served(t, (socket) => socket.resume());
  const flow = await flowTo(phone, port);
  phone.door.connect(flow, 'connect');
  phone.door.ping(flow, 'it');
  await until(() => phone.errors.length === 1);
  t.deepEqual(phone.errors, [['it', 'no answer to a keep-alive']]);
  t.is(phone.door.connections, 1);
});

test('a peer that answered once and is silent now has failed, and so has what it was sent', async (t) => {
  const phone = await listening(t, { limits: { pong: 50 } });
  const { port } = await served(t, (socket) => socket.once('data', () => socket.write('\r\n')));
  const flow = await flowTo(phone, port);
  phone.door.connect(flow, 'connect');
  phone.door.ping(flow, 'first');
  await until(() => phone.pongs.length === 1);
  phone.door.send(flow, Buffer.from(MESSAGE), 'message');
  phone.door.ping(flow, 'second');
  await until(() => phone.errors.length === 2 && phone.closed.length === 1);
  t.deepEqual(phone.errors.map(([ref]) => ref).sort(), ['message', 'second']);
  t.deepEqual(phone.dropped, ['tcp-no-pong']);
  t.like(phone.closed[0], { transport: 'tcp', remote: flow.remote });
  t.is(phone.door.connections, 0);
});

test('our own keep-alives find out a peer that fell silent', async (t) => {
  const phone = await listening(t, { limits: { keepAlive: 30, pong: 50 } });
  let pings = 0;
  const { port } = await served(t, (socket) =>
    socket.on('data', () => {
      if (++pings === 1) socket.write('\r\n');
    }),
  );
  phone.door.connect(await flowTo(phone, port), 'connect');
  await until(() => phone.closed.length === 1);
  t.true(pings > 1);
});
