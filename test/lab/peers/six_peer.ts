/**
 * node six_peer.ts six|udp4|udp6 JSON: a socket of 6bed4, or a plain one, that does what it is told (`talk.ts`).
 * The options are those of `openTunnel`, and the socket's own: `bind`, an end.
 */
import { createSocket as createPlain } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import {
  type End,
  HEAD,
  type Heard,
  type Order,
  PING,
  PONG,
  STREAM,
  STREAM_OCTETS,
  type Told,
} from './talk.ts';

/** What both kinds of socket have. */
interface Talking extends EventEmitter {
  bind(port?: number, address?: string): unknown;
  address(): End;
  send(message: Uint8Array, port: number, address: string, done?: (error: Error | null) => void): void;
}

type WithoutTime<T> = T extends unknown ? Omit<T, 'time'> : never;
const now = () => performance.timeOrigin + performance.now();

function tell(told: WithoutTime<Told>): void {
  process.stdout.write(`${JSON.stringify({ ...told, time: now() })}\n`);
}

const [kind = '', words = '{}'] = process.argv.slice(2);
const options: { readonly bind?: Partial<End>; readonly routers?: readonly string[] } = JSON.parse(words);
const { socket, tunnel } = await open();

async function open() {
  if (kind === 'udp4' || kind === 'udp6') {
    return { socket: createPlain(kind) as Talking, tunnel: undefined };
  }
  const { openTunnel } = await import('#socket6bed4/index.ts');
  const { bind: _, routers = [], ...rest } = options;
  const tunnel = openTunnel({ routers, ...rest });
  tunnel.on('address', (address: string, previous?: string) =>
    tell({ event: 'address', address, ...(previous === undefined ? {} : { previous }) }),
  );
  for (const event of ['direct', 'relayed'] as const) {
    tunnel.on(event, (remote: string) => tell({ event, remote }));
  }
  tunnel.on('lost', () => tell({ event: 'lost' }));
  tunnel.on('error', (error: Error) => tell({ event: 'error', message: error.message }));
  return { socket: tunnel.createSocket() as Talking, tunnel };
}

/** Numbers heard of one sender, and when. */
interface Ear {
  readonly numbers: Set<number>;
  count: number;
  last: number;
  gap: number;
}

const ears = new Map<string, { readonly from: End; readonly ear: Ear }>();
let sent = 0;
let number = 0;
let streaming: NodeJS.Timeout | undefined;

socket.on('listening', () => tell({ event: 'listening', own: endOf(socket.address()) }));
socket.on('error', (error: Error) => tell({ event: 'error', message: error.message }));
socket.on('message', (octets: Uint8Array, from: End) => {
  const message = Buffer.from(octets);
  const id = message.length >= HEAD ? message.readUInt32BE(4) : 0;
  if (message[0] === PING) {
    message[0] = PONG;
    say(message, from);
  } else if (message[0] === PONG) {
    tell({ event: 'pong', from: endOf(from), id, ms: now() - message.readDoubleBE(8) });
  } else if (message[0] === STREAM) hear(from, id);
  else tell({ event: 'message', from: endOf(from), text: message.toString('latin1') });
});
socket.bind(options.bind?.port ?? 0, options.bind?.address);

function endOf({ address, port }: End): End {
  return { address, port };
}

function hear(from: End, id: number): void {
  const key = `${from.address} ${from.port}`;
  const heard = ears.get(key) ?? {
    from: endOf(from),
    ear: { numbers: new Set(), count: 0, last: now(), gap: 0 },
  };
  ears.set(key, heard);
  const { ear } = heard;
  ear.numbers.add(id);
  ear.count++;
  ear.gap = Math.max(ear.gap, now() - ear.last);
  ear.last = now();
}

function say(message: Uint8Array, { address, port }: End): void {
  socket.send(message, port, address, (error) => {
    if (error) tell({ event: 'error', message: error.message });
  });
}

function numbered(first: number, id: number, octets: number): Buffer {
  const message = Buffer.alloc(Math.max(HEAD, octets));
  message[0] = first;
  message.writeUInt32BE(id, 4);
  message.writeDoubleBE(now(), 8);
  return message;
}

function obey(order: Order): void {
  if (order.do === 'send') {
    say('hex' in order ? Buffer.from(order.hex, 'hex') : Buffer.from(order.text, 'latin1'), order.to);
  } else if (order.do === 'ping') say(numbered(PING, order.id, order.octets ?? HEAD), order.to);
  else if (order.do === 'stream') stream(order.to, order.every);
  else if (order.do === 'suspect') tunnel?.suspect(order.remote);
  else report(order.anew);
}

function stream(to: End | undefined, every: number): void {
  clearInterval(streaming);
  if (to === undefined) return;
  const next = () => {
    sent++;
    say(numbered(STREAM, number++, STREAM_OCTETS), to);
  };
  next();
  streaming = setInterval(next, every);
}

function report(anew: boolean): void {
  // With --expose-gc: what is garbage is no use of memory.
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const counters = tunnel && { counters: { ...tunnel.counters } };
  tell({
    event: 'report',
    sent,
    heard: [...ears.values()].map(heardOf),
    memory: heapUsed + external,
    ...counters,
  });
  if (!anew) return;
  ears.clear();
  sent = 0;
}

function heardOf({ from, ear }: { readonly from: End; readonly ear: Ear }): Heard {
  const { numbers, count, gap } = ear;
  const span = Math.max(...numbers) - Math.min(...numbers) + 1;
  return { from, count, missing: span - numbers.size, twice: count - numbers.size, gap };
}

for await (const line of createInterface(process.stdin)) obey(JSON.parse(line));
process.exit(0);
