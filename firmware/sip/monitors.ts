/**
 * Subscriptions to documents of the web (RFC 5989, package http-monitor): the server of our configuration names a SIP URI
 * in its answer, and tells there when the document is another (RFC 6011 2.5.1).
 */
import type { Core } from './core.ts';
import type { Identities } from './identities.ts';
import { parseUri } from './message/uri.ts';
import type { Incoming } from './response.ts';
import { Subscription } from './subscription.ts';

const EVENT = 'http-monitor';
const ACCEPT = 'message/http';
/** A configuration has few files, most often with one URI for all. */
const MOST = 4;
/** ms in which the notifier may say that it is over: as long as a NOTIFY is sent again (RFC 3261 17.1.2.2). */
const FAREWELL = 32_000;

export class Monitors {
  readonly #core: Core;
  readonly #identities: Identities;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Those that are not wanted any more, and have not heard the last of it. */
  readonly #left = new Set<Subscription>();

  constructor(core: Core, identities: Identities) {
    this.#core = core;
    this.#identities = identities;
  }

  /** These URIs, and no others. */
  watch(uris: readonly string[]): void {
    const wanted = new Set(uris.filter(isSip).slice(0, MOST));
    for (const [uri, subscription] of this.#subscriptions)
      if (!wanted.has(uri)) this.#leave(uri, subscription);
    for (const uri of wanted) if (!this.#subscriptions.has(uri)) this.#begin(uri);
  }

  /** Whether a request is for one of them: who knows our tag has had our SUBSCRIBE. */
  find(toTag: string | undefined): { request(incoming: Incoming): void } | undefined {
    return [...this.#subscriptions.values(), ...this.#left].find(({ localTag }) => localTag === toTag);
  }

  /** Whether one of those that are not wanted any more waits for the answer to that. */
  get leaving(): boolean {
    return [...this.#left].some(({ leaving }) => leaving);
  }

  networkChanged(): void {
    for (const subscription of this.#subscriptions.values()) subscription.networkChanged();
  }

  #leave(uri: string, subscription: Subscription): void {
    this.#subscriptions.delete(uri);
    subscription.stop();
    this.#left.add(subscription);
    this.#core.after(FAREWELL, () => this.#left.delete(subscription));
  }

  #begin(uri: string): void {
    const identity = this.#identities.at(hostIn(uri));
    const tell = (body: string | undefined) =>
      this.#core.emit({ kind: 'monitored', uri, ...(body === undefined ? {} : { body }) });
    const subscription = new Subscription(
      this.#core,
      { identity, uri, event: EVENT, accept: ACCEPT },
      { notified: tell, rejected: () => tell(undefined) },
    );
    this.#subscriptions.set(uri, subscription);
    subscription.start();
  }
}

function isSip(uri: string): boolean {
  return /^sips?:[\x21-\x7e]{1,500}$/i.test(uri) && hostIn(uri) !== '';
}

function hostIn(uri: string): string {
  const parsed = parseUri(uri);
  return parsed?.scheme === 'sip' || parsed?.scheme === 'sips' ? parsed.host : '';
}
