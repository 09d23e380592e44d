/** The registrar's end of a TCP connection dies while nobody talks. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test from 'ava';
import { readMessage } from '#sip/message/message.ts';
import { writeResponse } from '#sip/message/write.ts';
import { until } from '../support/process.ts';
import { running } from './running_agent.ts';

test('an idle registration over TCP is renewed at once when its connection ends', async (t) => {
  const sockets: Socket[] = [];
  let registers = 0;
  const registrar = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (octets) => {
      const message = readMessage(octets);
      if (message?.method !== 'REGISTER') return;
      registers += 1;
      socket.write(writeResponse(message, { status: 200, toTag: 'r', headers: [['Expires', '600']] }).octets);
    });
  });
  registrar.listen(0, '127.0.0.1');
  await once(registrar, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    registrar.close();
  });
  const { port } = registrar.address() as AddressInfo;
  const account = { user: 'alice', domain: '127.0.0.1', port, transport: 'tcp', password: 'x' };
  const { agent } = await running(t, 15_362, { accounts: [account] });
  await until('registered', () => agent.control.status().accounts[0]?.state === 'registered');
  t.is(registers, 1);
  sockets.at(-1)?.resetAndDestroy();
  const began = performance.now();
  await until('a second REGISTER', () => registers === 2);
  t.true(performance.now() - began < 2_000);
});
