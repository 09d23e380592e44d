/**
 * Peers and routers of 6bed4, the real machines, on the little internet and its jumping clock. Between any two public
 * addresses a round trip takes 30 ms. Peers are started by the test; each notes what its machine says and sends.
 */

import type { Ipv4End } from '#socket6bed4/address/ipv4.ts';
import { ROUTER_PORT } from '#socket6bed4/address/sixbed4.ts';
import type { PeerOptions } from '#socket6bed4/peer/types.ts';
import { Clock } from './clock.ts';
import { type Gateway, Internet4, type Link, type Realm } from './internet4.ts';
import { seededRandom } from './mutate.ts';
import type { NatOptions } from './nat.ts';
import { NAT_KINDS, type NatKind } from './nat_outcomes.ts';
import { PeerStand, RouterStand } from './sixbed4_ends.ts';
import { Stream } from './sixbed4_stream.ts';

/** Half of the round trip is two crossings. */
const CROSSING = 7.5;
const FIRST_ROUTER = 0xc0000201; // 192.0.2.1
const FIRST_PUBLIC = 0xc6336401; // 198.51.100.1
const FIRST_GATEWAY = 0xcb007101; // 203.0.113.1
const FIRST_PRIVATE = 0xc0a80002; // 192.168.0.2

export class Stand {
  readonly clock = new Clock();
  readonly random: () => number;
  readonly internet: Internet4;
  readonly streams = new Map<number, Stream>();
  readonly routers: RouterStand[] = [];
  readonly peers: PeerStand[] = [];
  #gateways = 0;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
    this.internet = new Internet4(this.clock, this.random);
  }

  get now(): number {
    return this.clock.now;
  }

  router(): RouterStand {
    const router = new RouterStand(this, FIRST_ROUTER + this.routers.length, CROSSING);
    this.routers.push(router);
    return router;
  }

  /** A NAT of this kind, at a public address or at `outside` in `outer`; undefined where the kind is none. */
  gateway(
    kind: NatKind,
    options: Partial<NatOptions> = {},
    link: Partial<Link> = {},
    outside = FIRST_GATEWAY + this.#gateways++,
    outer: Realm = this.internet.realm,
  ): Gateway | undefined {
    const behaviour = NAT_KINDS[kind];
    if (behaviour === undefined) return undefined;
    const delay = outer === this.internet.realm ? CROSSING : 0;
    const whole = { ...behaviour, random: this.random, ...options };
    return this.internet.nat(outside, whole, { delay, ...link }, outer);
  }

  /** A peer behind `gateway`, or public; it knows every router made so far. */
  peer(gateway?: Gateway, options: Partial<PeerOptions> = {}, link: Partial<Link> = {}): PeerStand {
    const number = this.peers.length;
    const routers = this.routers.map(({ end }) => end);
    const whole = { routers, random: this.random, ...options };
    const peer =
      gateway === undefined
        ? new PeerStand(this, this.internet.realm, FIRST_PUBLIC + number, { delay: CROSSING, ...link }, whole)
        : new PeerStand(this, gateway.realm, FIRST_PRIVATE + number, link, whole);
    this.peers.push(peer);
    return peer;
  }

  /** Lets every peer find its router in so many ms. */
  start(ms = 1000): void {
    for (const peer of this.peers) peer.give({ kind: 'start' });
    this.clock.run(ms);
    for (const peer of this.peers) void peer.address;
  }

  /** Datagrams from one to the other, the first at once, then every `interval` ms. `address`, `source`: other ones. */
  stream(
    from: PeerStand,
    to: PeerStand,
    interval = 20,
    address = () => to.address,
    source?: Uint8Array,
  ): Flowing {
    const stream = new Stream(this.streams.size + 1);
    this.streams.set(stream.id, stream);
    const flowing = { stream, interval, running: true };
    const send = () => {
      if (!flowing.running) return;
      from.send(address(), stream.next(this.now), source);
      this.clock.after(flowing.interval, send);
    };
    send();
    return flowing;
  }

  /** A call: 50 packets a second each way. */
  call(a: PeerStand, b: PeerStand): readonly [Flowing, Flowing] {
    return [this.stream(a, b), this.stream(b, a)];
  }

  isRouter({ ipv4, port }: Ipv4End): boolean {
    return port === ROUTER_PORT && this.routers.some((router) => router.end.ipv4 === ipv4);
  }
}

/** A stream whose pace and end are the test's. */
export interface Flowing {
  readonly stream: Stream;
  interval: number;
  running: boolean;
}
