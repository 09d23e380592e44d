/**
 * The neighbours that we deal with, by the IPv4 address and port in their bottom half, and the limits on what others
 * can make us do: whoever names addresses to us must not make us probe them all, and who solicits must not fill our
 * memory. Where a limit is reached packets still go, through the router.
 */
import { endKey, type Ipv4End } from '../address/ipv4.ts';
import { type Ipv6, sameIpv6 } from '../address/ipv6.ts';
import { NO_OCTETS } from '../address/octets.ts';
import { setTrafficClass, trafficClassOf } from '../packet/ipv6.ts';
import { neighbourAdvertisement, neighbourSolicitation } from '../packet/neighbour_discovery.ts';
import type { Lease } from './lease.ts';
import type { Means } from './means.ts';
import { Neighbour } from './neighbour.ts';
import { Rate } from './rate.ts';

const MOST_NEIGHBOURS = 1024;
const MOST_ORIGINS = 1024;

/** Traffic class `PP S 000 ECN` (draft-vanrein-6bed4-04 6.1): ours is always Proper, which is 0. */
const SEEN = 0x20;

class Known extends Neighbour {
  readonly end: Ipv4End;
  /** The pair of addresses last used with it. */
  lease: Lease;
  address: Ipv6;
  /** The path that was told last. */
  told: Neighbour['path'] = 'relayed';

  constructor(hole: number, end: Ipv4End, lease: Lease, address: Ipv6) {
    super(hole);
    this.end = end;
    this.lease = lease;
    this.address = Uint8Array.from(address);
  }
}

/** Addresses may be views into packets. */
export class Neighbours {
  readonly #means: Means;
  readonly #known = new Map<number, Known>();
  /** No neighbour is due before; one of them perhaps later. */
  #deadline = Infinity;
  /** New ones by our own packets, and by solicitations of strangers. */
  readonly #chosen = new Rate(32, 16);
  readonly #strangers = new Rate(16, 8);
  /** Advertisements of ours by who asked for them, and how many new ones may ask. */
  readonly #origins = new Map<number, Rate>();
  readonly #newOrigins = new Rate(32, 16);

  constructor(means: Means) {
    this.#means = means;
  }

  get deadline(): number {
    return this.#deadline;
  }

  get size(): number {
    return this.#known.size;
  }

  /** A packet of ours is about to go to `address` at `end`: true if straight there. Sets the Seen flag in it. */
  send(packet: Uint8Array, end: Ipv4End, lease: Lease, address: Ipv6, now: number): boolean {
    const known = this.#meet(end, lease, address, this.#chosen, now);
    if (!known) return false;
    known.lease = lease;
    if (!sameIpv6(known.address, address)) known.address = Uint8Array.from(address);
    this.#follow(known, known.sending(now), now);
    markSeen(packet, known, now);
    return known.path === 'direct';
  }

  /**
   * A packet came from `end`, straight or through a router: the Seen flag in it, and that it took this way, count. But
   * another's router can put anybody's end into an address, so it is heard only on whom we speak with through it.
   */
  received(packet: Uint8Array, end: Ipv4End, lease: Lease, direct: boolean, now: number): void {
    const known = this.#of(end);
    if (!known || (!direct && lease.guest && lease !== known.lease)) return;
    // First of all: it tells of the neighbour as it was, not as a change of path makes it.
    const probe = !direct && known.relayed(now);
    if (saysSeen(packet)) known.seen(now);
    this.#follow(known, direct ? known.heard(now, true) : probe, now);
  }

  /** Whether a probe from there means anything. */
  probed(end: Ipv4End, now: number): boolean {
    const known = this.#of(end);
    if (!known?.isAwaited(now)) return false;
    this.#follow(known, known.heard(now, false), now);
    return true;
  }

  /** A solicitation that came straight from `end`. False: there were too many. */
  solicited(packet: Uint8Array, end: Ipv4End, lease: Lease, address: Ipv6, now: number): boolean {
    if (!this.#mayAnswer(endKey(end), now)) return false;
    const advertisement = neighbourAdvertisement(lease.address, address);
    this.#means.transmit(end, advertisement);
    const known = this.#meet(end, lease, address, this.#strangers, now);
    if (!known) return true;
    this.#heard(known, packet, now);
    known.answered(now);
    markSeen(advertisement, known, now);
    return true;
  }

  /** An advertisement that came straight from `end`. False: nobody asked. */
  advertised(packet: Uint8Array, end: Ipv4End, now: number): boolean {
    const known = this.#of(end);
    if (!known?.advertised(now)) return false;
    this.#heard(known, packet, now);
    return true;
  }

  /** Somebody doubts the direct way to `end`. False: there is none. */
  suspect(end: Ipv4End, now: number): boolean {
    const known = this.#of(end);
    if (known?.path !== 'direct') return false;
    this.#follow(known, known.suspect(now), now);
    return true;
  }

  tick(now: number): void {
    if (now < this.#deadline) return;
    this.#deadline = Infinity;
    for (const known of this.#known.values()) this.#follow(known, known.expire(now), now);
  }

  /** Forgets those dealt with by `lease`, or all. */
  forget(lease?: Lease): void {
    for (const known of this.#known.values()) if (!lease || known.lease === lease) this.#remove(known);
  }

  /** Neighbour discovery came straight from there. */
  #heard(known: Known, packet: Uint8Array, now: number): void {
    if (saysSeen(packet)) known.seen(now);
    this.#follow(known, known.heard(now, false), now);
  }

  /** Does what an event left to be done: tell the new path, probe, forget, be in time for the next. */
  #follow(known: Known, probe: boolean, now: number): void {
    this.#tell(known, known.path);
    if (probe) this.#probe(known, now);
    if (known.state === 'gone') this.#remove(known);
    else this.#deadline = Math.min(this.#deadline, known.deadline);
  }

  #tell(known: Known, path: Neighbour['path']): void {
    if (known.told === path) return;
    known.told = path;
    this.#means.emit({ kind: 'path', remote: known.address, path });
  }

  /** Both methods at once: an empty datagram, and a solicitation, which can carry the Seen flag when there is no data. */
  #probe(known: Known, now: number): void {
    const { end: to, lease, address } = known;
    const octets = neighbourSolicitation(lease.address, address, lease.end);
    markSeen(octets, known, now);
    this.#means.transmit(to, NO_OCTETS);
    this.#means.transmit(to, octets);
  }

  #mayAnswer(key: number, now: number): boolean {
    let origin = this.#origins.get(key);
    if (!origin) {
      if (!this.#newOrigins.take(now) && !this.#known.has(key)) return false;
      const [oldest = key] = this.#origins.keys();
      if (this.#origins.size >= MOST_ORIGINS) this.#origins.delete(oldest);
      origin = new Rate(8, 4);
      this.#origins.set(key, origin);
    }
    return origin.take(now);
  }

  #of(end: Ipv4End): Known | undefined {
    return this.#known.get(endKey(end));
  }

  /** Who is there, a new one if `rate` allows it. */
  #meet(end: Ipv4End, lease: Lease, address: Ipv6, rate: Rate, now: number): Known | undefined {
    const before = this.#of(end);
    if (before || !rate.take(now)) return before;
    if (this.size >= MOST_NEIGHBOURS) this.#remove([...this.#known.values()].reduce(lessUsed));
    const known = new Known(this.#means.hole, end, lease, address);
    this.#known.set(endKey(end), known);
    return known;
  }

  #remove(known: Known): void {
    this.#tell(known, 'relayed');
    this.#known.delete(endKey(known.end));
  }
}

/** Whom we never sent anything goes first, then to whom we did longest ago. */
function lessUsed(a: Known, b: Known): Known {
  return b.sentAt < a.sentAt || (b.sentAt === a.sentAt && b.heardAt < a.heardAt) ? b : a;
}

function markSeen(packet: Uint8Array, known: Known, now: number): void {
  if (known.maySaySeen(now)) setTrafficClass(packet, SEEN);
}

/** The flag counts only while the three bits behind it are 0: other markings are not meant for us. */
function saysSeen(packet: Uint8Array): boolean {
  return (trafficClassOf(packet) & 0x3c) === SEEN;
}
