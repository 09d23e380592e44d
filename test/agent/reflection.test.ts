/** What proxies wrote comes back octet for octet from the running agent, over every transport and family. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { StreamFramer } from '#sip/message/framing.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { HARD_ROUTES, HARD_VIAS, octetsOf, SEED_ROUTES, SEED_VIAS } from '../sip/vectors.ts';
import { running } from './running_agent.ts';

interface Way {
  readonly transport: 'udp' | 'tcp';
  readonly host: '127.0.0.1' | '::1';
  readonly port: number;
}

const WAYS: readonly Way[] = [
  { transport: 'udp', host: '127.0.0.1', port: 15_356 },
  { transport: 'udp', host: '::1', port: 15_357 },
  { transport: 'tcp', host: '127.0.0.1', port: 15_358 },
  { transport: 'tcp', host: '::1', port: 15_359 },
];

/** The agent's other end on a real socket; the test writes every message. */
class Neighbour {
  readonly #write: (octets: Uint8Array) => void;
  readonly #heard: SipMessage[] = [];
  #news = () => {};
  /** Our host and port as they stand in a Via or URI. */
  readonly sentBy: string;

  constructor(sentBy: string, write: (octets: Uint8Array) => void) {
    this.sentBy = sentBy;
    this.#write = write;
  }

  say(...lines: readonly string[]): void {
    this.#write(octetsOf(...lines));
  }

  hear(octets: Uint8Array): void {
    const message = readMessage(octets);
    if (message !== undefined) this.#heard.push(message);
    this.#news();
  }

  /** The first message for which `fits`, heard already or to come; ava's timeout ends a vain wait. */
  async next(fits: (message: SipMessage) => boolean): Promise<SipMessage> {
    for (;;) {
      const found = this.#heard.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
    }
  }
}

async function neighbour(t: ExecutionContext, { transport, host }: Way, port: number): Promise<Neighbour> {
  const sentBy = (own: number) => `${host === '::1' ? '[::1]' : host}:${own}`;
  if (transport === 'udp') {
    const socket = createSocket(host === '::1' ? 'udp6' : 'udp4').bind(0, host);
    t.teardown(() => socket.close());
    await once(socket, 'listening');
    const one = new Neighbour(sentBy(socket.address().port), (octets) => socket.send(octets, port, host));
    socket.on('message', (octets) => one.hear(octets));
    return one;
  }
  const socket = connect(port, host).setNoDelay(true);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  const framer = new StreamFramer();
  const one = new Neighbour(sentBy(socket.localPort ?? 0), (octets) => socket.write(octets));
  socket.on('data', (chunk) => {
    for (const framed of framer.push(chunk)) if (framed !== 'ping') one.hear(framed);
  });
  return one;
}

interface Call {
  readonly id: string;
  readonly vias: readonly string[];
  readonly routes: readonly string[];
}

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 18990 RTP/AVP 8\r\n';

function request(one: Neighbour, method: string, { id, vias, routes }: Call, toTag?: string): void {
  const body = method === 'INVITE' ? SDP : '';
  one.say(
    `${method} sip:204@127.0.0.1 SIP/2.0`,
    ...(method === 'INVITE' ? vias : vias.slice(0, 1)),
    ...(method === 'INVITE' ? routes : []),
    'Max-Forwards: 66',
    'From: Alice <sip:alice@example.net>;tag=9fxced76sl',
    `To: Bob <sip:bob@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${id}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:alice@${one.sentBy}>`,
    'Content-Type: application/sdp',
    `Content-Length: ${body.length}`,
    '',
    body,
  );
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');
const statusOf = (id: string, method: string, least: number) => (message: SipMessage) =>
  message.callId === id && message.method === method && message.status >= least;

/** Lets it ring, compares, cancels, compares again. */
async function reflected(t: ExecutionContext, one: Neighbour, call: Call): Promise<void> {
  const lower = text(call.vias.slice(1));
  const below = (message: SipMessage) => message.lines('via').replace(/^[^\r]*\r\n/, '');
  request(one, 'INVITE', call);
  const ringing = await one.next(statusOf(call.id, 'INVITE', 180));
  t.is(ringing.status, 180, call.id);
  t.is(below(ringing), lower);
  t.is(ringing.lines('record-route'), text(call.routes));
  request(one, 'CANCEL', call);
  const refused = await one.next(statusOf(call.id, 'INVITE', 200));
  t.is(refused.status, 487, call.id);
  t.is(below(refused), lower);
  request(one, 'ACK', call, refused.toTag);
}

for (const way of WAYS) {
  test(`over ${way.transport} and ${way.host}`, async (t) => {
    const { agent } = await running(t, way.port);
    const one = await neighbour(t, way, agent.port);
    const own = (id: string) =>
      `Via: SIP/2.0/${way.transport.toUpperCase()} ${one.sentBy};branch=z9hG4bK${id};rport`;
    // Over UDP the answer to a top Via without rport goes to port 5060 of its source, which is not ours.
    const reversed = SEED_VIAS.toReversed();
    const calls: readonly Call[] = [
      { id: 'as-printed', vias: SEED_VIAS, routes: SEED_ROUTES },
      {
        id: 'as-on-the-wire',
        vias: way.transport === 'udp' ? [own('wire'), ...reversed] : reversed,
        routes: SEED_ROUTES.toReversed(),
      },
      ...HARD_VIAS.map((via, i) => ({ id: `via-${i}`, vias: [own(`v${i}`), via], routes: [] })),
      ...HARD_ROUTES.map((route, i) => ({
        id: `route-${i}`,
        vias: [own(`r${i}`)],
        routes: [SEED_ROUTES[0], route],
      })),
      { id: 'all', vias: [own('all'), ...HARD_VIAS, ...SEED_VIAS], routes: [...HARD_ROUTES, ...SEED_ROUTES] },
    ];
    for (const call of calls) await reflected(t, one, call);
    t.false(agent.control.metrics().includes('dualtone_faults_total'));
  });

  test(`over ${way.transport} and ${way.host} a later request takes the same route set`, async (t) => {
    const { agent } = await running(t, way.port + 4);
    const one = await neighbour(t, way, agent.port);
    const via = `Via: SIP/2.0/${way.transport.toUpperCase()} ${one.sentBy};branch=z9hG4bKlater;rport`;
    const transport = way.transport === 'tcp' ? ';transport=tcp' : '';
    const ours = `Record-Route: <sip:${one.sentBy}${transport};lr>`;
    const call: Call = { id: 'later', vias: [via, ...SEED_VIAS], routes: [ours, ...SEED_ROUTES] };
    request(one, 'INVITE', call);
    await one.next(statusOf('later', 'INVITE', 180));
    agent.control.answer();
    const answer = await one.next(statusOf('later', 'INVITE', 200));
    t.is(answer.lines('record-route'), text(call.routes));
    request(one, 'ACK', { ...call, vias: [via.replace('later', 'ack')] }, answer.toTag);
    agent.control.hangUp();
    const bye = await one.next(({ kind, method }) => kind === 'request' && method === 'BYE');
    t.deepEqual(
      bye.fields('route'),
      call.routes.map((line) => line.slice('Record-Route: '.length)),
    );
    t.is(bye.uri, `sip:alice@${one.sentBy}`);
    one.say(
      'SIP/2.0 200 OK',
      ...['via', 'from', 'to', 'call-id', 'cseq'].map((name) => bye.lines(name).trimEnd()),
    );
    await agent.stop();
  });
}
