/** The router as an operator starts it, and peers made of plain sockets of loopback. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { RouterCounters } from '#router6bed4/counters.ts';
import type { Ipv4End } from '#socket6bed4/address/ipv4.ts';
import type { Ipv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import { ROUTER_SOLICITATION, readAdvertisement } from '#socket6bed4/packet/neighbour_discovery.ts';
import { PeerProcess, until } from '../support/process.ts';
import { end } from './stand.ts';

const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;
const WITHIN = 5000;

export type Counted = RouterCounters & { readonly uptime: number };

/** Words of a command line that starts the router from its source. */
export const commandLine = (...words: readonly string[]): readonly string[] => [
  MAIN,
  'router6bed4',
  ...words,
];

export const startRouter = (...words: readonly string[]): PeerProcess =>
  new PeerProcess(process.execPath, commandLine(...words));

/** Until it serves; throws with what it said when it does not. */
export async function untilServing(router: PeerProcess): Promise<void> {
  await until(
    'the router serves',
    () => router.output.includes('6bed4 router at'),
    15_000,
    () => router.output,
  );
}

/** Lines of counters that it has printed so far. */
export const countedBy = (router: PeerProcess): readonly Counted[] =>
  router.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Counted);

/** A router of this test, ended with it. */
export async function routerFor(t: ExecutionContext, ...words: readonly string[]): Promise<PeerProcess> {
  const router = startRouter(...words);
  t.teardown(() => router.stop());
  await untilServing(router);
  return router;
}

/** Somebody on loopback who speaks to a router at `router`. */
export class LoopbackPeer {
  readonly #socket: Socket;
  readonly #router: Ipv4End;
  readonly #host: string;
  readonly heard: { readonly octets: Buffer; readonly from: RemoteInfo }[] = [];
  address: Ipv6 = new Uint8Array(16);

  static async start(t: ExecutionContext, router: string): Promise<LoopbackPeer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    t.teardown(() => void socket.close());
    await once(socket, 'listening');
    return new LoopbackPeer(socket, router);
  }

  private constructor(socket: Socket, router: string) {
    this.#socket = socket;
    this.#router = end(router);
    this.#host = router.split(':')[0] ?? router;
    socket.on('message', (octets, from) => this.heard.push({ octets, from }));
  }

  get end(): Ipv4End {
    return { ipv4: end('127.0.0.1').ipv4, port: this.#socket.address().port };
  }

  send(octets: Uint8Array): void {
    this.#socket.send(octets, this.#router.port, this.#host);
  }

  /** Asks the router for an address. */
  async attach(): Promise<void> {
    this.send(ROUTER_SOLICITATION);
    const advertisement = readAdvertisement(await this.next());
    if (typeof advertisement !== 'object') throw new Error('no advertisement');
    this.address = addressOf(advertisement.address, this.end);
  }

  /** What came, the oldest first. */
  async next(): Promise<Buffer> {
    await until('a datagram', () => this.heard.length > 0, WITHIN);
    return this.heard.shift()?.octets ?? Buffer.alloc(0);
  }

  /** Whether nothing comes for a while. */
  async hearsNothing(ms = 200): Promise<boolean> {
    await sleep(ms);
    return this.heard.length === 0;
  }
}
