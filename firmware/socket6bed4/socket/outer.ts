/** The one UDP socket over IPv4 through which everything goes. */
import dgram from 'node:dgram';
import type { Ipv4End } from '../address/ipv4.ts';
import { ipv4Of, ipv4TextOf } from './texts.ts';

/** Octets. A burst of fragments, or a pause of the event loop, must not be lost in the kernel. */
const RECEIVE_BUFFER = 4 << 20;

export class Outer {
  readonly socket: dgram.Socket;

  /**
   * Binds to `port` if it is free, otherwise, and for 0, to any. `opened` is told the error when there is none at all,
   * and nothing when the socket is open.
   */
  constructor(
    port: number | undefined,
    receive: (from: Ipv4End, octets: Uint8Array) => void,
    opened: (error?: Error) => void,
  ) {
    const socket = dgram.createSocket({
      type: 'udp4',
      // Whatever is sent to is a number already: DNS is never asked.
      lookup: (address, _options, found) => found(null, address, 4),
    });
    this.socket = socket;
    let bound = false;
    // Our lookup answers at once, and so do these; nobody is told before the constructor's end.
    socket.on('error', (error) => {
      // Once bound it is a failed receive: one datagram is lost, the socket goes on.
      if (bound) return;
      if (!port) setImmediate(opened, error);
      else {
        port = 0;
        socket.bind({ exclusive: true });
      }
    });
    socket.on('listening', () => {
      bound = true;
      this.raise('Recv', RECEIVE_BUFFER);
      setImmediate(opened);
    });
    socket.on('message', (octets, { address, port: from }) => {
      receive({ ipv4: ipv4Of(address), port: from }, octets);
    });
    socket.bind({ port, exclusive: true });
  }

  /** `done` hears whether the system took it. */
  send(to: Ipv4End, octets: Uint8Array, done?: (error: NodeJS.ErrnoException | null) => void): void {
    this.socket.send(octets, to.port, ipv4TextOf(to.ipv4), done);
  }

  /** Makes the buffer larger if it is not so large already; what the kernel gives will do. Its octets now. */
  raise(way: 'Recv' | 'Send', size: number): number {
    if (size > this.socket[`get${way}BufferSize`]()) this.socket[`set${way}BufferSize`](size);
    return this.socket[`get${way}BufferSize`]();
  }
}
