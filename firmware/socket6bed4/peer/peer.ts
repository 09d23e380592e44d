/**
 * The peer: puts packets of ours on their way (`route.ts`), takes in what comes from outside (`accept.ts`), and lets
 * the machines do their part: the search for a router, addresses by other routers, and the direct ways to neighbours.
 */
import { type Ipv4End, type Ipv4Prefix, isForbiddenTarget, sameEnd } from '../address/ipv4.ts';
import { type Ipv6, isLinkLocal, isMulticast, sameIpv6 } from '../address/ipv6.ts';
import { endOf, routerOf, sameNetwork } from '../address/sixbed4.ts';
import { IcmpType } from '../packet/icmpv6.ts';
import { destinationOf, HEADER, sourceOf } from '../packet/ipv6.ts';
import {
  discoveryFaultOf,
  readAdvertisement,
  readNeighbourAdvertisement,
  readNeighbourSolicitation,
} from '../packet/neighbour_discovery.ts';
import { accept, faultOf, isDiscovery, mayBeNeighbour, type Refusal } from './accept.ts';
import { Attachments } from './attachments.ts';
import { Autoconfiguration } from './autoconfiguration.ts';
import { type Lease, leaseOf, leaseOfAddress, leaseOfNetwork } from './lease.ts';
import { Neighbours } from './neighbours.ts';
import { routeOf, type Unsendable } from './route.ts';
import type { PeerCounters, PeerEffect, PeerInput, PeerOptions, PeerView } from './types.ts';

/** Milliseconds. */
const HOLE = 30_000;
const KEEP_ALIVE = 25_000;
/** A keep-alive comes so long before the hole closes. */
const MARGIN = 5000;
const LEAST_KEEP_ALIVE = 1000;

export class Peer implements PeerView {
  readonly #onLink: readonly Ipv4Prefix[];
  readonly #autoconfiguration: Autoconfiguration;
  readonly #attachments: Attachments;
  readonly #neighbours: Neighbours;
  /** The one of our own router first; then those of others. */
  #leases: readonly Lease[] = [];
  #addresses: readonly Ipv6[] = [];
  readonly counters: PeerCounters = {
    direct: 0,
    relayed: 0,
    receivedDirect: 0,
    receivedRelayed: 0,
    dropped: {},
  };

  constructor({ routers, onLink = [], hole = HOLE, keepAlive, random }: PeerOptions) {
    const interval = keepAlive ?? Math.max(LEAST_KEEP_ALIVE, Math.min(KEEP_ALIVE, hole - MARGIN));
    this.#onLink = onLink;
    this.#autoconfiguration = new Autoconfiguration(routers, interval, random);
    this.#attachments = new Attachments(() => this.#autoconfiguration.lease?.address, interval, random);
    this.#neighbours = new Neighbours(hole);
  }

  get deadline(): number {
    return Math.min(this.#autoconfiguration.deadline, this.#attachments.deadline, this.#neighbours.deadline);
  }

  get addresses(): readonly Ipv6[] {
    return this.#addresses;
  }

  sourceFor(destination: Ipv6): Ipv6 | undefined {
    return (leaseOfNetwork(this.#leases, destination) ?? this.#autoconfiguration.lease)?.address;
  }

  handle(input: PeerInput, now: number): PeerEffect[] {
    const effects: PeerEffect[] = [];
    switch (input.kind) {
      case 'send':
        this.#send(input.packet, now, effects);
        break;
      case 'received':
        this.#receive(input.from, input.octets, now, effects);
        break;
      case 'tick':
        this.#autoconfiguration.tick(now, effects);
        this.#attachments.tick(now, effects);
        this.#renew();
        this.#neighbours.tick(now, effects);
        break;
      case 'start':
        this.#autoconfiguration.search(now, effects);
        break;
      case 'attach':
        this.#attach(input.remote, now, effects);
        break;
      case 'suspect':
        this.#suspect(input.remote, now, effects);
        break;
      case 'network-changed':
        this.#neighbours.forget(undefined, effects);
        this.#attachments.check(now);
        this.#autoconfiguration.search(now, effects);
    }
    return effects;
  }

  #send(packet: Uint8Array, now: number, effects: PeerEffect[]): void {
    const route = routeOf(packet, this.#leases, this.#onLink);
    if (route.kind === 'nowhere') this.#drop(route.why, effects);
    else if (route.kind === 'inside') effects.push({ kind: 'deliver', packet });
    else {
      const { lease } = route;
      this.#attachments.used(lease, now);
      const destination = destinationOf(packet);
      const other = this.#otherRouterOf(destination);
      if (other !== undefined) this.#attachments.attach(other, undefined, now, effects);
      const direct =
        route.kind === 'neighbour' &&
        this.#neighbours.send(packet, route.end, lease, destination, now, effects);
      this.counters[direct ? 'direct' : 'relayed'] += 1;
      effects.push({ kind: 'transmit', to: direct ? route.end : lease.router, octets: packet });
    }
  }

  #receive(from: Ipv4End, octets: Uint8Array, now: number, effects: PeerEffect[]): void {
    if (octets.length === 0) {
      if (!this.#neighbours.probed(from, now, effects)) this.#drop('unasked-probe', effects);
      return;
    }
    const fault = faultOf(octets);
    if (fault !== undefined) this.#drop(fault, effects);
    else if (isLinkLocal(sourceOf(octets)) && this.#isRouter(from)) {
      this.#drop(this.#routerAdvertised(from, octets, now, effects), effects);
    } else {
      const way = accept(octets, from, this.#leases, this.#onLink);
      if (way !== 'direct' && way !== 'relayed') this.#drop(way, effects);
      else if (!isDiscovery(octets)) this.#takeIn(octets, from, way === 'direct', now, effects);
      else this.#drop(this.#discover(octets, from, way === 'direct', now, effects), effects);
    }
  }

  /** A packet for us that is not about the tunnel itself. */
  #takeIn(packet: Uint8Array, from: Ipv4End, direct: boolean, now: number, effects: PeerEffect[]): void {
    this.counters[direct ? 'receivedDirect' : 'receivedRelayed'] += 1;
    const source = sourceOf(packet);
    const lease = leaseOfAddress(this.#leases, destinationOf(packet));
    if (lease !== undefined) {
      this.#attachments.used(lease, now);
      if (!direct) this.#heardRouter(lease, now);
      const end = direct ? from : mayBeNeighbour(source, lease.address) ? endOf(source) : undefined;
      if (end !== undefined) this.#neighbours.received(packet, end, direct, now, effects);
    }
    effects.push({ kind: 'deliver', packet });
  }

  /** Neighbour discovery by the rules of method A; the word for why it is ignored, if it is. */
  #discover(
    packet: Uint8Array,
    from: Ipv4End,
    direct: boolean,
    now: number,
    effects: PeerEffect[],
  ): Refusal | undefined {
    const source = sourceOf(packet);
    const lease = leaseOfAddress(this.#leases, destinationOf(packet));
    if (packet[HEADER] === IcmpType.routerAdvertisement) {
      return direct ? 'forged-advertisement' : 'bad-advertisement';
    }
    // A router of 2020 has lowered its hop limit, and through a router it proves nothing.
    if (!direct || lease === undefined) return 'bad-discovery';
    const fault = discoveryFaultOf(packet);
    if (fault !== undefined) return fault;
    const solicited = readNeighbourSolicitation(packet);
    if (solicited && sameIpv6(solicited.target, lease.address)) {
      return this.#neighbours.solicited(packet, from, lease, source, now, effects)
        ? undefined
        : 'too-many-solicitations';
    }
    const advertised = readNeighbourAdvertisement(packet);
    if (!advertised || !sameIpv6(advertised.target, source)) return 'bad-discovery';
    return this.#neighbours.advertised(packet, from, now, effects) ? undefined : 'unasked-advertisement';
  }

  /**
   * A router speaks: the answer to a solicitation, or a correction, whose destination is the address that was right
   * so far. The word for why it is ignored, if it is.
   */
  #routerAdvertised(
    from: Ipv4End,
    packet: Uint8Array,
    now: number,
    effects: PeerEffect[],
  ): Refusal | undefined {
    const advertised = readAdvertisement(packet);
    if (advertised === 'old-format') return 'old-format';
    const destination = destinationOf(packet);
    const isForUs =
      isMulticast(destination) ||
      isLinkLocal(destination) ||
      leaseOfAddress(this.#leases, destination) !== undefined;
    if (advertised === undefined || !isForUs) return 'bad-advertisement';
    const lease = leaseOf(from, advertised.address);
    if (lease === undefined) return 'bad-advertisement';
    this.#autoconfiguration.advertised(lease, now, effects);
    this.#attachments.advertised(lease, now, effects);
    this.#renew();
    return undefined;
  }

  #attach(remote: Ipv6, now: number, effects: PeerEffect[]): void {
    const router = this.#otherRouterOf(remote);
    if (router === undefined) this.#attachments.answer(remote, this.sourceFor(remote), effects);
    else this.#attachments.attach(router, remote, now, effects);
  }

  /** The router to be asked for an address under the prefix of this one; undefined: there is none, or we have one. */
  #otherRouterOf(remote: Ipv6): Ipv4End | undefined {
    const router = routerOf(remote);
    const own = this.#autoconfiguration.lease;
    if (router === undefined || isForbiddenTarget(router, this.#onLink)) return undefined;
    if (own !== undefined && (sameNetwork(own.address, remote) || sameEnd(own.router, router)))
      return undefined;
    return router;
  }

  /** The direct way to a neighbour may be dead, or, without one, the router. */
  #suspect(remote: Ipv6, now: number, effects: PeerEffect[]): void {
    const lease = leaseOfNetwork(this.#leases, remote) ?? this.#autoconfiguration.lease;
    if (lease === undefined) return;
    const end = mayBeNeighbour(remote, lease.address) ? endOf(remote) : undefined;
    if (end !== undefined && this.#neighbours.suspect(end, now, effects)) return;
    if (lease === this.#autoconfiguration.lease) this.#autoconfiguration.doubt(now);
    else this.#attachments.doubt(lease, now);
  }

  #isRouter(end: Ipv4End): boolean {
    return this.#autoconfiguration.isRouter(end) || this.#attachments.isRouter(end);
  }

  #heardRouter(lease: Lease, now: number): void {
    if (lease === this.#autoconfiguration.lease) this.#autoconfiguration.heard(now);
    else this.#attachments.heard(lease, now);
  }

  /** After anything that may have changed our addresses: what hung on one that is gone is void. */
  #renew(): void {
    const own = this.#autoconfiguration.lease;
    if (own !== undefined) this.#attachments.release(own.router);
    const leases = own === undefined ? this.#attachments.leases : [own, ...this.#attachments.leases];
    const before = this.#leases;
    if (leases.length === before.length && leases.every((lease, i) => lease === before[i])) return;
    this.#leases = leases;
    this.#addresses = leases.map(({ address }) => address);
    for (const lease of before) if (!leases.includes(lease)) this.#neighbours.forget(lease);
  }

  #drop(why: Unsendable | undefined, effects: PeerEffect[]): void {
    if (why === undefined) return;
    this.counters.dropped[why] = (this.counters.dropped[why] ?? 0) + 1;
    effects.push({ kind: 'dropped', why });
  }
}
