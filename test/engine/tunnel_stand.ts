/** A stand-in for the 6bed4 tunnel: sockets in one process, addresses and troubles as the test says. */
import { EventEmitter } from 'node:events';
import type { InnerSender, InnerSocket, InnerTunnel, OpenTunnel } from '#engine/inner_tunnel.ts';
import { TunnelHost } from '#engine/tunnel_host.ts';
import type { TunnelCommand, TunnelEvent } from '#media/tunnel.ts';

export const ROUTER = '192.0.2.1:25790';
/** Ours by that router, and a neighbour's. */
export const OURS = 'fc64:bed:c000:201:cb00:7105:6402:c001';
export const NEIGHBOUR = 'fc64:bed:c000:201:c633:6407:7531:8001';
export const OPEN = {
  kind: 'tunnel-open',
  routers: [ROUTER],
  port: 25_790,
  onLink: [],
  sipPort: 5060,
} as const;

export interface Sent {
  readonly from: number;
  readonly local: string | undefined;
  readonly octets: Uint8Array;
  readonly port: number;
  readonly address: string;
}

class StandSocket extends EventEmitter implements InnerSocket {
  readonly #tunnel: StandTunnel;
  readonly recvErr: boolean;
  port = 0;
  address: string | undefined;

  constructor(tunnel: StandTunnel, recvErr: boolean) {
    super();
    this.#tunnel = tunnel;
    this.recvErr = recvErr;
  }

  bind({ port, address }: { readonly port: number; readonly address?: string }): void {
    if (this.#tunnel.at(port, address) !== undefined) throw new Error('in use');
    this.port = port;
    this.address = address;
  }

  send(octets: Uint8Array, port: number, address: string, callback?: (error: Error | null) => void): void {
    if (this.#tunnel.refuses !== undefined) callback?.(this.#tunnel.refuses);
    else
      this.#tunnel.sent.push({ from: this.port, local: this.address, octets: octets.slice(), port, address });
  }

  close(): void {
    if (!this.#tunnel.sockets.delete(this)) throw new Error('closed twice');
  }
}

export class StandTunnel extends EventEmitter implements InnerTunnel {
  readonly options: Parameters<OpenTunnel>[0];
  readonly sockets = new Set<StandSocket>();
  readonly sent: Sent[] = [];
  readonly suspected: string[] = [];
  addresses: readonly string[] = [];
  router: string | undefined;
  routers: readonly string[];
  counters = { direct: 0, relayed: 0 };
  renewed = 0;
  closed = false;
  refuses: Error | undefined;
  source: (remote: string) => Promise<string> = () => Promise.reject(new Error('no answer'));

  constructor(options: Parameters<OpenTunnel>[0]) {
    super();
    this.options = options;
    this.routers = options.routers;
  }

  createSocket({ recvErr } = { recvErr: false }): StandSocket {
    const socket = new StandSocket(this, recvErr);
    this.sockets.add(socket);
    return socket;
  }

  sourceFor(remote: string): Promise<string> {
    return this.source(remote);
  }

  suspect(remote: string): void {
    this.suspected.push(remote);
  }

  renew(): void {
    this.renewed++;
  }

  setRouters(routers: readonly string[]): void {
    this.routers = routers;
  }

  /** Its sockets end with it. */
  close(): void {
    this.closed = true;
    this.sockets.clear();
    this.emit('close');
  }

  /** The router answers. A socket of the address before moves to the new one, as in the package. */
  come(...addresses: string[]): void {
    const [previous] = this.addresses;
    for (const socket of this.sockets) {
      if (previous !== undefined && socket.address === previous) socket.address = addresses[0];
    }
    this.addresses = addresses;
    this.router = ROUTER;
    this.emit('address');
  }

  /** A datagram to our `address` for the socket on `port`. */
  deliver(port: number, octets: Uint8Array, remote: InnerSender, address = this.addresses[0]): void {
    this.at(port, address)?.emit('message', octets, remote);
  }

  at(port: number, address = this.addresses[0]): StandSocket | undefined {
    return [...this.sockets].find(
      (socket) => socket.port === port && (socket.address === undefined || socket.address === address),
    );
  }

  get ports(): readonly number[] {
    return [...this.sockets].map(({ port }) => port).sort((a, b) => a - b);
  }
}

/** A host whose tunnels are stand-ins, and what it said. */
export class HostStand {
  readonly events: TunnelEvent[] = [];
  readonly tunnels: StandTunnel[] = [];
  /** While set, a tunnel cannot be opened. */
  trouble: Error | undefined;
  readonly host = new TunnelHost(
    (options) => {
      if (this.trouble !== undefined) throw this.trouble;
      const tunnel = new StandTunnel(options);
      this.tunnels.push(tunnel);
      return tunnel;
    },
    (event) => this.events.push(event),
  );

  /** The newest. */
  get tunnel(): StandTunnel {
    const tunnel = this.tunnels.at(-1);
    if (tunnel === undefined) throw new Error('no tunnel was opened');
    return tunnel;
  }

  obey(...commands: readonly TunnelCommand[]): void {
    for (const command of commands) this.host.obey(command);
  }

  /** Open, with an address. */
  up(...addresses: string[]): StandTunnel {
    this.obey(OPEN);
    this.tunnel.come(...(addresses.length > 0 ? addresses : [OURS]));
    return this.tunnel;
  }

  /** The events so far of one kind; they are forgotten. */
  said<K extends TunnelEvent['kind']>(kind: K): readonly Extract<TunnelEvent, { kind: K }>[] {
    return this.events
      .splice(0)
      .filter((event): event is Extract<TunnelEvent, { kind: K }> => event.kind === kind);
  }
}
