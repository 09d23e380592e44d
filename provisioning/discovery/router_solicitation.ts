/**
 * Asks the routers of a link to speak now: up to three times, four seconds apart, the first within a second
 * (RFC 4861 6.3.7). What they say later without being asked is read as well.
 */
import type { AskInput } from './dhcp4_inform.ts';
import { type RouterAdvertisement, readAdvertisement, writeSolicitation } from './router_advertisement.ts';

/** ms and numbers; RFC 4861 10, with the names of the RFC. */
const MAX_RTR_SOLICITATION_DELAY = 1_000;
const RTR_SOLICITATION_INTERVAL = 4_000;
const MAX_RTR_SOLICITATIONS = 3;

export interface SolicitorOptions {
  /** Six octets. */
  readonly mac: Uint8Array;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export type SolicitorEffect =
  | { readonly kind: 'send'; readonly octets: Uint8Array }
  | { readonly kind: 'told'; readonly advertisement: RouterAdvertisement }
  | { readonly kind: 'silent' };

export class Solicitor {
  readonly #options: SolicitorOptions;
  #deadline = Number.POSITIVE_INFINITY;
  #sent = 0;

  constructor(options: SolicitorOptions) {
    this.#options = options;
  }

  /** ms on the clock of `now`. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: AskInput, now: number): readonly SolicitorEffect[] {
    switch (input.kind) {
      case 'start':
        this.#sent = 0;
        this.#deadline = now + this.#options.random() * MAX_RTR_SOLICITATION_DELAY;
        return [];
      case 'received': {
        const advertisement = readAdvertisement(input.octets);
        if (advertisement === undefined) return [];
        this.#deadline = Number.POSITIVE_INFINITY;
        return [{ kind: 'told', advertisement }];
      }
      case 'tick':
        return now < this.#deadline ? [] : this.#due(now);
    }
  }

  #due(now: number): readonly SolicitorEffect[] {
    if (this.#sent >= MAX_RTR_SOLICITATIONS) {
      this.#deadline = Number.POSITIVE_INFINITY;
      return [{ kind: 'silent' }];
    }
    this.#sent += 1;
    this.#deadline = now + RTR_SOLICITATION_INTERVAL;
    return [{ kind: 'send', octets: writeSolicitation(this.#options.mac) }];
  }
}
