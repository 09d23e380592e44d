/** UDP over IPv6 anywhere: what node:dgram gives, through a tunnel of 6bed4. */
import dgram from 'node:dgram';
import { type MessageListener, Socket, type SocketOptions } from './socket/socket.ts';

export type { LinkEvents as TunnelEvents } from './socket/link.ts';
export { type MessageListener, Socket, type SocketOptions } from './socket/socket.ts';
export { openTunnel, Tunnel, type TunnelOptions } from './socket/tunnel.ts';

/** A socket of type udp6 goes through the tunnel; for any other type this is `dgram.createSocket`. */
export function createSocket(type: 'udp6' | SocketOptions, listener?: MessageListener): Socket;
export function createSocket(type: 'udp4' | dgram.SocketOptions, listener?: MessageListener): dgram.Socket;
export function createSocket(
  type: 'udp4' | 'udp6' | SocketOptions | dgram.SocketOptions,
  listener?: MessageListener,
): dgram.Socket {
  const name = typeof type === 'object' ? type?.type : type;
  if (name === 'udp6') return new Socket(type as SocketOptions, listener);
  return dgram.createSocket(type as dgram.SocketOptions, listener);
}
