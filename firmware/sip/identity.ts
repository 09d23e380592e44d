/**
 * As whom we speak: an account, or the telephone itself in calls that no account carries. It writes From and
 * Contact, keeps the account's credentials, and knows which addresses its servers have.
 */
import { type Endpoint, hostOf } from '#address/endpoint.ts';
import { Credentials } from './authentication/credentials.ts';
import { quoteName } from './message/name_addr.ts';
import { octetText } from './message/text.ts';
import { formatUri, parseUri } from './message/uri.ts';
import type { Account, Flow } from './types.ts';

export class Identity {
  readonly account: Account | undefined;
  /** User part of our Contacts: a random token, so that only who has seen one can ring it. */
  readonly contactUser: string;
  readonly credentials: Credentials | undefined;
  readonly #name: string;
  #user: string;
  readonly #onServer: (address: string) => void;
  readonly #servers = new Set<string>();

  constructor(parts: {
    readonly account?: Account;
    readonly contactUser: string;
    /** Display name and user part where there is no account (UTF-8). */
    readonly name: string;
    readonly user: string;
    readonly random: () => string;
    readonly onServer: (address: string) => void;
  }) {
    this.account = parts.account;
    this.contactUser = parts.contactUser;
    this.credentials = parts.account && new Credentials(parts.account, parts.random);
    this.#name = parts.account?.displayName ?? parts.name;
    this.#user = octetText(parts.account?.user ?? parts.user);
    this.#onServer = parts.onServer;
  }

  /** Of calls without account (UTF-8). */
  set user(user: string) {
    this.#user = octetText(user);
  }

  /** The account's server was found at these flows. */
  learn(flows: readonly Flow[]): void {
    for (const { remote } of flows) {
      if (this.#servers.has(remote.address)) continue;
      this.#servers.add(remote.address);
      this.#onServer(remote.address);
    }
  }

  /**
   * Whether a challenge from there is answered: only the account's own servers are told a digest of the password,
   * else anybody who is called, or calls, could ask for one and guess at leisure.
   */
  trusts(flow: Flow): boolean {
    return this.#servers.has(flow.remote.address);
  }

  /** From, without tag. Without an account the host is our own, as seen from the flow. */
  from(flow: Flow): string {
    const name = this.#name === '' ? '' : `${quoteName(this.#name)} `;
    return `${name}<${this.address(flow)}>`;
  }

  /** Address of record. */
  address(flow: Flow): string {
    return this.account === undefined
      ? uriOf(this.#user, hostOf(withoutZone(flow.local)))
      : accountUri(this.account, this.#user);
  }

  /** Contact, in angle brackets: where requests reach us by this flow. `sips`: TLS is asked for all the way. */
  contact(flow: Flow, sips = false): string {
    if (sips && flow.transport === 'tls') return `<sips:${this.contactUser}@${sentBy(flow.local)}>`;
    const transport = flow.transport === 'udp' ? '' : `;transport=${flow.transport}`;
    return `<sip:${this.contactUser}@${sentBy(flow.local)}${transport}>`;
  }
}

/** Host and port as they stand in Via and Contact. A zone means something to nobody but us (RFC 6874 1). */
export function sentBy(local: Endpoint): string {
  return `${hostOf(withoutZone(local))}:${local.port}`;
}

function withoutZone(end: Endpoint): Endpoint {
  const percent = end.address.indexOf('%');
  return percent < 0 ? end : { ...end, address: end.address.slice(0, percent) };
}

/**
 * The account's domain as a URI, with a user part or without. The port is written where the domain is an address:
 * a server cannot know `sip:192.0.2.1` as its own when it listens elsewhere than on 5060.
 */
export function accountUri(account: Account, user?: string): string {
  const bracketed = account.domain.includes(':') && !account.domain.startsWith('[');
  return uriOf(user, bracketed ? `[${account.domain}]` : account.domain, portInUri(account));
}

/** The port that belongs into URIs at the account's domain. */
export function portInUri(account: Account): number | undefined {
  return isAddress(account.domain) ? account.port : undefined;
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host);
}

function uriOf(user: string | undefined, host: string, port?: number): string {
  const parsed = parseUri(`sip:${host}`);
  if (parsed?.scheme !== 'sip') return `sip:${host}`;
  return formatUri({
    ...parsed,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
  });
}
