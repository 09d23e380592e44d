/**
 * The care for one router: it is solicited until it advertises, and kept while it serves us. Keep-alives hold the NAT's
 * mapping (draft-vanrein-6bed4-04 7.1), and every fourth is a solicitation instead, whose answer shows that the router
 * lives and that the mapping is what it was. An unanswered one is repeated; then the router is lost, unless packets
 * came through it meanwhile.
 */
import type { Ipv4End } from '../address/ipv4.ts';
import { NO_OCTETS } from '../address/octets.ts';
import { ROUTER_SOLICITATION } from '../packet/neighbour_discovery.ts';
import type { Means } from './means.ts';

/** Milliseconds after which an unanswered check is repeated; after the last of them the router is lost. */
const CHECK = [1000, 3000, 7000];
const CHECK_EVERY = 4;

/** Part of the time between keep-alives that chance adds or takes. */
const JITTER = 0.05;
/** A router heard so many ms ago is not doubted. */
const LATELY = 5000;

/** `value` by up to `part` more or less. */
export function jittered(value: number, part: number, random: () => number): number {
  return value * (1 + part * (2 * random() - 1));
}

export class Router {
  readonly end: Ipv4End;
  /** When to call `tick`; Infinity: it is neither asked nor kept. */
  deadline = Infinity;
  /** Milliseconds that its last answer took. */
  roundTrip = Infinity;
  /** When a packet last went or came by an address that it gave us. */
  usedAt = -Infinity;
  /** When a packet last came through it. */
  heardAt = -Infinity;
  readonly #means: Means;
  #keepAlives = 0;
  /** When to solicit again, and how often we did; 0: it owes us nothing. */
  #waits: readonly number[] = CHECK;
  #solicitations = 0;
  #askedAt = 0;
  /** What holds the mapping is what we send, not what is answered. */
  #solicitedAt = -Infinity;

  constructor(end: Ipv4End, means: Means) {
    this.end = end;
    this.#means = means;
  }

  /** Solicits once. */
  solicit(now: number): void {
    this.#solicitedAt = now;
    this.#means.transmit(this.end, ROUTER_SOLICITATION);
  }

  /** Solicits now and after each of `waits` (ms), until it advertises. */
  ask(waits: readonly number[], now: number): void {
    this.#waits = waits;
    this.#solicitations = 0;
    this.#askedAt = now;
    this.#repeat(now);
  }

  /** It advertised, which is what was asked for. */
  advertised(now: number): void {
    // Where something else came meanwhile it may have come unasked, and nothing was measured.
    if (this.heardAt < this.#solicitedAt) this.roundTrip = now - this.#solicitedAt;
    this.heardAt = now;
    if (this.#solicitations > 0) this.keep();
  }

  /** From now on it serves us. */
  keep(): void {
    this.#solicitations = 0;
    this.#keepAlives = 0;
    this.#rest(this.#solicitedAt);
  }

  /** No more. */
  leave(): void {
    this.#solicitations = 0;
    this.deadline = Infinity;
  }

  /** Makes the check due, if it is kept and none is running. */
  check(now: number): void {
    if (this.#solicitations > 0 || this.deadline === Infinity) return;
    this.#keepAlives = CHECK_EVERY;
    this.deadline = now;
  }

  /** Something that should come through it does not: makes the check due unless it was heard lately. */
  doubt(now: number): void {
    if (now - this.heardAt >= LATELY) this.check(now);
  }

  /** Sends what is due. True: it is lost. */
  tick(now: number): boolean {
    if (this.deadline > now) return false;
    if (this.#solicitations > 0) return this.#repeat(now);
    this.#keepAlives += 1;
    if (this.#keepAlives >= CHECK_EVERY) this.ask(CHECK, now);
    else {
      this.#means.transmit(this.end, NO_OCTETS);
      this.#rest(now);
    }
    return false;
  }

  #repeat(now: number): boolean {
    const wait = this.#waits[this.#solicitations];
    if (wait !== undefined) {
      this.#solicitations += 1;
      this.deadline = now + wait;
      this.solicit(now);
    } else if (this.heardAt > this.#askedAt) this.ask(CHECK, now);
    else return true;
    return false;
  }

  #rest(since: number): void {
    this.deadline = since + jittered(this.#means.keepAlive, JITTER, this.#means.random);
  }
}
