/** The cookie of a session. */
import type { IncomingMessage } from 'node:http';

/**
 * Over TLS a `__Host-` cookie (RFC 6265bis 4.1.3.2), which nobody but this very host can have set. Without TLS, on
 * loopback alone, that name and Secure are not to be had in every browser. Cookies know no ports (RFC 6265 8.5): two
 * telephones on one machine need two names.
 */
export class SessionCookie {
  readonly #name: string;
  readonly #secure: boolean;

  readonly #former: readonly string[];

  /** `former`: ports at which the same server was before, whose sessions go on here. */
  constructor(port: number, secure: boolean, former: readonly number[] = []) {
    const nameAt = (each: number) => `${secure ? '__Host-' : ''}dualtone-admin-${each}`;
    this.#name = nameAt(port);
    this.#former = former.filter((each) => each !== port).map(nameAt);
    this.#secure = secure;
  }

  /** Ends with the browser; how long it is good is the session's. */
  set(token: string): string {
    return `${this.#name}=${token}; ${this.#attributes}`;
  }

  clear(): string {
    return `${this.#name}=; Max-Age=0; ${this.#attributes}`;
  }

  tokenOf(request: IncomingMessage): string | undefined {
    return cookieNamed(request, this.#name) ?? this.formerOf(request);
  }

  /** The token of a browser that was at a former port, and has none of this one yet. */
  formerOf(request: IncomingMessage): string | undefined {
    if (cookieNamed(request, this.#name) !== undefined) return undefined;
    return this.#former.map((name) => cookieNamed(request, name)).findLast((token) => token !== undefined);
  }

  get #attributes(): string {
    return `${this.#secure ? 'Secure; ' : ''}HttpOnly; SameSite=Strict; Path=/`;
  }
}

function cookieNamed({ headers }: IncomingMessage, wanted: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === wanted && value) return value;
  }
  return undefined;
}
