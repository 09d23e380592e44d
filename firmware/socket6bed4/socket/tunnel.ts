/** The tunnel as an application sees it, and who holds it: sockets of the same options share one. */
import { once } from 'node:events';
import { endText, parseIpv4Prefix } from '../address/ipv4.ts';
import { type Ipv6, ipv6Key } from '../address/ipv6.ts';
import { errorOf } from './errors.ts';
import { Link } from './link.ts';
import { findRouters, type Router, readRouters } from './routers.ts';
import { type MessageListener, Socket, type SocketOptions } from './socket.ts';
import { octetsOf, textOf } from './texts.ts';

export interface TunnelOptions {
  /** `192.0.2.1`, `192.0.2.1:25790` or a name instead of the address; 25790 is the port where none is told. */
  readonly routers: readonly string[];
  /** The local IPv4 port, if it is free; otherwise, and by default, any. */
  readonly port?: number;
  /** IPv4 prefixes with private addresses that are neighbours: `192.168.1.0/24`. By default none is sent to. */
  readonly onLink?: readonly string[];
  /** Milliseconds that the NAT on the way keeps an unused mapping; default 30 000. */
  readonly hole?: number;
  /** Milliseconds between keep-alives to the router; default 25 000. */
  readonly keepAlive?: number;
}

/** Milliseconds without a router until that is an error, and names are looked up again. */
const PATIENCE = 30_000;
/** Milliseconds that `sourceFor` waits for another router. */
const ATTACHING = 1000;

/** By what is told of `TunnelOptions`. */
const tunnels = new Map<string, Tunnel>();
const OPTIONS = ['routers', 'port', 'onLink', 'hole', 'keepAlive'];

/**
 * Opens the tunnel of these options, or gives the one that is open, until somebody closes it. Throws where an option is
 * wrong.
 */
export function openTunnel(options: TunnelOptions): Tunnel {
  return tunnelFor(options).ref();
}

/** For sockets: it closes with the last one of them. */
export function tunnelFor(options: TunnelOptions): Tunnel {
  const key = JSON.stringify(options, OPTIONS);
  const tunnel = tunnels.get(key) ?? new Tunnel(options);
  tunnels.set(key, tunnel);
  return tunnel;
}

/** Who needs the tunnel. */
export interface Holder {
  /** The process is to live on for it. */
  readonly alive: boolean;
  /** The tunnel was closed. */
  ended(): void;
}

export class Tunnel extends Link {
  #routers: readonly Router[];
  /** What DNS knew of them. */
  #found: readonly (string | undefined)[] = [];
  #search: NodeJS.Timeout | undefined;
  readonly #holders = new Set<Holder>();
  /** The application that opened it. */
  readonly #opener = { alive: true, ended: () => {} };

  constructor(options: TunnelOptions) {
    const routers = readRouters(options.routers);
    const onLink = (options.onLink ?? []).map((text) => {
      const prefix = parseIpv4Prefix(text);
      if (!prefix) throw errorOf('ERR_INVALID_ARG_VALUE', `onLink: '${text}' is no IPv4 prefix`);
      return prefix;
    });
    super({ ...options, onLink }, (error) => {
      if (error) this.#close(error);
      else this.#seek();
    });
    this.#routers = routers;
    this.on('lost', () => this.#seek());
  }

  /** Ours, by our own router; undefined: none has answered yet. */
  get address(): string | undefined {
    return this.addresses[0];
  }

  /** Ours: the one by our own router first, then those by others. */
  get addresses(): readonly string[] {
    return this.own.map(textOf);
  }

  /** A socket inside. */
  createSocket(options?: Partial<SocketOptions>, listener?: MessageListener): Socket {
    return new Socket({ ...options, type: 'udp6', tunnel: this }, listener);
  }

  /**
   * Which of our addresses to use with `remote`. Where another router serves it, we get an address of that one, within
   * 1 s. Rejects with ENETUNREACH as long as there is no address at all.
   */
  async sourceFor(remote: string): Promise<string> {
    const octets = read(remote);
    const signal = AbortSignal.timeout(ATTACHING);
    const attached = once(this, `attached ${ipv6Key(octets)}`, { signal }).catch(() => {});
    this.feed({ kind: 'attach', remote: octets });
    await attached;
    const address = this.source(octets);
    if (!address) throw errorOf('ENETUNREACH', 'The tunnel has no address yet');
    return textOf(address);
  }

  /** Nothing is heard from there although something should be: the direct path is not trusted until proven anew. */
  suspect(remote: string): void {
    this.feed({ kind: 'suspect', remote: read(remote) });
  }

  /** Our IPv4 address or route may be another: asks the routers anew. */
  renew(): void {
    this.feed({ kind: 'network-changed' });
    this.#seek();
  }

  /** Others from now on; the router that serves does so until one of them answers, and further if it is among them. */
  setRouters(list: readonly string[]): void {
    this.#routers = readRouters(list);
    this.#found = [];
    this.#forgetKey();
    this.#seek();
  }

  /** Keeps the process alive, as `openTunnel` does. */
  ref(): this {
    this.#opener.alive = true;
    this.hold(this.#opener);
    return this;
  }

  unref(): this {
    this.#opener.alive = false;
    this.hold(this.#opener);
    return this;
  }

  /** Ends it, with all sockets in it. */
  close(): void {
    this.#close();
  }

  /** @internal Keeps the tunnel until `release`; again when `alive` is another. */
  hold(holder: Holder): void {
    this.#holders.add(holder);
    this.#ref();
  }

  /** @internal */
  release(holder: Holder): void {
    this.#holders.delete(holder);
    if (this.#holders.size === 0) this.close();
    else this.#ref();
  }

  #ref(): void {
    if (!this.closed) this.outer.socket[[...this.#holders].some(({ alive }) => alive) ? 'ref' : 'unref']();
  }

  /** Looks where the routers are, now and every 30 s until one of them serves. */
  async #seek(): Promise<void> {
    if (this.closed) return;
    clearTimeout(this.#search);
    const routers = this.#routers;
    this.#search = setTimeout(() => {
      if (this.own.length === 0) this.#tell(this.#timedOut());
      if (!this.#found.includes(this.router)) this.#seek();
    }, PATIENCE).unref();
    const ends = await findRouters(routers);
    if (routers !== this.#routers || ends.length === 0) return;
    this.#found = ends.map(endText);
    this.feed({ kind: 'routers', routers: ends });
  }

  /** With an error there has never been an address: sockets that wait are told why, and may try again. */
  #close(error?: Error): void {
    if (this.closed) return;
    this.#forgetKey();
    clearTimeout(this.#search);
    this.end();
    if (error) this.#tell(error);
    else for (const holder of this.#holders) holder.ended();
  }

  #timedOut(): Error {
    const names = this.#routers.map(({ host, port }) => `${host}:${port}`).join(', ');
    const what = this.#found.length > 0 ? 'no answer' : 'DNS has no IPv4 address';
    return errorOf('ETIMEDOUT', `${what} of the 6bed4 router ${names} in 30 s, still trying`);
  }

  /** Whoever uses sockets only hears of it by these. */
  #tell(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }

  #forgetKey(): void {
    for (const [key, tunnel] of tunnels) if (tunnel === this) tunnels.delete(key);
  }
}

function read(remote: string): Ipv6 {
  const address = octetsOf(remote);
  if (!address) throw errorOf('ERR_INVALID_ARG_VALUE', `'${remote}' is no IPv6 address`);
  return address;
}
