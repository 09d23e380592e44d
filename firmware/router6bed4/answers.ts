/** What the router says by itself, within its rate limits. Everything else that it sends was somebody's packet. */
import { endKey, type Ipv4End } from '#socket6bed4/address/ipv4.ts';
import { type Ipv6, isUnspecified, sameIpv6 } from '#socket6bed4/address/ipv6.ts';
import { echoReply, IcmpCode, IcmpType, icmpError } from '#socket6bed4/packet/icmpv6.ts';
import { MTU, sourceOf } from '#socket6bed4/packet/ipv6.ts';
import {
  isRouterSolicitation,
  readNeighbourSolicitation,
  routerAdvertisement,
  routerNeighbourAdvertisement,
} from '#socket6bed4/packet/neighbour_discovery.ts';
import type { RouterCounters } from './counters.ts';
import { Limiter, type Rate } from './limiter.ts';
import { isRouterLinkLocal } from './scope.ts';

/** To each origin, and to all of them together. A lie about one's origin must not make the router a weapon. */
export const LIMITS = {
  /** Advertisements that nobody asked for. */
  corrections: { each: { burst: 5, perSecond: 1 }, all: { burst: 500, perSecond: 500 } },
  /** RFC 4443 2.4 (f). */
  errors: { each: { burst: 10, perSecond: 10 }, all: { burst: 500, perSecond: 500 } },
  /** Answers to questions: each is hardly larger than its question. */
  replies: { each: { burst: 20, perSecond: 20 }, all: { burst: 5000, perSecond: 5000 } },
} as const satisfies Readonly<Record<string, { readonly each: Rate; readonly all: Rate }>>;

/** RFC 4861 2.3: all nodes of the link. */
const ALL_NODES: Ipv6 = Uint8Array.of(0xff, 0x02, ...new Uint8Array(13), 1);

/** Why a packet is refused with an ICMPv6 error: its type, code and parameter (RFC 4443 3). */
export const ERRORS = {
  'no-route': [IcmpType.destinationUnreachable, IcmpCode.noRoute, 0],
  opaque: [IcmpType.destinationUnreachable, IcmpCode.address, 0],
  'too-big': [IcmpType.packetTooBig, 0, MTU],
  'hop-limit': [IcmpType.timeExceeded, IcmpCode.hopLimit, 0],
} as const;

export type Refusal = keyof typeof ERRORS;

export class Answers {
  readonly #prefix: Uint8Array;
  readonly #self: Ipv4End;
  /** The router's own address, lanip 0. */
  readonly #address: Ipv6;
  readonly #counters: RouterCounters;
  readonly #corrections = new Limiter(LIMITS.corrections.each, LIMITS.corrections.all);
  readonly #errors = new Limiter(LIMITS.errors.each, LIMITS.errors.all);
  readonly #replies = new Limiter(LIMITS.replies.each, LIMITS.replies.all);

  constructor(prefix: Uint8Array, self: Ipv4End, address: Ipv6, counters: RouterCounters) {
    this.#prefix = prefix;
    this.#self = self;
    this.#address = address;
    this.#counters = counters;
  }

  /** Origins remembered, all kinds of answers together. */
  get size(): number {
    return this.#corrections.size + this.#errors.size + this.#replies.size;
  }

  /** To a router solicitation: the /114 of where it came from. Undefined: faulty, or too many. */
  advertisement(from: Ipv4End, packet: Uint8Array, now: number): Uint8Array | undefined {
    if (!isRouterSolicitation(packet) || !this.#allows(this.#replies, endKey(from), now)) return undefined;
    const asker = sourceOf(packet);
    this.#counters.advertisements += 1;
    return routerAdvertisement(isUnspecified(asker) ? ALL_NODES : asker, this.#prefix, from);
  }

  /** To a source that is no longer, or never was, where its packet came from. */
  correction(from: Ipv4End, packet: Uint8Array, now: number): Uint8Array | undefined {
    if (!this.#allows(this.#corrections, endKey(from), now)) return undefined;
    this.#counters.corrections += 1;
    return routerAdvertisement(sourceOf(packet), this.#prefix, from);
  }

  /** To a neighbour solicitation for the router; whatever it was asked for, it tells its full address. */
  neighbour(from: Ipv4End, packet: Uint8Array, now: number): Uint8Array | undefined {
    const target = readNeighbourSolicitation(packet)?.target;
    // From :: somebody would try out an address (RFC 4862 5.4), and the router's is not to be had.
    if (target === undefined || isUnspecified(sourceOf(packet))) return undefined;
    if (!isRouterLinkLocal(target) && !sameIpv6(target, this.#address)) return undefined;
    if (!this.#allows(this.#replies, endKey(from), now)) return undefined;
    this.#counters.neighbourAdvertisements += 1;
    return routerNeighbourAdvertisement(this.#address, sourceOf(packet), this.#self);
  }

  /** To an echo request for the router. `origin`: a number for who is limited. */
  echo(origin: number, packet: Uint8Array, now: number): Uint8Array | undefined {
    const reply = echoReply(packet);
    if (reply === undefined || !this.#allows(this.#replies, origin, now)) return undefined;
    this.#counters.echoReplies += 1;
    return reply;
  }

  /** To a packet that is refused, where RFC 4443 2.4 (e) lets it be answered. */
  error(origin: number, packet: Uint8Array, why: Refusal, now: number): Uint8Array | undefined {
    if (!this.#allows(this.#errors, origin, now)) return undefined;
    const [type, code, parameter] = ERRORS[why];
    const error = icmpError(this.#address, packet, type, code, parameter);
    if (error !== undefined) this.#counters.errors += 1;
    return error;
  }

  #allows(limiter: Limiter, origin: number, now: number): boolean {
    const allowed = limiter.allows(origin, now);
    if (!allowed) this.#counters.limited += 1;
    return allowed;
  }
}
