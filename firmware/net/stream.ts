/** TCP or TLS: a listener of each family, the pool of connections, and their limits. */
import type { Server, Socket } from 'node:net';
import { type Endpoint, type Family, textOf } from '#address/endpoint.ts';
import { freePort } from './free_port.ts';
import { type Fault, type Outbound, StreamConnection } from './stream_connection.ts';
import { STREAM_LIMITS, type StreamLimits } from './stream_limits.ts';
import type { StreamOpener } from './stream_opener.ts';

export interface StreamEvents {
  message(octets: Uint8Array, connection: StreamConnection): void;
  connected(ref: string): void;
  pong(ref: string): void;
  undelivered(ref: string, error: string): void;
  /** A connection was refused or cut by a limit; `why` is a short stable word. */
  dropped(why: string): void;
  /** A connection that messages could go over is gone. */
  closed(connection: StreamConnection): void;
  /** False: a connection from there is closed at once. */
  welcome(remote: Endpoint): boolean;
}

/** Where a connection leads: from our own end (port 0: any) to a peer that has to prove its name, with TLS. */
export interface Way {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly serverName: string;
}

/** How it is listened, where not as everybody is called. */
export interface Listening {
  /** What makes the listener. */
  readonly opener: StreamOpener;
  /** Whether a peer of this server name may learn that we listen. To others we are as if we did not. */
  readonly isFor: (serverName: string) => boolean;
}

const MOST_PROMISED = 64;

export class StreamTransport {
  readonly #opener: StreamOpener;
  readonly #events: StreamEvents;
  readonly #limits: StreamLimits;
  readonly #servers: Server[] = [];
  /** Accepted by the kernel and not closed, the handshaking ones among them. */
  readonly #accepted = new Set<Socket>();
  readonly #connections = new Map<number, StreamConnection>();
  readonly #byWay = new Map<string, StreamConnection>();
  /** Ports of our own end that were promised for connections, by where these lead. */
  readonly #promised = new Map<string, number>();
  #port: number | undefined;
  #isFor: Listening['isFor'] = () => true;
  #lastId = 0;

  constructor(opener: StreamOpener, events: StreamEvents, limits: Partial<StreamLimits> = {}) {
    this.#opener = opener;
    this.#events = events;
    this.#limits = { ...STREAM_LIMITS, ...limits };
  }

  /** Rejects with the system's error. Port 0: any free one. */
  async listen(family: Family, port: number, how?: Listening): Promise<number> {
    const { opener, isFor } = how ?? { opener: this.#opener, isFor: this.#isFor };
    const server = opener.createServer(
      (socket) => this.#accept(socket),
      (socket) => this.#started(socket),
    );
    const bound = await listening(server, family, port);
    this.#servers.push(server);
    this.#port = bound;
    this.#isFor = isFor;
    return bound;
  }

  /**
   * Our own end as a peer may know it: from `address`, with the port where we listen. Where we do not listen, the peer
   * reaches us over the connection that leads to it and no other way: then that one's port, be it open already or not.
   */
  async ownEnd(address: string, remote: Endpoint, serverName: string): Promise<Endpoint> {
    const { family } = remote;
    const heard = this.#portFor(serverName);
    if (heard !== undefined) return { family, address, port: heard };
    const known = this.find({ remote, serverName });
    if (known?.outbound) return known.local ?? known.outbound.from;
    const key = this.#keyOf(remote, serverName);
    const port = this.#promised.get(key) ?? (await freePort({ family, address }));
    const [oldest] = this.#promised.keys();
    if (this.#promised.size >= MOST_PROMISED && oldest !== undefined) this.#promised.delete(oldest);
    const promised = this.#promised.get(key) ?? port;
    this.#promised.set(key, promised);
    return { family, address, port: promised };
  }

  /** The port where we listen. */
  get port(): number | undefined {
    return this.#port;
  }

  /** The port at which the peer of this connection reaches us: where we listen, else that of the connection. */
  portOf({ outbound, local }: StreamConnection): number | undefined {
    const isPromised = outbound !== undefined && outbound.from.port !== 0;
    return isPromised ? local?.port : (this.#port ?? local?.port);
  }

  #portFor(serverName: string): number | undefined {
    return this.#isFor(serverName) ? this.#port : undefined;
  }

  get size(): number {
    return this.#connections.size;
  }

  connection(id: number): StreamConnection | undefined {
    return this.#connections.get(id);
  }

  /**
   * The open connection that leads there (RFC 3261 18); over TCP that may be one that the peer opened, over TLS never:
   * such a peer has proved nothing. Where an address is the name to prove, a connection to that address does whose
   * peer proved another: a proxy that put its address into a Record-Route is met again on its own connection.
   */
  find({ remote, serverName }: Omit<Way, 'local'>): StreamConnection | undefined {
    const known = this.#byWay.get(this.#keyOf(remote, serverName));
    if (known?.open) return known;
    if (serverName !== remote.address) return undefined;
    const there = textOf(remote);
    return [...this.#connections.values()].find(
      ({ open, outbound, remote: to }) => open && outbound && textOf(to) === there,
    );
  }

  /** The one that is found, else a new one. Undefined: there are too many. */
  to(way: Way): StreamConnection | undefined {
    const known = this.find(way);
    if (known) return known;
    const { local, remote, serverName } = way;
    if (!this.#makeRoom(remote)) return undefined;
    // Where we listen, connections come from any port: that of the listener cannot be had twice.
    const from = this.#portFor(serverName) === undefined ? local : { ...local, port: 0 };
    const socket = this.#opener.connect(from, remote, serverName);
    const outbound: Outbound = { ready: this.#opener.ready, from };
    return this.#adopt(socket, remote, outbound, this.#keyOf(remote, serverName));
  }

  /** Takes back what was asked for with this ref. */
  release(ref: string): void {
    for (const connection of [...this.#connections.values()]) connection.release(ref);
  }

  /** Closes the connections whose own address is not there any more. */
  closeWhere(isGone: (address: string) => boolean): void {
    for (const connection of [...this.#connections.values()]) {
      const address = (connection.local ?? connection.outbound?.from)?.address;
      if (address !== undefined && isGone(address))
        connection.reset(`our address ${address} is not there any more`);
    }
  }

  /** Lets what is queued go out; what has not gone after `patience` ms is cut off. */
  async close(patience: number): Promise<void> {
    const servers = this.#servers.splice(0);
    const quiet = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const connection of this.#connections.values()) connection.end();
    const cut = setTimeout(() => {
      for (const connection of this.#connections.values()) connection.close('closed by us');
      for (const socket of this.#accepted) socket.destroy();
    }, patience);
    await Promise.all(quiet);
    while (this.#connections.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    clearTimeout(cut);
  }

  #started(socket: Socket): void {
    const remote = remoteOf(socket);
    socket.on('error', () => {});
    if (!remote || !this.#events.welcome(remote) || !this.#makeRoom(remote)) return void socket.destroy();
    this.#accepted.add(socket);
    socket.once('close', () => this.#accepted.delete(socket));
  }

  #accept(socket: Socket): void {
    const remote = remoteOf(socket);
    socket.on('error', () => {});
    if (!remote || socket.destroyed) return void socket.destroy();
    this.#adopt(socket, remote, undefined, this.#opener.transport === 'tcp' ? textOf(remote) : undefined);
  }

  /** `key`: by which it is found again. */
  #adopt(
    socket: Socket,
    remote: Endpoint,
    outbound: Outbound | undefined,
    key: string | undefined,
  ): StreamConnection {
    const id = ++this.#lastId;
    const { connected, pong, undelivered } = this.#events;
    const connection: StreamConnection = new StreamConnection(
      socket,
      { id, remote, outbound, limits: this.#limits },
      {
        ...{ connected, pong, undelivered },
        message: (octets) => this.#events.message(octets, connection),
        closed: (fault) => this.#closed(connection, key, fault),
      },
    );
    this.#connections.set(id, connection);
    if (key !== undefined) this.#byWay.set(key, connection);
    return connection;
  }

  #closed(connection: StreamConnection, key: string | undefined, fault: Fault | undefined): void {
    if (fault !== undefined) this.#dropped(fault);
    this.#connections.delete(connection.id);
    if (key !== undefined && this.#byWay.get(key) === connection) {
      this.#byWay.delete(key);
      this.#promised.delete(key);
    }
    if (connection.local) this.#events.closed(connection);
  }

  /** Over TCP nobody proves a name. */
  #keyOf(remote: Endpoint, serverName: string): string {
    return this.#opener.transport === 'tls' ? `${textOf(remote)} ${serverName}` : textOf(remote);
  }

  /** Keeps the limits: one address cannot take all places, and the idlest stranger makes way for a newcomer. */
  #makeRoom(remote: Endpoint): boolean {
    const all = [...this.#connections.values()];
    const started = [...this.#accepted].filter((socket) => socket.remoteAddress === remote.address).length;
    const ours = all.filter(({ outbound, remote: to }) => outbound && to.address === remote.address).length;
    if (started + ours >= this.#limits.connectionsPerAddress) {
      this.#dropped('too-many-of-address');
      return false;
    }
    if (all.length < this.#limits.connections && this.#accepted.size < this.#limits.connections) return true;
    const [idlest] = all.filter((each) => !each.outbound).sort((a, b) => a.lastMessage - b.lastMessage);
    if (!idlest) this.#dropped('too-many');
    idlest?.fail('crowded-out');
    return idlest !== undefined;
  }

  #dropped(why: string): void {
    this.#events.dropped(`${this.#opener.transport}-${why}`);
  }
}

function remoteOf(socket: Socket): Endpoint | undefined {
  const { remoteAddress: address, remotePort: port, remoteFamily } = socket;
  if (address === undefined || port === undefined) return undefined;
  return { family: remoteFamily === 'IPv6' ? 6 : 4, address, port };
}

function listening(server: Server, family: Family, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: family === 6 ? '::' : '0.0.0.0', port, ipv6Only: family === 6 }, () => {
      server.removeListener('error', reject);
      // A failed accept (no file descriptor left) loses that connection, not the listener.
      server.on('error', () => {});
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
