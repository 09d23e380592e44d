/**
 * What is held against each request before anybody looks at what it wants. Browsers say whose script sent it (Origin,
 * Sec-Fetch-Site); what changes something also has to carry a token that only a page of ours was told, in a header field
 * that no form and no foreign script can set.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Bucket } from '../limits.ts';

export const CSRF_FIELD = 'x-dualtone-csrf';

/** Of one source, and of all together; a page that is opened asks for ten things at once. */
const RATE = { perSecond: 10, atOnce: 60 };
const RATE_OF_ALL = { perSecond: 50, atOnce: 200 };
const MOST_SOURCES = 256;

const FOREIGN = 'Another web site may not use the telephone; type the address into the browser instead.';

/** Why a request to the interface is none of our page's; undefined: it may be. `secure`: it came over TLS. */
export function foreignness({ headers, method }: IncomingMessage, secure: boolean): string | undefined {
  const { host, origin } = headers;
  const site = headers['sec-fetch-site'];
  const own = `${secure ? 'https' : 'http'}://${host}`;
  if (origin !== undefined && origin !== own) return FOREIGN;
  // `none`: typed, or from a bookmark; a script's requests are never that.
  const isRead = method === 'GET' || method === 'HEAD';
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && isRead)) return FOREIGN;
  if (isRead) return undefined;
  // Every browser sends Origin with what is neither GET nor HEAD (Fetch, 3.2); a form could not send JSON.
  if (origin === undefined) return 'Origin is missing.';
  return /^application\/json\b/i.test(headers['content-type'] ?? '') ? undefined : 'JSON is wanted.';
}

/** Compares in constant time, whatever the lengths. */
export function isSame(offered: unknown, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(typeof offered === 'string' ? offered : ''), digest(wanted));
}

/** Rate limits by source. */
export class Rates {
  readonly #sources = new Map<string, Bucket>();
  readonly #all: Bucket;

  /** `now`: ms. */
  constructor(now: number) {
    this.#all = new Bucket(RATE_OF_ALL, now);
  }

  /** False: too many. */
  take(source: string, now: number): boolean {
    const bucket = this.#sources.get(source) ?? new Bucket(RATE, now);
    this.#sources.delete(source);
    this.#sources.set(source, bucket);
    for (const oldest of this.#sources.keys()) {
      if (this.#sources.size <= MOST_SOURCES) break;
      this.#sources.delete(oldest);
    }
    // Who asks too much shall not use up what is left for all.
    return bucket.take(now) && this.#all.take(now);
  }
}
