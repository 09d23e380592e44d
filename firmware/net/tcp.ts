/** TCP: a listener of each family, the pool of connections, and their limits. */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { type Endpoint, type Family, textOf } from '#address/endpoint.ts';
import { TcpConnection } from './tcp_connection.ts';
import { TCP_LIMITS, type TcpLimits } from './tcp_limits.ts';

export interface TcpEvents {
  message(octets: Uint8Array, connection: TcpConnection): void;
  undelivered(ref: string, error: string): void;
  /** A connection was refused or cut by a limit; `why` is a short stable word. */
  dropped(why: string): void;
  /** False: a connection from there is closed at once. */
  welcome(remote: Endpoint): boolean;
}

export class TcpTransport {
  readonly #events: TcpEvents;
  readonly #limits: TcpLimits;
  readonly #servers: Server[] = [];
  readonly #connections = new Map<number, TcpConnection>();
  readonly #byRemote = new Map<string, TcpConnection>();
  #lastId = 0;

  constructor(events: TcpEvents, limits: Partial<TcpLimits> = {}) {
    this.#events = events;
    this.#limits = { ...TCP_LIMITS, ...limits };
  }

  /** Rejects with the system's error. Port 0: any free one. */
  async listen(family: Family, port: number): Promise<number> {
    const server = createServer({ allowHalfOpen: false }, (socket) => this.#accept(socket));
    const bound = await listening(server, family, port);
    this.#servers.push(server);
    return bound;
  }

  get size(): number {
    return this.#connections.size;
  }

  connection(id: number): TcpConnection | undefined {
    return this.#connections.get(id);
  }

  /** The open connection to exactly this remote end, whoever opened it, else a new one (RFC 3261 18). */
  to(remote: Endpoint): TcpConnection | undefined {
    const known = this.#byRemote.get(textOf(remote));
    if (known?.open) return known;
    if (!this.#makeRoom(remote)) return undefined;
    const socket = createConnection({ host: remote.address, port: remote.port });
    return this.#adopt(socket, remote, true);
  }

  /** Lets what is queued go out; what has not gone after `patience` ms is cut off. */
  async close(patience: number): Promise<void> {
    const servers = this.#servers.splice(0);
    const quiet = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const connection of this.#connections.values()) connection.end();
    const cut = setTimeout(() => {
      for (const connection of this.#connections.values()) connection.close('closed by us');
    }, patience);
    await Promise.all(quiet);
    while (this.#connections.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    clearTimeout(cut);
  }

  #accept(socket: Socket): void {
    const { remoteAddress: address, remotePort: port, remoteFamily } = socket;
    if (address === undefined || port === undefined) return void socket.destroy();
    const remote: Endpoint = { family: remoteFamily === 'IPv6' ? 6 : 4, address, port };
    socket.on('error', () => {});
    if (!this.#events.welcome(remote) || !this.#makeRoom(remote)) return void socket.destroy();
    this.#adopt(socket, remote, false);
  }

  #adopt(socket: Socket, remote: Endpoint, outbound: boolean): TcpConnection {
    const id = ++this.#lastId;
    const key = textOf(remote);
    const connection = new TcpConnection(id, socket, remote, outbound, this.#limits, {
      message: (octets) => this.#events.message(octets, connection),
      undelivered: this.#events.undelivered,
      closed: (fault) => {
        if (fault !== undefined) this.#events.dropped(fault);
        this.#connections.delete(id);
        if (this.#byRemote.get(key) === connection) this.#byRemote.delete(key);
      },
    });
    this.#connections.set(id, connection);
    this.#byRemote.set(key, connection);
    return connection;
  }

  /** Keeps the limits: one address cannot take all places, and the idlest stranger makes way for a newcomer. */
  #makeRoom(remote: Endpoint): boolean {
    const all = [...this.#connections.values()];
    const sameAddress = all.filter((each) => each.remote.address === remote.address).length;
    if (sameAddress >= this.#limits.connectionsPerAddress) {
      this.#events.dropped('tcp-too-many-of-address');
      return false;
    }
    if (all.length < this.#limits.connections) return true;
    const [idlest] = all.filter((each) => !each.outbound).sort((a, b) => a.lastMessage - b.lastMessage);
    if (!idlest) this.#events.dropped('tcp-too-many');
    idlest?.fail('tcp-crowded-out');
    return idlest !== undefined;
  }
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
