/**
 * One tunnel at work: what comes from the outer socket goes through the peer to the host inside and back, with one
 * timer for whatever is due next. Sockets and tunnels of the same options hold the same link; the last one closes it.
 */
import { randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { endText, type Ipv4End, type Ipv4Prefix, parseIpv4Prefix } from '../address/ipv4.ts';
import { type Ipv6, sameIpv6 } from '../address/ipv6.ts';
import { sameNetwork } from '../address/sixbed4.ts';
import { Peer } from '../peer/peer.ts';
import type { PeerEffect, PeerInput } from '../peer/types.ts';
import { errorOf } from './errors.ts';
import { type Done, Host, type Undelivered } from './host.ts';
import { Outer } from './outer.ts';
import { RouterNames, readRouters } from './routers.ts';
import { Texts } from './texts.ts';

export interface LinkOptions {
  /** `192.0.2.1`, `192.0.2.1:25790` or a name instead of the address; 25790 is the port where none is told. */
  readonly routers: readonly string[];
  /** The local IPv4 port, if it is free; otherwise, and by default, any. */
  readonly port?: number | undefined;
  /** IPv4 prefixes with private addresses that are neighbours: `192.168.1.0/24`. By default none is sent to. */
  readonly onLink?: readonly string[] | undefined;
  /** Milliseconds that the NAT on the way keeps an unused mapping; default 30 000. */
  readonly hole?: number | undefined;
  /** Milliseconds between keep-alives to the router; default 25 000. */
  readonly keepAlive?: number | undefined;
}

/** A datagram of ours did not arrive. */
export interface Unreachable {
  /** `ECONNREFUSED`, `EHOSTUNREACH`, `ENETUNREACH`, `EACCES`, `EMSGSIZE` or `EPROTO`. */
  readonly code: string;
  readonly localPort: number;
  readonly address: string;
  readonly port: number;
}

export interface LinkEvents {
  /** Ours is there, or is another than `previous`, which is void. */
  address: [address: string, previous?: string];
  /** Datagrams to this address go straight there from now on. */
  direct: [remote: string];
  /** Datagrams to this address go through the router again. */
  relayed: [remote: string];
  /** No router answers; the address stays, the search goes on. */
  lost: [];
  /** An error of ICMPv6 came back. */
  unreachable: [what: Unreachable];
  /** The IPv4 socket could not be opened. */
  failed: [error: Error];
}

/** Milliseconds. What waits for an address hears then that no router answers. */
const PATIENCE = 30_000;
/** Milliseconds that `sourceFor` waits for another router. */
const ATTACHING = 1000;
/** Packets to ourselves that wait to be delivered; a socket's buffer holds no more. */
const MOST_INSIDE = 1024;

const links = new Map<string, Link>();
export const random = (): number => randomInt(2 ** 32) / 2 ** 32;

/** The link of these options, a new one if there is none. Throws a TypeError where an option is wrong. */
export function linkFor(options: LinkOptions): Link {
  const { routers, port = 0, onLink = [], hole, keepAlive } = options;
  const key = JSON.stringify([routers, port, onLink, hole, keepAlive]);
  const link = links.get(key) ?? new Link(options);
  links.set(key, link);
  return link;
}

export class Link extends EventEmitter<LinkEvents> {
  readonly host: Host;
  readonly texts = new Texts();
  readonly outer: Outer;
  readonly #options: LinkOptions;
  readonly #onLink: readonly Ipv4Prefix[];
  readonly #names: RouterNames;
  #peer: Peer | undefined;
  #own: Ipv6 | undefined;
  /** As the peer had them last. */
  #addresses: readonly Ipv6[] = [];
  #router: Ipv4End | undefined;
  /** Who holds the link, and whether the process is to stay alive for it. */
  readonly #holders = new Map<object, boolean>();
  readonly #attaching = new Set<{ readonly remote: Ipv6; readonly done: () => void }>();
  #inside: Uint8Array[] = [];
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(options: LinkOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    const routers = readRouters(options.routers);
    this.#onLink = (options.onLink ?? []).map((text) => {
      const prefix = parseIpv4Prefix(text);
      if (prefix === undefined) throw errorOf('ERR_INVALID_ARG_VALUE', `onLink '${text}' is no IPv4 prefix`);
      return prefix;
    });
    this.host = new Host({
      transmit: (packet, done) => this.#transmit(packet, done),
      sourceFor: (destination) => this.#peer?.sourceFor(destination) ?? this.#own,
      undelivered: (what) => this.#undelivered(what),
      random,
    });
    this.#names = new RouterNames((ends) => this.#search(ends));
    this.outer = new Outer(
      options.port ?? 0,
      (from, octets) => this.#feed({ kind: 'received', from, octets }),
      (error) => {
        if (error === undefined) this.#names.set(routers);
        else this.#fail(error);
      },
    );
  }

  /** Ours, by our own router; undefined: none has answered yet. */
  get own(): Ipv6 | undefined {
    return this.#own;
  }

  get router(): string | undefined {
    return this.#router && endText(this.#router);
  }

  get addresses(): string[] {
    return this.#addresses.map((address) => this.texts.textOf(address));
  }

  get counters(): Peer['counters'] | undefined {
    return this.#peer?.counters;
  }

  get closed(): boolean {
    return this.#closed;
  }

  isOwn(address: Ipv6): boolean {
    return this.#addresses.some((own) => sameIpv6(own, address));
  }

  /** Keeps the link, and with `alive` the process, until `release`. */
  hold(holder: object, alive: boolean): void {
    this.#holders.set(holder, alive);
    this.#ref();
  }

  release(holder: object): void {
    this.#holders.delete(holder);
    if (this.#holders.size === 0) this.#close();
    else this.#ref();
  }

  /**
   * Calls `ready` once there is an address. Every 30 s without one, and when there is none to come, calls `late` with
   * the error. The result ends the wait.
   */
  wait(ready: () => void, late: (error: Error) => void): () => void {
    const timer = setInterval(() => late(this.#timedOut()), PATIENCE);
    timer.unref();
    const cancel = (): void => {
      clearInterval(timer);
      this.off('address', done);
      this.off('failed', failed);
    };
    const done = (): void => {
      cancel();
      ready();
    };
    const failed = (error: Error): void => {
      cancel();
      late(error);
    };
    if (this.#own !== undefined) done();
    else this.on('address', done).on('failed', failed);
    return cancel;
  }

  /** Gets an address of the router that serves `remote`; after 1 s at the latest the one to be used with it. */
  attach(remote: Ipv6): Promise<Ipv6 | undefined> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#attaching.delete(waiting);
        resolve(this.#peer?.sourceFor(remote) ?? this.#own);
      };
      const waiting = { remote, done };
      const timer = setTimeout(done, ATTACHING);
      this.#attaching.add(waiting);
      this.#feed({ kind: 'attach', remote });
    });
  }

  suspect(remote: Ipv6): void {
    this.#feed({ kind: 'suspect', remote });
  }

  renew(): void {
    this.#feed({ kind: 'network-changed' });
    this.#names.look();
  }

  setRouters(list: readonly string[]): void {
    const routers = readRouters(list);
    this.#forgetKey();
    this.#names.set(routers);
  }

  #timedOut(): Error {
    const text =
      this.#peer === undefined
        ? `No 6bed4 router found: DNS has no IPv4 address of ${this.#names.text}, still trying.`
        : `No 6bed4 router answers: ${this.#names.text} asked for ${PATIENCE / 1000} s, still trying. Is it running, and does the network let UDP pass?`;
    return errorOf('ETIMEDOUT', text);
  }

  #search(routers: readonly Ipv4End[]): void {
    const { hole, keepAlive } = this.#options;
    this.#peer = new Peer({
      routers,
      onLink: this.#onLink,
      random,
      ...(hole === undefined ? {} : { hole }),
      ...(keepAlive === undefined ? {} : { keepAlive }),
    });
    this.#feed({ kind: 'start' });
  }

  #feed(input: PeerInput): void {
    if (this.#peer === undefined || this.#closed) return;
    const now = performance.now();
    const effects = this.#peer.handle(input, now);
    const { addresses } = this.#peer;
    if (addresses !== this.#addresses && addresses.length > 0) this.#follow(addresses);
    for (const effect of effects) this.#perform(effect, now);
    this.#arm(now);
  }

  #perform(effect: PeerEffect, now: number): void {
    switch (effect.kind) {
      case 'transmit':
        this.outer.send(effect.to, effect.octets);
        break;
      case 'deliver':
        this.host.deliver(effect.packet, now);
        break;
      case 'address':
        this.#moved(effect.address, effect.router);
        break;
      case 'attached':
        for (const { remote, done } of this.#attaching) if (sameIpv6(remote, effect.remote)) done();
        break;
      case 'path':
        this.emit(effect.path, this.texts.textOf(effect.remote));
        break;
      case 'lost':
        this.#names.look();
        this.emit('lost');
    }
  }

  #moved(address: Ipv6, router: Ipv4End): void {
    const previous = this.#own;
    this.#own = address;
    this.#router = router;
    this.#names.enough();
    const text = this.texts.textOf(address);
    if (previous === undefined || sameIpv6(previous, address)) this.emit('address', text);
    else this.emit('address', text, this.texts.textOf(previous));
  }

  /** Who listens on an address of ours listens on what it has become: by the same router, or else by our own one. */
  #follow(addresses: readonly Ipv6[]): void {
    const [own] = addresses;
    for (const [i, before] of this.#addresses.entries()) {
      if (addresses.some((address) => sameIpv6(address, before))) continue;
      const now = addresses.find((address) => sameNetwork(address, before)) ?? (i === 0 ? own : undefined);
      if (now !== undefined) this.host.ports.move(before, now);
    }
    this.#addresses = addresses;
  }

  #undelivered({ code, localPort, to }: Undelivered): void {
    this.emit('unreachable', { code, localPort, address: this.texts.textOf(to.address), port: to.port });
  }

  /** A packet of the host. What it says to ourselves is delivered in a later turn, as a socket would. */
  #transmit(packet: Uint8Array, done?: Done): void {
    const now = performance.now();
    let refused: string | undefined;
    let sent = false;
    for (const effect of this.#peer?.handle({ kind: 'send', packet }, now) ?? []) {
      if (effect.kind === 'transmit' && effect.octets === packet) {
        sent = true;
        this.outer.send(effect.to, packet, done && ((error) => done(error?.code ?? null)));
      } else if (effect.kind === 'deliver') this.#deliverLater(effect.packet);
      else {
        if (effect.kind === 'dropped') refused = 'EHOSTUNREACH';
        this.#perform(effect, now);
      }
    }
    if (done !== undefined && !sent) process.nextTick(done, refused ?? null);
    this.#arm(now);
  }

  #deliverLater(packet: Uint8Array): void {
    if (this.#inside.length === 0) setImmediate(() => this.#deliverInside());
    if (this.#inside.length < MOST_INSIDE) this.#inside.push(packet);
  }

  #deliverInside(): void {
    const packets = this.#inside;
    this.#inside = [];
    if (this.#closed) return;
    for (const packet of packets) this.host.deliver(packet, performance.now());
  }

  /** One timer for whatever is due next; it is left alone where it only comes too early. */
  #arm(now: number): void {
    const deadline = Math.min(this.#peer?.deadline ?? Number.POSITIVE_INFINITY, this.host.deadline);
    if (deadline >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, Math.ceil(deadline - now)));
    this.#timer.unref();
  }

  #tick(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.host.tick(performance.now());
    this.#feed({ kind: 'tick' });
  }

  #ref(): void {
    if (!this.#closed) this.outer.ref([...this.#holders.values()].includes(true));
  }

  #forgetKey(): void {
    for (const [key, link] of links) if (link === this) links.delete(key);
  }

  #fail(error: Error): void {
    this.#close();
    this.emit('failed', error);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forgetKey();
    clearTimeout(this.#timer);
    this.#names.enough();
    for (const { done } of this.#attaching) done();
    this.outer.close();
  }
}
