/** A router of ours on loopback, and tunnels and sockets by it; all of it is closed after the test. */
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { Server } from '#router6bed4/server.ts';
import { settingsOf } from '#router6bed4/settings.ts';
import {
  createSocket,
  openTunnel,
  type Socket,
  type SocketOptions,
  type Tunnel,
  type TunnelOptions,
} from '#socket6bed4/index.ts';

export const ON_LINK = ['127.0.0.0/8'];

export function serveOn(listen: string): Promise<Server> {
  return Server.start(settingsOf({ listen, onLink: ON_LINK }, []));
}

export async function startRouter(t: ExecutionContext, listen: string): Promise<Server> {
  const router = await serveOn(listen);
  t.teardown(() => router.close());
  return router;
}

let differing = 0;

/** A tunnel that nobody shares, for no other has its keep-alive. */
export function tunnelBy(t: ExecutionContext, ...routers: readonly string[]): Tunnel {
  differing += 1;
  return opened(t, { routers, onLink: ON_LINK, keepAlive: 20_000 + differing });
}

export function opened(t: ExecutionContext, options: TunnelOptions): Tunnel {
  const tunnel = openTunnel(options);
  t.teardown(() => tunnel.close());
  return tunnel;
}

export function socketOn(t: ExecutionContext, tunnel: Tunnel, options: Partial<SocketOptions> = {}): Socket {
  return closing(t, tunnel.createSocket(options));
}

export function socketBy(t: ExecutionContext, ...routers: readonly string[]): Socket {
  return closing(t, createSocket({ type: 'udp6', routers, onLink: ON_LINK }));
}

function closing(t: ExecutionContext, socket: Socket): Socket {
  t.teardown(async () => {
    await socket[Symbol.asyncDispose]();
  });
  return socket;
}

/** Bound to any free port; its address and port. */
export async function bound(socket: Socket, port = 0): Promise<{ address: string; port: number }> {
  socket.bind(port);
  await once(socket, 'listening');
  return socket.address();
}

/** The next datagram as text, and from whom. */
export async function next(socket: Socket): Promise<{ text: string; address: string; port: number }> {
  const [message, { address, port }] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
  return { text: String(message), address, port };
}
