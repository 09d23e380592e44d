/** A peer and a router of 6bed4, the real machines, each on a host of the little internet. */
import { Router } from '#router6bed4/router.ts';
import type { Ipv4End } from '#socket6bed4/address/ipv4.ts';
import { DEFAULT_NETID, ROUTER_PORT, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { destinationOf, NextHeader, nextHeaderOf, sourceOf } from '#socket6bed4/packet/ipv6.ts';
import { readUdp, udpPacket } from '#socket6bed4/packet/udp.ts';
import { Peer } from '#socket6bed4/peer/peer.ts';
import type { PeerEffect, PeerInput, PeerOptions } from '#socket6bed4/peer/types.ts';
import type { Clock } from './clock.ts';
import type { Host, Internet4, Link, Realm } from './internet4.ts';
import type { Path } from './nat_outcomes.ts';
import { readPayload, type Stream } from './sixbed4_stream.ts';

const PEER_PORT = 25_790;
const VOICE_PORT = 5004;
const HOP_LIMIT = 64;

/** What the ends stand on. */
export interface Ground {
  readonly clock: Clock;
  readonly internet: Internet4;
  /** By their id. */
  readonly streams: ReadonlyMap<number, Stream>;
  isRouter(end: Ipv4End): boolean;
}

export type Note = { readonly at: number } & Exclude<PeerEffect, { kind: 'transmit' | 'deliver' }>;

export interface Transmission {
  readonly at: number;
  readonly to: Ipv4End;
  readonly octets: Uint8Array;
}

/** A router at its public address. */
export class RouterStand {
  readonly end: Ipv4End;
  /** False: it hears nothing. */
  up = true;
  #router: Router;
  readonly #host: Host;

  constructor(stand: Ground, ipv4: number, delay: number) {
    this.end = { ipv4, port: ROUTER_PORT };
    this.#router = newRouter(this.end);
    this.#host = stand.internet.host(stand.internet.realm, ipv4, { delay }, (port, from, octets) => {
      if (!this.up || port !== ROUTER_PORT) return;
      for (const effect of this.#router.handle(from, octets, stand.clock.now))
        if (effect.kind === 'transmit') this.#host.send(ROUTER_PORT, effect.to, effect.octets);
    });
  }

  /** Begins anew with an empty memory. */
  restart(): void {
    this.#router = newRouter(this.end);
    this.up = true;
  }
}

function newRouter(self: Ipv4End): Router {
  return new Router({ prefix: routerPrefix(DEFAULT_NETID, self.ipv4), self });
}

/** One peer on its host. */
export class PeerStand {
  readonly peer: Peer;
  /** What the machine told, in order. */
  readonly notes: Note[] = [];
  /** What it sent outside; only while `records`. */
  readonly transmitted: Transmission[] = [];
  records = false;
  /** ICMPv6 that was delivered. */
  readonly icmp: Uint8Array[] = [];
  /** Called for each datagram of a stream that was delivered. */
  heard: (payload: Uint8Array, source: Uint8Array) => void = () => {};
  readonly give: (input: PeerInput) => void;
  readonly #stand: Ground;
  #realm: Realm;
  #host: Host;
  #path: Path = 'relayed';

  constructor(stand: Ground, realm: Realm, ipv4: number, link: Partial<Link>, options: PeerOptions) {
    this.#stand = stand;
    const peer = new Peer(options);
    this.peer = peer;
    const heedful = {
      handle: (input: PeerInput, now: number) => {
        if (input.kind === 'received') this.#path = stand.isRouter(input.from) ? 'relayed' : 'direct';
        return peer.handle(input, now);
      },
      get deadline() {
        return peer.deadline;
      },
    };
    this.give = stand.clock.drive<PeerInput, PeerEffect>(heedful, (effect) => this.#deliver(effect));
    this.#realm = realm;
    this.#host = this.#plug(realm, ipv4, link);
  }

  /** Its IPv4 address where it is. */
  get ipv4(): number {
    return this.#host.ipv4;
  }

  /** Takes its host away to another network, where it has the same address; the machine is not told. */
  move(realm: Realm): void {
    this.#realm.attachments.delete(this.ipv4);
    this.#realm = realm;
    this.#host = this.#plug(realm, this.ipv4, this.#host.link);
  }

  #plug(realm: Realm, ipv4: number, link: Partial<Link>): Host {
    return this.#stand.internet.host(realm, ipv4, link, (port, from, octets) => {
      if (port === PEER_PORT) this.give({ kind: 'received', from, octets });
    });
  }

  /** Its address by its own router. Throws when it has none. */
  get address(): Uint8Array {
    const address = this.peer.addresses[0];
    if (address === undefined) throw new Error('the peer has no address');
    return address;
  }

  /** Sends a datagram of a stream, by default from the address that is proper for `to`. */
  send(to: Uint8Array, payload: Uint8Array, source?: Uint8Array): void {
    const address = source ?? this.peer.sourceFor(to);
    if (address === undefined) throw new Error('the peer has no address');
    const packet = udpPacket(
      { address, port: VOICE_PORT },
      { address: to, port: VOICE_PORT },
      payload,
      HOP_LIMIT,
    );
    this.give({ kind: 'send', packet });
  }

  notesOf<K extends Note['kind']>(kind: K): Extract<Note, { kind: K }>[] {
    return this.notes.filter((note): note is Extract<Note, { kind: K }> => note.kind === kind);
  }

  /** The path to `remote` that was told last. */
  pathTo(remote: PeerStand): Path {
    const told = this.notesOf('path').findLast(({ remote: to }) => Buffer.compare(to, remote.address) === 0);
    return told?.path ?? 'relayed';
  }

  /** Empty datagrams that it sent elsewhere than to a router. */
  get probes(): Transmission[] {
    return this.transmitted.filter(({ to, octets }) => octets.length === 0 && !this.#stand.isRouter(to));
  }

  #deliver(effect: PeerEffect): void {
    switch (effect.kind) {
      case 'transmit':
        if (this.records)
          this.transmitted.push({ at: this.#stand.clock.now, to: effect.to, octets: effect.octets.slice() });
        this.#host.send(PEER_PORT, effect.to, effect.octets);
        return;
      case 'deliver':
        this.#hear(effect.packet);
        return;
      default:
        this.notes.push({ at: this.#stand.clock.now, ...effect });
    }
  }

  #hear(packet: Uint8Array): void {
    if (nextHeaderOf(packet) === NextHeader.icmp) {
      this.icmp.push(packet.slice());
      return;
    }
    const udp = readUdp(packet);
    if (udp === undefined) throw new Error('a packet came out spoilt');
    if (!this.peer.addresses.some((ours) => Buffer.compare(ours, destinationOf(packet)) === 0))
      throw new Error('a packet for another address was delivered');
    const { stream, number } = readPayload(udp.payload);
    this.#stand.streams.get(stream)?.arrived(number, { at: this.#stand.clock.now, path: this.#path });
    this.heard(udp.payload, sourceOf(packet));
  }
}
