/**
 * One UDP socket of one family on the wildcard address. It shares its port with the connected sockets of udp_flows.ts,
 * which SO_REUSEPORT allows to us and to no other user of this computer.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { Endpoint, Family } from '#address/endpoint.ts';

export interface UdpSocket {
  readonly family: Family;
  readonly port: number;
  /** Calls back once, when the kernel took the datagram or refused it. */
  send(octets: Uint8Array, remote: Endpoint, done: (error: Error | null) => void): void;
  close(): Promise<void>;
}

export type UdpReceiver = (octets: Uint8Array, remote: Endpoint) => void;

/** A burst of INVITEs after a server's restart must not be lost in the kernel. Octets. */
const RECEIVE_BUFFER = 1 << 20;

/** Port 0: any free one. Rejects with the system's error. */
export async function openUdp(family: Family, port: number, receive: UdpReceiver): Promise<UdpSocket> {
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    reusePort: true,
  });
  await bound(socket, port);
  // Past bind, 'error' is a failed receive: one datagram is lost, the socket goes on.
  socket.on('error', () => {});
  socket.on('message', (octets, { address, port: from }) => {
    if (from !== 0) receive(octets, { family, address, port: from });
  });
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    // The kernel's default will do.
  }
  return {
    family,
    port: socket.address().port,
    send: (octets, remote, done) => sendOn(socket, octets, remote, done),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function bound(socket: Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

/** Literals only: a name here would make Node ask the resolver behind our back. */
function sendOn(
  socket: Socket,
  octets: Uint8Array,
  { address, port }: Endpoint,
  done: (error: Error | null) => void,
): void {
  try {
    if (isIP(address) === 0) throw new Error(`${address} is not an IP address`);
    socket.send(octets, port, address, (error) => done(error ?? null));
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}
