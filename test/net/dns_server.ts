/** A small DNS server on loopback, over UDP and TCP at one port, that can be as bad as real ones. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { type DecodedPacket, decode, encode, type Packet, type StringAnswer } from 'dns-packet';
import type { Endpoint } from '#address/endpoint.ts';

export interface Query {
  readonly over: 'udp' | 'tcp';
  readonly packet: DecodedPacket;
  /** `A example.com` */
  readonly question: string;
  readonly hasEdns: boolean;
}

/** Octets as they are, or a response that is completed from the query; nothing: silence. */
export type Reply = Partial<Packet> | Buffer;
export type Behaviour = (query: Query) => readonly Reply[] | Promise<readonly Reply[]>;

export interface DnsServer {
  readonly end: Endpoint;
  readonly queries: readonly Query[];
  /** Source ports of UDP queries. */
  readonly ports: readonly number[];
}

export async function dnsServer(
  t: ExecutionContext,
  behave: Behaviour,
  address = '127.0.0.1',
): Promise<DnsServer> {
  const queries: Query[] = [];
  const ports: number[] = [];
  const family = address.includes(':') ? 6 : 4;
  const answer = async (over: Query['over'], octets: Buffer): Promise<readonly Buffer[]> => {
    const query = read(over, octets);
    queries.push(query);
    return (await behave(query)).map((reply) => (Buffer.isBuffer(reply) ? reply : response(query, reply)));
  };

  const { udp, tcp, port } = await openBoth(address);
  let open = true;
  t.teardown(() => {
    open = false;
    udp.close();
    tcp.close();
  });
  tcp.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.once('data', (octets: Buffer) => {
      void answer('tcp', octets.subarray(2)).then((replies) => writeAll(socket, replies));
    });
  });
  udp.on('message', (octets, from) => {
    ports.push(from.port);
    void answer('udp', octets).then((replies) => {
      for (const reply of replies) if (open) udp.send(reply, from.port, from.address);
    });
  });
  return { end: { family, address, port }, queries, ports };
}

interface Sockets {
  readonly udp: UdpSocket;
  readonly tcp: Server;
  readonly port: number;
}

/** A port that is free for UDP may be taken for TCP: then another one is tried. */
async function openBoth(address: string, tries = 10): Promise<Sockets> {
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(0, address);
  await once(udp, 'listening');
  const { port } = udp.address();
  const tcp = createServer().listen(port, address);
  try {
    await once(tcp, 'listening');
    return { udp, tcp, port };
  } catch (error) {
    udp.close();
    if (tries <= 1) throw error;
    return openBoth(address, tries - 1);
  }
}

function read(over: Query['over'], octets: Buffer): Query {
  const packet = decode(octets);
  const [question] = packet.questions ?? [];
  return {
    over,
    packet,
    question: `${question?.type} ${question?.name}`,
    hasEdns: packet.additionals?.some(({ type }) => type === 'OPT') ?? false,
  };
}

export function response({ packet }: Pick<Query, 'packet'>, reply: Partial<Packet>): Buffer {
  return encode({
    type: 'response',
    id: packet.id ?? 0,
    flags: RECURSION_AVAILABLE,
    questions: packet.questions ?? [],
    ...reply,
  });
}

function writeAll(socket: Socket, replies: readonly Buffer[]): void {
  for (const reply of replies) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(reply.length);
    socket.write(Buffer.concat([length, reply]));
  }
}

const RECURSION_AVAILABLE = 0x80;
/** Header flags of a response. */
export const FLAGS = {
  available: RECURSION_AVAILABLE,
  truncated: 0x200,
  formerr: 1,
  servfail: 2,
  nxdomain: 3,
  notimp: 4,
  refused: 5,
};

export function address(data: string): StringAnswer {
  return { type: 'A', name: 'example.com', ttl: 60, class: 'IN', data };
}
export const ADDRESS = address('192.0.2.1');
export const good: Behaviour = () => [{ answers: [ADDRESS] }];
export const silent: Behaviour = () => [];

export function after(ms: number, behave: Behaviour): Behaviour {
  return async (query) => {
    await delay(ms);
    return behave(query);
  };
}

export function saying(code: number): Behaviour {
  return () => [{ flags: RECURSION_AVAILABLE | code }];
}
