/**
 * Asks the DHCPv4 servers of a link what they tell, for an address that the interface has already (RFC 2131 4.4.3).
 *
 *     asking   tries at 0, 4, 12, 28 s, each ±1 (4.1); four, then silence is told
 *     hearing  after an answer, two seconds for those of other servers
 *     resting  an hour after silence, a day after an answer; then asking again
 */
import { Buffer } from 'node:buffer';
import { ACK, readReply4, writeInform } from './dhcp4_message.ts';
import { ASKED4, type Options4 } from './dhcp4_options.ts';

/** ms. */
export const INFORM_TIMES = {
  first: 4_000,
  jitter: 1_000,
  /** For more servers than one. */
  hearing: 2_000,
  restAfterSilence: 3_600_000,
  restAfterAnswer: 86_400_000,
} as const;
/** RFC 2131 4.4.3. */
const TRIES = 4;
const MOST_SERVERS = 8;

export interface InformOptions {
  readonly address: string;
  /** Six octets. */
  readonly mac: Uint8Array;
  readonly vendorClass: string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export type AskInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'received'; readonly octets: Uint8Array }
  | { readonly kind: 'tick' };

export type InformEffect =
  | { readonly kind: 'send'; readonly octets: Uint8Array }
  | { readonly kind: 'told'; readonly server: string; readonly options: Options4 }
  /** Nobody answered all tries. */
  | { readonly kind: 'silent' }
  /** Nothing is expected any more before the next `send`: the socket can be closed. */
  | { readonly kind: 'rest' };

export class Informer {
  readonly #options: InformOptions;
  #state: 'asking' | 'hearing' | 'resting' = 'resting';
  #deadline = Number.POSITIVE_INFINITY;
  #xid = 0;
  #tries = 0;
  #since = 0;
  readonly #heard = new Set<string>();

  constructor(options: InformOptions) {
    this.#options = options;
  }

  /** ms on the clock of `now`. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: AskInput, now: number): readonly InformEffect[] {
    switch (input.kind) {
      case 'start':
        return this.#begin(now);
      case 'received':
        return this.#receive(input.octets, now);
      case 'tick':
        return now < this.#deadline ? [] : this.#due(now);
    }
  }

  #begin(now: number): readonly InformEffect[] {
    this.#state = 'asking';
    this.#xid = Math.floor(this.#options.random() * 2 ** 32);
    this.#tries = 0;
    this.#since = now;
    this.#heard.clear();
    return this.#try(now);
  }

  #try(now: number): readonly InformEffect[] {
    const { address, mac, vendorClass, random } = this.#options;
    const jitter = (2 * random() - 1) * INFORM_TIMES.jitter;
    this.#deadline = now + INFORM_TIMES.first * 2 ** this.#tries + jitter;
    this.#tries += 1;
    const secs = Math.floor((now - this.#since) / 1000);
    const octets = writeInform({ xid: this.#xid, secs, address, mac, vendorClass, asked: ASKED4 });
    return [{ kind: 'send', octets }];
  }

  #due(now: number): readonly InformEffect[] {
    switch (this.#state) {
      case 'asking':
        if (this.#tries < TRIES) return this.#try(now);
        return [{ kind: 'silent' }, ...this.#rest(now + INFORM_TIMES.restAfterSilence)];
      case 'hearing':
        return this.#rest(now + INFORM_TIMES.restAfterAnswer);
      case 'resting':
        return this.#begin(now);
    }
  }

  #rest(until: number): readonly InformEffect[] {
    this.#state = 'resting';
    this.#deadline = until;
    return [{ kind: 'rest' }];
  }

  #receive(octets: Uint8Array, now: number): readonly InformEffect[] {
    if (this.#state === 'resting') return [];
    const reply = readReply4(octets);
    if (reply?.type !== ACK || reply.xid !== this.#xid) return [];
    if (Buffer.compare(reply.chaddr, this.#options.mac) !== 0) return [];
    const server = reply.server ?? 'a server without a name';
    if (this.#heard.has(server) || this.#heard.size >= MOST_SERVERS) return [];
    this.#heard.add(server);
    if (this.#state === 'asking') this.#deadline = now + INFORM_TIMES.hearing;
    this.#state = 'hearing';
    return [{ kind: 'told', server, options: reply.options }];
  }
}
