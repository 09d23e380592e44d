/**
 * The HTTPS server of the admin page. Until somebody owns the telephone it listens on loopback alone, unless the
 * telephone has a screen that only those before it can read; then on every address.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Socket } from 'node:net';
import { WebError } from '../errors.ts';
import { isLoopback } from '../host.ts';
import type { Identity } from './certificate_file.ts';
import { sourceOf } from './lockout.ts';

export type Scope = 'loopback' | 'everywhere';

export interface ListenerOptions {
  readonly port: number;
  /** So many ports after it are tried when it is taken. */
  readonly more: number;
  readonly scope: Scope;
  readonly identity: Identity;
  readonly handle: (request: IncomingMessage, response: ServerResponse, scope: Scope) => void;
}

/** The first that the machine has of each group: `::` takes both families where there are both. */
const HOSTS: Readonly<Record<Scope, readonly (readonly string[])[]>> = {
  loopback: [['127.0.0.1'], ['::1']],
  everywhere: [['::', '0.0.0.0']],
};
/** ms after which connections end that would not be taken any more: by then their pages know where to go. */
export const PARTING = 1000;
const MOST_CONNECTIONS = 64;
const MOST_OF_ONE_SOURCE = 16;
const NO_FAMILY = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

export class Listener {
  readonly #options: ListenerOptions;
  readonly #connections = new Map<Socket, string>();
  #identity: Identity;
  #servers: readonly Server[] = [];
  #scope: Scope;
  #port = 0;
  #moving: Promise<void> = Promise.resolve();

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#identity = options.identity;
    this.#scope = options.scope;
  }

  /** Throws WebError where no port can be had. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    for (let port = options.port; ; port++) {
      try {
        await listener.#listen(port, options.scope);
        return listener;
      } catch (error) {
        const busy = error instanceof WebError && error.code === 'address-in-use';
        if (!busy || port >= options.port + options.more) throw error;
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  get scope(): Scope {
    return this.#scope;
  }

  /**
   * Listens elsewhere from now on. Rejects with WebError where that cannot be had, and stays where it was. Who is
   * connected stays so, but for a moment only who could not connect any more.
   */
  move(port: number, scope: Scope): Promise<void> {
    const moved = this.#moving.then(() => this.#move(port, scope));
    this.#moving = moved.catch(() => {});
    return moved;
  }

  async #move(port: number, scope: Scope): Promise<void> {
    const before = { servers: this.#servers, port: this.#port, scope: this.#scope };
    if (port === before.port && scope === before.scope) return;
    const parting = [...this.#connections.keys()].filter(
      ({ remoteAddress }) => port !== before.port || (scope === 'loopback' && !isLoopback(remoteAddress)),
    );
    // The same port of all addresses is to be had only after that of some was given back.
    if (port === before.port) await Promise.all(before.servers.map(stopListening));
    try {
      await this.#listen(port, scope);
    } catch (error) {
      // Another program has the port on some address: who is here shall not be shut out for that.
      if (port === before.port) await this.#listen(before.port, before.scope);
      throw error;
    }
    if (port !== before.port) await Promise.all(before.servers.map(stopListening));
    const part = () => {
      for (const socket of parting) socket.destroy();
    };
    setTimeout(part, PARTING).unref();
  }

  /** For connections from now on. */
  renew(identity: Identity): void {
    this.#identity = identity;
    for (const server of this.#servers)
      server.setSecureContext({ key: identity.key, cert: identity.certificate });
  }

  async close(): Promise<void> {
    await this.#moving;
    await Promise.all(this.#servers.map(stopListening));
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  async #listen(port: number, scope: Scope): Promise<void> {
    const servers: Server[] = [];
    let taken = port;
    try {
      for (const hosts of HOSTS[scope]) {
        const server = await this.#firstOf(hosts, taken);
        if (server === undefined) continue;
        servers.push(server);
        const address = server.address();
        if (address !== null && typeof address === 'object') taken = address.port;
      }
    } catch (error) {
      await Promise.all(servers.map(stopListening));
      throw error;
    }
    if (servers.length === 0)
      throw new WebError('cannot-listen', 'The settings page has no address to listen on.');
    this.#servers = servers;
    this.#port = taken;
    this.#scope = scope;
  }

  async #firstOf(hosts: readonly string[], port: number): Promise<Server | undefined> {
    for (const host of hosts) {
      const server = this.#server();
      const error = await listening(server, host, port);
      if (error === undefined) return server;
      if (!NO_FAMILY.includes(error.code ?? '')) throw whyNot(error, port);
    }
    return undefined;
  }

  #server(): Server {
    const server = createServer({
      key: this.#identity.key,
      cert: this.#identity.certificate,
      minVersion: 'TLSv1.2',
      handshakeTimeout: 10_000,
      maxHeaderSize: 8192,
      headersTimeout: 10_000,
      requestTimeout: 20_000,
    });
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (socket) => {
      if (socket instanceof Socket) this.#count(socket);
    });
    server.on('request', (request, response) => this.#options.handle(request, response, this.#scope));
    // A browser that does not like the certificate says so by hanging up.
    server.on('tlsClientError', (_, socket) => socket.destroy());
    return server;
  }

  /** One host cannot take all connections. */
  #count(socket: Socket): void {
    const source = sourceOf(socket.remoteAddress);
    const same = [...this.#connections.values()].filter((other) => other === source).length;
    if (same >= MOST_OF_ONE_SOURCE) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, source);
    socket.once('close', () => this.#connections.delete(socket));
  }
}

function listening(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port, ipv6Only: false }, () => {
      server.removeListener('error', resolve);
      server.on('error', () => {});
      resolve(undefined);
    });
  });
}

/** Connections that are open stay open. */
function stopListening(server: Server): Promise<void> {
  server.close();
  // Its handle is gone with the next turn of the loop; `close` waits for the connections too.
  return new Promise((resolve) => setImmediate(resolve));
}

function whyNot(error: NodeJS.ErrnoException, port: number): WebError {
  if (error.code === 'EADDRINUSE') {
    return new WebError(
      'address-in-use',
      `Port ${port} of the settings page is in use; admin.port names another.`,
      error,
    );
  }
  const text = `The settings page cannot listen on port ${port} (${error.message}); admin.port names another.`;
  return new WebError('cannot-listen', text, error);
}
