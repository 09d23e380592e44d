/**
 * Peers of others, as far as they decide about the direct path: one that knows neighbour discovery only, like the
 * programs since 2017, and one that knows Probe and Seen only, by the letter of draft-vanrein-6bed4-04 section 6.
 */
import { type Ipv4End, sameEnd } from '#socket6bed4/address/ipv4.ts';
import { addressOf, endOf } from '#socket6bed4/address/sixbed4.ts';
import { destinationOf, setTrafficClass, sourceOf, trafficClassOf } from '#socket6bed4/packet/ipv6.ts';
import { neighbourAdvertisement, neighbourSolicitation } from '#socket6bed4/packet/neighbour_discovery.ts';

export interface Sent {
  readonly to: Ipv4End;
  readonly octets: Uint8Array;
}

/** One neighbour of ours, whose only neighbour we are. */
export interface Model {
  readonly address: Uint8Array;
  deadline: number;
  handle(from: Ipv4End, octets: Uint8Array, now: number): Sent[];
  send(packet: Uint8Array, now: number): Sent[];
  tick(now: number): Sent[];
}

interface Place {
  readonly prefix: Uint8Array;
  readonly end: Ipv4End;
  readonly router: Ipv4End;
}

/** Solicits thrice 50 ms apart when it wants to send; believes an advertisement for 30 s, and 30 s more while it asks again. */
export class DiscoveryOnly implements Model {
  readonly address: Uint8Array;
  readonly #place: Place;
  #remote: Uint8Array | undefined;
  #tries = 0;
  #reachableUntil = -Infinity;
  #failedUntil = -Infinity;
  #asked = false;
  deadline = Infinity;

  constructor(place: Place) {
    this.#place = place;
    this.address = addressOf(place.prefix, place.end);
  }

  handle(from: Ipv4End, octets: Uint8Array, now: number): Sent[] {
    if (octets[6] !== 58 || sameEnd(from, this.#place.router)) return [];
    if (octets[40] === 135) {
      return [{ to: from, octets: neighbourAdvertisement(this.address, sourceOf(octets)) }];
    }
    if (octets[40] === 136 && this.#asked) {
      this.#reachableUntil = now + 30_000;
      this.#asked = false;
      this.deadline = Infinity;
    }
    return [];
  }

  send(packet: Uint8Array, now: number): Sent[] {
    this.#remote = destinationOf(packet);
    const to = endOf(this.#remote) ?? this.#place.router;
    if (now < this.#reachableUntil) return [{ to, octets: packet }];
    if (now < this.#reachableUntil + 30_000) return [...this.#solicit(now), { to, octets: packet }];
    const asking = this.deadline === Infinity && now >= this.#failedUntil ? this.#begin(now) : [];
    return [...asking, { to: this.#place.router, octets: packet }];
  }

  tick(now: number): Sent[] {
    if (this.#tries < 3) return this.#solicit(now);
    this.deadline = Infinity;
    this.#asked = false;
    this.#failedUntil = now + 30_000;
    return [];
  }

  #begin(now: number): Sent[] {
    this.#tries = 0;
    return this.#solicit(now);
  }

  #solicit(now: number): Sent[] {
    if (this.#remote === undefined) return [];
    this.#tries += 1;
    this.#asked = true;
    this.deadline = now < this.#reachableUntil + 30_000 ? Infinity : now + 50;
    const to = endOf(this.#remote) ?? this.#place.router;
    return [{ to, octets: neighbourSolicitation(this.address, this.#remote, this.#place.end) }];
  }
}

const SEEN = 0x20;
const HOLE = 30_000;

/** INIT 1 s, INIT 1 s, FAIL 25 s …; Seen makes PEER 25 s, POLL 1 s, POLL 1 s, FAIL. */
export class SeenOnly implements Model {
  readonly address: Uint8Array;
  readonly #place: Place;
  #remote: Ipv4End | undefined;
  #step: 'new' | 'init1' | 'init2' | 'fail' | 'peer' | 'poll1' | 'poll2' = 'new';
  #sentAt = -Infinity;
  #directAt = -Infinity;
  #heardAt = -Infinity;
  deadline = Infinity;

  constructor(place: Place) {
    this.#place = place;
    this.address = addressOf(place.prefix, place.end);
  }

  handle(from: Ipv4End, octets: Uint8Array, now: number): Sent[] {
    if (!sameEnd(from, this.#place.router)) {
      if (octets.length > 0 || now - this.#sentAt <= 27_000) this.#heardAt = now;
    }
    if (octets.length > 0 && this.#step !== 'new' && (trafficClassOf(octets) & 0x3c) === SEEN) {
      this.#step = 'peer';
      this.deadline = now + 25_000;
    }
    return [];
  }

  send(packet: Uint8Array, now: number): Sent[] {
    this.#remote = endOf(destinationOf(packet));
    this.#sentAt = now;
    const probe = this.#step === 'new' ? this.#go('init1', 1000, now) : [];
    const direct = this.#step === 'peer' || this.#step === 'poll1' || this.#step === 'poll2';
    if (direct) this.#directAt = now;
    const seen = now - this.#heardAt <= 27_000 && now < this.#directAt + HOLE - 28_000;
    setTrafficClass(packet, seen ? SEEN : 0);
    return [...probe, { to: (direct && this.#remote) || this.#place.router, octets: packet }];
  }

  tick(now: number): Sent[] {
    switch (this.#step) {
      case 'init1':
        return this.#go('init2', 1000, now);
      case 'peer':
        return this.#go('poll1', 1000, now);
      case 'poll1':
        return this.#go('poll2', 1000, now);
      default:
        if (now - this.#sentAt <= 27_000) return this.#go('fail', 25_000, now);
        this.#step = 'new';
        this.deadline = Infinity;
        return [];
    }
  }

  /** Each of these states is entered with a probe. */
  #go(step: 'init1' | 'init2' | 'fail' | 'poll1' | 'poll2', lasts: number, now: number): Sent[] {
    this.#step = step;
    this.deadline = now + lasts;
    this.#directAt = now;
    return this.#remote === undefined ? [] : [{ to: this.#remote, octets: new Uint8Array(0) }];
  }
}
