/**
 * The peer: puts packets of ours on their way (`route.ts`), takes in what comes from outside (`accept.ts`), and lets
 * the machines do their part: the search for a router, addresses by other routers, and the direct ways to neighbours.
 */
import { type Ipv4End, isForbiddenTarget, sameEnd } from '../address/ipv4.ts';
import { type Ipv6, isLinkLocal, isMulticast, sameIpv6 } from '../address/ipv6.ts';
import { routerOf, sameNetwork } from '../address/sixbed4.ts';
import { upperLayerOf } from '../packet/extension.ts';
import { IcmpType } from '../packet/icmpv6.ts';
import { destinationOf, HEADER, NextHeader, sourceOf } from '../packet/ipv6.ts';
import {
  discoveryFaultOf,
  readAdvertisement,
  readNeighbourAdvertisement,
  readNeighbourSolicitation,
} from '../packet/neighbour_discovery.ts';
import { accept, faultOf, isDiscovery, neighbourEndOf, type Refusal } from './accept.ts';
import { Attachments } from './attachments.ts';
import { Autoconfiguration } from './autoconfiguration.ts';
import { advertisedOf, type Lease, leaseOfAddress, leaseOfNetwork } from './lease.ts';
import type { Means } from './means.ts';
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
  readonly #means: Means;
  readonly #autoconfiguration: Autoconfiguration;
  readonly #attachments: Attachments;
  readonly #neighbours: Neighbours;
  /** Of the input that is handled. */
  #effects: PeerEffect[] = [];
  /** The one of our own router first; then those of others. */
  #leases: readonly Lease[] = [];
  addresses: readonly Ipv6[] = [];
  readonly counters: PeerCounters = {
    direct: 0,
    relayed: 0,
    receivedDirect: 0,
    receivedRelayed: 0,
    dropped: {},
  };

  constructor({ routers, onLink = [], hole = HOLE, keepAlive, random }: PeerOptions) {
    this.#means = {
      onLink,
      hole,
      keepAlive: keepAlive ?? Math.max(LEAST_KEEP_ALIVE, Math.min(KEEP_ALIVE, hole - MARGIN)),
      random,
      emit: (effect) => this.#effects.push(effect),
      transmit: (to, octets) => this.#means.emit({ kind: 'transmit', to, octets }),
    };
    this.#autoconfiguration = new Autoconfiguration(this.#means, routers);
    this.#attachments = new Attachments(this.#means, () => this.addresses[0]);
    this.#neighbours = new Neighbours(this.#means);
  }

  get deadline(): number {
    return Math.min(this.#autoconfiguration.deadline, this.#attachments.deadline, this.#neighbours.deadline);
  }

  sourceFor(destination: Ipv6): Ipv6 | undefined {
    return this.#leaseFor(destination)?.address;
  }

  handle(input: PeerInput, now: number): PeerEffect[] {
    this.#effects = [];
    switch (input.kind) {
      case 'send':
        this.#send(input.packet, now);
        break;
      case 'received':
        this.#drop(this.#receive(input.from, input.octets, now));
        break;
      case 'tick':
        this.#autoconfiguration.tick(now);
        this.#attachments.tick(now);
        this.#renew();
        this.#neighbours.tick(now);
        break;
      case 'routers':
        this.#autoconfiguration.use(input.routers, now);
        break;
      case 'attach':
        this.#attach(input.remote, now);
        break;
      case 'suspect':
        this.#suspect(input.remote, now);
        break;
      default:
        // Both begin with nothing that is known for sure.
        this.#neighbours.forget();
        this.#attachments.check(now);
        this.#autoconfiguration.search(now);
    }
    return this.#effects;
  }

  #send(packet: Uint8Array, now: number): void {
    const route = routeOf(packet, this.#leases, this.#means.onLink);
    if (route === 'inside') this.#means.emit({ kind: 'deliver', packet });
    else if (typeof route === 'string') this.#drop(route);
    else {
      const { lease, end } = route;
      const destination = destinationOf(packet);
      lease.router.usedAt = now;
      const other = this.#otherRouterOf(destination);
      // ICMP of ours are answers, which a stranger can cause.
      if (other && upperLayerOf(packet)?.nextHeader === NextHeader.udp)
        this.#attachments.attach(other, undefined, now);
      const direct = end && this.#neighbours.send(packet, end, lease, destination, now);
      this.counters[direct ? 'direct' : 'relayed'] += 1;
      this.#means.transmit(direct ? end : lease.router.end, packet);
    }
  }

  /** The word for why a datagram is ignored, if it is. */
  #receive(from: Ipv4End, octets: Uint8Array, now: number): Refusal | undefined {
    if (octets.length === 0) return this.#neighbours.probed(from, now) ? undefined : 'unasked-probe';
    const fault = faultOf(octets);
    if (fault) return fault;
    if (isLinkLocal(sourceOf(octets))) {
      const isRouter = this.#autoconfiguration.find(from) ?? this.#attachments.find(from);
      if (isRouter) return this.#routerAdvertised(from, octets, now);
    }
    const accepted = accept(octets, from, this.#leases, this.#means.onLink);
    if (typeof accepted === 'string') return accepted;
    const { lease, direct } = accepted;
    if (isDiscovery(octets)) return this.#discover(octets, from, lease, direct, now);
    this.counters[direct ? 'receivedDirect' : 'receivedRelayed'] += 1;
    lease.router.usedAt = now;
    if (!direct) lease.router.heardAt = now;
    const end = neighbourEndOf(sourceOf(octets), lease);
    if (end) this.#neighbours.received(octets, end, lease, direct, now);
    this.#means.emit({ kind: 'deliver', packet: octets });
    return undefined;
  }

  /** Neighbour discovery by the rules of method A. */
  #discover(
    packet: Uint8Array,
    from: Ipv4End,
    lease: Lease,
    direct: boolean,
    now: number,
  ): Refusal | undefined {
    // A router of 2020 has lowered its hop limit, and through a router it proves nothing.
    if (!direct) return 'bad-discovery';
    if (packet[HEADER] === IcmpType.routerAdvertisement) return 'forged-advertisement';
    const fault = discoveryFaultOf(packet);
    if (fault) return fault;
    const source = sourceOf(packet);
    const solicited = readNeighbourSolicitation(packet);
    if (solicited && sameIpv6(solicited.target, lease.address)) {
      const isAnswered = this.#neighbours.solicited(packet, from, lease, source, now);
      return isAnswered ? undefined : 'too-many-solicitations';
    }
    const advertised = readNeighbourAdvertisement(packet);
    if (!advertised || !sameIpv6(advertised.target, source)) return 'bad-discovery';
    return this.#neighbours.advertised(packet, from, now) ? undefined : 'unasked-advertisement';
  }

  /**
   * A router speaks: the answer to a solicitation, or a correction, whose destination is the address that was right
   * so far.
   */
  #routerAdvertised(from: Ipv4End, packet: Uint8Array, now: number): Refusal | undefined {
    const read = readAdvertisement(packet);
    if (read === 'old-format') return read;
    const to = destinationOf(packet);
    const isForUs = isMulticast(to) || isLinkLocal(to) || leaseOfAddress(this.#leases, to) !== undefined;
    const advertised = read && advertisedOf(read.address);
    if (!advertised || !isForUs) return 'bad-advertisement';
    this.#autoconfiguration.advertised(from, advertised, now);
    const refusal = this.#attachments.advertised(from, advertised, now);
    this.#renew();
    return refusal;
  }

  #attach(remote: Ipv6, now: number): void {
    const router = this.#otherRouterOf(remote);
    if (router) this.#attachments.attach(router, remote, now);
    else this.#attachments.answer(remote, this.sourceFor(remote));
  }

  /** The router to be asked for an address under the prefix of this one; undefined: there is none, or we have one. */
  #otherRouterOf(remote: Ipv6): Ipv4End | undefined {
    const router = routerOf(remote);
    const own = this.#autoconfiguration.lease;
    if (!router || isForbiddenTarget(router, this.#means.onLink)) return undefined;
    const isOwn = own && (sameNetwork(own.address, remote) || sameEnd(own.router.end, router));
    return isOwn ? undefined : router;
  }

  #leaseFor(remote: Ipv6): Lease | undefined {
    return leaseOfNetwork(this.#leases, remote) ?? this.#leases[0];
  }

  /** The direct way to a neighbour may be dead, or, without one, the router. */
  #suspect(remote: Ipv6, now: number): void {
    const lease = this.#leaseFor(remote);
    const end = lease && neighbourEndOf(remote, lease);
    if (!end || !this.#neighbours.suspect(end, now)) lease?.router.doubt(now);
  }

  /** After anything that may have changed our addresses: what hung on one that is gone is void. */
  #renew(): void {
    const own = this.#autoconfiguration.lease;
    if (own) this.#attachments.release(own.router.end);
    const leases = [own ?? [], this.#attachments.leases].flat();
    const before = this.#leases;
    if (leases.length === before.length && leases.every((lease, i) => lease === before[i])) return;
    this.#leases = leases;
    this.addresses = leases.map(({ address }) => address);
    for (const lease of before) if (!leases.includes(lease)) this.#neighbours.forget(lease);
  }

  #drop(why: Unsendable | undefined): void {
    if (!why) return;
    this.counters.dropped[why] = (this.counters.dropped[why] ?? 0) + 1;
    this.#means.emit({ kind: 'dropped', why });
  }
}
