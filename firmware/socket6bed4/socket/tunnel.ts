/** The tunnel as an application sees it, and its events. */
import { EventEmitter } from 'node:events';
import type { Ipv6 } from '../address/ipv6.ts';
import type { PeerCounters } from '../peer/types.ts';
import { errorOf } from './errors.ts';
import { type Link, type LinkEvents, type LinkOptions, linkFor } from './link.ts';
import { type MessageListener, Socket, type SocketOptions } from './socket.ts';

export type TunnelOptions = LinkOptions;

export interface TunnelEvents extends Omit<LinkEvents, 'failed'> {
  /** ETIMEDOUT: no router has answered for 30 s, the search goes on. Another: there is no IPv4 socket, `close` follows. */
  error: [error: Error];
  close: [];
}

const FORWARDED = ['address', 'direct', 'relayed', 'lost', 'unreachable'] as const;
const NO_COUNTERS: PeerCounters = {
  direct: 0,
  relayed: 0,
  receivedDirect: 0,
  receivedRelayed: 0,
  dropped: {},
};

/** Opens the tunnel of these options, or takes part in the one that is open. Throws a TypeError where one is wrong. */
export function openTunnel(options: TunnelOptions): Tunnel {
  return new Tunnel(options);
}

export class Tunnel extends EventEmitter<TunnelEvents> {
  /** @internal */
  readonly link: Link;
  readonly #end: () => void;
  #closed = false;

  constructor(options: TunnelOptions) {
    super();
    this.setMaxListeners(0);
    const link = linkFor(options);
    this.link = link;
    link.hold(this, true);
    const listeners = FORWARDED.map((event) => {
      const listener = (...args: readonly unknown[]) => (this as EventEmitter).emit(event, ...args);
      link.on(event, listener);
      return () => link.off(event, listener);
    });
    const cancel = link.wait(
      () => {},
      (error) => {
        this.emit('error', error);
        if (link.closed) this.close();
      },
    );
    this.#end = () => {
      cancel();
      for (const off of listeners) off();
      link.release(this);
    };
  }

  /** Ours, by our own router; undefined: none has answered yet. */
  get address(): string | undefined {
    return this.addresses[0];
  }

  /** Ours: the one by our own router first, then those by others. */
  get addresses(): readonly string[] {
    return this.link.addresses;
  }

  /** The router that serves: `192.0.2.1:25790`. */
  get router(): string | undefined {
    return this.link.router;
  }

  /** Packets that went and came directly or relayed, and what was ignored, by reason. */
  get counters(): Readonly<PeerCounters> {
    return this.link.counters ?? NO_COUNTERS;
  }

  /** A socket inside; it is closed with the tunnel. */
  createSocket(options: Omit<SocketOptions, 'type' | 'tunnel'> = {}, listener?: MessageListener): Socket {
    return new Socket({ ...options, type: 'udp6', tunnel: this }, listener);
  }

  /**
   * Which of our addresses to use with `remote`. Where another router serves it, we get an address of that one, within
   * 1 s. Rejects with ENETUNREACH as long as there is no address at all.
   */
  async sourceFor(remote: string): Promise<string> {
    const address = await this.link.attach(this.#read(remote));
    if (address === undefined) throw errorOf('ENETUNREACH', `No address yet to reach ${remote} from`);
    return this.link.texts.textOf(address);
  }

  /** Nothing is heard from there although something should be: the direct path is not trusted until proven anew. */
  suspect(remote: string): void {
    this.link.suspect(this.#read(remote));
  }

  /** Our IPv4 address or route may be another: asks the routers anew. */
  renew(): void {
    this.link.renew();
  }

  /** Others from now on; the address stays until one of them answers. */
  setRouters(list: readonly string[]): void {
    this.link.setRouters(list);
  }

  /** Keeps the process alive, as it does from the beginning. */
  ref(): this {
    this.link.hold(this, true);
    return this;
  }

  unref(): this {
    this.link.hold(this, false);
    return this;
  }

  /** Closes the sockets that it made, and ends what it held; other sockets of the same options live on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end();
    process.nextTick(() => this.emit('close'));
  }

  #read(remote: string): Ipv6 {
    const address = this.link.texts.octetsOf(remote);
    if (address === undefined) throw errorOf('ERR_INVALID_ARG_VALUE', `'${remote}' is no IPv6 address`);
    return address;
  }
}
