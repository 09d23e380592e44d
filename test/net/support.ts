/** A transport on loopback that remembers what happened to it, and bare sockets to annoy it with. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { Transport, type TransportOptions } from '#net/transport.ts';
import type { Flow } from '#sip/types.ts';

export const MESSAGE = 'OPTIONS sip:x@y SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 4\r\n\r\nbody';

export interface Received {
  readonly flow: Flow;
  readonly text: string;
}

export class Listening {
  readonly received: Received[] = [];
  readonly errors: (readonly [ref: string, error: string])[] = [];
  readonly dropped: string[] = [];
  readonly connected: string[] = [];
  readonly pongs: string[] = [];
  readonly closed: Flow[] = [];
  transport: Transport | undefined;

  get door(): Transport {
    if (!this.transport) throw new Error('not open');
    return this.transport;
  }
}

/** Opens a transport on a free port; closed at the end of the test. */
export async function listening(
  t: ExecutionContext,
  options: Partial<TransportOptions> = {},
): Promise<Listening> {
  const listener = new Listening();
  listener.transport = await Transport.open(
    { port: 0, ...options },
    {
      message: (flow, octets) =>
        listener.received.push({ flow, text: Buffer.from(octets).toString('latin1') }),
      error: (ref, error) => listener.errors.push([ref, error]),
      dropped: (why) => listener.dropped.push(why),
      connected: (ref) => listener.connected.push(ref),
      pong: (ref) => listener.pongs.push(ref),
      closed: (flow) => listener.closed.push(flow),
    },
  );
  t.teardown(() => listener.transport?.close(50));
  return listener;
}

export async function dial(t: ExecutionContext, listener: Listening, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host, port: listener.door.port });
  // Being cut off is what many of these tests are about.
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Waits until `ready`, ten seconds at most. */
export async function until(ready: () => boolean, what = 'it'): Promise<void> {
  const end = performance.now() + 10_000;
  while (!ready()) {
    if (performance.now() > end) throw new Error(`${what} did not happen in time`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function closed(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve(true);
    const late = setTimeout(() => resolve(false), 2_000);
    socket.resume();
    socket.once('close', () => {
      clearTimeout(late);
      resolve(true);
    });
  });
}
