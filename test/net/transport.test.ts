import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import type { Endpoint } from '#address/endpoint.ts';
import { Transport } from '#net/transport.ts';
import { dial, listening, MESSAGE, until } from './support.ts';

const LOOPBACK = [
  { family: 4, address: '127.0.0.1' },
  { family: 6, address: '::1' },
] as const;

for (const { family, address } of LOOPBACK) {
  for (const transport of ['udp', 'tcp'] as const) {
    test(`a message goes from one to the other over ${transport} and IPv${family}, and the answer back`, async (t) => {
      const [one, other] = [await listening(t), await listening(t)];
      const remote: Endpoint = { family, address, port: other.door.port };
      const flow = await one.door.flowTo(transport, remote);
      t.deepEqual(flow.local, { family, address, port: one.door.port });
      one.door.send(flow, Buffer.from(MESSAGE), 'there');
      await until(() => other.received.length === 1);
      const [arrived] = other.received;
      t.is(arrived?.text, MESSAGE);
      t.deepEqual(arrived?.flow.local, remote);
      if (arrived) other.door.send(arrived.flow, Buffer.from(MESSAGE), 'back');
      await until(() => one.received.length === 1);
      t.is(one.received[0]?.flow.transport, transport);
      t.deepEqual([...one.errors, ...other.errors], []);
    });
  }
}

test('requests to one remote end share one connection, also the one that it opened', async (t) => {
  const [one, other] = [await listening(t), await listening(t)];
  const flow = await one.door.flowTo('tcp', { family: 4, address: '127.0.0.1', port: other.door.port });
  for (const ref of ['a', 'b', 'c']) one.door.send(flow, Buffer.from(MESSAGE), ref);
  await until(() => other.received.length === 3);
  t.is(other.door.connections, 1);
  const [arrived] = other.received;
  if (!arrived) throw new Error('nothing came');
  const { connection: _, ...anew } = arrived.flow;
  other.door.send(anew, Buffer.from(MESSAGE), 'd');
  await until(() => one.received.length === 1);
  t.is(one.door.connections, 1);
});

test('a refused connection is an error of every message that waited for it', async (t) => {
  const one = await listening(t);
  const taken = await listening(t);
  const { port } = taken.door;
  await taken.door.close();
  const flow = await one.door.flowTo('tcp', { family: 6, address: '::1', port });
  one.door.send(flow, Buffer.from(MESSAGE), 'a');
  one.door.send(flow, Buffer.from(MESSAGE), 'b');
  await until(() => one.errors.length === 2);
  t.deepEqual(
    one.errors.map(([ref]) => ref),
    ['a', 'b'],
  );
  t.regex(one.errors[0]?.[1] ?? '', /ECONNREFUSED/);
});

/** Listens with a queue of one and never accepts: once the queue is full the kernel is silent, as a dead host is. */
const DEAF = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

test('a connection that nobody answers is given up', async (t) => {
  const deaf = new Worker(DEAF, { eval: true });
  t.teardown(() => deaf.terminate());
  const [port] = await once(deaf, 'message');
  const queued = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  t.teardown(() => queued.map((socket) => socket.destroy()));
  await once(queued[0] ?? deaf, 'connect');
  const one = await listening(t, { limits: { connect: 100 } });
  const flow = await one.door.flowTo('tcp', { family: 4, address: '127.0.0.1', port });
  one.door.send(flow, Buffer.from(MESSAGE), 'a');
  await until(() => one.errors.length === 1);
  t.is(one.errors[0]?.[0], 'a');
  t.regex(one.errors[0]?.[1] ?? '', /no answer to connect/);
  t.deepEqual(one.dropped, ['tcp-no-connect']);
});

test('an answer for a connection that is gone fails with its ref', async (t) => {
  const other = await listening(t);
  const socket = await dial(t, other);
  socket.write(MESSAGE);
  await until(() => other.received.length === 1);
  socket.destroy();
  await until(() => other.door.connections === 0);
  const [arrived] = other.received;
  if (arrived) other.door.send(arrived.flow, Buffer.from(MESSAGE), 'late');
  await until(() => other.errors.length === 1);
  t.is(other.errors[0]?.[0], 'late');
});

test('a reset tells of every message that was not answered', async (t) => {
  const one = await listening(t);
  const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy())).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const flow = await one.door.flowTo('tcp', { family: 4, address: '127.0.0.1', port });
  one.door.send(flow, Buffer.from(MESSAGE), 'a');
  await until(() => one.errors.length === 1);
  t.is(one.errors[0]?.[0], 'a');
  t.is(one.door.connections, 0);
});

test('what cannot be sent fails with its ref and never throws', async (t) => {
  const one = await listening(t);
  const flow = await one.door.flowTo('udp', { family: 4, address: '127.0.0.1', port: 9 });
  const to = (address: string) => ({ ...flow, remote: { family: 6 as const, address, port: 9 } });
  one.door.send({ ...flow, transport: 'tls' }, Buffer.from(MESSAGE), 'tls');
  one.door.send(to('2001:0:53aa:64c::1'), Buffer.from(MESSAGE), 'teredo');
  one.door.send(to('example.net'), Buffer.from(MESSAGE), 'name');
  one.door.send(flow, Buffer.alloc(70_000), 'large');
  await until(() => one.errors.length === 4);
  t.deepEqual(one.errors.map(([ref]) => ref).sort(), ['large', 'name', 'teredo', 'tls']);
});

test('a flow to where no route leads is refused', async (t) => {
  const one = await listening(t);
  const remote: Endpoint = { family: 4, address: '255.255.255.255', port: 5060 };
  await t.throwsAsync(one.door.flowTo('udp', remote), { message: /no route/ });
});

test('keep-alives over UDP are not messages', async (t) => {
  const one = await listening(t);
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  for (const keepAlive of ['\r\n\r\n', '\0\0\0\0', MESSAGE])
    socket.send(keepAlive, one.door.port, '127.0.0.1');
  await until(() => one.received.length === 1);
  t.deepEqual(one.dropped, ['udp-too-short', 'udp-too-short']);
});

test('datagrams of one peer keep their order while its way back is looked up', async (t) => {
  const one = await listening(t);
  const socket = createSocket('udp6');
  t.teardown(() => socket.close());
  for (let i = 0; i < 20; i++) socket.send(`${MESSAGE}${i}`, one.door.port, '::1');
  await until(() => one.received.length === 20);
  t.deepEqual(
    one.received.map(({ text }) => Number(text.slice(MESSAGE.length))),
    Array.from({ length: 20 }, (_, index) => index),
  );
});

const QUIET = { message() {}, error() {}, dropped() {} };

test('a configured port that is busy is an error that says so', async (t) => {
  const one = await listening(t);
  await t.throwsAsync(Transport.open({ port: one.door.port }, QUIET), {
    message: new RegExp(`port ${one.door.port} is in use.*net\\.sipPort`),
  });
});

test('a busy default port gives way to a free one', async (t) => {
  const holder = createSocket('udp4');
  t.teardown(() => holder.close());
  // Whoever holds it, we or a phone that runs already.
  await new Promise<void>((resolve) => {
    holder.once('error', () => resolve());
    holder.bind(5060, () => resolve());
  });
  const transport = await Transport.open({ port: 5060 }, QUIET);
  t.teardown(() => transport.close());
  t.not(transport.port, 5060);
  t.deepEqual(transport.families, [4, 6]);
});

test('after close no socket is left', async (t) => {
  const [one, other] = [await listening(t), await listening(t)];
  const flow = await one.door.flowTo('tcp', { family: 4, address: '127.0.0.1', port: other.door.port });
  one.door.send(flow, Buffer.from(MESSAGE), 'last');
  await one.door.close();
  await until(() => other.received.length === 1);
  t.is(one.door.connections, 0);
  one.door.send(flow, Buffer.from(MESSAGE), 'too late');
  await until(() => one.errors.length === 1);
  t.is(one.errors[0]?.[0], 'too late');
  const again = await Transport.open({ port: one.door.port }, QUIET);
  await again.close();
});
