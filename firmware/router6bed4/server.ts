/** The router on a UDP port of this host, with its native side where it has one. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { endText, type Ipv4End, ipv4Text } from '#socket6bed4/address/ipv4.ts';
import { ipv4Of, ipv4TextOf } from '#socket6bed4/socket/texts.ts';
import type { RouterCounters } from './counters.ts';
import { commandsFor, exists, forwardingHint, setUp } from './native_side.ts';
import { Router, type RouterEffect } from './router.ts';
import type { Settings } from './settings.ts';
import { openTun, type Tun } from './tun.ts';

/** Octets that the kernel keeps for us while we are busy, as far as net.core.rmem_max allows. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
/** Datagrams that the kernel has not taken yet; beyond, new ones are dropped. */
const MOST_WAITING = 1024;

/** By errno, why the port cannot be had and what to do. */
const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it: end that one, or take another port with --listen IPV4:PORT',
  EADDRNOTAVAIL: 'this host has no such address: name one of its own with --listen IPV4',
  EACCES: 'permission denied: take a port above 1023, or run as root',
};

export class Server {
  readonly #router: Router;
  readonly #socket: Socket;
  readonly #hints: string[];
  #tun: Tun | undefined;
  /** Resolves when the server has closed; rejects when it cannot go on. */
  readonly closed: Promise<void>;
  readonly #end = Promise.withResolvers<void>();
  #waiting = 0;
  #isClosed = false;

  /** Rejects with an Error that says what to do when the port or the interface is not to be had. */
  static async start(settings: Settings): Promise<Server> {
    const server = new Server(settings);
    try {
      await server.#bind(settings.listen);
      if (settings.tun !== undefined) await server.#openTun(settings.tun, settings.prefix);
    } catch (error) {
      server.close();
      throw error;
    }
    return server;
  }

  private constructor({ prefix, self, onLink, tun, hints }: Settings) {
    this.#router = new Router({ prefix, self, onLink, native: tun !== undefined });
    this.#hints = [...hints];
    this.closed = this.#end.promise;
    // Whoever awaits it hears of a failure; whoever does not must not die of it.
    this.closed.catch(() => {});
    // Our targets are addresses already, and Node's look-up would cost a turn of the event loop for each datagram.
    this.#socket = createSocket({
      type: 'udp4',
      lookup: (host, _options, done) => done(null, host, 4),
    });
    this.#socket.on('message', (octets, remote) => this.#received(octets, remote));
  }

  get counters(): Readonly<RouterCounters> {
    return this.#router.counters;
  }

  get address(): Router['address'] {
    return this.#router.address;
  }

  /** Sentences for who started it. */
  get hints(): readonly string[] {
    return this.#hints;
  }

  /** The interface, if it is ours, goes with it. */
  close(): void {
    this.#fail(undefined);
  }

  #fail(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tun?.close();
    this.#socket.close();
    if (error === undefined) this.#end.resolve();
    else this.#end.reject(error);
  }

  async #bind(listen: Ipv4End): Promise<void> {
    try {
      const listening = once(this.#socket, 'listening');
      this.#socket.bind({ address: ipv4Text(listen.ipv4), port: listen.port, exclusive: true });
      await listening;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      throw new Error(`UDP port ${endText(listen)} cannot be opened: ${WHY[code] ?? String(error)}`);
    }
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.setRecvBufferSize(RECEIVE_BUFFER);
  }

  async #openTun(name: string, prefix: Uint8Array): Promise<void> {
    const isThere = exists(name);
    this.#tun = await openTun(name, {
      packet: (octets) => this.#apply(this.#router.native(octets, performance.now())),
      lost: (error) => this.#fail(error),
    });
    if (!isThere) await setUp(commandsFor(name, prefix, this.#router.address));
    this.#hints.push(...forwardingHint());
  }

  #received(octets: Uint8Array, remote: RemoteInfo): void {
    const from = { ipv4: ipv4Of(remote.address), port: remote.port };
    this.#apply(this.#router.handle(from, octets, performance.now()));
  }

  #apply(effects: readonly RouterEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'transmit') this.#transmit(effect.to, effect.octets);
      else if (effect.kind === 'native' && !this.#tun?.write(effect.packet)) this.#lose('send-failed');
    }
  }

  #transmit(to: Ipv4End, octets: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#waiting >= MOST_WAITING) {
      this.#lose('congested');
      return;
    }
    this.#waiting += 1;
    this.#socket.send(octets, to.port, ipv4TextOf(to.ipv4), this.#sent);
  }

  /** One function for all: the kernel may refuse what it likes, and the next datagram is another's. */
  readonly #sent = (error: Error | null): void => {
    this.#waiting -= 1;
    if (error !== null) this.#lose('send-failed');
  };

  #lose(why: 'congested' | 'send-failed'): void {
    this.#router.counters.dropped[why] += 1;
  }
}
