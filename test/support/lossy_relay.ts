/**
 * A wire between two SIP agents that loses what a test wants it to lose: a UDP relay on loopback, one socket for
 * each side. Each side sees the other at the relay's address.
 */
import { createSocket, type Socket } from 'node:dgram';

export interface RelayOptions {
  readonly near: number;
  readonly far: number;
  /** Where datagrams that arrive at `near` go. */
  readonly peer: number;
  /** True: this datagram is lost. `count` is how many such start lines went the same way before. */
  readonly loses: (startLine: string, count: number) => boolean;
}

export class LossyRelay {
  readonly #options: RelayOptions;
  readonly #near = createSocket('udp4');
  readonly #far = createSocket('udp4');
  readonly #seen = new Map<string, number>();
  /** Start lines that were lost, in order. */
  readonly lost: string[] = [];
  #caller = 0;

  private constructor(options: RelayOptions) {
    this.#options = options;
    this.#near.on('message', (datagram, from) => {
      this.#caller = from.port;
      this.#pass(datagram, this.#far, options.peer);
    });
    this.#far.on('message', (datagram) => this.#pass(datagram, this.#near, this.#caller));
  }

  static async open(options: RelayOptions): Promise<LossyRelay> {
    const relay = new LossyRelay(options);
    await Promise.all([bind(relay.#near, options.near), bind(relay.#far, options.far)]);
    return relay;
  }

  close(): void {
    this.#near.close();
    this.#far.close();
  }

  #pass(datagram: Buffer, socket: Socket, port: number): void {
    const startLine = datagram.toString('latin1').split('\r\n', 1)[0] ?? '';
    const word = startLine.startsWith('SIP/2.0')
      ? startLine.slice(8, 11)
      : (startLine.split(' ', 1)[0] ?? '');
    const count = this.#seen.get(word) ?? 0;
    this.#seen.set(word, count + 1);
    if (this.#options.loses(word, count)) this.lost.push(word);
    else if (port !== 0) socket.send(datagram, port, '127.0.0.1');
  }
}

function bind(socket: Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.bind(port, '127.0.0.1', () => resolve());
  });
}
