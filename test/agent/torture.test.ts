/** Every torture message over a real socket: the answer that its manifest allows, or silence, and the agent lives. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { TraceEntry } from '#phone/types.ts';
import { readMessage } from '#sip/message/message.ts';
import { TORTURE, type TortureMessage } from '../sip/vectors.ts';
import { until } from '../support/process.ts';
import { type Running, running } from './running_agent.ts';

const PORTS = { udp: 15_340, tcp: 15_341 } as const;

type Send = (octets: Uint8Array) => Promise<void>;

async function overUdp(t: ExecutionContext, port: number): Promise<Send> {
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  return async (octets) => void socket.send(octets, port, '127.0.0.1');
}

/** A connection for each message: some of them end it. */
async function overTcp(t: ExecutionContext, port: number): Promise<Send> {
  return async (octets) => {
    const socket = connect(port, '::1').on('error', () => {});
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    socket.resume().write(octets);
  };
}

/** Statuses above 100 with which the agent answered this message, the `from`-th of the trace. */
function statuses({ agent }: Running, octets: Uint8Array, from: number): readonly number[] {
  const asked = readMessage(octets);
  return agent.control
    .trace()
    .slice(from)
    .filter(({ direction }) => direction === 'out')
    .flatMap(({ text }) => readMessage(Buffer.from(text, 'latin1')) ?? [])
    .filter(({ callId, cseq }) => callId === asked?.callId && cseq?.method === asked?.cseq?.method)
    .flatMap(({ status }) => (status > 100 ? [status] : []));
}

let probes = 0;

/** An OPTIONS that must be answered: what was sent before it has been handled then. */
async function probe(agent: Running, send: Send): Promise<void> {
  const id = `probe-${++probes}`;
  const lines = [
    'OPTIONS sip:x@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK${id}`,
    'From: <sip:probe@127.0.0.1>;tag=1',
    'To: <sip:x@127.0.0.1>',
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  await send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  const alive = (entry: TraceEntry) => entry.direction === 'out' && entry.text.includes(`Call-ID: ${id}\r\n`);
  const found = await until('the agent answers', () => agent.agent.control.trace().find(alive));
  if (!found.text.startsWith('SIP/2.0 200')) throw new Error(found.text);
}

/** One has a Content-Length that is a mistake of the archive. */
const MESSAGES = TORTURE.map((message) => {
  if (message.name !== 'ipv6-in-sdp') return message;
  const text = message.octets.toString('latin1').replace('Content-Length: 268', 'Content-Length: 251');
  return { ...message, octets: Buffer.from(text, 'latin1') };
});

/** 405: we are no registrar and take no MESSAGE. */
function isRight({ kind, parser, statuses }: TortureMessage, status: number): boolean {
  if (kind === 'response') return false;
  if (parser === 'accept') return (status !== 400 || statuses.includes(400)) && status !== 500;
  const right = statuses.length > 0 ? statuses : [400];
  return right.includes(status) || status === 405 || (parser === 'may' && status < 500);
}

for (const [transport, open] of [
  ['udp', overUdp],
  ['tcp', overTcp],
] as const) {
  test(`torture messages over ${transport}`, async (t) => {
    const phone = await running(t, PORTS[transport]);
    const { control } = phone.agent;
    const send = await open(t, phone.agent.port);
    let answered = 0;
    for (const message of MESSAGES) {
      const from = control.trace().length;
      await send(message.octets);
      if (transport === 'tcp') await sleep(5);
      await probe(phone, send);
      const found = statuses(phone, message.octets, from);
      if (found.length > 0) answered++;
      for (const status of found) t.true(isRight(message, status), `${message.name}: ${status}`);
      control.hangUp();
    }
    t.true(answered > MESSAGES.length * 0.6, `${answered} of ${MESSAGES.length} answered`);
    t.deepEqual(
      phone.log.filter((line) => line.startsWith('error')),
      [],
    );
    t.false(control.metrics().includes('dualtone_faults_total'));
  });
}
