/**
 * Addresses by other routers. Who is under the prefix of another router is reached best from an address under the
 * same prefix (draft-vanrein-6bed4-04 4.1): then the two may go direct, and that router relays between them meanwhile.
 * The prefix fc64:<netid>:<ipv4>::/64 tells where to ask for one.
 *
 * Anybody can name such a prefix to us, and the router there may be his. So there are few places, each is asked three
 * times at most, and a place whose router was silent stays taken for half a minute; what it gives is an address under
 * the prefix that names it, and nothing else (`accept.ts`); and answers of ours to strangers ask for none.
 */
import { type Ipv4End, sameEnd } from '../address/ipv4.ts';
import { type Ipv6, ipv6Key, sameIpv6 } from '../address/ipv6.ts';
import { routerOf } from '../address/sixbed4.ts';
import type { Refusal } from './accept.ts';
import type { Advertised, Lease } from './lease.ts';
import type { Means } from './means.ts';
import { Router } from './router.ts';

const MOST_ATTACHMENTS = 4;
const MOST_REMOTES = 16;
/** Milliseconds. */
const SOLICITATIONS = [1000, 1000, 1000];
const SILENT_FOR = 30_000;
const UNUSED_FOR = 300_000;

interface Attachment {
  /** Asked while there is no lease, then kept; neither when it is silent. */
  readonly router: Router;
  lease: Lease | undefined;
  /** When a silent one is forgotten. */
  silentUntil: number;
  /** Who asked, to be told of every change; by key. */
  readonly remotes: Map<string, Ipv6>;
}

export class Attachments {
  readonly #means: Means;
  /** Our address where there is none of another router. */
  readonly #ordinary: () => Ipv6 | undefined;
  #all: readonly Attachment[] = [];

  constructor(means: Means, ordinary: () => Ipv6 | undefined) {
    this.#means = means;
    this.#ordinary = ordinary;
  }

  get deadline(): number {
    return Math.min(...this.#all.flatMap(({ router, silentUntil }) => [router.deadline, silentUntil]));
  }

  get leases(): Lease[] {
    return this.#all.flatMap(({ lease }) => lease ?? []);
  }

  /** The one whose router is there. */
  find(end: Ipv4End): Attachment | undefined {
    return this.#all.find(({ router }) => sameEnd(router.end, end));
  }

  /** Gets an address of the router at `end`; `remote` is told when it is there, or that there is none. */
  attach(end: Ipv4End, remote: Ipv6 | undefined, now: number): void {
    const one = this.find(end) ?? this.#begin(end, now);
    if (!remote) return;
    if (one) {
      one.router.usedAt = now;
      if (one.remotes.size < MOST_REMOTES) one.remotes.set(ipv6Key(remote), remote);
    }
    if (one?.lease || one?.silentUntil !== Infinity) this.answer(remote, one?.lease?.address);
  }

  /** Tells which address to use with `remote`; nothing as long as there is none at all. */
  answer(remote: Ipv6, better: Ipv6 | undefined): void {
    const address = better ?? this.#ordinary();
    if (address) this.#means.emit({ kind: 'attached', remote, address });
  }

  /** A router advertised this to us. */
  advertised(from: Ipv4End, advertised: Advertised, now: number): Refusal | undefined {
    const one = this.find(from);
    if (!one) return undefined;
    // Whoever named it may be its owner: were any prefix believed, the packets to that prefix would be his.
    if (routerOf(advertised.address)?.ipv4 !== from.ipv4) return 'foreign-prefix';
    const { router, lease } = one;
    router.advertised(now);
    // It was silent.
    if (router.deadline === Infinity) router.keep();
    one.silentUntil = Infinity;
    if (lease && sameIpv6(lease.address, advertised.address)) return undefined;
    one.lease = { ...advertised, router, guest: true };
    for (const remote of one.remotes.values()) this.answer(remote, advertised.address);
    return undefined;
  }

  /** Asks every router whether it still knows us. */
  check(now: number): void {
    for (const { router } of this.#all) router.check(now);
  }

  /** Gives up what there is of this router. */
  release(end: Ipv4End): void {
    this.#all = this.#all.filter(({ router }) => !sameEnd(router.end, end));
  }

  tick(now: number): void {
    for (const one of this.#all) {
      const { router } = one;
      if (now >= one.silentUntil || now - router.usedAt >= UNUSED_FOR) this.release(router.end);
      else if (router.tick(now)) this.#silence(one, now);
    }
  }

  #begin(end: Ipv4End, now: number): Attachment | undefined {
    if (this.#all.length >= MOST_ATTACHMENTS) return undefined;
    const router = new Router(end, this.#means);
    const one = { router, lease: undefined, silentUntil: Infinity, remotes: new Map() };
    this.#all = [...this.#all, one];
    router.usedAt = now;
    router.ask(SOLICITATIONS, now);
    return one;
  }

  #silence(one: Attachment, now: number): void {
    one.router.leave();
    one.lease = undefined;
    one.silentUntil = now + SILENT_FOR;
    for (const remote of one.remotes.values()) this.answer(remote, undefined);
  }
}
