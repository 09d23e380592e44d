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
 *
 * A router that serves and is no longer wanted is not left for one that may never answer: it serves while the search
 * goes on.
 */
import { type Ipv4End, sameEnd } from '../address/ipv4.ts';
import { sameIpv6 } from '../address/ipv6.ts';
import type { Advertised, Lease } from './lease.ts';
import type { Means } from './means.ts';
import { jittered, Router } from './router.ts';

const MOST_ROUTERS = 8;
/** Milliseconds between rounds of solicitations, and then again and again. */
const ROUNDS = [1000, 3000, 7000, 15_000];
const MORE_ROUNDS = 30_000;
const JITTER = 0.1;
const LOST_WITH_ROUND = 3;

export class Autoconfiguration {
  /** Ours, until another one is there. */
  lease: Lease | undefined;
  readonly #means: Means;
  /** Those that are wanted. */
  #routers: readonly Router[] = [];
  /** Rounds of solicitations in this search; 0: none is on. */
  #round = 0;
  #nextRound = Infinity;
  /** Only the present router may answer the first round; another one that did since is taken with the second. */
  #loyal = false;
  #other: Lease | undefined;
  #lostTold = false;

  constructor(means: Means, routers: readonly Ipv4End[]) {
    this.#means = means;
    this.#routers = this.#choose(routers);
  }

  get deadline(): number {
    return Math.min(this.#nextRound, this.lease?.router.deadline ?? Infinity);
  }

  /** The router there, if it is one that we may ask. */
  find(end: Ipv4End): Router | undefined {
    return this.#all.find((router) => sameEnd(router.end, end));
  }

  /** These from now on. */
  use(ends: readonly Ipv4End[], now: number): void {
    const before = this.#all;
    this.#routers = this.#choose(ends);
    const isNew = this.#round === 0 || this.#routers.some((router) => !before.includes(router));
    if (isNew && (this.#round > 0 || !this.#isServed)) this.search(now);
  }

  /** Looks for a router, now. */
  search(now: number): void {
    this.lease?.router.leave();
    this.#round = 0;
    this.#loyal = this.#isServed;
    this.#other = undefined;
    this.#solicitAll(now);
  }

  /** A router advertised this to us. */
  advertised(from: Ipv4End, advertised: Advertised, now: number): void {
    const router = this.find(from);
    if (!router) return;
    router.advertised(now);
    const lease = { ...advertised, router };
    if (router === this.lease?.router || (this.#round > 0 && !this.#loyal)) this.#adopt(lease);
    else this.#other ??= lease;
  }

  tick(now: number): void {
    if (now >= this.#nextRound) {
      if (this.#other) this.#adopt(this.#other);
      else this.#solicitAll(now);
    }
    if (!this.lease?.router.tick(now)) return;
    this.search(now);
    // It had its chances.
    this.#loyal = false;
  }

  /** The one that serves, and those that are wanted. */
  get #all(): Router[] {
    const serving = this.#isServed ? [] : (this.lease?.router ?? []);
    return [serving, this.#routers].flat();
  }

  /** By one that is wanted. */
  get #isServed(): boolean {
    return this.#routers.some((router) => router === this.lease?.router);
  }

  /** Those that are known come first, so that of many the same ones are chosen again. */
  #choose(ends: readonly Ipv4End[]): Router[] {
    const chosen = this.#all.filter(({ end }) => ends.some((one) => sameEnd(one, end)));
    for (const end of ends) {
      if (!chosen.some((router) => sameEnd(router.end, end))) chosen.push(new Router(end, this.#means));
    }
    return chosen.slice(0, MOST_ROUTERS);
  }

  #solicitAll(now: number): void {
    if (this.#round > 0) this.#loyal = false;
    for (const router of this.#all.toSorted(byRoundTrip)) router.solicit(now);
    const { keepAlive, random, emit } = this.#means;
    const wait = jittered(ROUNDS[this.#round] ?? MORE_ROUNDS, JITTER, random);
    this.#round += 1;
    // Who has an address wants to have it still when the router is back: solicitations are its keep-alives meanwhile.
    const most = this.lease ? keepAlive : Infinity;
    this.#nextRound = now + Math.min(wait, most);
    // One that is not wanted may serve meanwhile.
    const serves = (this.lease?.router.deadline ?? Infinity) < Infinity;
    if (serves || this.#round !== LOST_WITH_ROUND) return;
    this.#lostTold = true;
    emit({ kind: 'lost', first: !this.lease });
  }

  /** From now on, or still, this is ours. */
  #adopt(lease: Lease): void {
    const { router, address } = lease;
    const before = this.lease;
    const same = before && sameIpv6(before.address, address);
    if (router.deadline === Infinity) router.keep();
    if (this.#routers.includes(router)) {
      this.#round = 0;
      this.#nextRound = Infinity;
      this.#other = undefined;
    }
    if (!same || router !== before.router) this.lease = lease;
    if (same && !this.#lostTold) return;
    this.#lostTold = false;
    const previous = before && !same ? { previous: before.address } : {};
    this.#means.emit({ kind: 'address', address, router: router.end, ...previous });
  }
}

/** The quickest first; in the order of the list where nothing is known, for the difference of Infinities is NaN. */
function byRoundTrip(a: Router, b: Router): number {
  return a.roundTrip - b.roundTrip;
}
