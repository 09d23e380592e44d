/**
 * One question to one name server: UDP, and TCP where the answer is cut short. Each exchange has a socket, a port and
 * an id of its own that nobody can guess (RFC 5452 9.2); the kernel lets only that server's packets in.
 */
import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { createConnection } from 'node:net';
import type { Endpoint } from '#address/endpoint.ts';
import type { DnsAnswer, Question } from '#sip/locate/dns.ts';
import { systemCode } from '../errors.ts';
import { type Reading, readResponse, writeQuery } from './wire.ts';

/** How an exchange ended. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: DnsAnswer }
  /** This server is of no use here; `why` names it, for people. `dead`: it cannot be reached at all. */
  | { readonly kind: 'useless'; readonly why: string; readonly dead: boolean };

/** One server, one question, one try. */
interface Exchange {
  readonly server: Endpoint;
  readonly question: Question;
  readonly signal: AbortSignal;
}

type Reply = Exclude<Reading, { kind: 'foreign' }> | { readonly kind: 'dead'; readonly why: string };

/** Settles when the server answers or refuses, or when `signal` says that nobody waits any more. Never rejects. */
export async function exchange(server: Endpoint, question: Question, signal: AbortSignal): Promise<Outcome> {
  const each = { server, question, signal };
  let edns = true;
  let reply = await overUdp(each, edns);
  if (reply.kind === 'no-edns') {
    edns = false;
    reply = await overUdp(each, edns);
  }
  if (reply.kind === 'truncated') reply = await overTcp(each, edns);
  return outcomeOf(reply, server);
}

function outcomeOf(reply: Reply, server: Endpoint): Outcome {
  if (reply.kind === 'answer') return reply;
  const dead = reply.kind === 'dead';
  return { kind: 'useless', why: `name server ${server.address} ${whyUseless(reply)}`, dead };
}

function whyUseless(reply: Exclude<Reply, { kind: 'answer' }>): string {
  switch (reply.kind) {
    case 'truncated':
      return 'cuts its answers short even over TCP';
    case 'no-edns':
      return 'does not understand the question';
    default:
      return reply.why;
  }
}

function overUdp({ server, question, signal }: Exchange, edns: boolean): Promise<Reply> {
  return settled(signal, (settle) => {
    const id = randomInt(0x1_0000);
    const socket = createSocket(server.family === 6 ? 'udp6' : 'udp4');
    socket.on('error', (error) => settle(unreachable(error)));
    socket.on('message', (octets) => {
      const reading = readResponse(octets, id, question);
      if (reading.kind !== 'foreign') settle(reading);
    });
    socket.connect(server.port, server.address, (error?: Error) => {
      if (error) settle(unreachable(error));
      else send(socket, writeQuery(id, question, edns), settle);
    });
    return () => socket.close();
  });
}

/** The socket may be closed by now, and connect reports into a closed one. */
function send(socket: Socket, octets: Uint8Array, settle: (reply: Reply) => void): void {
  try {
    socket.send(octets, (error) => {
      if (error) settle(unreachable(error));
    });
  } catch (error) {
    settle(unreachable(error));
  }
}

/** RFC 1035 4.2.2: two octets of length before the message. */
const LENGTH_OCTETS = 2;

function overTcp({ server, question, signal }: Exchange, edns: boolean): Promise<Reply> {
  return settled(signal, (settle) => {
    const id = randomInt(0x1_0000);
    const query = writeQuery(id, question, edns);
    const socket = createConnection({ host: server.address, port: server.port });
    let read = Buffer.alloc(0);
    socket.on('connect', () => {
      const length = Buffer.alloc(LENGTH_OCTETS);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on('data', (octets: Buffer) => {
      read = Buffer.concat([read, octets]);
      const end = read.length < LENGTH_OCTETS ? Infinity : LENGTH_OCTETS + read.readUInt16BE(0);
      if (read.length < end) return;
      const reading = readResponse(read.subarray(LENGTH_OCTETS, end), id, question);
      settle(reading.kind === 'foreign' ? { kind: 'useless', why: 'answers another question' } : reading);
    });
    socket.on('error', (error) => settle(unreachable(error)));
    socket.on('close', () => settle({ kind: 'dead', why: 'hangs up' }));
    return () => socket.destroy();
  });
}

function unreachable(error: unknown): Reply {
  return { kind: 'dead', why: `cannot be reached (${systemCode(error) || String(error)})` };
}

/** Runs `start` until it settles or `signal` fires, then what it gave for cleaning up. */
function settled(signal: AbortSignal, start: (settle: (reply: Reply) => void) => () => void): Promise<Reply> {
  return new Promise((resolve) => {
    let clean: (() => void) | undefined;
    let done = false;
    const settle = (reply: Reply) => {
      if (done) return;
      done = true;
      signal.removeEventListener('abort', giveUp);
      clean?.();
      resolve(reply);
    };
    const giveUp = () => settle({ kind: 'dead', why: 'does not answer' });
    signal.addEventListener('abort', giveUp);
    clean = start(settle);
    if (done) clean();
    else if (signal.aborted) giveUp();
  });
}
