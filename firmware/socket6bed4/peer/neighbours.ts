/**
 * The neighbours that we deal with, by the IPv4 address and port in their bottom half, and the limits on what others
 * can make us do: whoever names addresses to us must not make us probe them all, and who solicits must not fill our
 * memory. Where a limit is reached packets still go, through the router.
 */
import { endKey, type Ipv4End } from '../address/ipv4.ts';
import { type Ipv6, sameIpv6 } from '../address/ipv6.ts';
import { setTrafficClass, trafficClassOf } from '../packet/ipv6.ts';
import { neighbourAdvertisement, neighbourSolicitation } from '../packet/neighbour_discovery.ts';
import type { Lease } from './lease.ts';
import { Neighbour } from './neighbour.ts';
import { Rate } from './rate.ts';
import type { PeerEffect } from './types.ts';

const MOST_NEIGHBOURS = 1024;
const MOST_ORIGINS = 1024;

/** Traffic class `PP S 000 ECN` (draft-vanrein-6bed4-04 6.1): ours is always Proper, which is 0. */
const SEEN = 0x20;
const NO_BYTES = new Uint8Array(0);

interface Known {
  readonly machine: Neighbour;
  readonly end: Ipv4End;
  /** The pair of addresses last used with it. */
  lease: Lease;
  address: Ipv6;
}

/** Every event pushes what is to be done onto `effects`. Addresses may be views into packets. */
export class Neighbours {
  readonly #hole: number;
  readonly #known = new Map<number, Known>();
  /** No neighbour is due before; one of them perhaps later. */
  #deadline = Infinity;
  /** New ones by our own packets, and by solicitations of strangers. */
  readonly #chosen = new Rate(32, 16);
  readonly #strangers = new Rate(16, 8);
  /** Advertisements of ours by who asked for them, and how many new ones may ask. */
  readonly #origins = new Map<number, Rate>();
  readonly #newOrigins = new Rate(32, 16);

  constructor(hole: number) {
    this.#hole = hole;
  }

  get deadline(): number {
    return this.#deadline;
  }

  get size(): number {
    return this.#known.size;
  }

  /** A packet of ours is about to go to `address` at `end`: true if straight there. Sets the Seen flag in it. */
  send(
    packet: Uint8Array,
    end: Ipv4End,
    lease: Lease,
    address: Ipv6,
    now: number,
    effects: PeerEffect[],
  ): boolean {
    const key = endKey(end);
    let known = this.#known.get(key);
    if (known === undefined) {
      if (!this.#chosen.take(now)) return false;
      known = this.#add(key, end, lease, address, effects);
    } else if (known.lease !== lease || !sameIpv6(known.address, address)) {
      known.lease = lease;
      known.address = Uint8Array.from(address);
    }
    const { machine } = known;
    const before = machine.direct;
    this.#follow(known, before, machine.sending(now), now, effects);
    if (machine.maySaySeen(now)) setTrafficClass(packet, SEEN);
    return machine.direct;
  }

  /** A packet came from `end`, straight or through a router: the Seen flag in it, and that it took this way, count. */
  received(packet: Uint8Array, end: Ipv4End, direct: boolean, now: number, effects: PeerEffect[]): void {
    const known = this.#known.get(endKey(end));
    if (known === undefined) return;
    const { machine } = known;
    const before = machine.direct;
    // First of all: it tells of the neighbour as it was, not as a change of path makes it.
    const probe = direct ? false : machine.relayed(now);
    if (saysSeen(packet)) machine.seen(now);
    this.#follow(known, before, (direct && machine.heard(now, true)) || probe, now, effects);
  }

  /** Whether a probe from there means anything. */
  probed(end: Ipv4End, now: number, effects: PeerEffect[]): boolean {
    const known = this.#known.get(endKey(end));
    if (known === undefined || !known.machine.isAwaited(now)) return false;
    this.#follow(known, known.machine.direct, known.machine.heard(now, false), now, effects);
    return true;
  }

  /** A solicitation that came straight from `end`. False: there were too many. */
  solicited(
    packet: Uint8Array,
    end: Ipv4End,
    lease: Lease,
    address: Ipv6,
    now: number,
    effects: PeerEffect[],
  ): boolean {
    const key = endKey(end);
    let known = this.#known.get(key);
    if (!this.#mayAnswer(key, known !== undefined, now)) return false;
    const advertisement = neighbourAdvertisement(lease.address, address);
    effects.push({ kind: 'transmit', to: end, octets: advertisement });
    if (known === undefined && this.#strangers.take(now)) {
      known = this.#add(key, end, lease, address, effects);
    }
    if (known === undefined) return true;
    const { machine } = known;
    const before = machine.direct;
    if (saysSeen(packet)) machine.seen(now);
    const probe = machine.heard(now, false);
    machine.answered(now);
    if (machine.maySaySeen(now)) setTrafficClass(advertisement, SEEN);
    this.#follow(known, before, probe, now, effects);
    return true;
  }

  /** An advertisement that came straight from `end`. False: nobody asked. */
  advertised(packet: Uint8Array, end: Ipv4End, now: number, effects: PeerEffect[]): boolean {
    const known = this.#known.get(endKey(end));
    if (known === undefined) return false;
    const { machine } = known;
    const before = machine.direct;
    if (!machine.advertised(now)) return false;
    if (saysSeen(packet)) machine.seen(now);
    this.#follow(known, before, machine.heard(now, false), now, effects);
    return true;
  }

  /** Somebody doubts the direct way to `end`. False: there is none. */
  suspect(end: Ipv4End, now: number, effects: PeerEffect[]): boolean {
    const known = this.#known.get(endKey(end));
    if (known === undefined || !known.machine.direct) return false;
    this.#follow(known, true, known.machine.suspect(now), now, effects);
    return true;
  }

  tick(now: number, effects: PeerEffect[]): void {
    if (now < this.#deadline) return;
    this.#deadline = Infinity;
    for (const known of this.#known.values()) {
      const { machine } = known;
      if (machine.deadline <= now) {
        this.#follow(known, machine.direct, machine.expire(now), now, effects);
      } else {
        this.#deadline = Math.min(this.#deadline, machine.deadline);
      }
    }
  }

  /** Forgets those dealt with by `lease`, or all. Those that were reached directly are told if `effects` is there. */
  forget(lease?: Lease, effects?: PeerEffect[]): void {
    for (const [key, known] of this.#known) {
      if (lease !== undefined && known.lease !== lease) continue;
      this.#known.delete(key);
      if (known.machine.direct) effects?.push({ kind: 'path', remote: known.address, path: 'relayed' });
    }
  }

  /** Does what an event left to be done: tell the new path, probe, forget, be in time for the next. */
  #follow(known: Known, before: boolean, probe: boolean, now: number, effects: PeerEffect[]): void {
    const { machine, end, address } = known;
    if (machine.direct !== before) {
      effects.push({ kind: 'path', remote: address, path: machine.direct ? 'direct' : 'relayed' });
    }
    if (probe) this.#probe(known, now, effects);
    if (machine.state === 'gone') this.#known.delete(endKey(end));
    else this.#deadline = Math.min(this.#deadline, machine.deadline);
  }

  /** Both methods at once: an empty datagram, and a solicitation, which can carry the Seen flag when there is no data. */
  #probe({ machine, end, lease, address }: Known, now: number, effects: PeerEffect[]): void {
    const solicitation = neighbourSolicitation(lease.address, address, lease.end);
    if (machine.maySaySeen(now)) setTrafficClass(solicitation, SEEN);
    effects.push({ kind: 'transmit', to: end, octets: NO_BYTES });
    effects.push({ kind: 'transmit', to: end, octets: solicitation });
  }

  #mayAnswer(key: number, isKnown: boolean, now: number): boolean {
    let origin = this.#origins.get(key);
    if (origin === undefined) {
      if (!this.#newOrigins.take(now) && !isKnown) return false;
      if (this.#origins.size >= MOST_ORIGINS) removeFirst(this.#origins);
      origin = new Rate(8, 4);
      this.#origins.set(key, origin);
    }
    return origin.take(now);
  }

  #add(key: number, end: Ipv4End, lease: Lease, address: Ipv6, effects: PeerEffect[]): Known {
    if (this.#known.size >= MOST_NEIGHBOURS) this.#removeLeastUsed(effects);
    const known = { machine: new Neighbour(this.#hole), end, lease, address: Uint8Array.from(address) };
    this.#known.set(key, known);
    return known;
  }

  /** Whom we never sent anything goes first, then to whom we did longest ago. */
  #removeLeastUsed(effects: PeerEffect[]): void {
    let least: Known | undefined;
    for (const known of this.#known.values()) {
      if (least === undefined || isLessUsed(known.machine, least.machine)) least = known;
    }
    if (least === undefined) return;
    this.#known.delete(endKey(least.end));
    if (least.machine.direct) effects.push({ kind: 'path', remote: least.address, path: 'relayed' });
  }
}

function isLessUsed(a: Neighbour, b: Neighbour): boolean {
  return a.sentAt < b.sentAt || (a.sentAt === b.sentAt && a.heardAt < b.heardAt);
}

/** The flag counts only while the three bits behind it are 0: other markings are not meant for us. */
function saysSeen(packet: Uint8Array): boolean {
  return (trafficClassOf(packet) & 0x3c) === SEEN;
}

function removeFirst(map: Map<number, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
