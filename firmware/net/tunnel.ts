/**
 * The 6bed4 tunnel beside the sockets of this host: one more way for datagrams of IPv6. Who runs it is told what goes
 * native, too: only so can it know whether native IPv6 is worth its name.
 */
import { addressClass } from '#address/classes.ts';
import type { Endpoint } from '#address/endpoint.ts';
import { isOnLink, type Network, serves } from '#address/network.ts';
import { mayComeThroughTunnel, type Way, wayTo } from '#address/sixbed4.ts';
import type { Flow } from '#sip/types.ts';
import { NetError } from './errors.ts';

/** The tunnel as it is used here. */
export interface Tunnel {
  /** Ours inside; empty: it is not up. */
  readonly addresses: readonly string[];
  /** All that we have, with those inside. */
  readonly network: Network;
  /** Native IPv6 counts as missing, since nobody answers over it. */
  readonly silent: boolean;
  /** The address of ours to use with `remote`; undefined: there is none, or none in time. */
  sourceFor(remote: string): Promise<string | undefined>;
  /** A failure is told elsewhere, with this ref. */
  send(octets: Uint8Array, local: string, remote: Endpoint, ref: string): void;
  /** Something went out to, or came from, the world over native IPv6. */
  native(what: 'sent' | 'heard'): void;
}

/** Peers whose nearness is remembered. */
const MOST_KNOWN = 64;
/** 2000::/3, in canonical text. */
const GLOBAL = /^[23][\da-f]{3}:/;

export class TunnelFlows {
  readonly #tunnel: Tunnel;
  /** Whether a peer lies beyond our links, as far as asked. */
  readonly #far = new Map<string, boolean>();

  constructor(tunnel: Tunnel) {
    this.#tunnel = tunnel;
  }

  /** How datagrams reach `remote`. */
  wayTo({ family, address }: Endpoint): Way {
    const { network, silent } = this.#tunnel;
    return family === 6 ? wayTo(network, address, silent) : 'native';
  }

  /** Whether a flow from our address `local` can reach `remote`, as far as addresses tell. */
  serves(local: string, remote: Endpoint): boolean {
    const { network } = this.#tunnel;
    const own = network.addresses.find(({ address }) => address === local.replace(/%.*$/, ''));
    return own === undefined
      ? addressClass(remote.address) !== '6bed4'
      : serves(network, own, remote.address);
  }

  /** Rejects with NetError NO_ROUTE. `port`: where SIP is heard inside. */
  async flowTo(remote: Endpoint, port: number): Promise<Flow> {
    const address = await this.#tunnel.sourceFor(remote.address);
    if (address === undefined)
      throw new NetError('NO_ROUTE', `no way to ${remote.address}: the 6bed4 tunnel has no address for it`);
    return this.flow(address, remote, port);
  }

  flow(address: string, remote: Endpoint, port: number): Flow {
    return {
      transport: 'udp',
      local: { family: 6, address, port },
      remote,
      encapsulated: '6bed4',
    };
  }

  /** Whether a flow leaves through the tunnel. */
  carries({ local, encapsulated }: Flow): boolean {
    return encapsulated !== undefined || this.#tunnel.addresses.includes(local.address);
  }

  /** Why not, where that is known at once. */
  send({ transport, local, remote }: Flow, octets: Uint8Array, ref: string): string | undefined {
    if (transport !== 'udp') return `6bed4 carries no ${transport.toUpperCase()}`;
    if (!this.#tunnel.addresses.includes(local.address)) return `${local.address} is not ours any more`;
    this.#tunnel.send(octets, local.address, remote, ref);
    return undefined;
  }

  /** Whether a datagram from inside is taken; see address/sixbed4.ts. */
  admits(remote: Endpoint): boolean {
    return remote.family === 6 && mayComeThroughTunnel(this.#tunnel.network, remote.address);
  }

  /** A message went native, or came. */
  note(what: 'sent' | 'heard', { local, remote, encapsulated }: Flow): void {
    if (remote.family !== 6 || encapsulated !== undefined || !GLOBAL.test(remote.address)) return;
    if (this.#isFar(remote.address) && !this.#tunnel.addresses.includes(local.address))
      this.#tunnel.native(what);
  }

  /** Our addresses have changed. */
  forget(): void {
    this.#far.clear();
  }

  #isFar(address: string): boolean {
    const known = this.#far.get(address);
    if (known !== undefined) return known;
    if (this.#far.size >= MOST_KNOWN) this.#far.clear();
    const { network } = this.#tunnel;
    const far = !network.addresses.some(
      (own) => own.address === address || isOnLink(network, own.interface, address),
    );
    this.#far.set(address, far);
    return far;
  }
}
