/**
 * The router of 6bed4, pure and without any memory of its peers: where a packet goes is written in its addresses.
 *
 *     peer ──UDP/IPv4──▶ router ──UDP/IPv4──▶ peer              relayed: both in our /64
 *     peer ──▶ router ──▶ router of fc64:<netid>:<ipv4> ──▶ peer   the trapezium, draft-vanrein-6bed4-04 4.1
 *     peer ──▶ router ══▶ native IPv6                           where there is a native side
 *
 * Nobody but who receives at the IPv4 address and port in the bottom half of an address may send from that address.
 * That, and that nothing goes to private networks, groups or the router itself, is what every packet is held against.
 * The traffic class belongs to the peers (draft-vanrein-6bed4-04 6) and stays as it is.
 */
import {
  endKey,
  type Ipv4End,
  type Ipv4Prefix,
  isForbiddenTarget,
  sameEnd,
} from '#socket6bed4/address/ipv4.ts';
import { type Ipv6, isLinkLocal, isMulticast, isUnspecified, sameIpv6 } from '#socket6bed4/address/ipv6.ts';
import {
  addressOf,
  endOf,
  isAt,
  isOfRouterPrefix,
  lanipOf,
  ROUTER_PORT,
  routerOf,
  sameNetwork,
} from '#socket6bed4/address/sixbed4.ts';
import { IcmpType } from '#socket6bed4/packet/icmpv6.ts';
import {
  destinationOf,
  hopLimitOf,
  isWellFormed,
  MTU,
  NextHeader,
  nextHeaderOf,
  setHopLimit,
  sourceOf,
} from '#socket6bed4/packet/ipv6.ts';
import { Answers, type Refusal } from './answers.ts';
import { type Drop, newCounters, type RouterCounters } from './counters.ts';
import { isGlobal, isRouterLinkLocal } from './scope.ts';

export interface RouterOptions {
  /** The /64 of all peers: 8 octets. */
  readonly prefix: Uint8Array;
  /** The router's own port as the world sees it. */
  readonly self: Ipv4End;
  /** Private networks that are served all the same. */
  readonly onLink?: readonly Ipv4Prefix[];
  /** Whether there is a side to which packets for the rest of the world go. */
  readonly native?: boolean;
}

export type RouterEffect =
  | { readonly kind: 'transmit'; readonly to: Ipv4End; readonly octets: Uint8Array }
  | { readonly kind: 'native'; readonly packet: Uint8Array }
  | { readonly kind: 'dropped'; readonly why: Drop };

/** Which way an answer goes: back to where its question came from. */
type Side = Ipv4End | 'native';

type Way = 'relayed' | 'toRouters' | 'fromRouters' | 'fromNative';

const NOTHING: readonly RouterEffect[] = [];

export class Router {
  /** The router's own: lanip 0 at `self`. */
  readonly address: Ipv6;
  readonly counters: RouterCounters = newCounters();
  readonly #prefix: Uint8Array;
  readonly #self: Ipv4End;
  readonly #onLink: readonly Ipv4Prefix[] | undefined;
  readonly #hasNative: boolean;
  /** Only a prefix that names its router can be reached from another one. */
  readonly #hasTrapezium: boolean;
  readonly #answers: Answers;

  constructor({ prefix, self, onLink, native }: RouterOptions) {
    this.address = addressOf(prefix, self, 0);
    this.#prefix = prefix.slice(0, 8);
    this.#self = self;
    this.#onLink = onLink;
    this.#hasNative = native ?? false;
    this.#hasTrapezium = isOfRouterPrefix(prefix);
    this.#answers = new Answers(this.#prefix, self, this.address, this.counters);
  }

  /** Origins that the rate limits remember; bounded. */
  get remembered(): number {
    return this.#answers.size;
  }

  /** A datagram from the outside; its octets may be changed and sent on. `now`: ms of a steady clock. Never throws. */
  handle(from: Ipv4End, octets: Uint8Array, now: number): readonly RouterEffect[] {
    this.counters.received += 1;
    if (octets.length === 0) {
      this.counters.keepAlives += 1;
      return NOTHING;
    }
    if (!isWellFormed(octets)) return this.#dropped('malformed');
    if (sameEnd(from, this.#self)) return this.#dropped('loop');
    if (isForbiddenTarget(from, this.#onLink)) return this.#dropped('forbidden-origin');
    const source = sourceOf(octets);
    const isOurs = sameNetwork(source, this.#prefix);
    if (isOurs && isAt(source, from)) return this.#fromPeer(from, octets, now);
    if (isOurs) return this.#fromElsewhere(from, octets, now);
    if (this.#isByItsRouter(from, source)) return this.#fromRouter(from, octets, now);
    if (!isLinkLocal(source) && !isUnspecified(source)) return this.#dropped('foreign-source');
    return isDiscovery(octets) ? this.#discovery(from, octets, now) : this.#dropped('link-local');
  }

  /** A packet that the native side routed to us; it may be changed and sent on. Never throws. */
  native(packet: Uint8Array, now: number): readonly RouterEffect[] {
    if (!isWellFormed(packet)) return this.#dropped('malformed');
    const source = sourceOf(packet);
    const destination = destinationOf(packet);
    if (isMulticast(destination)) return this.#dropped('multicast');
    if (!sameNetwork(destination, this.#prefix)) return this.#dropped('not-ours');
    // Our peers are on the other side, where their place can be checked; of our own /64 only we are here.
    const isFair = sameNetwork(source, this.#prefix) ? sameIpv6(source, this.address) : isGlobal(source);
    if (!isFair) return this.#dropped('foreign-source');
    if (packet.length > MTU) return this.#refused('native', packet, 'too-big', now);
    if (isDiscovery(packet)) return this.#dropped('neighbour-discovery');
    return this.#toPeer('native', packet, destination, 'fromNative', now);
  }

  /** An address of ours, but not that of where the packet came from: the mapping of a NAT has changed, or it lies. */
  #fromElsewhere(from: Ipv4End, packet: Uint8Array, now: number): readonly RouterEffect[] {
    const asks = isDiscovery(packet) && packet[40] === IcmpType.routerSolicitation;
    if (asks) return this.#discovery(from, packet, now);
    const dropped = this.#dropped('wrong-source');
    const correction = this.#answers.correction(from, packet, now);
    return correction === undefined ? dropped : [...dropped, sent(from, correction)];
  }

  #fromPeer(from: Ipv4End, packet: Uint8Array, now: number): readonly RouterEffect[] {
    if (packet.length > MTU) return this.#refused(from, packet, 'too-big', now);
    if (isDiscovery(packet)) return this.#discovery(from, packet, now);
    const destination = destinationOf(packet);
    if (sameNetwork(destination, this.#prefix)) {
      return this.#toPeer(from, packet, destination, 'relayed', now);
    }
    if (isMulticast(destination)) return this.#dropped('multicast');
    if (isLinkLocal(destination)) {
      return isRouterLinkLocal(destination)
        ? this.#forRouter(from, packet, now)
        : this.#dropped('link-local');
    }
    if (isOfRouterPrefix(destination)) return this.#toRouter(from, packet, destination, now);
    return this.#toNative(from, packet, destination, now);
  }

  /** From whoever may ask for the router; all but questions for it ends here. */
  #discovery(from: Ipv4End, packet: Uint8Array, now: number): readonly RouterEffect[] {
    const answer =
      packet[40] === IcmpType.routerSolicitation
        ? this.#answers.advertisement(from, packet, now)
        : this.#answers.neighbour(from, packet, now);
    return this.#answered(from, answer, 'neighbour-discovery');
  }

  /** The second side of the trapezium: who sends is what the top half of the source says. */
  #isByItsRouter(from: Ipv4End, source: Ipv6): boolean {
    return this.#hasTrapezium && from.port === ROUTER_PORT && routerOf(source)?.ipv4 === from.ipv4;
  }

  #fromRouter(from: Ipv4End, packet: Uint8Array, now: number): readonly RouterEffect[] {
    const destination = destinationOf(packet);
    if (!sameNetwork(destination, this.#prefix)) return this.#dropped('foreign-source');
    if (packet.length > MTU) return this.#refused(from, packet, 'too-big', now);
    if (isDiscovery(packet)) return this.#dropped('neighbour-discovery');
    return this.#toPeer(from, packet, destination, 'fromRouters', now);
  }

  /** To an address of our /64, by its bottom half. */
  #toPeer(side: Side, packet: Uint8Array, destination: Ipv6, way: Way, now: number): readonly RouterEffect[] {
    const to = endOf(destination);
    if (to === undefined) return this.#refused(side, packet, 'opaque', now);
    // In every /114 the first address is the router's (draft-vanrein-6bed4-04 2.1).
    if (lanipOf(destination) === 0) {
      return this.#hasNative && side !== 'native' && sameIpv6(destination, this.address)
        ? this.#handedOver(packet)
        : this.#forRouter(side, packet, now);
    }
    if (sameEnd(to, this.#self)) return this.#dropped('loop');
    return this.#forward(side, packet, to, way, now);
  }

  /** The first side of the trapezium: what the other router does with it is its affair. */
  #toRouter(from: Ipv4End, packet: Uint8Array, destination: Ipv6, now: number): readonly RouterEffect[] {
    const to = this.#hasTrapezium ? routerOf(destination) : undefined;
    if (to === undefined || to.ipv4 === this.#self.ipv4) return this.#refused(from, packet, 'no-route', now);
    return this.#forward(from, packet, to, 'toRouters', now);
  }

  #toNative(from: Ipv4End, packet: Uint8Array, destination: Ipv6, now: number): readonly RouterEffect[] {
    if (!this.#hasNative || !isGlobal(destination)) return this.#refused(from, packet, 'no-route', now);
    return this.#hop(packet) ? this.#handedOver(packet) : this.#refused(from, packet, 'hop-limit', now);
  }

  #handedOver(packet: Uint8Array): readonly RouterEffect[] {
    this.counters.toNative += 1;
    return [{ kind: 'native', packet }];
  }

  #forward(side: Side, packet: Uint8Array, to: Ipv4End, way: Way, now: number): readonly RouterEffect[] {
    if (isForbiddenTarget(to, this.#onLink)) return this.#dropped('forbidden-target');
    if (!this.#hop(packet)) return this.#refused(side, packet, 'hop-limit', now);
    this.counters[way] += 1;
    return [{ kind: 'transmit', to, octets: packet }];
  }

  /** One hop less; false: that was its last. */
  #hop(packet: Uint8Array): boolean {
    const hopLimit = hopLimitOf(packet);
    if (hopLimit <= 1) return false;
    setHopLimit(packet, hopLimit - 1);
    return true;
  }

  #forRouter(side: Side, packet: Uint8Array, now: number): readonly RouterEffect[] {
    return this.#answered(side, this.#answers.echo(originOf(side, packet), packet, now), 'for-router');
  }

  #answered(side: Side, answer: Uint8Array | undefined, otherwise: Drop): readonly RouterEffect[] {
    return answer === undefined ? this.#dropped(otherwise) : [sent(side, answer)];
  }

  #refused(side: Side, packet: Uint8Array, why: Refusal, now: number): readonly RouterEffect[] {
    const dropped = this.#dropped(why);
    const error = this.#answers.error(originOf(side, packet), packet, why, now);
    return error === undefined ? dropped : [...dropped, sent(side, error)];
  }

  #dropped(why: Drop): readonly RouterEffect[] {
    this.counters.dropped[why] += 1;
    return [{ kind: 'dropped', why }];
  }
}

function sent(side: Side, octets: Uint8Array): RouterEffect {
  return side === 'native' ? { kind: 'native', packet: octets } : { kind: 'transmit', to: side, octets };
}

/** For the rate limits: the end, or of a native host its /48, below 0 to differ from every end. */
function originOf(side: Side, packet: Uint8Array): number {
  if (side !== 'native') return endKey(side);
  let key = 0;
  for (let i = 8; i < 14; i += 1) key = key * 256 + (packet[i] ?? 0);
  return -1 - key;
}

/** Neighbour discovery and redirects concern one link and are never passed on (RFC 4861 6.1, 7.1, 8.1). */
function isDiscovery(packet: Uint8Array): boolean {
  const type = packet[40] ?? 0;
  return (
    nextHeaderOf(packet) === NextHeader.icmp &&
    type >= IcmpType.routerSolicitation &&
    type <= IcmpType.redirect
  );
}
