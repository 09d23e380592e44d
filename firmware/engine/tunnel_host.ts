/**
 * The agent's one 6bed4 tunnel, in the media thread: obeys TunnelCommand, tells TunnelEvent, and lends itself to the
 * sessions (`TunnelAccess`). A tunnel that breaks is opened again after a moment.
 */
import type { TunnelCommand, TunnelEvent } from '#media/tunnel.ts';
import { systemCode } from '#net/errors.ts';
import { InnerAddresses } from './inner_addresses.ts';
import type { InnerTunnel, OpenTunnel } from './inner_tunnel.ts';
import { type TunnelSend, TunnelSip } from './tunnel_sip.ts';

/** What a session sees of the tunnel. */
export interface TunnelAccess {
  /** Another number whenever any of the others may answer otherwise. */
  readonly version: number;
  /** The tunnel, once it has an address; another object when it was opened anew. */
  readonly tunnel: InnerTunnel | undefined;
  /** Whether this is, or lately was, an address of ours inside. */
  owns(address: string): boolean;
  /** Whether the tunnel is the way to this address, wherever it is sent from. */
  reaches(address: string): boolean;
  /** Calls at every new version; the result ends that. */
  watch(listener: () => void): () => void;
}

export type TunnelState = Extract<TunnelEvent, { kind: 'tunnel' }>;
type TunnelOpen = Extract<TunnelCommand, { kind: 'tunnel-open' }>;

const LOOK_MS = 1000;
/** Until a broken tunnel is opened again; each time twice as long. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
const OFF: TunnelState = { kind: 'tunnel', state: 'off', addresses: [], direct: 0, relayed: 0 };

export class TunnelHost implements TunnelAccess {
  readonly #tell: (event: TunnelEvent) => void;
  readonly #openTunnel: OpenTunnel;
  readonly #watchers = new Set<() => void>();
  readonly #addresses = new InnerAddresses();
  #wanted: TunnelOpen | undefined;
  #opened: InnerTunnel | undefined;
  /** It has, or had, an address. */
  #began = false;
  #sip: TunnelSip | undefined;
  /** No router answers now. */
  #lost = false;
  #told: TunnelState = OFF;
  #look: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  version = 0;

  constructor(openTunnel: OpenTunnel, tell: (event: TunnelEvent) => void) {
    this.#openTunnel = openTunnel;
    this.#tell = tell;
  }

  obey(command: TunnelCommand): void {
    switch (command.kind) {
      case 'tunnel-open':
        this.#configure(command);
        break;
      case 'tunnel-close':
        this.#shut();
        this.#report();
        break;
      case 'tunnel-renew':
        this.#opened?.renew();
        break;
      case 'tunnel-source':
        void this.#tellSource(command.request, command.remote);
        break;
      case 'tunnel-send':
        this.#send(command);
        break;
    }
  }

  get tunnel(): InnerTunnel | undefined {
    return this.#began ? this.#opened : undefined;
  }

  owns(address: string): boolean {
    return this.#addresses.owns(address);
  }

  reaches(address: string): boolean {
    return this.#addresses.reaches(address);
  }

  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** Closes the tunnel without a word. */
  close(): void {
    this.#shut();
  }

  #configure(wanted: TunnelOpen): void {
    const before = this.#wanted;
    if (wanted.routers.length === 0 || before === undefined || !isSameSocket(before, wanted)) this.#shut();
    if (wanted.routers.length > 0) {
      this.#wanted = wanted;
      if (this.#opened === undefined) this.#open(wanted);
      else if (before?.routers.join() !== wanted.routers.join())
        this.#setRouters(this.#opened, wanted.routers);
      if (before?.sipPort !== wanted.sipPort) this.#listen();
    }
    this.#report();
  }

  #open({ routers, port, onLink }: TunnelOpen): void {
    clearTimeout(this.#retry);
    this.#look ??= setInterval(() => this.#lookAround(), LOOK_MS);
    try {
      const tunnel = this.#openTunnel({ routers, port, onLink });
      this.#opened = tunnel;
      this.#attend(tunnel);
    } catch {
      this.#openLater();
    }
  }

  #setRouters(tunnel: InnerTunnel, routers: readonly string[]): void {
    try {
      tunnel.setRouters(routers);
    } catch {
      this.#broke(tunnel);
    }
  }

  #attend(tunnel: InnerTunnel): void {
    tunnel.on('address', () => this.#heard(tunnel, false));
    tunnel.on('lost', () => this.#heard(tunnel, true));
    tunnel.on('error', (error) => systemCode(error) !== 'ETIMEDOUT' && this.#broke(tunnel));
    tunnel.on('close', () => this.#broke(tunnel));
  }

  #broke(tunnel: InnerTunnel): void {
    if (tunnel !== this.#opened) return;
    this.#discard();
    tunnel.close();
    this.#openLater();
    this.#report();
  }

  #heard(tunnel: InnerTunnel, lost: boolean): void {
    if (tunnel !== this.#opened) return;
    this.#lost = lost;
    if (!lost) this.#retryMs = FIRST_RETRY_MS;
    this.#report();
  }

  #openLater(): void {
    this.#retry = setTimeout(() => {
      if (this.#wanted !== undefined) this.#open(this.#wanted);
    }, this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
  }

  #shut(): void {
    clearInterval(this.#look);
    clearTimeout(this.#retry);
    this.#look = undefined;
    this.#wanted = undefined;
    const tunnel = this.#opened;
    this.#discard();
    tunnel?.close();
  }

  /** The tunnel is no more, and all that was in it. */
  #discard(): void {
    this.#opened = undefined;
    this.#began = false;
    this.#lost = false;
    this.#sip?.close();
    this.#sip = undefined;
    this.#addresses.update([]);
    this.#changed();
  }

  #changed(): void {
    if (this.#addresses.current.length > 0) this.#began = true;
    this.version++;
    if (this.#sip === undefined) this.#listen();
    else this.#sip.listenAt(this.#addresses.current);
    for (const watcher of [...this.#watchers]) watcher();
  }

  #listen(): void {
    this.#sip?.close();
    this.#sip = undefined;
    const { tunnel } = this;
    if (tunnel === undefined || this.#wanted === undefined) return;
    this.#sip = new TunnelSip(tunnel, this.#wanted.sipPort, this.#tell);
    this.#sip.listenAt(this.#addresses.current);
  }

  #send(command: TunnelSend): void {
    if (this.#sip !== undefined) this.#sip.send(command);
    else this.#tell({ kind: 'tunnel-unsent', ref: command.ref, error: 'there is no tunnel' });
  }

  async #tellSource(request: number, remote: string): Promise<void> {
    const tunnel = this.#lost ? undefined : this.tunnel;
    const address = await tunnel?.sourceFor(remote).catch(() => undefined);
    // The address may be one more, by the router of `remote`: the sessions and SIP shall know it first.
    this.#report();
    this.#tell({ kind: 'tunnel-source', request, ...(address !== undefined && { address }) });
  }

  /** Tells what is new but for the counters, and they with it. */
  #report(): void {
    if (this.#opened !== undefined && this.#addresses.update(this.#opened.addresses)) this.#changed();
    const now = this.#state();
    const { state, router, addresses } = this.#told;
    if (state !== now.state || router !== now.router || addresses !== now.addresses) this.#say(now);
  }

  #lookAround(): void {
    this.#report();
    const now = this.#state();
    if (now.direct !== this.#told.direct || now.relayed !== this.#told.relayed) this.#say(now);
  }

  #say(state: TunnelState): void {
    this.#told = state;
    this.#tell(state);
  }

  #state(): TunnelState {
    if (this.#wanted === undefined) return OFF;
    const { direct, relayed } = this.#opened?.counters ?? this.#told;
    const addresses = this.#addresses.current;
    const router = this.#opened?.router;
    const there = addresses.length > 0 && !this.#lost;
    return {
      kind: 'tunnel',
      state: there ? 'up' : this.#lost ? 'lost' : 'waiting',
      addresses,
      ...(there && router !== undefined && { router }),
      direct,
      relayed,
    };
  }
}

/** Whether the tunnel need not be opened anew to be as wanted. */
function isSameSocket(one: TunnelOpen, other: TunnelOpen): boolean {
  return one.port === other.port && one.onLink.join() === other.onLink.join();
}
