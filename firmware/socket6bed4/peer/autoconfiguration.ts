/**
 * How we come by an address and keep it: every router is solicited at once and the first that advertises serves, so
 * the nearest one that lives wins without anybody measuring. When it is lost the search begins anew, the quickest
 * routers of before first.
 *
 * An advertisement that comes unasked corrects our address after the NAT took another port (draft-vanrein-6bed4-04
 * 3.3). After a change of network the router of before is preferred for a second: an address under its prefix may
 * still be the same, and with it every call.
 *
 * `lost` is told with the third unanswered round, 4 s after the first: by then a lost datagram is no excuse. When a
 * router is found after that, `address` is told even if it is what it was.
 */
import { endKey, type Ipv4End, sameEnd } from '../address/ipv4.ts';
import { sameIpv6 } from '../address/ipv6.ts';
import { ROUTER_SOLICITATION } from '../packet/neighbour_discovery.ts';
import { jittered, Keeping } from './keeping.ts';
import type { Lease } from './lease.ts';
import type { PeerEffect } from './types.ts';

const MOST_ROUTERS = 8;
/** Milliseconds between rounds of solicitations; the last one again and again. */
const ROUNDS = [1000, 3000, 7000, 15_000, 30_000];
const JITTER = 0.1;
const LOST_WITH_ROUND = 3;
const NO_BYTES = new Uint8Array(0);

interface Candidate {
  readonly end: Ipv4End;
  /** When it was last solicited, whether it owes the answer, and how long its last one took, in ms. */
  askedAt: number;
  asked: boolean;
  roundTrip: number;
}

export class Autoconfiguration {
  readonly #candidates: Candidate[];
  readonly #keepAlive: number;
  readonly #random: () => number;
  #lease: Lease | undefined;
  #keeping: Keeping | undefined;
  /** Rounds of solicitations in this search; 0: none is on. */
  #round = 0;
  #nextRound = Infinity;
  /** Only the present router may answer the first round; another one that did is taken with the second. */
  #loyal = false;
  #other: Lease | undefined;
  #lostTold = false;

  constructor(routers: readonly Ipv4End[], keepAlive: number, random: () => number) {
    const distinct = new Map(routers.map((end) => [endKey(end), end]));
    this.#candidates = [...distinct.values()]
      .slice(0, MOST_ROUTERS)
      .map((end) => ({ end, askedAt: -Infinity, asked: false, roundTrip: Infinity }));
    this.#keepAlive = keepAlive;
    this.#random = random;
  }

  /** Ours, until another one is there. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  get deadline(): number {
    return Math.min(this.#nextRound, this.#keeping?.deadline ?? Infinity);
  }

  isRouter(end: Ipv4End): boolean {
    return this.#candidate(end) !== undefined;
  }

  /** Looks for a router, now. */
  search(now: number, effects: PeerEffect[]): void {
    this.#keeping = undefined;
    this.#round = 0;
    this.#loyal = this.#lease !== undefined;
    this.#other = undefined;
    this.#solicitAll(now, effects);
  }

  /** One of the routers advertised this to us. */
  advertised(lease: Lease, now: number, effects: PeerEffect[]): void {
    const candidate = this.#candidate(lease.router);
    if (candidate === undefined) return;
    if (candidate.asked) candidate.roundTrip = now - candidate.askedAt;
    candidate.asked = false;
    if (this.#lease !== undefined && sameEnd(lease.router, this.#lease.router))
      this.#adopt(lease, now, effects);
    else if (this.#round > 0 && this.#loyal) this.#other ??= lease;
    else if (this.#round > 0) this.#adopt(lease, now, effects);
  }

  /** A packet came through the router that serves. */
  heard(now: number): void {
    this.#keeping?.heard(now);
  }

  /** Something that should come through the router does not. */
  doubt(now: number): void {
    this.#keeping?.doubt(now);
  }

  tick(now: number, effects: PeerEffect[]): void {
    if (now >= this.#nextRound) {
      if (this.#other === undefined) this.#solicitAll(now, effects);
      else this.#adopt(this.#other, now, effects);
    }
    const due = this.#keeping?.due(now);
    if (due === undefined || this.#lease === undefined) return;
    const { router } = this.#lease;
    if (due === 'keep-alive') effects.push({ kind: 'transmit', to: router, octets: NO_BYTES });
    else if (due === 'solicitation') this.#solicit(this.#candidate(router), now, effects);
    else {
      this.search(now, effects);
      // It had its chances.
      this.#loyal = false;
    }
  }

  #solicitAll(now: number, effects: PeerEffect[]): void {
    if (this.#round > 0) this.#loyal = false;
    for (const candidate of this.#candidates.toSorted(byRoundTrip)) this.#solicit(candidate, now, effects);
    const wait = jittered(ROUNDS[Math.min(this.#round, ROUNDS.length - 1)] ?? 0, JITTER, this.#random);
    this.#round += 1;
    const hopeless = this.#candidates.length === 0;
    // Who has an address wants to have it still when the router is back: solicitations are its keep-alives meanwhile.
    const most = this.#lease === undefined ? Infinity : this.#keepAlive;
    this.#nextRound = hopeless ? Infinity : now + Math.min(wait, most);
    if (this.#round !== LOST_WITH_ROUND && !hopeless) return;
    this.#lostTold = true;
    effects.push({ kind: 'lost', first: this.#lease === undefined });
  }

  #solicit(candidate: Candidate | undefined, now: number, effects: PeerEffect[]): void {
    if (candidate === undefined) return;
    candidate.askedAt = now;
    candidate.asked = true;
    effects.push({ kind: 'transmit', to: candidate.end, octets: ROUTER_SOLICITATION });
  }

  /** From now on, or still, this is ours. */
  #adopt(lease: Lease, now: number, effects: PeerEffect[]): void {
    const before = this.#lease;
    const same = before !== undefined && sameIpv6(before.address, lease.address);
    const askedAt = this.#candidate(lease.router)?.askedAt ?? now;
    if (this.#keeping === undefined) this.#keeping = new Keeping(this.#keepAlive, this.#random, askedAt, now);
    else this.#keeping.answered(now);
    this.#round = 0;
    this.#nextRound = Infinity;
    this.#other = undefined;
    if (!same || !sameEnd(before.router, lease.router)) this.#lease = lease;
    if (same && !this.#lostTold) return;
    this.#lostTold = false;
    const previous = before === undefined || same ? {} : { previous: before.address };
    effects.push({ kind: 'address', address: lease.address, router: lease.router, ...previous });
  }

  #candidate(end: Ipv4End): Candidate | undefined {
    return this.#candidates.find((candidate) => sameEnd(candidate.end, end));
  }
}

/** The quickest first; in the order of the list where nothing is known. */
function byRoundTrip(a: Candidate, b: Candidate): number {
  return a.roundTrip === b.roundTrip ? 0 : a.roundTrip - b.roundTrip;
}
