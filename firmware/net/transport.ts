/**
 * The one door between SIP and the network: octets in and out along flows. Datagrams and connections of Teredo
 * addresses (2001:0::/32) end here.
 */
import { networkInterfaces } from 'node:os';
import type { Endpoint, Family } from '#address/endpoint.ts';
import { isLoopback, isTeredo } from '#address/ip.ts';
import type { Flow } from '#sip/types.ts';
import { Datagrams, isTooShort } from './datagrams.ts';
import { NetError, systemCode } from './errors.ts';
import { type Listeners, listenBoth, openListeners } from './ports.ts';
import { SourceAddresses } from './source_address.ts';
import { StreamTransport, type Way } from './stream.ts';
import type { StreamConnection } from './stream_connection.ts';
import type { StreamLimits } from './stream_limits.ts';
import type { StreamOpener } from './stream_opener.ts';
import { TCP } from './tcp.ts';
import { isFingerprint, type TlsOptions, tlsOpener, tlsProblem } from './tls.ts';
import { type Tunnel, TunnelFlows } from './tunnel.ts';
import type { UdpFlowLimits } from './udp_flows.ts';

export interface TransportEvents {
  message(flow: Flow, octets: Uint8Array): void;
  /** The `send`, `connect` or `ping` with this ref failed; `error` is for people. */
  error(ref: string, error: string): void;
  /** Something was ignored; `why` is a short stable word. */
  dropped(why: string): void;
  /** The connection that `connect` asked for with this ref is there; its peer is who it should be. */
  connected?(ref: string): void;
  /** The peer answered the `ping` with this ref. */
  pong?(ref: string): void;
  /** A connection is gone: over this flow nobody reaches us any more. */
  closed?(flow: Flow): void;
}

export interface TransportOptions {
  /** UDP and TCP of both families. Busy: an error, but for 5060, where a free one is taken instead. */
  readonly port: number;
  readonly limits?: Partial<StreamLimits>;
  readonly udpLimits?: Partial<UdpFlowLimits>;
  /** `port`: where TLS listens, if there is a certificate. */
  readonly tls?: TlsOptions & { readonly port?: number };
  /** One more way for UDP over IPv6. What comes of it is handed to `fromTunnel`. */
  readonly tunnel?: Tunnel | undefined;
}

interface Rooms {
  readonly listeners: Listeners;
  readonly datagrams: Datagrams;
  readonly sources: SourceAddresses;
  readonly tls: StreamTransport;
  readonly tunnel: TunnelFlows | undefined;
  readonly problems: readonly string[];
}

export class Transport {
  readonly #events: TransportEvents;
  readonly #listeners: Listeners;
  readonly #datagrams: Datagrams;
  readonly #sources: SourceAddresses;
  readonly #tls: StreamTransport;
  readonly #tunnel: TunnelFlows | undefined;
  /** What cannot be used as it is configured, for people. */
  readonly problems: readonly string[];
  #closed = false;

  /** Rejects with NetError: the port is busy, or there is no network at all. */
  static async open(options: TransportOptions, events: TransportEvents): Promise<Transport> {
    let transport: Transport | undefined;
    // The first ones may come before all is open.
    const early: ((open: Transport) => void)[] = [];
    const whenOpen = (run: (open: Transport) => void) => {
      if (transport) run(transport);
      else early.push(run);
    };
    const sources = new SourceAddresses();
    const datagrams = new Datagrams(
      sources,
      {
        message: (octets, remote, address) => whenOpen((open) => open.#datagram(octets, remote, address)),
        undelivered: (ref, error) => events.error(ref, error),
        dropped: (why) => events.dropped(why),
        welcome: (remote) => !droppedAsTeredo(remote, events),
      },
      options.udpLimits,
    );
    const streams = (opener: StreamOpener) =>
      new StreamTransport(
        opener,
        {
          message: (octets, connection) =>
            whenOpen((open) => open.#streamed(opener.transport, octets, connection)),
          connected: (ref) => events.connected?.(ref),
          pong: (ref) => events.pong?.(ref),
          undelivered: (ref, error) => events.error(ref, error),
          dropped: (why) => events.dropped(why),
          closed: (connection) => whenOpen((open) => open.#gone(opener.transport, connection)),
          welcome: (remote) => !droppedAsTeredo(remote, events),
        },
        options.limits,
      );
    const listeners = await openListeners(
      options.port,
      (octets, remote) => datagrams.receive(octets, remote),
      () => streams(TCP),
    );
    datagrams.use(listeners.udp);
    const tls = streams(tlsOpener(options.tls ?? {}));
    const problems = await openTls(tls, options.tls);
    const tunnel = options.tunnel && new TunnelFlows(options.tunnel);
    transport = new Transport({ listeners, datagrams, sources, tls, tunnel, problems }, events);
    for (const run of early) run(transport);
    return transport;
  }

  private constructor(rooms: Rooms, events: TransportEvents) {
    const { listeners, datagrams, sources, tls, tunnel, problems } = rooms;
    this.#listeners = listeners;
    this.#datagrams = datagrams;
    this.#sources = sources;
    this.#tls = tls;
    this.#tunnel = tunnel;
    this.problems = problems;
    this.#events = events;
  }

  /** Where both families listen, over UDP and TCP. */
  get port(): number {
    return this.#listeners.port;
  }

  /** Where TLS listens, be it for neighbours only; undefined: nowhere, for want of a certificate. */
  get tlsPort(): number | undefined {
    return this.#tls.port;
  }

  /**
   * Listens for TLS from those who know us by our certificate, in a PEM file with its key; all others are called as if
   * we did not. The result: where, which is another port when this one is taken. Rejects with the system's error.
   */
  async openToNeighbours(file: string, port: number): Promise<number | undefined> {
    if (this.#closed) return undefined;
    const opener = tlsOpener({ certificateFile: file, keyFile: file });
    const listen = (at: number) => listenBoth(this.#tls, at, { opener, isFor: isFingerprint });
    return listen(port).catch((error) => {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
      return listen(0);
    });
  }

  get families(): readonly Family[] {
    return this.#listeners.udp.map(({ family }) => family);
  }

  get connections(): number {
    return this.#listeners.tcp.size + this.#tls.size;
  }

  /** UDP sockets that are connected to one remote end. */
  get udpFlows(): number {
    return this.#datagrams.flows;
  }

  /**
   * The flow by which a new request reaches `remote`. `serverName`: the domain that its certificate has to name, with
   * TLS; without one its address. Rejects with NetError NO_ROUTE.
   */
  async flowTo(transport: Flow['transport'], remote: Endpoint, serverName?: string): Promise<Flow> {
    const [best] = await this.flowsTo(transport, remote, serverName);
    if (best === undefined) throw new NetError('NO_ROUTE', `no route to ${remote.address}`);
    return best;
  }

  /** The same, and all of them where only use can tell which one works: native IPv6 that is silent, and the tunnel. */
  async flowsTo(
    transport: Flow['transport'],
    remote: Endpoint,
    serverName?: string,
  ): Promise<readonly Flow[]> {
    const tunnel = this.#tunnel;
    const way = tunnel?.wayTo(remote) ?? 'native';
    const native = () => this.#nativeFlow(transport, remote, serverName);
    if (tunnel === undefined || way === 'native') return [await native()];
    if (way === 'none')
      throw new NetError('NO_ROUTE', `no way to ${remote.address}: there is no 6bed4 tunnel`);
    if (transport !== 'udp') return [served(await native(), tunnel)];
    const inside = () => tunnel.flowTo(remote, this.port);
    if (way === 'tunnel') return [await inside()];
    if (way === 'both') return found(await Promise.allSettled([native(), inside()]));
    const route = await native().catch(() => undefined);
    return [route !== undefined && tunnel.serves(route.local.address, remote) ? route : await inside()];
  }

  async #nativeFlow(transport: Flow['transport'], remote: Endpoint, serverName?: string): Promise<Flow> {
    const address = await this.#sources.find(remote);
    const local = { family: remote.family, address, port: this.port };
    if (transport === 'udp') await this.#datagrams.prepare(remote);
    if (transport !== 'tls') return { transport, local, remote };
    const end = await this.#tls.ownEnd(address, remote, serverName ?? remote.address);
    return { transport, local: end, remote, ...(serverName === undefined ? {} : { serverName }) };
  }

  /** Never throws: a failure comes as `error` with the same ref, later. */
  send(flow: Flow, octets: Uint8Array, ref: string): void {
    this.#attempt(flow, ref, () => {
      if (this.#tunnel?.carries(flow)) return this.#tunnel.send(flow, octets, ref);
      this.#tunnel?.note('sent', flow);
      if (flow.transport === 'udp') return this.#datagrams.send(flow.local, flow.remote, octets, ref);
      return this.#onStream(flow, true, (connection) => connection.send(octets, ref));
    });
  }

  /** Opens the connection of a flow before there is something to send: `connected` or `error` with this ref follows. */
  connect(flow: Flow, ref: string): void {
    this.#attempt(flow, ref, () => this.#onStream(flow, true, (connection) => connection.claim(ref)));
  }

  /** A datagram that came through the tunnel, to our address `local`. */
  fromTunnel(octets: Uint8Array, remote: Endpoint, local: string): void {
    if (this.#closed || this.#tunnel === undefined || droppedAsTeredo(remote, this.#events)) return;
    if (!this.#tunnel.admits(remote)) this.#events.dropped('tunnel-source');
    else if (isTooShort(octets)) this.#events.dropped('udp-too-short');
    else this.#events.message(this.#tunnel.flow(local, remote, this.port), octets);
  }

  /** Takes `connect` back: a connection that nobody else asked for, and that nothing went over, is reset. */
  disconnect(ref: string): void {
    this.#listeners.tcp.release(ref);
    this.#tls.release(ref);
  }

  /** Asks whether a connection lives (RFC 5626 4.4.1): `pong` or, 10 s later at most, `error` with this ref follows. */
  ping(flow: Flow, ref: string): void {
    this.#attempt(flow, ref, () => this.#onStream(flow, false, (connection) => connection.ping(ref)));
  }

  /** Own addresses changed: what was learned about routes is void, and what hangs on an address that is gone ends. */
  addressesChanged(): void {
    this.#sources.forget();
    this.#tunnel?.forget();
    const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const own = new Set(all.map(({ address }) => withoutZone(address)));
    const isGone = (address: string) => !own.has(withoutZone(address)) && !isLoopback(address);
    this.#datagrams.closeWhere(isGone);
    this.#listeners.tcp.closeWhere(isGone);
    this.#tls.closeWhere(isGone);
  }

  /** Closes every socket; what is queued on connections has `patience` ms to go out. */
  async close(patience = 200): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([
      this.#datagrams.close(),
      this.#listeners.tcp.close(patience),
      this.#tls.close(patience),
    ]);
  }

  /** `trial` says why not, where that is known at once. */
  #attempt(flow: Flow, ref: string, trial: () => string | undefined): void {
    const refusal = this.#refusal(flow) ?? tried(trial);
    if (refusal !== undefined) queueMicrotask(() => this.#events.error(ref, refusal));
  }

  #refusal({ local, remote }: Flow): string | undefined {
    if (this.#closed) return 'the phone is switched off';
    const teredo = [remote, local].find(isTeredoEnd);
    return teredo && `${teredo.address} is a Teredo address`;
  }

  /** `mayOpen`: also one that is not there yet. */
  #onStream(flow: Flow, mayOpen: boolean, use: (connection: StreamConnection) => void): string | undefined {
    const { transport, connection: id, local, remote, serverName = remote.address } = flow;
    if (transport === 'udp') return 'UDP has no connections';
    if (this.#tunnel?.carries(flow)) return `6bed4 carries no ${transport.toUpperCase()}`;
    const streams = transport === 'tls' ? this.#tls : this.#listeners.tcp;
    const way: Way = { local, remote, serverName };
    const known = id === undefined ? streams.find(way) : streams.connection(id);
    const connection = known ?? (mayOpen && id === undefined ? streams.to(way) : undefined);
    if (connection?.open) use(connection);
    else if (mayOpen && id === undefined) return `too many ${transport.toUpperCase()} connections`;
    else return 'the connection is closed';
    return undefined;
  }

  #streamed(transport: 'tcp' | 'tls', octets: Uint8Array, connection: StreamConnection): void {
    const flow = this.#flowOf(transport, connection);
    if (!flow || this.#closed) return;
    this.#tunnel?.note('heard', flow);
    this.#events.message(flow, octets);
  }

  #gone(transport: 'tcp' | 'tls', connection: StreamConnection): void {
    const flow = this.#flowOf(transport, connection);
    if (flow && !this.#closed) this.#events.closed?.(flow);
  }

  #flowOf(transport: 'tcp' | 'tls', connection: StreamConnection): Flow | undefined {
    const { id, local, remote } = connection;
    if (!local) return undefined;
    const streams = transport === 'tls' ? this.#tls : this.#listeners.tcp;
    const port = streams.portOf(connection) ?? local.port;
    return { transport, local: { ...local, port }, remote, connection: id };
  }

  #datagram(octets: Uint8Array, remote: Endpoint, address: string): void {
    if (this.#closed) return;
    const flow: Flow = {
      transport: 'udp',
      local: { family: remote.family, address, port: this.port },
      remote,
    };
    this.#tunnel?.note('heard', flow);
    this.#events.message(flow, octets);
  }
}

/** Listens where there is a certificate. What goes wrong is returned, for people: the rest of the phone goes on. */
async function openTls(tls: StreamTransport, options: TransportOptions['tls']): Promise<readonly string[]> {
  if (options === undefined) return [];
  const problem = tlsProblem(options);
  if (problem !== undefined) return [problem];
  const { certificateFile, port } = options;
  if (certificateFile === undefined || port === undefined) return [];
  try {
    await listenBoth(tls, port);
    return [];
  } catch (error) {
    return [`nobody can call over TLS: port ${port} cannot be opened (${String(error)})`];
  }
}

/** A stream leaves from where the host's routes say; to 6bed4 they may lead, and not back. */
function served(flow: Flow, tunnel: TunnelFlows): Flow {
  const { local, remote, transport } = flow;
  if (tunnel.serves(local.address, remote)) return flow;
  const what = transport.toUpperCase();
  throw new NetError('NO_ROUTE', `no route to ${remote.address}: 6bed4 carries no ${what}`);
}

/** Rejects as the first one did, where all have failed. */
function found(flows: readonly PromiseSettledResult<Flow>[]): readonly Flow[] {
  const good = flows.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const [reason] = flows.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (good.length === 0) throw reason;
  return good;
}

function tried(trial: () => string | undefined): string | undefined {
  try {
    return trial();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const withoutZone = (address: string): string => address.replace(/%.*$/, '');

/** Cheap first: nearly no address begins so. */
function isTeredoEnd({ family, address }: Endpoint): boolean {
  return family === 6 && address.startsWith('2001:') && isTeredo(address);
}

function droppedAsTeredo(remote: Endpoint, events: TransportEvents): boolean {
  if (!isTeredoEnd(remote)) return false;
  events.dropped('teredo');
  return true;
}
