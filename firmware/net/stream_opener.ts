/** What makes a stream: TCP (tcp.ts) and TLS (tls.ts) differ in how they begin, and in nothing after it. */
import type { Server, Socket } from 'node:net';
import type { Endpoint } from '#address/endpoint.ts';

export interface StreamOpener {
  readonly transport: 'tcp' | 'tls';
  /** The socket's event from which on the peer is who it should be and messages may go. */
  readonly ready: 'connect' | 'proved';
  /**
   * A connection that is being opened; failures come as its `error`. `from` is our own end, port 0: any.
   * `serverName` is whom the peer has to prove to be, where it has to.
   */
  connect(from: Endpoint, remote: Endpoint, serverName: string): Socket;
  /** `accepted` gets the sockets that are ready, `started` all of them from the first packet on. */
  createServer(accepted: (socket: Socket) => void, started: (socket: Socket) => void): Server;
}
