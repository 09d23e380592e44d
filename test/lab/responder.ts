/**
 * node responder.ts BEHAVIOUR LOG PORT CERTIFICATE KEY ADDRESS…: a SIP server without state that answers at once, the same request
 * always in the same way, and writes down every request it gets. It registers anybody, takes every call. What it
 * refuses and ignores stands in the file BEHAVIOUR, read anew at each request.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { StreamFramer } from '#sip/message/framing.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { type HeaderLine, type ResponseParts, writeResponse } from '#sip/message/write.ts';
import { bracketed, familyOf } from './addressing.ts';
import type { Behaviour, Heard } from './sip_server.ts';
import { VOICE_PORT, Voice } from './voice.ts';

const [behaviourFile = '', logFile = '', port = '5060', certificate = '', key = '', ...addresses] =
  process.argv.slice(2);
/** One above the others; served where there is a certificate. */
const TLS_PORT = Number(port) + 1;
const CRLF = Buffer.from('\r\n');
let voice: Voice | undefined;

interface Way {
  readonly transport: Heard['transport'];
  /** Ours. */
  readonly local: string;
  readonly remote: string;
  readonly remotePort: number;
  readonly send: (octets: Uint8Array) => void;
}

function serve(octets: Uint8Array, way: Way): void {
  const request = readMessage(octets);
  if (request === undefined || request.kind === 'response') return;
  log(request, way);
  const behaviour: Behaviour = JSON.parse(readFileSync(behaviourFile, 'utf8'));
  if (request.method === 'ACK' || behaviour.ignore?.includes(request.method)) return;
  if (behaviour.speaks) sound(request);
  for (const parts of responsesTo(request, way, behaviour)) {
    const topVia = { received: way.remote, rport: way.remotePort };
    way.send(writeResponse(request, { ...parts, topVia, toTag: toTagOf(request) }).octets);
  }
}

function sound(request: SipMessage): void {
  voice ??= new Voice(addresses);
  if (request.method === 'INVITE') voice.speak(request.callId, request.bodyText);
  if (request.method === 'BYE') voice.hush(request.callId);
}

function responsesTo(request: SipMessage, way: Way, behaviour: Behaviour): readonly ResponseParts[] {
  if (behaviour.refuse?.includes(way.remote) && request.toTag === undefined) return [{ status: 503 }];
  const at = way.transport === 'tls' ? TLS_PORT : port;
  const own = `<sip:responder@${bracketed(way.local)}:${at};transport=${way.transport}>`;
  switch (request.method) {
    case 'REGISTER':
      return [
        {
          status: 200,
          headers: [['Contact', `${request.first('contact') ?? ''};expires=${behaviour.grants ?? 3600}`]],
        },
      ];
    case 'INVITE':
      return request.toTag === undefined ? taking(way, own, behaviour) : [answer(way, own, behaviour)];
    default:
      return [{ status: 200, headers: [['Contact', own]] }];
  }
}

function taking(way: Way, own: string, behaviour: Behaviour): readonly ResponseParts[] {
  const { redirect } = behaviour;
  if (redirect !== undefined) return [{ status: 302, headers: [['Contact', redirect]] }];
  const final = answer(way, own, behaviour);
  return [{ status: 180, headers: final.headers ?? [], recordRoute: true }, final];
}

function answer(way: Way, own: string, { contact, recordRoute, media }: Behaviour): ResponseParts {
  const route: readonly HeaderLine[] = recordRoute === undefined ? [] : [['Record-Route', recordRoute]];
  return {
    status: 200,
    headers: [['Contact', contact ?? own], ...route],
    recordRoute: true,
    contentType: 'application/sdp',
    body: sdp(media ?? way.local),
  };
}

function sdp(local: string): string {
  const address = `IN IP${familyOf(local)} ${local}`;
  const lines = [
    'v=0',
    `o=- 1 1 ${address}`,
    's=-',
    `c=${address}`,
    't=0 0',
    `m=audio ${VOICE_PORT} RTP/AVP 8`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function toTagOf(request: SipMessage): string {
  return createHash('sha256').update(request.callId).digest('hex').slice(0, 16);
}

function log(request: SipMessage, way: Way): void {
  const heard: Heard = {
    time: performance.timeOrigin + performance.now(),
    method: request.method,
    uri: request.uri,
    branch: request.via?.branch ?? '',
    callId: request.callId,
    cseq: request.cseq?.number ?? 0,
    transport: way.transport,
    local: way.local,
    from: way.remote,
    text: Buffer.from(request.octets).toString('latin1'),
  };
  appendFileSync(logFile, `${JSON.stringify(heard)}\n`);
}

function listenUdp(local: string): Promise<void> {
  const socket = createSocket(familyOf(local) === 6 ? 'udp6' : 'udp4');
  socket.on('message', (octets, { address: remote, port: remotePort }) => {
    const send = (answer: Uint8Array) => socket.send(answer, remotePort, remote, () => {});
    serve(octets, { transport: 'udp', local, remote, remotePort, send });
  });
  return new Promise((resolve) => socket.bind(Number(port), local, resolve));
}

function listenTcp(local: string): Promise<void> {
  const server = createServer((socket) => converse(socket, 'tcp', local));
  return new Promise((resolve) => server.listen(Number(port), local, resolve));
}

function listenTls(local: string): Promise<void> {
  const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
  const server = createTlsServer(pair, (socket) => converse(socket, 'tls', local));
  return new Promise((resolve) => server.listen(TLS_PORT, local, resolve));
}

function converse(socket: Socket, transport: 'tcp' | 'tls', local: string): void {
  const framer = new StreamFramer();
  const { remoteAddress: remote = '', remotePort = 0 } = socket;
  const way: Way = { transport, local, remote, remotePort, send: (octets) => socket.write(octets) };
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    for (const framed of framer.push(chunk)) {
      if (framed === 'ping') socket.write(CRLF);
      else serve(framed, way);
    }
  });
}

const listeners = [listenUdp, listenTcp, ...(certificate === '' ? [] : [listenTls])];
await Promise.all(addresses.flatMap((address) => listeners.map((listen) => listen(address))));
console.log('ready');
