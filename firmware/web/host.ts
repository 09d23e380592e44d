/**
 * Which Host fields name this server (DNS rebinding: a name that an attacker turns to our address is none of ours).
 * A browser shows the name of the site whose script it runs; whoever cannot take one of our names cannot be us.
 */
import type { IncomingMessage } from 'node:http';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** IPv6 in brackets, as in Host and URLs. */
export function urlHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** Whether a connection from `address` comes from this machine itself. */
export function isLoopback(address = ''): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(address);
}

export interface OwnNamesOptions {
  /** The port that the server listens on. */
  readonly port: number;
  /** What a Host without a port means: 80, or 443. */
  readonly defaultPort: number;
  /** Besides loopback's. */
  readonly names?: readonly string[];
  /** On all addresses: the very address that a connection reached is ours, for no rebound name can be that. */
  readonly everywhere: boolean;
}

export class OwnNames {
  readonly #options: OwnNamesOptions;
  readonly #names: ReadonlySet<string>;

  constructor(options: OwnNamesOptions) {
    this.#options = options;
    this.#names = new Set([...LOOPBACK, ...(options.names ?? []).map((name) => urlHost(name).toLowerCase())]);
  }

  /** Whether the request was meant for us. */
  include({ headers, socket }: IncomingMessage): boolean {
    const { port: own, defaultPort, everywhere } = this.#options;
    const [, name, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(headers.host?.toLowerCase() ?? '') ?? [];
    if (!name || Number(port ?? defaultPort) !== own) return false;
    if (this.#names.has(name)) return true;
    // A zone is of this machine alone: no browser sends it.
    const reached = socket.localAddress?.replace(/^::ffff:/, '').replace(/%.*$/, '');
    return everywhere && reached !== undefined && name === urlHost(reached);
  }
}
