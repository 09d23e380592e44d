/** Run in a namespace of a laboratory: does one thing with a transport there, and prints what came of it as JSON. */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '#address/endpoint.ts';
import { Transport } from '#net/transport.ts';
import { UdpFlows } from '#net/udp_flows.ts';

const MESSAGE = Buffer.from('OPTIONS sip:x@y SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n');
const PORT = 5060;
const at = (address: string, port: number): Endpoint => {
  return { family: address.includes(':') ? 6 : 4, address, port };
};

export interface Told {
  readonly ref: string;
  readonly error: string;
  /** Since the first datagram left. */
  readonly ms: number;
}

export interface Outcome {
  readonly errors: readonly Told[];
  readonly received: number;
  readonly dropped: readonly string[];
  readonly local?: string;
}

class Watched {
  readonly errors: Told[] = [];
  readonly dropped: string[] = [];
  received = 0;
  since = performance.now();
  readonly #transport: Promise<Transport>;

  constructor() {
    this.#transport = Transport.open(
      { port: PORT },
      {
        message: () => {
          this.received++;
        },
        error: (ref, error) => this.told(ref, error),
        dropped: (why) => this.dropped.push(why),
      },
    );
  }

  get door(): Promise<Transport> {
    return this.#transport;
  }

  told(ref: string, error: string): void {
    this.errors.push({ ref, error, ms: performance.now() - this.since });
  }

  async until(ready: () => boolean, ms = 400): Promise<void> {
    const end = performance.now() + ms;
    while (!ready() && performance.now() < end) await sleep(2);
    // What would be told twice is told now.
    await sleep(30);
  }
}

type Doing = (watched: Watched, address: string, port: number) => Promise<Partial<Outcome>>;

const DOINGS: Readonly<Record<string, Doing>> = {
  /** Two requests over UDP to somebody who is not there. */
  send: async (watched, address, port) => {
    const door = await watched.door;
    const flow = await door.flowTo('udp', at(address, port));
    watched.since = performance.now();
    for (const ref of ['a', 'b']) door.send(flow, MESSAGE, ref);
    await watched.until(() => watched.errors.length === 2);
    return {};
  },
  /** The same where there is no koffi. */
  'send-by-node': async (watched, address, port) => {
    const { local } = await (await watched.door).flowTo('udp', at(address, port));
    const told = (ref: string, code: string) => watched.told(ref, code);
    const flows = new UdpFlows({ received: () => {}, undelivered: told });
    await flows.prepare(at(address, port), async () => undefined);
    watched.since = performance.now();
    for (const ref of ['a', 'b']) flows.send(local, at(address, port), MESSAGE, ref);
    await watched.until(() => watched.errors.length === 2);
    flows.close();
    return {};
  },
  /** Two hundred requests, each after the answer to the one before. */
  exchange: async (watched, address, port) => {
    const door = await watched.door;
    const flow = await door.flowTo('udp', at(address, port));
    for (let count = 1; count <= 200; count++) {
      door.send(flow, MESSAGE, `${count}`);
      const end = performance.now() + 500;
      while (watched.received < count && performance.now() < end) await sleep(1);
    }
    // The echo of the last one may be late, not lost.
    await watched.until(() => watched.received === 200);
    return {};
  },
  /** An address goes away while a connection and a UDP flow hang on it. */
  vanish: async (watched, address, port) => {
    const door = await watched.door;
    const [udp, tcp] = [
      await door.flowTo('udp', at(address, port)),
      await door.flowTo('tcp', at(address, port)),
    ];
    door.send(udp, MESSAGE, 'udp');
    door.send(tcp, MESSAGE, 'tcp');
    await sleep(200);
    const own = udp.local.address;
    execFileSync('ip', ['addr', 'del', `${own}/${own.includes(':') ? 64 : 24}`, 'dev', 'eth0']);
    watched.since = performance.now();
    door.addressesChanged();
    await watched.until(() => watched.errors.length === 2 && door.connections === 0);
    return { local: own };
  },
  /** Waits for what others send. */
  listen: async (watched) => {
    await watched.door;
    console.error('ready');
    await watched.until(() => watched.dropped.length >= 2, 3_000);
    return {};
  },
  /** Sends from `address`, by UDP and TCP, what a stranger there would. */
  annoy: async (_watched, address, port) => {
    const [own = '', other = ''] = address.split(',');
    const socket = createSocket('udp6');
    await new Promise<void>((resolve) => socket.bind({ address: own }, resolve));
    await new Promise((resolve) => socket.send(MESSAGE, port, other, resolve));
    socket.close();
    const caller = connect({ host: other, port, localAddress: own });
    await new Promise((resolve) => caller.on('error', resolve).on('close', resolve));
    return {};
  },
  /** Echoes datagrams, swallows what comes by TCP. */
  serve: async (_watched, address, port) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (octets, from) => socket.send(octets, from.port, from.address));
    socket.bind(port, address);
    const server = createServer((each) => each.on('error', () => {}).resume()).listen(port, address);
    console.error('ready');
    await new Promise((resolve) => process.once('SIGTERM', resolve));
    server.close();
    socket.close();
    return {};
  },
};

const [doing = '', address = '', port = `${PORT}`] = process.argv.slice(2);
const watched = new Watched();
const special = await DOINGS[doing]?.(watched, address, Number(port));
await (await watched.door).close();
const { errors, received, dropped } = watched;
console.log(JSON.stringify({ errors, received, dropped, ...special } satisfies Outcome));
// Handles that are left would keep this process here, and the test would not end.
