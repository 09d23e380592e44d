/**
 * Multicast DNS on one link: what is heard goes to the cache, to the responder and to the browser. One interface is one
 * link, whatever families it speaks: a message to all goes out in each of them.
 *
 *     handle(input, now) → effects      deadline: ms on the clock of `now`
 */
import type { Endpoint } from '#address/endpoint.ts';
import { Browser } from './browser.ts';
import { Cache } from './cache.ts';
import { readMessage, writeMessages } from './message.ts';
import type { DnsRecord } from './record.ts';
import { MDNS_PORT, type Outgoing, Responder } from './responder.ts';
import { type Service, servicesOf } from './service.ts';

export type LinkInput =
  /** `own`: from an address of this host, which may be our own voice. */
  | { readonly kind: 'received'; readonly octets: Uint8Array; readonly from: Endpoint; readonly own: boolean }
  /** In place of what was published before; unique records have `flush`. */
  | { readonly kind: 'publish'; readonly records: readonly DnsRecord[] }
  | { readonly kind: 'browse'; readonly services: readonly string[] }
  /** The link was away (RFC 6762 8, 10.4). */
  | { readonly kind: 'restart' }
  /** Says goodbye. */
  | { readonly kind: 'close' }
  | { readonly kind: 'tick' };

export type LinkEffect =
  /** Without `to`: to the group, in every family. */
  | { readonly kind: 'send'; readonly octets: Buffer; readonly to?: Endpoint }
  | { readonly kind: 'conflict'; readonly names: readonly string[] }
  | { readonly kind: 'established' }
  /** What others offer may be different. */
  | { readonly kind: 'changed' };

export interface LinkOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Copies of each message to all that this host hears itself: one for each family. */
  readonly echoes: () => number;
  /** What this host says on other links is no contradiction (RFC 6762 14). */
  readonly isOurs?: (record: DnsRecord) => boolean;
}

/** ms after which our own voice is not ours any more. */
const ECHO = 1_000;

export class Link {
  readonly #options: LinkOptions;
  readonly #cache: Cache;
  readonly #browser: Browser;
  readonly #responder: Responder;
  /** Messages of ours that will come back, with how often. */
  readonly #echoes = new Map<string, { left: number; readonly until: number }>();
  #services: readonly string[] = [];
  #effects: LinkEffect[] = [];
  #now = 0;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { random, isOurs = () => false } = options;
    this.#cache = new Cache(random);
    this.#browser = new Browser(this.#cache, random);
    this.#responder = new Responder(random, isOurs, {
      send: (outgoing) => this.#send(outgoing),
      conflict: (names) => this.#effects.push({ kind: 'conflict', names }),
      established: () => this.#effects.push({ kind: 'established' }),
    });
  }

  get deadline(): number {
    return this.#deadline;
  }

  /** Whether what is published is ours by now. */
  get isEstablished(): boolean {
    return this.#responder.isEstablished;
  }

  /** What is published, or shall be. */
  get records(): readonly DnsRecord[] {
    return this.#responder.records;
  }

  /** Those who are complete: with SRV, TXT and at least one address. */
  get services(): readonly Service[] {
    return servicesOf(this.#services, this.#cache);
  }

  handle(input: LinkInput, now: number): readonly LinkEffect[] {
    this.#now = now;
    this.#take(input, now);
    this.#deadline = Math.min(this.#responder.deadline, this.#browser.deadline, this.#cache.deadline);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #take(input: LinkInput, now: number): void {
    switch (input.kind) {
      case 'received':
        if (!(input.own && this.#isEcho(input.octets, now))) this.#received(input.octets, input.from, now);
        break;
      case 'publish':
        this.#responder.publish(input.records, now);
        break;
      case 'browse':
        this.#services = input.services;
        this.#browser.browse(input.services, now);
        break;
      case 'restart':
        this.#responder.restart(now);
        this.#browser.restart(now);
        break;
      case 'close':
        this.#responder.close(now);
        break;
      case 'tick':
        this.#tick(now);
    }
  }

  #tick(now: number): void {
    if (this.#cache.expire(now)) this.#effects.push({ kind: 'changed' });
    this.#responder.tick(now);
    for (let next = this.#browser.tick(now); next !== undefined; next = this.#browser.tick(now))
      this.#send({ message: next });
    for (const [key, { until }] of this.#echoes) if (until <= now) this.#echoes.delete(key);
  }

  #received(octets: Uint8Array, from: Endpoint, now: number): void {
    const message = readMessage(octets);
    if (message === undefined) return;
    if (!message.response) {
      this.#browser.heard(message, now);
      this.#responder.query(message, from, now);
      return;
    }
    // RFC 6762 6: from any other port it is none.
    if (from.port !== MDNS_PORT) return;
    this.#responder.response(message, now);
    const records = [...message.answers, ...message.additionals];
    if (!this.#cache.learn(records, now)) return;
    this.#browser.learned(now);
    this.#effects.push({ kind: 'changed' });
  }

  #send({ message, to }: Outgoing): void {
    for (const octets of writeMessages(message)) {
      if (to !== undefined) this.#effects.push({ kind: 'send', octets, to });
      else {
        const key = octets.toString('latin1');
        const left = (this.#echoes.get(key)?.left ?? 0) + this.#options.echoes();
        this.#echoes.set(key, { left, until: this.#now + ECHO });
        this.#effects.push({ kind: 'send', octets });
      }
    }
  }

  #isEcho(octets: Uint8Array, now: number): boolean {
    const echo = this.#echoes.get(Buffer.from(octets).toString('latin1'));
    if (echo === undefined || echo.left === 0 || echo.until <= now) return false;
    echo.left -= 1;
    return true;
  }
}
