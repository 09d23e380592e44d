/**
 * Watches addresses, default routes and name servers. Whatever wakes us (wake_up.ts), we look a moment later,
 * for changes come in swarms, and tell only what is different: within a tenth of a second where the kernel wakes us.
 */

import { isAssigned } from '#address/network.ts';
import { stampOf } from '../dns/file.ts';
import { type OwnAddresses, ownAddresses } from './addresses.ts';
import { WAKE_UPS, type WakeUp, type WakeUpSource } from './wake_up.ts';

export interface NetworkEvents {
  addresses(now: OwnAddresses): void;
  /** The system's name servers may be others. */
  resolvers?(): void;
  /** For the log: how we learn of changes. */
  watching?(how: string): void;
}

export interface NetworkWatchOptions {
  readonly look?: () => OwnAddresses;
  readonly wakeUps?: readonly WakeUpSource[];
  readonly resolvConf?: string;
  /** ms until the wake-ups are set up: loading what they need must not delay the first registration. */
  readonly patience?: number;
}

/** Milliseconds. */
const MOMENT = 50;
const PATIENCE = 300;
/** Between two looks where nobody wakes us, and where somebody does but might have missed something. */
const LOOK_ALONE = 5_000;
const LOOK_BESIDE = 60_000;
/** A look at the date of resolv.conf, which costs some microseconds: a DHCP client writes it without a word to us. */
const LOOK_AT_RESOLVERS = 500;

export class NetworkWatch {
  readonly #events: NetworkEvents;
  readonly #look: () => OwnAddresses;
  readonly #sources: WakeUpSource[];
  readonly #resolvConf: string;
  #current: OwnAddresses;
  #seen: string;
  #stamp: string;
  #source: WakeUp | undefined;
  #soon: NodeJS.Timeout | undefined;
  #regular: NodeJS.Timeout;
  readonly #start: NodeJS.Timeout;
  readonly #files: NodeJS.Timeout;
  #closed = false;

  constructor(events: NetworkEvents, options: NetworkWatchOptions = {}) {
    this.#events = events;
    this.#look = options.look ?? ownAddresses;
    this.#sources = [...(options.wakeUps ?? WAKE_UPS)];
    this.#resolvConf = options.resolvConf ?? '/etc/resolv.conf';
    this.#current = this.#look();
    this.#seen = essenceOf(this.#current);
    this.#stamp = stampOf(this.#resolvConf);
    this.#regular = setInterval(() => this.#compare(), LOOK_ALONE).unref();
    this.#files = setInterval(() => this.#compareFiles(), LOOK_AT_RESOLVERS).unref();
    this.#start = setTimeout(() => void this.#listen(), options.patience ?? PATIENCE).unref();
  }

  get current(): OwnAddresses {
    return this.#current;
  }

  close(): void {
    this.#closed = true;
    for (const timer of [this.#start, this.#soon, this.#files, this.#regular]) clearTimeout(timer);
    this.#source?.close();
    this.#source = undefined;
  }

  /** Takes the best source that there is; when it fails, the next one. */
  async #listen(): Promise<void> {
    this.#source = undefined;
    for (let next = this.#sources.shift(); next && !this.#closed; next = this.#sources.shift()) {
      const source = await next({ wake: () => this.#wake(), lost: () => void this.#listen() });
      if (source === undefined) continue;
      if (this.#closed) source.close();
      else this.#use(source);
      return;
    }
    if (!this.#closed) this.#every(LOOK_ALONE, `a look every ${LOOK_ALONE / 1000} seconds`);
  }

  #use(source: WakeUp): void {
    this.#source = source;
    this.#every(LOOK_BESIDE, source.name);
    // What happened before we listened.
    this.#compare();
  }

  #every(ms: number, how: string): void {
    clearInterval(this.#regular);
    this.#regular = setInterval(() => this.#compare(), ms).unref();
    this.#events.watching?.(how);
  }

  #wake(): void {
    if (this.#closed) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#compare();
    }, MOMENT).unref();
  }

  #compare(): void {
    this.#current = this.#look();
    const seen = essenceOf(this.#current);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#events.addresses(this.#current);
  }

  #compareFiles(): void {
    const stamp = stampOf(this.#resolvConf);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#events.resolvers?.();
  }
}

/** What others act upon: an address that is still being checked, and how old one is, matter to nobody. */
function essenceOf({ ipv4, ipv6, attachment, network }: OwnAddresses): string {
  const ours = network.addresses.filter(isAssigned).map(({ address, interface: name }) => [name, address]);
  return JSON.stringify([ipv4, ipv6, attachment, network.routers, ours]);
}
