/**
 * A little IPv4 internet on the jumping clock: hosts and NATs hang by links with delay, loss and duplication on
 * realms, the public one and one behind each NAT, which may be nested. It carries UDP datagrams, copied as a kernel
 * does; paths between public addresses can be cut in one direction.
 */
import type { Ipv4End } from '#socket6bed4/address/ipv4.ts';
import type { Clock } from './clock.ts';
import { Nat, type NatOptions } from './nat.ts';

export interface Link {
  /** Milliseconds for one crossing. */
  delay: number;
  /** Up to so many more, by the dice; datagrams then overtake each other. */
  jitter: number;
  /** Share of datagrams that vanish in each crossing, 0–1; likewise doubled ones. */
  loss: number;
  duplication: number;
}

export interface Datagram {
  readonly from: Ipv4End;
  readonly to: Ipv4End;
  readonly octets: Uint8Array;
}

/** What hangs on a realm by a link. */
interface Attachment {
  readonly link: Link;
  receive(datagram: Datagram): void;
}

/** A space of addresses that reach each other. */
export interface Realm {
  readonly attachments: Map<number, Attachment>;
  /** Takes what is for an address that is not here; the public realm has none. */
  readonly gateway?: (datagram: Datagram) => void;
}

/** One address with all its ports. */
export interface Host {
  readonly ipv4: number;
  readonly link: Link;
  send(port: number, to: Ipv4End, octets: Uint8Array): void;
}

/** A NAT, its link to the realm outside, and the realm inside. */
export interface Gateway {
  readonly nat: Nat;
  readonly link: Link;
  readonly realm: Realm;
  /** A new address outside; every mapping is lost. */
  renumber(outside: number): void;
}

const QUICK: Link = { delay: 0, jitter: 0, loss: 0, duplication: 0 };

export class Internet4 {
  readonly clock: Clock;
  readonly #random: () => number;
  readonly #cuts = new Set<string>();
  readonly realm: Realm = { attachments: new Map() };
  /** Sees every datagram in the public realm, those for a cut path and those for nobody too. */
  watch: (datagram: Datagram) => void = () => {};
  /** Datagrams in the public realm for an address that nobody has. */
  readonly unroutable: Datagram[] = [];

  constructor(clock: Clock, random: () => number) {
    this.clock = clock;
    this.#random = random;
  }

  /** A host; `receive` gets what arrives at any of its ports. */
  host(
    realm: Realm,
    ipv4: number,
    link: Partial<Link>,
    receive: (port: number, from: Ipv4End, octets: Uint8Array) => void,
  ): Host {
    const whole = { ...QUICK, ...link };
    realm.attachments.set(ipv4, {
      link: whole,
      receive: ({ from, to, octets }) => receive(to.port, from, octets),
    });
    return {
      ipv4,
      link: whole,
      send: (port, to, octets) =>
        this.#cross(whole, { from: { ipv4, port }, to, octets }, (sent) => this.#route(realm, sent)),
    };
  }

  /** A NAT with the address `outside` in the realm `outer`. */
  nat(outside: number, options: NatOptions, link: Partial<Link>, outer: Realm = this.realm): Gateway {
    const whole = { ...QUICK, ...link };
    const nat = new Nat(outside, options);
    const realm: Realm = {
      attachments: new Map(),
      gateway: (datagram) => {
        const passage = nat.fromInside(datagram.from, datagram.to, this.clock.now);
        if (passage === undefined) return;
        const passed = { ...passage, octets: datagram.octets };
        if (passage.side === 'inside') this.#route(realm, passed);
        else this.#cross(whole, passed, (sent) => this.#route(outer, sent));
      },
    };
    const attachment = {
      link: whole,
      receive: (datagram: Datagram) => {
        const passage = nat.fromOutside(datagram.from, datagram.to, this.clock.now);
        if (passage !== undefined) this.#route(realm, { ...passage, octets: datagram.octets });
      },
    };
    outer.attachments.set(outside, attachment);
    const renumber = (next: number) => {
      outer.attachments.delete(nat.outside);
      nat.renumber(next);
      outer.attachments.set(next, attachment);
    };
    return { nat, link: whole, realm, renumber };
  }

  /** From now on nothing arrives from the one public address at the other; the way back is another path. */
  cut(from: number, to: number): void {
    this.#cuts.add(`${from} ${to}`);
  }

  mend(from: number, to: number): void {
    this.#cuts.delete(`${from} ${to}`);
  }

  #route(realm: Realm, datagram: Datagram): void {
    const { from, to } = datagram;
    if (realm === this.realm) {
      this.watch(datagram);
      if (this.#cuts.has(`${from.ipv4} ${to.ipv4}`)) return;
    }
    const attachment = realm.attachments.get(to.ipv4);
    if (attachment !== undefined)
      this.#cross(attachment.link, datagram, (arrived) => attachment.receive(arrived));
    else if (realm.gateway !== undefined) realm.gateway(datagram);
    else this.unroutable.push(datagram);
  }

  #cross(link: Link, datagram: Datagram, arrive: (datagram: Datagram) => void): void {
    if (link.loss > 0 && this.#random() < link.loss) return;
    const copies = link.duplication > 0 && this.#random() < link.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = link.jitter > 0 ? link.jitter * this.#random() : 0;
      const sent = { ...datagram, octets: datagram.octets.slice() };
      this.clock.after(link.delay + late, () => arrive(sent));
    }
  }
}
