/**
 * The one door between SIP and the network: octets in and out along flows. Datagrams and connections of Teredo
 * addresses (2001:0::/32) end here.
 */
import type { Endpoint, Family } from '#address/endpoint.ts';
import { isTeredo } from '#address/ip.ts';
import type { Flow } from '#sip/types.ts';
import { inWords } from './errors.ts';
import { type Listeners, openListeners } from './ports.ts';
import { SourceAddresses } from './source_address.ts';
import { TcpTransport } from './tcp.ts';
import type { TcpConnection } from './tcp_connection.ts';
import type { TcpLimits } from './tcp_limits.ts';

export interface TransportEvents {
  message(flow: Flow, octets: Uint8Array): void;
  /** The `send` with this ref failed; `error` is for people. */
  error(ref: string, error: string): void;
  /** Something was ignored; `why` is a short stable word. */
  dropped(why: string): void;
}

export interface TransportOptions {
  /** UDP and TCP of both families. Busy: an error, but for 5060, where a free one is taken instead. */
  readonly port: number;
  readonly limits?: Partial<TcpLimits>;
}

/** Datagrams waiting for a source address lookup; beyond it they are lost, as in a full kernel buffer. */
const MOST_WAITING = 256;
/** Shorter than any SIP message: keep-alives of all sorts (CRLF, zero octets). */
const SHORTEST_MESSAGE = 20;

export class Transport {
  readonly #events: TransportEvents;
  readonly #listeners: Listeners;
  readonly #sources = new SourceAddresses();
  /** Datagrams of each remote address in order, while its lookup runs. */
  readonly #waiting = new Map<string, [octets: Uint8Array, remote: Endpoint][]>();
  #waitingCount = 0;
  #closed = false;

  /** Rejects with NetError: the port is busy, or there is no network at all. */
  static async open(options: TransportOptions, events: TransportEvents): Promise<Transport> {
    const early: [Uint8Array, Endpoint][] = [];
    let transport: Transport | undefined;
    const listeners = await openListeners(
      options.port,
      (octets, remote) => {
        if (transport) transport.#datagram(octets, remote);
        else early.push([octets, remote]);
      },
      () =>
        new TcpTransport(
          {
            message: (octets, connection) => {
              if (transport) transport.#streamed(octets, connection);
            },
            undelivered: (ref, error) => events.error(ref, error),
            dropped: (why) => events.dropped(why),
            welcome: (remote) => !droppedAsTeredo(remote, events),
          },
          options.limits,
        ),
    );
    transport = new Transport(listeners, events);
    for (const [octets, remote] of early) transport.#datagram(octets, remote);
    return transport;
  }

  private constructor(listeners: Listeners, events: TransportEvents) {
    this.#listeners = listeners;
    this.#events = events;
  }

  /** Where both families and both transports listen. */
  get port(): number {
    return this.#listeners.port;
  }

  get families(): readonly Family[] {
    return this.#listeners.udp.map(({ family }) => family);
  }

  get connections(): number {
    return this.#listeners.tcp.size;
  }

  /** The flow by which a new request reaches `remote`. Rejects with NetError NO_ROUTE. */
  async flowTo(transport: Flow['transport'], remote: Endpoint): Promise<Flow> {
    const address = await this.#sources.find(remote);
    return { transport, local: { family: remote.family, address, port: this.port }, remote };
  }

  /** Never throws: a failure comes as `error` with the same ref, later. */
  send(flow: Flow, octets: Uint8Array, ref: string): void {
    const refusal = this.#trySend(flow, octets, ref);
    if (refusal !== undefined) queueMicrotask(() => this.#events.error(ref, refusal));
  }

  /** Own addresses changed: what was learned about routes is void. */
  addressesChanged(): void {
    this.#sources.forget();
  }

  /** Closes every socket; what is queued on connections has `patience` ms to go out. */
  async close(patience = 200): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([
      ...this.#listeners.udp.map((socket) => socket.close()),
      this.#listeners.tcp.close(patience),
    ]);
  }

  /** Why not, where that is known at once. */
  #trySend(flow: Flow, octets: Uint8Array, ref: string): string | undefined {
    if (this.#closed) return 'the phone is switched off';
    if (isTeredoEnd(flow.remote)) return `${flow.remote.address} is a Teredo address`;
    if (flow.transport === 'tls') return 'TLS is not built yet';
    return flow.transport === 'tcp' ? this.#stream(flow, octets, ref) : this.#cast(flow.remote, octets, ref);
  }

  #cast(remote: Endpoint, octets: Uint8Array, ref: string): string | undefined {
    const socket = this.#listeners.udp.find(({ family }) => family === remote.family);
    if (!socket) return `this host has no IPv${remote.family}`;
    socket.send(octets, remote, (error) => {
      if (error) this.#events.error(ref, inWords(error));
    });
    return undefined;
  }

  #stream(flow: Flow, octets: Uint8Array, ref: string): string | undefined {
    const { tcp } = this.#listeners;
    const connection = flow.connection === undefined ? tcp.to(flow.remote) : tcp.connection(flow.connection);
    if (connection?.open) connection.send(octets, ref);
    else if (flow.connection === undefined) return 'too many TCP connections';
    else return 'the connection is closed';
    return undefined;
  }

  #streamed(octets: Uint8Array, connection: TcpConnection): void {
    const { remote, id } = connection;
    const address = connection.localAddress;
    if (address === undefined) return;
    const local = { family: remote.family, address, port: this.port };
    this.#events.message({ transport: 'tcp', local, remote, connection: id }, octets);
  }

  #datagram(octets: Uint8Array, remote: Endpoint): void {
    if (droppedAsTeredo(remote, this.#events)) return;
    const local = this.#waiting.has(remote.address) ? undefined : this.#sources.cached(remote);
    if (octets.length < SHORTEST_MESSAGE) this.#events.dropped('udp-too-short');
    else if (local !== undefined) this.#deliver(octets, remote, local);
    else if (this.#waitingCount >= MOST_WAITING) this.#events.dropped('udp-overload');
    else this.#queue(octets, remote);
  }

  #queue(octets: Uint8Array, remote: Endpoint): void {
    this.#waitingCount++;
    const queue = this.#waiting.get(remote.address);
    if (queue) {
      queue.push([octets, remote]);
      return;
    }
    const waiting: [Uint8Array, Endpoint][] = [[octets, remote]];
    this.#waiting.set(remote.address, waiting);
    void this.#lookUp(remote, waiting);
  }

  async #lookUp(remote: Endpoint, waiting: readonly [Uint8Array, Endpoint][]): Promise<void> {
    const local = await this.#sources.find(remote).catch(() => undefined);
    this.#waiting.delete(remote.address);
    this.#waitingCount -= waiting.length;
    for (const [octets, from] of waiting) {
      if (local === undefined) this.#events.dropped('udp-no-way-back');
      else this.#deliver(octets, from, local);
    }
  }

  #deliver(octets: Uint8Array, remote: Endpoint, address: string): void {
    if (this.#closed) return;
    const local = { family: remote.family, address, port: this.port };
    this.#events.message({ transport: 'udp', local, remote }, octets);
  }
}

/** Cheap first: nearly no address begins so. */
function isTeredoEnd({ family, address }: Endpoint): boolean {
  return family === 6 && address.startsWith('2001:') && isTeredo(address);
}

function droppedAsTeredo(remote: Endpoint, events: TransportEvents): boolean {
  if (!isTeredoEnd(remote)) return false;
  events.dropped('teredo');
  return true;
}
