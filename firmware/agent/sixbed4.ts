/**
 * 6bed4 in the agent: the machine that says when the tunnel is up (address/fallback.ts), the tunnel itself
 * (tunnel_door.ts), the question who runs a router, and what all this makes of our addresses.
 */
import type { Endpoint } from '#address/endpoint.ts';
import { Fallback, type FallbackEffect, type FallbackInput } from '#address/fallback.ts';
import { parseIp } from '#address/ip.ts';
import type { TunnelLink } from '#media/tunnel.ts';
import type { ServerLocator } from '#net/locate.ts';
import { findRouters, type RouterName, routerName } from '#net/sixbed4_routers.ts';
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
  /** By the tunnel our addresses are others, or only what people are told of it, or only its counters. */
  readonly changed: (what: 'addresses' | 'words' | 'counters') => void;
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
  #told = { addresses: '', words: '' };
  /** Much may change at once; it is told at the end. */
  #busy = false;
  #sipPort = 0;
  #inUse = false;
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
    const { addresses } = this.tunnel;
    const inUse = addresses.length > 0 && isUsed(addresses);
    if (inUse === this.#inUse) return;
    this.#inUse = inUse;
    this.#give({ kind: 'use', inUse });
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
      outdated: this.#machine.handingOver,
      silent: this.#machine.silent,
    });
    return this.#all;
  }

  /** The same for the telephone. */
  get local(): LocalAddresses {
    return { ...this.all, sixbed4: { state: this.#state, why: this.#why } };
  }

  get status(): Sixbed4Status {
    const { addresses = [], router, direct = 0, relayed = 0 } = this.#door?.view ?? {};
    const note = noteOf(this.#why);
    return {
      state: this.#state,
      address: addresses[0] ?? null,
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
    return open && this.#door.view.state !== 'up' ? 'unanswered' : why;
  }

  #asTunnel(door: TunnelDoor | undefined): Tunnel {
    const self = this;
    return {
      get addresses() {
        return door?.view.addresses ?? [];
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
        this.#door?.open(effect.routers, this.#options.config.port, this.#sipPort);
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

  async #lookUp(ticket: number): Promise<void> {
    const { dns, domains } = this.#options;
    const search = this.#names.length > 0 ? [] : await dns.searchDomains();
    const wanted = { names: this.#names, domains: [...domains, ...search] };
    const routers = await findRouters(wanted, (question) => dns.ask(question), Math.random);
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
    if (now.addresses !== before.addresses) this.#options.changed('addresses');
    else if (now.words !== before.words) this.#options.changed('words');
  }

  #essence(): { readonly addresses: string; readonly words: string } {
    const addresses = JSON.stringify([this.tunnel.addresses, this.#machine.handingOver]);
    return { addresses, words: JSON.stringify([this.#state, this.#why]) };
  }
}
