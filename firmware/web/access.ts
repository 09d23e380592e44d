/**
 * Who may use the page. A loopback server is reachable by every web site that the same browser shows, so three
 * things are held against each request: the token (only who saw the printed URL has it), the Host (a name that an
 * attacker rebinds to 127.0.0.1 is none of ours) and the Origin (another site's script says who it is).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OwnNames } from './host.ts';

export type Verdict =
  | { readonly kind: 'allow' }
  /** First visit with the right token: set `cookie`, go on to `location`. */
  | { readonly kind: 'enter'; readonly cookie: string; readonly location: string }
  /** 403; `why` is for the person before the browser. */
  | { readonly kind: 'refuse'; readonly why: string };

const WILDCARDS: readonly (string | undefined)[] = ['', '0.0.0.0', '::', '[::]', undefined];

/** 192 random bits, fit for a URL. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

export class Access {
  readonly #token: string;
  readonly #names: OwnNames;
  readonly #cookie: string;

  /** `host` and `port` are those that the server listens on. */
  constructor(token: string, host: string, port: number) {
    this.#token = token;
    const everywhere = WILDCARDS.includes(host);
    this.#names = new OwnNames({ port, defaultPort: 80, names: everywhere ? [] : [host], everywhere });
    // Cookies know no ports (RFC 6265 8.5): two phones on one machine need two names.
    this.#cookie = `dualtone-${port}`;
  }

  judge(request: IncomingMessage): Verdict {
    const { host, origin } = request.headers;
    if (!this.#names.include(request)) {
      return { kind: 'refuse', why: 'This host name is not one of the phone.' };
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      return { kind: 'refuse', why: FOREIGN };
    }
    return this.#judgeToken(request);
  }

  #judgeToken(request: IncomingMessage): Verdict {
    const [path, query] = split(request.url ?? '');
    const offered = query.get('token');
    if (path === '/' && offered !== null) {
      if (!same(offered, this.#token)) return { kind: 'refuse', why: EXPIRED };
      query.delete('token');
      return {
        kind: 'enter',
        cookie: `${this.#cookie}=${this.#token}; HttpOnly; SameSite=Strict; Path=/`,
        location: query.size > 0 ? `/?${query}` : '/',
      };
    }
    // Another port of this machine is the same site to SameSite, but not the same origin.
    const site = request.headers['sec-fetch-site'];
    if (site === 'cross-site' || site === 'same-site') return { kind: 'refuse', why: FOREIGN };
    return this.#hasCookie(request.headers.cookie) ? { kind: 'allow' } : { kind: 'refuse', why: EXPIRED };
  }

  #hasCookie(header = ''): boolean {
    return header.split(';').some((pair) => {
      const [name, value = ''] = pair.trim().split('=', 2);
      return name === this.#cookie && same(value, this.#token);
    });
  }
}

const EXPIRED =
  'Open the address that the phone printed when it started: it carries the token of this run (…/?token=…).';

const FOREIGN = 'Another web site may not use the phone; type the address into the browser instead.';

/** In constant time, whatever the lengths. */
function same(offered: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(offered), digest(token));
}

/** Path and query of a request target in origin-form (RFC 9112 3.2.1). */
export function split(target: string): [path: string, query: URLSearchParams] {
  const mark = target.indexOf('?');
  return mark < 0
    ? [target, new URLSearchParams()]
    : [target.slice(0, mark), new URLSearchParams(target.slice(mark + 1))];
}
