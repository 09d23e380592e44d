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

  constructor(port: number, secure: boolean) {
    this.#name = `${secure ? '__Host-' : ''}dualtone-admin-${port}`;
    this.#secure = secure;
  }

  /** Ends with the browser; how long it is good is the session's. */
  set(token: string): string {
    return `${this.#name}=${token}; ${this.#attributes}`;
  }

  clear(): string {
    return `${this.#name}=; Max-Age=0; ${this.#attributes}`;
  }

  tokenOf({ headers }: IncomingMessage): string | undefined {
    for (const pair of (headers.cookie ?? '').split(';')) {
      const [name, value] = pair.trim().split('=', 2);
      if (name === this.#name && value) return value;
    }
    return undefined;
  }

  get #attributes(): string {
    return `${this.#secure ? 'Secure; ' : ''}HttpOnly; SameSite=Strict; Path=/`;
  }
}
