/** Connected UDP sockets on loopback: what they hear, and when they are let go. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { loadLibc } from '#net/libc.ts';
import { socketAddress } from '#net/socket_address.ts';
import type { Flow } from '#sip/types.ts';
import { type Listening, listening, MESSAGE, until } from './support.ts';

const ANSWER = 'SIP/2.0 200 OK\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n';
const LOOPBACK = [
  { family: 4, address: '127.0.0.1' },
  { family: 6, address: '::1' },
] as const;

/** A port where nobody listens now. */
async function deadPort(): Promise<number> {
  const socket = createSocket('udp6').bind(0, '::');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Somebody with a bare socket. */
async function somebody(t: ExecutionContext) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.teardown(() => socket.close());
  await once(socket, 'listening');
  return { socket, end: { family: 4, address: '127.0.0.1', port: socket.address().port } as const };
}

const send = (phone: Listening, flow: Flow, ref: string, text = MESSAGE) =>
  phone.door.send(flow, Buffer.from(text), ref);

for (const { family, address } of LOOPBACK) {
  test(`a request to a port where nobody listens fails at once over IPv${family}`, async (t) => {
    const phone = await listening(t);
    const flow = await phone.door.flowTo('udp', { family, address, port: await deadPort() });
    const start = performance.now();
    for (const ref of ['a', 'b']) send(phone, flow, ref);
    await until(() => phone.errors.length === 2);
    t.true(performance.now() - start < 500);
    for (const [, error] of phone.errors) t.regex(error, /ECONNREFUSED/);
    send(phone, flow, 'c');
    await until(() => phone.errors.length === 3);
    t.deepEqual(phone.errors.map(([ref]) => ref).sort(), ['a', 'b', 'c']);
  });
}

test('what came before the last sign of life has nothing to fear from an error', async (t) => {
  const phone = await listening(t);
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const end = { family: 4, address: '127.0.0.1', port: socket.address().port } as const;
  const flow = await phone.door.flowTo('udp', end);
  socket.once('message', (_octets, from) => socket.send(ANSWER, from.port, from.address));
  send(phone, flow, 'answered');
  await until(() => phone.received.length === 1);
  t.is(phone.received[0]?.flow.local.port, phone.door.port);
  await new Promise<void>((resolve) => socket.close(resolve));
  send(phone, flow, 'lost');
  await until(() => phone.errors.length === 1);
  t.deepEqual(
    phone.errors.map(([ref]) => ref),
    ['lost'],
  );
});

test('a peer that restarts from its own port is heard on the same flow', async (t) => {
  const phone = await listening(t);
  const { socket, end } = await somebody(t);
  const flow = await phone.door.flowTo('udp', end);
  send(phone, flow, 'a');
  await once(socket, 'message');
  for (let count = 0; count < 3; count++) socket.send(MESSAGE, phone.door.port, '127.0.0.1');
  await until(() => phone.received.length === 3);
  t.deepEqual(
    phone.received.map(({ flow: by }) => by.remote),
    [end, end, end],
  );
});

test('responses open no sockets', async (t) => {
  const phone = await listening(t);
  const { socket, end } = await somebody(t);
  send(phone, await phone.door.flowTo('udp', end), 'answer', ANSWER);
  await once(socket, 'message');
  t.is(phone.door.udpFlows, 0);
});

test('of too many flows the one that was used least lately makes way', async (t) => {
  const phone = await listening(t, { udpLimits: { flows: 3 } });
  const peers = await Promise.all([1, 2, 3, 4].map(() => somebody(t)));
  const flows = await Promise.all(peers.map(({ end }) => phone.door.flowTo('udp', end)));
  for (const flow of [...flows.slice(0, 3), ...flows.slice(0, 1), ...flows.slice(3)]) send(phone, flow, 'it');
  t.is(phone.door.udpFlows, 3);
  // The second made way; whoever sends from there is heard all the same.
  for (const { socket } of peers) socket.send(MESSAGE, phone.door.port, '127.0.0.1');
  await until(() => phone.received.length === 4);
  t.deepEqual(phone.errors, []);
});

test('idle flows are closed, and nothing is left of them', async (t) => {
  const phone = await listening(t, { udpLimits: { idle: 40 } });
  const { socket, end } = await somebody(t);
  const flow = await phone.door.flowTo('udp', end);
  send(phone, flow, 'a');
  t.is(phone.door.udpFlows, 1);
  await until(() => phone.door.udpFlows === 0);
  socket.send(MESSAGE, phone.door.port, '127.0.0.1');
  await until(() => phone.received.length === 1);
  send(phone, flow, 'b');
  t.is(phone.door.udpFlows, 1);
});

test('an address that is not ours cannot be sent from', async (t) => {
  const phone = await listening(t);
  const { end } = await somebody(t);
  const flow = await phone.door.flowTo('udp', end);
  const from = { ...flow.local, address: '192.0.2.1' };
  send(phone, { ...flow, local: from }, 'it');
  await until(() => phone.errors.length === 1);
  t.regex(phone.errors[0]?.[1] ?? '', /EADDRNOTAVAIL/);
});

/** An address of this machine that is no loopback: what goes there takes the kernel's socket. */
const own = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const lacks =
  own === undefined
    ? 'an IPv4 address besides loopback'
    : (await loadLibc()) === undefined
      ? 'koffi on this system'
      : undefined;
const withKernel = lacks === undefined ? test : test.skip;

withKernel(
  `a thousand datagrams and errors by turns leave the kernel socket as it was${lacks === undefined ? '' : ` (needs ${lacks})`}`,
  async (t) => {
    const phone = await listening(t);
    const socket = createSocket('udp4').bind(0, own);
    t.teardown(() => socket.close());
    await once(socket, 'listening');
    socket.on('message', (octets, from) => socket.send(octets, from.port, from.address));
    const address = own ?? '';
    const alive = await phone.door.flowTo('udp', { family: 4, address, port: socket.address().port });
    const dead = await phone.door.flowTo('udp', { family: 4, address, port: await deadPort() });
    for (let count = 1; count <= 500; count++) {
      send(phone, alive, `alive ${count}`);
      send(phone, dead, `dead ${count}`);
      if (count % 20 === 0) await until(() => phone.received.length >= count && phone.errors.length >= count);
    }
    t.is(phone.received.length, 500);
    t.is(phone.errors.length, 500);
    t.is(new Set(phone.errors.map(([ref]) => ref)).size, 500);
    t.true(phone.errors.every(([ref, error]) => ref.startsWith('dead') && error.includes('ECONNREFUSED')));
  },
);

test('addresses are written as the kernel reads them', (t) => {
  const hex = (address: string) =>
    Buffer.from(socketAddress({ family: address.includes(':') ? 6 : 4, address, port: 5060 }) ?? []).toString(
      'hex',
    );
  t.is(hex('192.0.2.1'), '020013c4c00002010000000000000000');
  t.is(hex('2001:db8::1'), '0a0013c40000000020010db800000000000000000000000100000000');
  t.is(hex('fe80::1%7').slice(-8), '07000000');
  t.is(hex('example.net'), '');
});
