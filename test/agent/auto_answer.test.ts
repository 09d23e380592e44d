/** Nobody listens into a room: a call rings until a hand answers, whatever its caller wishes. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { until } from '../support/process.ts';
import { running } from './running_agent.ts';

/** What makes telephones of one maker or another answer by themselves; RFC 5373 among them. */
const WISHES = [
  'Call-Info: <sip:pbx.test>;answer-after=0',
  'Call-Info: <sip:broadworks>; answer-after=0',
  'Alert-Info: <http://pbx.test>;info=alert-autoanswer;delay=0',
  'Alert-Info: info=alert-autoanswer',
  'Alert-Info: Auto Answer',
  'Alert-Info: Ring Answer',
  'Answer-Mode: Auto',
  'Priv-Answer-Mode: Auto;require',
  'P-Auto-Answer: normal',
];

test('a caller that wishes to be answered at once, in any way that telephones know, only rings', async (t) => {
  const { agent, engine } = await running(t, 15_349);
  const caller = createSocket('udp4');
  t.teardown(() => caller.close());
  caller.bind(0, '127.0.0.1');
  await once(caller, 'listening');
  const { port } = caller.address();
  const heard: string[] = [];
  caller.on('message', (octets) => heard.push(octets.toString('latin1').split('\r\n', 1)[0] ?? ''));
  const lines = [
    `INVITE sip:204@127.0.0.1:${agent.port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};rport;branch=z9hG4bKauto`,
    `From: <sip:pbx@127.0.0.1>;tag=1`,
    `To: <sip:204@127.0.0.1>`,
    'Call-ID: auto',
    'CSeq: 1 INVITE',
    `Contact: <sip:pbx@127.0.0.1:${port}>`,
    'Max-Forwards: 70',
    ...WISHES,
    'Content-Length: 0',
  ];
  caller.send(`${lines.join('\r\n')}\r\n\r\n`, agent.port, '127.0.0.1');
  await until('it rings', () => agent.control.front().bell !== null);
  await sleep(1000);
  t.is(agent.control.status().calls.at(-1)?.state, 'ringing');
  t.deepEqual([...new Set(heard)].sort(), ['SIP/2.0 100 Trying', 'SIP/2.0 180 Ringing']);
  const isOpened = engine.commands.some(
    (command) => command.kind === 'connect' && typeof command.to === 'object',
  );
  t.false(isOpened, 'the microphone is led nowhere');
});
