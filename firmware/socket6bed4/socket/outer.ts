/** The one UDP socket over IPv4 through which everything goes. */
import { createSocket, type Socket } from 'node:dgram';
import { type Ipv4End, ipv4Text, parseIpv4 } from '../address/ipv4.ts';

/** Octets. A burst of fragments, or a pause of the event loop, must not be lost in the kernel. */
const RECEIVE_BUFFER = 4 << 20;
/** Addresses remembered in both forms: text is what Node speaks, and reading it for each packet is dear. */
const MOST_REMEMBERED = 1024;

export class Outer {
  readonly #socket: Socket;
  readonly #numbers = new Map<string, number>();
  readonly #texts = new Map<number, string>();

  /**
   * Binds to `port` if it is free, otherwise, and for 0, to any. `opened` is told the error when there is none at all,
   * and nothing when the socket is open.
   */
  constructor(
    port: number,
    receive: (from: Ipv4End, octets: Uint8Array) => void,
    opened: (error?: Error) => void,
  ) {
    const socket = createSocket({
      type: 'udp4',
      // Whatever is sent to is a number already: DNS is never asked.
      lookup: (address, _options, found) => found(null, address, 4),
    });
    const refused = (error: Error): void => {
      if (port === 0) {
        opened(error);
        return;
      }
      port = 0;
      socket.once('error', refused);
      socket.bind({ port, exclusive: true });
    };
    socket.once('error', refused);
    socket.once('listening', () => {
      socket.off('error', refused);
      // From here on it is a failed receive: one datagram is lost, the socket goes on.
      socket.on('error', () => {});
      this.raise('Recv', RECEIVE_BUFFER);
      opened();
    });
    socket.on('message', (octets, { address, port: from }) => {
      receive({ ipv4: this.#numberOf(address), port: from }, octets);
    });
    this.#socket = socket;
    socket.bind({ port, exclusive: true });
  }

  /** `done` hears whether the system took it. */
  send(to: Ipv4End, octets: Uint8Array, done?: (error: NodeJS.ErrnoException | null) => void): void {
    this.#socket.send(octets, to.port, this.#textOf(to.ipv4), done);
  }

  /** Octets of the buffer, as the system counts them. */
  bufferSize(way: 'Recv' | 'Send'): number {
    return this.#socket[`get${way}BufferSize`]();
  }

  /** Makes the buffer larger if it is not so large already. */
  raise(way: 'Recv' | 'Send', size: number): void {
    try {
      if (size > this.bufferSize(way)) this.#socket[`set${way}BufferSize`](size);
    } catch {
      // What the kernel gives will do.
    }
  }

  /** Octets and datagrams that wait to be sent. */
  get queue(): { size: number; count: number } {
    return { size: this.#socket.getSendQueueSize(), count: this.#socket.getSendQueueCount() };
  }

  ref(wanted: boolean): void {
    this.#socket[wanted ? 'ref' : 'unref']();
  }

  close(): void {
    this.#socket.close();
  }

  #numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      if (this.#numbers.size >= MOST_REMEMBERED) this.#numbers.clear();
      number = parseIpv4(text) ?? 0;
      this.#numbers.set(text, number);
    }
    return number;
  }

  #textOf(ipv4: number): string {
    let text = this.#texts.get(ipv4);
    if (text === undefined) {
      if (this.#texts.size >= MOST_REMEMBERED) this.#texts.clear();
      text = ipv4Text(ipv4);
      this.#texts.set(ipv4, text);
    }
    return text;
  }
}
