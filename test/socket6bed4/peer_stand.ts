/** A peer with a router that answers by hand, and neighbours that say what the test wants. */
import { type Ipv4End, parseEnd } from '#socket6bed4/address/ipv4.ts';
import { parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import { newPacket, setTrafficClass } from '#socket6bed4/packet/ipv6.ts';
import {
  neighbourAdvertisement,
  neighbourSolicitation,
  routerAdvertisement,
} from '#socket6bed4/packet/neighbour_discovery.ts';
import { udpPacket } from '#socket6bed4/packet/udp.ts';
import { Peer } from '#socket6bed4/peer/peer.ts';
import type { PeerEffect, PeerInput, PeerOptions } from '#socket6bed4/peer/types.ts';

export function end(text: string): Ipv4End {
  const parsed = parseEnd(text, 25_790);
  if (parsed === undefined) throw new Error(`${text} is no end`);
  return parsed;
}

export function ip(text: string): Uint8Array {
  const parsed = parseIpv6(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

export const ROUTER = end('192.0.2.1');
export const OTHER_ROUTER = end('192.0.2.2');
/** Where routers see us. */
export const SELF = end('198.51.100.1:40001');
export const NEIGHBOUR = end('203.0.113.1:40002');
/** A native /64 and one of our own kind. */
export const NATIVE = ip('2001:db8:bed4:1::');
export const OWN_FC64 = ip('fc64:bed:c000:201::');
export const OTHER_FC64 = ip('fc64:bed:c000:202::');
export const ALL_NODES = ip('ff02::1');
export const SEEN = 0x20;
export const START = 1_000_000;

export type Effect<K extends PeerEffect['kind']> = Extract<PeerEffect, { kind: K }>;

export function only<K extends PeerEffect['kind']>(effects: readonly PeerEffect[], kind: K): Effect<K>[] {
  return effects.filter((effect): effect is Effect<K> => effect.kind === kind);
}

export function data(source: Uint8Array, destination: Uint8Array, text = 'hello', seen = false): Uint8Array {
  const from = { address: source, port: 5060 };
  const packet = udpPacket(from, { address: destination, port: 5060 }, Buffer.from(text), 64);
  if (seen) setTrafficClass(packet, SEEN);
  return packet;
}

export function withClass(packet: Uint8Array, trafficClass: number): Uint8Array {
  setTrafficClass(packet, trafficClass);
  return packet;
}

/** What was transmitted, in short: `probe`, `solicitation`, `data` and so on, and to whom. */
export function shortly(effects: readonly PeerEffect[]): string[] {
  return only(effects, 'transmit').map(({ to, octets }) => `${nameOf(octets)} ${to.port}`);
}

function nameOf(octets: Uint8Array): string {
  if (octets.length === 0) return 'empty';
  const seen = ((octets[0] ?? 0) & 0x02) !== 0 ? '+seen' : '';
  if (octets[6] !== 58) return `data${seen}`;
  return `${{ 133: 'RS', 135: 'NS', 136: 'NA' }[octets[40] ?? 0] ?? 'icmp'}${seen}`;
}

export class PeerStand {
  readonly peer: Peer;
  now = START;
  readonly prefix: Uint8Array;

  constructor(options: Partial<PeerOptions> & { prefix?: Uint8Array } = {}) {
    const { prefix = NATIVE, ...rest } = options;
    this.prefix = prefix;
    this.peer = new Peer({ routers: [ROUTER], random: () => 0.5, ...rest });
  }

  /** A peer that has its address. */
  static configured(options: Partial<PeerOptions> & { prefix?: Uint8Array } = {}): PeerStand {
    const stand = new PeerStand(options);
    stand.give({ kind: 'start' });
    stand.advertise();
    return stand;
  }

  give(input: PeerInput): PeerEffect[] {
    return this.peer.handle(input, this.now);
  }

  /** Our address by our own router. */
  get own(): Uint8Array {
    return addressOf(this.prefix, SELF);
  }

  get neighbour(): Uint8Array {
    return addressOf(this.prefix, NEIGHBOUR);
  }

  receive(octets: Uint8Array, from: Ipv4End = NEIGHBOUR): PeerEffect[] {
    return this.give({ kind: 'received', from, octets });
  }

  advertise(from = ROUTER, prefix = this.prefix, seen = SELF, to = ALL_NODES): PeerEffect[] {
    return this.receive(routerAdvertisement(to, prefix, seen), from);
  }

  /** A packet of ours to the neighbour, or to whom else. */
  send(to = this.neighbour, source = this.peer.sourceFor(to) ?? this.own): PeerEffect[] {
    return this.give({ kind: 'send', packet: data(source, to) });
  }

  solicit(source = this.neighbour, from = NEIGHBOUR): PeerEffect[] {
    return this.receive(neighbourSolicitation(source, this.own, from), from);
  }

  /** The neighbour's answer to our solicitation. */
  answer(source = this.neighbour, from = NEIGHBOUR): PeerEffect[] {
    return this.receive(neighbourAdvertisement(source, this.own), from);
  }

  /** A frame of the neighbour, straight from there. */
  frame(seen = false): PeerEffect[] {
    return this.receive(data(this.neighbour, this.own, 'frame', seen));
  }

  /** A frame of the neighbour by the router. */
  relayed(seen = false): PeerEffect[] {
    return this.receive(data(this.neighbour, this.own, 'frame', seen), ROUTER);
  }

  /** Makes the neighbour proven. */
  prove(): void {
    this.send();
    this.answer();
  }

  /** Lets `ms` pass, with every tick at its time; the effects with their time since now. */
  pass(ms: number): { at: number; effect: PeerEffect }[] {
    const begin = this.now;
    const seen: { at: number; effect: PeerEffect }[] = [];
    while (this.peer.deadline <= begin + ms) {
      this.now = Math.max(this.now, this.peer.deadline);
      for (const effect of this.give({ kind: 'tick' })) seen.push({ at: this.now - begin, effect });
      if (seen.length > 100_000) throw new Error('it never comes to rest');
    }
    this.now = begin + ms;
    return seen;
  }

  /** `pass`, and what was transmitted meanwhile, like `1000 RS 25790`. */
  sent(ms: number): string[] {
    return this.pass(ms).flatMap(({ at, effect }) =>
      shortly([effect]).map((text) => `${Math.round(at)} ${text}`),
    );
  }
}

/** A packet without sense, of so many octets in all. */
export function ofLength(source: Uint8Array, destination: Uint8Array, length: number): Uint8Array {
  return newPacket(source, destination, 59, 64, length - 40);
}
