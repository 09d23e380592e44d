/** Who may ring. Everything on loopback is known, so a stranger must come from another address of this host. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { isLoopback } from '#address/ip.ts';
import { ownAddresses } from '#net/watch/addresses.ts';
import { until } from '../support/process.ts';
import { type Running, running } from './running_agent.ts';

const { ipv4, ipv6 } = ownAddresses();
const outward = [...ipv4, ...ipv6].filter((address) => !isLoopback(address));
const [address] = outward;

/** Runs where a stranger can come from. */
function elsewhere(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  if (address === undefined) test.skip(`${title} (needs an address besides loopback)`, body);
  else test(title, body);
}

interface Caller {
  readonly socket: Socket;
  readonly heard: string[];
}

async function caller(t: ExecutionContext, from: string): Promise<Caller> {
  const socket = createSocket(from.includes(':') ? 'udp6' : 'udp4');
  t.teardown(() => socket.close());
  socket.bind(0, from);
  await once(socket, 'listening');
  const heard: string[] = [];
  socket.on('message', (octets) => heard.push(octets.toString('latin1').split('\r\n', 1)[0] ?? ''));
  return { socket, heard };
}

function invite({ socket }: Caller, { agent }: Running, to: string, user: string): void {
  const { address: from, port } = socket.address();
  const host = (text: string) => (text.includes(':') ? `[${text}]` : text);
  const lines = [
    `INVITE sip:${user}@${host(to)}:${agent.port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host(from)}:${port};rport;branch=z9hG4bK${user}${port}`,
    `From: <sip:stranger@${host(from)}>;tag=1`,
    `To: <sip:${user}@${host(to)}>`,
    `Call-ID: ${user}-${port}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:stranger@${host(from)}:${port}>`,
    'Max-Forwards: 70',
    'Content-Length: 0',
  ];
  socket.send(`${lines.join('\r\n')}\r\n\r\n`, agent.port, to);
}

elsewhere('a stranger gets no answer, is counted, and rings nothing', async (t) => {
  const to = address ?? '';
  const phone = await running(t, 15_342);
  const stranger = await caller(t, to);
  invite(stranger, phone, to, '204');
  await until('the stranger is counted', () => phone.agent.control.status().dropped.stranger === 1);
  await sleep(100);
  t.deepEqual(stranger.heard, []);
  t.deepEqual(phone.agent.control.status().calls, []);
  t.is(phone.agent.control.front().bell, null);
});

elsewhere('whoever knows our contact may ring', async (t) => {
  const to = address ?? '';
  const phone = await running(t, 15_343);
  const friend = await caller(t, to);
  invite(friend, phone, to, 'c0ffeec0ffeec0ffee');
  await until('it rings', () => phone.agent.control.front().bell !== null);
  await until('180 is heard', () => friend.heard.some((line) => line.startsWith('SIP/2.0 180')));
  t.pass();
});

elsewhere('an allowed prefix, and with acceptFrom: anyone everybody, may ring', async (t) => {
  const to = address ?? '';
  const policies = [{ allow: [to] }, { acceptFrom: 'anyone' }];
  for (const [index, security] of policies.entries()) {
    const phone = await running(t, 15_344 + index, { security });
    invite(await caller(t, to), phone, to, '204');
    await until('it rings', () => phone.agent.control.front().bell !== null);
  }
  t.pass();
});

test('loopback is known', async (t) => {
  for (const from of ['127.0.0.1', '::1']) {
    const phone = await running(t, from === '::1' ? 15_346 : 15_347);
    const neighbour = await caller(t, from);
    invite(neighbour, phone, from, '204');
    await until('it rings', () => phone.agent.control.front().bell !== null);
    t.is(phone.agent.control.hangUp(), 1);
    await until('486 is heard', () => neighbour.heard.some((line) => line.startsWith('SIP/2.0 4')));
  }
});
