/**
 * 6bed4 in the agent: the machine that says when the tunnel is up (address/fallback.ts), the tunnel itself
 * (tunnel_door.ts), the question who runs a router, and what all this makes of our addresses.
 *
 * The first address inside is by our own router and stands for us. Others are by the routers of peers, which anybody
 * can name to us and which may say what they like: one that comes or goes concerns nobody but those who use it. When
 * the router is lost, calls keep their addresses, for their sound may go straight; nothing new is begun from them.
 */
import type { Endpoint } from '#address/endpoint.ts';
import { Fallback, type FallbackEffect, type FallbackInput } from '#address/fallback.ts';
import { parseIp } from '#address/ip.ts';
import type { TunnelLink } from '#media/tunnel.ts';
import type { ServerLocator } from '#net/locate.ts';
import { lookUpRouters, type RouterName, routerName } from '#net/sixbed4_routers.ts';
import type { Tunnel } from '#net/tunnel.ts';
import { type OwnAddresses, ownAddresses, withTunnel } from '#net/watch/addresses.ts';
import { noteOf, type Sixbed4Reason } from '#phone/sixbed4.ts';
import type { LocalAddresses, Sixbed4Status } from '#phone/types.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Log } from './ports.ts';
import { TunnelDoor } from './tunnel_door.ts';

export interface Sixbed4Options {
  readonly config: Config['net']['sixbed4'];
  /** Of the accounts: DNS may name their routers. */
  readonly domains: readonly string[];
  /** Absent: this engine carries no tunnel. */
  readonly link: TunnelLink | undefined;
  readonly dns: Pick<ServerLocator, 'ask' | 'searchDomains'>;
  readonly log: Log;
  /** `addresses`: all that we do has to move. `details`: an address that few use, or what people are told. */
  readonly changed: (what: 'addresses' | 'details' | 'counters') => void;
  readonly datagram: (octets: Uint8Array, remote: Endpoint, local: string) => void;
  readonly unsent: (ref: string, error: string) => void;
}

export class Sixbed4 {
  /** For the transport. */
  readonly tunnel: Tunnel;
  readonly #options: Sixbed4Options;
  readonly #names: readonly RouterName[];
  readonly #machine: Fallback;
  readonly #door: TunnelDoor | undefined;
  /** What the kernel has, and that with what is inside. */
  #own: OwnAddresses | undefined;
  #all: OwnAddresses | undefined;
  /** What was told last. */
  #told: Essence = { main: '', inside: [], details: '' };
  /** Much may change at once; it is told at the end. */
  #busy = false;
  #sipPort = 0;
  /** Whom the tunnel asks. */
  #routers: readonly string[] = [];
  /** The addresses inside that calls go on from. */
  #used: readonly string[] = [];
  /** The address that each account is registered from. */
  readonly #registered = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(options: Sixbed4Options) {
    const { config, link, datagram, unsent } = options;
    this.#options = options;
    this.#names = config.routers.flatMap((text) => routerName(text) ?? []);
    const isKnown = this.#names.every(({ host }) => parseIp(host) !== undefined);
    this.#machine = new Fallback({
      mode: link === undefined ? 'off' : config.mode,
      routers: isKnown ? this.#names.map(({ host, port }) => `${host}:${port}`) : [],
      // Who names routers wants those and no others.
      ...(this.#names.length > 0 ? { image: [] } : {}),
    });
    const counted = () => options.changed('counters');
    this.#door = link && new TunnelDoor(link, { changed: () => this.#tell(), counted, datagram, unsent });
    this.tunnel = this.#asTunnel(this.#door);
  }

  /** `sipPort`: where SIP is heard, inside as outside. */
  start(sipPort: number, own: OwnAddresses): void {
    this.#sipPort = sipPort;
    this.networkChanged(own);
  }

  /** What the kernel has is new; the caller tells it to others himself. */
  networkChanged(own: OwnAddresses): void {
    this.#own = own;
    const place = JSON.stringify([own.attachment, own.ipv4]);
    this.#handle({ kind: 'network', native6: own.native6, ipv4: own.ipv4.length > 0, place });
    this.#told = this.#essence();
  }

  /** `isUsed`: whether a call uses one of these addresses. */
  use(isUsed: (addresses: readonly string[]) => boolean): void {
    const used = this.tunnel.addresses.filter((address) => isUsed([address]));
    if (used.join() === this.#used.join()) return;
    this.#used = used;
    this.#give({ kind: 'use', inUse: used.length > 0 });
  }

  /** An account is registered from this address of ours; undefined: from none. */
  registered(account: string, address: string | undefined): void {
    if (address === undefined) this.#registered.delete(account);
    else this.#registered.set(account, address);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#door?.close();
  }

  /** What the kernel has alone. */
  get own(): OwnAddresses {
    this.#own ??= ownAddresses();
    return this.#own;
  }

  /** All that we have. */
  get all(): OwnAddresses {
    this.#all ??= withTunnel(this.own, {
      inside: this.tunnel.addresses,
      outdated: this.#isOutdated,
      silent: this.#machine.silent,
    });
    return this.#all;
  }

  /** The same for the telephone. */
  get local(): LocalAddresses {
    return { ...this.all, sixbed4: { state: this.#state, why: this.#why } };
  }

  get status(): Sixbed4Status {
    const { router, direct = 0, relayed = 0 } = this.#door?.view ?? {};
    const note = noteOf(this.#why, this.#routers);
    return {
      state: this.#state,
      address: this.tunnel.addresses[0] ?? null,
      router: router ?? null,
      direct,
      relayed,
      note,
    };
  }

  get #state(): Sixbed4Status['state'] {
    if (!this.#machine.state.wanted) return 'off';
    return this.#door?.view.state === 'up' ? 'up' : 'waiting';
  }

  get #why(): Sixbed4Reason {
    if (this.#door === undefined) return 'not-there';
    const { why, open } = this.#machine.state;
    const { state } = this.#door.view;
    if (!open || state === 'up') return why;
    return state === 'lost' ? 'unanswered' : 'asking';
  }

  /** Our addresses inside are for nothing new. */
  get #isOutdated(): boolean {
    return this.#machine.handingOver || this.#door?.view.state === 'lost';
  }

  get #inside(): readonly string[] {
    const { state, addresses = [] } = this.#door?.view ?? {};
    return state === 'lost' ? addresses.filter((address) => this.#used.includes(address)) : addresses;
  }

  #asTunnel(door: TunnelDoor | undefined): Tunnel {
    const self = this;
    return {
      get addresses() {
        return self.#inside;
      },
      get network() {
        return self.all.network;
      },
      get silent() {
        return self.#machine.silent;
      },
      sourceFor: async (remote) => door?.sourceFor(remote),
      send: (...datagram) => door?.send(...datagram),
      native: (kind) => this.#give({ kind }),
    };
  }

  #give(input: FallbackInput): void {
    this.#handle(input);
    this.#tell();
  }

  #handle(input: FallbackInput): void {
    if (this.#closed) return;
    this.#busy = true;
    for (const effect of this.#machine.handle(input, performance.now())) this.#perform(effect);
    this.#busy = false;
    this.#all = undefined;
    this.#arm();
  }

  #perform(effect: FallbackEffect): void {
    switch (effect.kind) {
      case 'open':
        this.#options.log('info', `6bed4: opening a tunnel by ${effect.routers.join(', ')}`);
        this.#open(effect.routers);
        break;
      case 'close':
        this.#options.log('info', `6bed4: the tunnel is closed: ${noteOf(this.#machine.state.why)}`);
        this.#door?.close();
        break;
      case 'renew':
        this.#door?.renew();
        break;
      case 'look-up':
        void this.#lookUp(effect.ticket);
    }
  }

  #open(routers: readonly string[]): void {
    const { port, onLink } = this.#options.config;
    this.#routers = routers;
    this.#door?.open({ routers, port, onLink, sipPort: this.#sipPort });
  }

  async #lookUp(ticket: number): Promise<void> {
    const { dns, domains } = this.#options;
    const search = this.#names.length > 0 ? [] : await dns.searchDomains();
    const wanted = { names: this.#names, domains: [...domains, ...search] };
    const routers = await lookUpRouters(wanted, (question) => dns.ask(question));
    this.#give({ kind: 'routers', ticket, ...(routers === undefined ? {} : { routers }) });
  }

  #arm(): void {
    const { deadline } = this.#machine;
    if (deadline === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, Math.ceil(deadline - performance.now())));
    this.#timer.unref();
  }

  #tick(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#give({ kind: 'tick' });
  }

  /** Tells what is different. */
  #tell(): void {
    if (this.#busy || this.#closed) return;
    this.#all = undefined;
    const before = this.#told;
    const now = this.#essence();
    this.#told = now;
    const isLeft = (address: string) => before.inside.includes(address) && !now.inside.includes(address);
    if (now.main !== before.main || [...this.#registered.values()].some(isLeft))
      this.#options.changed('addresses');
    else if (now.details !== before.details) this.#options.changed('details');
  }

  #essence(): Essence {
    const { addresses: inside } = this.tunnel;
    const main = this.#isOutdated ? '' : (inside[0] ?? '');
    return { main, inside, details: JSON.stringify([inside, this.#state, this.#why, this.#routers]) };
  }
}

/** What there is to tell: the address for everything new, all those inside, and what else is to be seen. */
interface Essence {
  readonly main: string;
  readonly inside: readonly string[];
  readonly details: string;
}
