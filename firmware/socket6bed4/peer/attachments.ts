/**
 * Addresses by other routers. Who is under the prefix of another router is reached best from an address under the
 * same prefix (draft-vanrein-6bed4-04 4.1): then the two may go direct, and that router relays between them meanwhile.
 * The prefix fc64:<netid>:<ipv4>::/64 tells where to ask for one.
 *
 * Anybody can name such a prefix to us, so there are few places, each is asked three times at most, and a place whose
 * router was silent stays taken for half a minute.
 */
import { type Ipv4End, sameEnd } from '../address/ipv4.ts';
import { type Ipv6, sameIpv6 } from '../address/ipv6.ts';
import { ROUTER_SOLICITATION } from '../packet/neighbour_discovery.ts';
import { Keeping } from './keeping.ts';
import type { Lease } from './lease.ts';
import type { PeerEffect } from './types.ts';

const MOST_ATTACHMENTS = 4;
const MOST_REMOTES = 16;
/** Milliseconds. */
const BETWEEN_SOLICITATIONS = 1000;
const SOLICITATIONS = 3;
const SILENT_FOR = 30_000;
const UNUSED_FOR = 300_000;
const NO_BYTES = new Uint8Array(0);

interface Attachment {
  readonly router: Ipv4End;
  /** Asking while there is no lease; then kept; or neither: silent until the deadline. */
  state: 'asking' | 'held' | 'silent';
  lease: Lease | undefined;
  keeping: Keeping | undefined;
  solicitations: number;
  askedAt: number;
  /** Of the states without `keeping`. */
  deadline: number;
  usedAt: number;
  /** Who asked, to be told of every change. */
  readonly remotes: Ipv6[];
}

export class Attachments {
  /** Our address where there is none of another router. */
  readonly #ordinary: () => Ipv6 | undefined;
  readonly #keepAlive: number;
  readonly #random: () => number;
  readonly #all: Attachment[] = [];

  constructor(ordinary: () => Ipv6 | undefined, keepAlive: number, random: () => number) {
    this.#ordinary = ordinary;
    this.#keepAlive = keepAlive;
    this.#random = random;
  }

  get deadline(): number {
    return this.#all.reduce((least, one) => Math.min(least, one.keeping?.deadline ?? one.deadline), Infinity);
  }

  get leases(): Lease[] {
    return this.#all.flatMap(({ lease }) => lease ?? []);
  }

  isRouter(end: Ipv4End): boolean {
    return this.#of(end) !== undefined;
  }

  /** Gets an address of `router`; `remote` is told when it is there, or that there is none. */
  attach(router: Ipv4End, remote: Ipv6 | undefined, now: number, effects: PeerEffect[]): void {
    let one = this.#of(router);
    if (one === undefined && this.#all.length < MOST_ATTACHMENTS) {
      one = {
        router,
        state: 'asking',
        lease: undefined,
        keeping: undefined,
        solicitations: 0,
        askedAt: now,
        deadline: now,
        usedAt: now,
        remotes: [],
      };
      this.#all.push(one);
      this.#ask(one, now, effects);
    }
    if (remote === undefined) return;
    if (one !== undefined) {
      one.usedAt = now;
      remember(one.remotes, remote);
    }
    if (one?.state !== 'asking') this.answer(remote, one?.lease?.address, effects);
  }

  /** Tells which address to use with `remote`; nothing as long as there is none at all. */
  answer(remote: Ipv6, better: Ipv6 | undefined, effects: PeerEffect[]): void {
    const address = better ?? this.#ordinary();
    if (address !== undefined) effects.push({ kind: 'attached', remote: Uint8Array.from(remote), address });
  }

  /** A router advertised this to us. */
  advertised(lease: Lease, now: number, effects: PeerEffect[]): void {
    const one = this.#of(lease.router);
    if (one === undefined) return;
    one.state = 'held';
    if (one.keeping === undefined) one.keeping = new Keeping(this.#keepAlive, this.#random, one.askedAt, now);
    else one.keeping.answered(now);
    if (one.lease !== undefined && sameIpv6(one.lease.address, lease.address)) return;
    one.lease = lease;
    for (const remote of one.remotes) this.answer(remote, lease.address, effects);
  }

  /** A packet goes or came by this lease. */
  used(lease: Lease, now: number): void {
    for (const one of this.#all) if (one.lease === lease) one.usedAt = now;
  }

  /** A packet came through the router of this lease. */
  heard(lease: Lease, now: number): void {
    this.#of(lease.router)?.keeping?.heard(now);
  }

  /** Something that should come through the router of this lease does not. */
  doubt(lease: Lease, now: number): void {
    this.#of(lease.router)?.keeping?.doubt(now);
  }

  /** Asks every router whether it still knows us. */
  check(now: number): void {
    for (const one of this.#all) one.keeping?.check(now);
  }

  /** Gives up what there is of this router. */
  release(router: Ipv4End): void {
    const one = this.#of(router);
    if (one !== undefined) this.#all.splice(this.#all.indexOf(one), 1);
  }

  tick(now: number, effects: PeerEffect[]): void {
    for (const one of [...this.#all]) {
      if (one.keeping !== undefined) this.#keep(one, one.keeping, now, effects);
      else if (one.deadline <= now && one.state === 'asking') this.#ask(one, now, effects);
      else if (one.deadline <= now) this.release(one.router);
    }
  }

  #keep(one: Attachment, keeping: Keeping, now: number, effects: PeerEffect[]): void {
    const due = keeping.due(now);
    if (due === undefined) return;
    if (now - one.usedAt >= UNUSED_FOR) this.release(one.router);
    else if (due === 'lost') this.#silence(one, now, effects);
    else {
      const octets = due === 'keep-alive' ? NO_BYTES : ROUTER_SOLICITATION;
      effects.push({ kind: 'transmit', to: one.router, octets });
    }
  }

  #ask(one: Attachment, now: number, effects: PeerEffect[]): void {
    if (one.solicitations === SOLICITATIONS) {
      this.#silence(one, now, effects);
      return;
    }
    one.solicitations += 1;
    one.askedAt = now;
    one.deadline = now + BETWEEN_SOLICITATIONS;
    effects.push({ kind: 'transmit', to: one.router, octets: ROUTER_SOLICITATION });
  }

  #silence(one: Attachment, now: number, effects: PeerEffect[]): void {
    one.state = 'silent';
    one.lease = undefined;
    one.keeping = undefined;
    one.deadline = now + SILENT_FOR;
    for (const remote of one.remotes) this.answer(remote, undefined, effects);
  }

  #of(router: Ipv4End): Attachment | undefined {
    return this.#all.find((one) => sameEnd(one.router, router));
  }
}

function remember(remotes: Ipv6[], remote: Ipv6): void {
  if (remotes.length < MOST_REMOTES && !remotes.some((known) => sameIpv6(known, remote))) {
    remotes.push(Uint8Array.from(remote));
  }
}
