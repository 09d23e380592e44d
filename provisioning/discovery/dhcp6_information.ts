/**
 * Asks the DHCPv6 servers of a link what they tell, without wanting an address (RFC 8415 18.2.6).
 *
 *     waiting  up to a second, so that not all telephones ask at once when the power comes back
 *     asking   tries after 1, 2, 4 … s, each ±10 %, at most an hour apart (15); after six silence is told, once
 *     hearing  after an answer, two seconds for those of other servers
 *     resting  until the information is to be refreshed (21.23)
 */
import { Buffer } from 'node:buffer';
import type { AskInput } from './dhcp4_inform.ts';
import { readReply6, writeInformationRequest } from './dhcp6_message.ts';
import { ASKED6, type Options6 } from './dhcp6_options.ts';

/** ms; RFC 8415 7.6, with the names of the RFC. */
export const INFORMATION_TIMES = {
  INF_MAX_DELAY: 1_000,
  INF_TIMEOUT: 1_000,
  INF_MAX_RT: 3_600_000,
  IRT_DEFAULT: 86_400_000,
  IRT_MINIMUM: 600_000,
  /** Ours: a forged answer shall not silence us for longer (21.23 allows it). */
  IRT_MAXIMUM: 86_400_000,
  hearing: 2_000,
} as const;
/** RFC 8415 21.25: what servers may set INF_MAX_RT to, in s. */
const MAX_RT_LIMITS = [60, 86_400] as const;
const SPREAD = 0.1;
const TRIES_UNTIL_SILENT = 6;
const MOST_SERVERS = 8;

export interface InformationOptions {
  readonly clientId: Uint8Array;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export type InformationEffect =
  | { readonly kind: 'send'; readonly octets: Uint8Array }
  /** `server`: its DUID, hexadecimal. */
  | { readonly kind: 'told'; readonly server: string; readonly options: Options6 }
  /** Nobody answered so far; it goes on, ever more rarely. */
  | { readonly kind: 'silent' }
  /** Nothing is expected any more before the next `send`: the socket can be closed. */
  | { readonly kind: 'rest' };

export class InformationAsker {
  readonly #options: InformationOptions;
  #state: 'idle' | 'waiting' | 'asking' | 'hearing' | 'resting' = 'idle';
  #deadline = Number.POSITIVE_INFINITY;
  #transaction = 0;
  #tries = 0;
  #since = 0;
  /** ms: RT and MRT of RFC 8415 15. */
  #rt = 0;
  #mrt: number = INFORMATION_TIMES.INF_MAX_RT;
  #refresh: number = INFORMATION_TIMES.IRT_DEFAULT;
  readonly #heard = new Set<string>();

  constructor(options: InformationOptions) {
    this.#options = options;
  }

  /** ms on the clock of `now`. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: AskInput, now: number): readonly InformationEffect[] {
    switch (input.kind) {
      case 'start':
        return this.#wait(now);
      case 'received':
        return this.#receive(input.octets, now);
      case 'tick':
        return now < this.#deadline ? [] : this.#due(now);
    }
  }

  #wait(now: number): readonly InformationEffect[] {
    this.#state = 'waiting';
    this.#deadline = now + this.#options.random() * INFORMATION_TIMES.INF_MAX_DELAY;
    return [];
  }

  #due(now: number): readonly InformationEffect[] {
    switch (this.#state) {
      case 'waiting':
        this.#transaction = Math.floor(this.#options.random() * 2 ** 24);
        this.#tries = 0;
        this.#since = now;
        this.#heard.clear();
        this.#state = 'asking';
        return this.#try(now);
      case 'asking':
        return this.#tries === TRIES_UNTIL_SILENT ? [{ kind: 'silent' }, ...this.#try(now)] : this.#try(now);
      case 'hearing':
        this.#state = 'resting';
        this.#deadline = now + this.#refresh;
        return [{ kind: 'rest' }];
      case 'resting':
        return this.#wait(now);
      case 'idle':
        return [];
    }
  }

  /** RFC 8415 15. */
  #try(now: number): readonly InformationEffect[] {
    const spread = (2 * this.#options.random() - 1) * SPREAD;
    const { INF_TIMEOUT } = INFORMATION_TIMES;
    const next = this.#tries === 0 ? INF_TIMEOUT * (1 + spread) : this.#rt * (2 + spread);
    this.#rt = next > this.#mrt ? this.#mrt * (1 + spread) : next;
    this.#tries += 1;
    this.#deadline = now + this.#rt;
    const octets = writeInformationRequest({
      transaction: this.#transaction,
      clientId: this.#options.clientId,
      asked: ASKED6,
      elapsed: now - this.#since,
    });
    return [{ kind: 'send', octets }];
  }

  #receive(octets: Uint8Array, now: number): readonly InformationEffect[] {
    if (this.#state !== 'asking' && this.#state !== 'hearing') return [];
    const reply = readReply6(octets);
    if (reply?.clientId === undefined || reply.transaction !== this.#transaction) return [];
    if (Buffer.compare(reply.clientId, this.#options.clientId) !== 0) return [];
    if (this.#heard.has(reply.server) || this.#heard.size >= MOST_SERVERS) return [];
    this.#heard.add(reply.server);
    if (this.#state === 'asking') {
      this.#state = 'hearing';
      this.#deadline = now + INFORMATION_TIMES.hearing;
      this.#refresh = refreshOf(reply.refresh);
      if (reply.maxRt !== undefined && reply.maxRt >= MAX_RT_LIMITS[0] && reply.maxRt <= MAX_RT_LIMITS[1])
        this.#mrt = reply.maxRt * 1000;
    }
    return [{ kind: 'told', server: reply.server, options: reply.options }];
  }
}

/** @param told s */
function refreshOf(told: number | undefined): number {
  const { IRT_DEFAULT, IRT_MINIMUM, IRT_MAXIMUM } = INFORMATION_TIMES;
  if (told === undefined) return IRT_DEFAULT;
  return Math.min(Math.max(told * 1000, IRT_MINIMUM), IRT_MAXIMUM);
}
