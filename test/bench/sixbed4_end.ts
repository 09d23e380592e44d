/**
 * One end of a measured path, a socket of node:dgram or one of the built package socket6bed4, in a process of its own
 * so that its CPU is counted alone. Child of sixbed4_path.ts. `node sixbed4_end.ts plain`, or `sixbed4 ROUTER`; tells its
 * place, then answers each command by one message.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import type * as Package from '../../firmware/socket6bed4/index.ts';

export interface Place {
  readonly address: string;
  readonly port: number;
}

export type Command =
  /** One datagram after the other, each sent back by `to`: the round-trip times in µs. */
  | { readonly kind: 'ping'; readonly to: Place; readonly count: number }
  /** So many packets at so many a second, of these octets or of those of a packet of G.711; true when all are sent. */
  | {
      readonly kind: 'stream';
      readonly to: Place;
      readonly rate: number;
      readonly packets: number;
      readonly octets?: Uint8Array;
    }
  /** Sends back what comes, or no longer; true. */
  | { readonly kind: 'echo'; readonly on: boolean }
  /** A `State`. */
  | { readonly kind: 'state' };

export interface State {
  /** µs of CPU since the start. */
  readonly cpu: number;
  readonly received: number;
  /** Sent or received through the router. */
  readonly relayed: number;
}

/** As many octets as 20 ms of G.711 and the header of RTP. */
const PAYLOAD = Buffer.alloc(172, 0xd5);
const TICK_MS = 1;
/** After a pause of this process the receiver shall not drown in what it owes. */
const MOST_AT_ONCE = 32;
/** ms after which a ping is lost. */
const PATIENCE = 2000;
const DIST = '../../firmware/socket6bed4/dist/index.js';

const [who, router = ''] = process.argv.slice(2);
const tunnel = who === 'sixbed4' ? await tunnelBy(router) : undefined;
const socket = tunnel?.createSocket() ?? createSocket('udp4');
let received = 0;
let heard: (octets: Uint8Array, from: RemoteInfo) => void = () => {};

async function tunnelBy(name: string): Promise<Package.Tunnel> {
  const { openTunnel } = (await import(DIST)) as typeof Package;
  return openTunnel({ routers: [name], onLink: ['127.0.0.0/8'] });
}

function echo(octets: Uint8Array, { address, port }: RemoteInfo): void {
  socket.send(octets, port, address);
}

function ping({ address, port }: Place, count: number): Promise<number[]> {
  const times: number[] = [];
  let sentAt = 0;
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('a ping was lost')), PATIENCE);
    const send = (): void => {
      sentAt = performance.now();
      socket.send(PAYLOAD, port, address);
    };
    heard = () => {
      times.push((performance.now() - sentAt) * 1000);
      late.refresh();
      if (times.length < count) return send();
      clearTimeout(late);
      heard = () => {};
      resolve(times);
    };
    send();
  });
}

function stream({ to, rate, packets, octets = PAYLOAD }: Command & { kind: 'stream' }): Promise<true> {
  const began = performance.now();
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const owed = Math.min(packets, Math.floor(((performance.now() - began) / 1000) * rate));
      const end = Math.min(owed, sent + MOST_AT_ONCE);
      for (; sent < end; sent += 1) socket.send(octets, to.port, to.address);
      if (sent < packets) return;
      clearInterval(timer);
      resolve(true);
    }, TICK_MS);
  });
}

function state(): State {
  const { user, system } = process.cpuUsage();
  const { relayed = 0, receivedRelayed = 0 } = tunnel?.counters ?? {};
  return { cpu: user + system, received, relayed: relayed + receivedRelayed };
}

function obey(command: Command): unknown {
  switch (command.kind) {
    case 'ping':
      return ping(command.to, command.count);
    case 'stream':
      return stream(command);
    case 'echo':
      heard = command.on ? echo : () => {};
      return true;
    case 'state':
      return state();
  }
}

socket.on('message', (octets, from) => {
  received += 1;
  heard(octets, from);
});
socket.bind(0, tunnel === undefined ? '127.0.0.1' : undefined);
await once(socket, 'listening');
process.on('message', async (command: Command) => process.send?.(await obey(command)));
process.on('disconnect', () => process.exit());
const { address, port } = socket.address();
process.send?.({ address, port });
