/**
 * The tunnel at work: what comes from the outer socket goes through the peer to the host inside and back, with one
 * timer for whatever is due next.
 */
import { randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { endText } from '../address/ipv4.ts';
import { type Ipv6, ipv6Key, sameIpv6 } from '../address/ipv6.ts';
import { sameNetwork } from '../address/sixbed4.ts';
import { Peer } from '../peer/peer.ts';
import type { PeerCounters, PeerEffect, PeerInput, PeerOptions } from '../peer/types.ts';
import { type Done, Host } from './host.ts';
import { Outer } from './outer.ts';
import { textOf } from './texts.ts';

export interface LinkEvents {
  /** Ours is there, or there again, or is another than `previous`, which is void. */
  address: [address: string, previous?: string];
  /** Datagrams to this address go straight there from now on. */
  direct: [remote: string];
  /** Datagrams to this address go through the router again. */
  relayed: [remote: string];
  /** No router answers; the address stays, the search goes on. */
  lost: [];
  /**
   * ETIMEDOUT, every 30 s without an address: no router answers, the search goes on. Another code, before `close`: there
   * is no IPv4 socket. Told only to those who listen.
   */
  error: [error: Error];
  close: [];
  /** @internal There is an address to use with the remote of which this is the `ipv6Key`. */
  [attached: `attached ${string}`]: [];
}

/** Packets to ourselves that wait to be delivered; a socket's buffer holds no more. */
const MOST_INSIDE = 1024;

export abstract class Link extends EventEmitter<LinkEvents> {
  /** @internal */
  readonly random = (): number => randomInt(2 ** 32) / 2 ** 32;
  /** @internal */
  readonly host: Host;
  /** @internal */
  readonly outer: Outer;
  /** @internal Ours, the one by our own router first; empty: none has answered yet. */
  own: readonly Ipv6[] = [];
  /** @internal */
  closed = false;
  readonly #peer: Peer;
  #inside = 0;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  #router: string | undefined;

  /** `opened` as in `Outer`. */
  constructor(
    options: Omit<PeerOptions, 'routers' | 'random'> & { readonly port?: number },
    opened: (error?: Error) => void,
  ) {
    super();
    this.setMaxListeners(0);
    this.#peer = new Peer({ ...options, routers: [], random: this.random });
    this.host = new Host(this);
    this.outer = new Outer(
      options.port,
      (from, octets) => this.feed({ kind: 'received', from, octets }),
      opened,
    );
  }

  /** The router that serves, undefined: none, or it is lost: `192.0.2.1:25790`. */
  get router(): string | undefined {
    return this.#router;
  }

  /** Packets that went and came directly or relayed, and what was ignored, by reason. */
  get counters(): Readonly<PeerCounters> {
    return this.#peer.counters;
  }

  /** @internal */
  source(destination: Ipv6): Ipv6 | undefined {
    return this.#peer.sourceFor(destination);
  }

  /** @internal */
  protected end(): void {
    this.closed = true;
    clearTimeout(this.#timer);
    this.outer.socket.close();
    process.nextTick(() => this.emit('close'));
  }

  /** @internal */
  protected feed(input: PeerInput): void {
    if (this.closed) return;
    const now = performance.now();
    const effects = this.#peer.handle(input, now);
    if (this.#peer.addresses !== this.own) this.#follow(this.#peer.addresses);
    for (const effect of effects) this.#perform(effect, now);
    this.#arm(now);
  }

  /** Whoever is told something may close the link; what was to come after that is dropped. */
  #perform(effect: PeerEffect, now: number): void {
    if (this.closed) return;
    switch (effect.kind) {
      case 'transmit':
        this.outer.send(effect.to, effect.octets);
        break;
      case 'deliver':
        this.host.deliver(effect.packet, now);
        break;
      case 'address':
        this.#router = endText(effect.router);
        this.emit('address', textOf(effect.address), effect.previous && textOf(effect.previous));
        break;
      case 'attached':
        this.emit(`attached ${ipv6Key(effect.remote)}`);
        break;
      case 'path':
        this.emit(effect.path, textOf(effect.remote));
        break;
      case 'lost':
        this.#router = undefined;
        this.emit('lost');
    }
  }

  /** Who listens on an address of ours listens on what it has become: by the same router, or else by our own one. */
  #follow(addresses: readonly Ipv6[]): void {
    const [own] = addresses;
    if (!own) return;
    for (const before of this.own) {
      if (addresses.some((address) => sameIpv6(address, before))) continue;
      this.host.ports.move(before, addresses.find((address) => sameNetwork(address, before)) ?? own);
    }
    this.own = addresses;
  }

  /** @internal A packet of the host. What it says to ourselves is delivered in a later turn, as a socket would. */
  transmit(packet: Uint8Array, done?: Done): void {
    const now = performance.now();
    let code: string | null = null;
    let sent = false;
    for (const effect of this.#peer.handle({ kind: 'send', packet }, now)) {
      if (this.closed) code = 'ECANCELED';
      else if (effect.kind === 'transmit' && effect.octets === packet) {
        sent = true;
        this.outer.send(effect.to, packet, done && ((error) => done(error?.code ?? null)));
      } else if (effect.kind === 'deliver') this.#deliverLater(effect.packet);
      else {
        if (effect.kind === 'dropped') code = 'EHOSTUNREACH';
        this.#perform(effect, now);
      }
    }
    if (done && !sent) process.nextTick(done, code);
    this.#arm(now);
  }

  #deliverLater(packet: Uint8Array): void {
    if (this.#inside >= MOST_INSIDE) return;
    this.#inside += 1;
    setImmediate(() => {
      this.#inside -= 1;
      if (!this.closed) this.host.deliver(packet, performance.now());
    });
  }

  /** One timer for whatever is due next; it is left alone where it only comes too early. */
  #arm(now: number): void {
    const deadline = Math.min(this.#peer.deadline, this.host.deadline);
    if (deadline >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = deadline;
    this.#timer = setTimeout(
      () => {
        this.#due = Infinity;
        this.host.tick(performance.now());
        this.feed({ kind: 'tick' });
      },
      Math.ceil(deadline - now),
    ).unref();
  }
}
