/** The accounts, and the telephone's own name for calls that none of them carries. */
import { Identity } from './identity.ts';
import type { SipMessage } from './message/message.ts';
import { parseUri } from './message/uri.ts';
import type { Account } from './types.ts';

export interface IdentityOptions {
  readonly accounts: readonly Account[];
  /** Random token, the user part of our Contacts. The same over restarts keeps old bindings from piling up. */
  readonly contactUser: string;
  /** Display name and user part of calls without account (UTF-8). */
  readonly name: string;
  readonly extension: string;
  readonly random: () => string;
}

interface AccountIdentity {
  readonly account: Account;
  readonly identity: Identity;
}

export class Identities {
  readonly ofAccounts: readonly AccountIdentity[];
  readonly #own: Identity;

  /** `onServer` hears each address that an account's server is found at. */
  constructor(options: IdentityOptions, onServer: (address: string) => void) {
    const { accounts, contactUser, name, extension: user, random } = options;
    const common = { name, user, random, onServer };
    this.#own = new Identity({ ...common, contactUser });
    this.ofAccounts = accounts.map((account, index) => ({
      account,
      identity: new Identity({ ...common, account, contactUser: `${contactUser}-${index + 1}` }),
    }));
  }

  /** The user parts of all Contacts. */
  get contactUsers(): readonly string[] {
    return [this.#own, ...this.ofAccounts.map(({ identity }) => identity)].map((one) => one.contactUser);
  }

  /** Our own extension is another. */
  rename(extension: string): void {
    this.#own.user = extension;
  }

  /** By account; without, the telephone's own. undefined: there is no such account. */
  of(account: string | undefined): Identity | undefined {
    if (account === undefined) return this.#own;
    return this.ofAccounts.find((one) => one.account.id === account)?.identity;
  }

  /** Who speaks to a host of no account's: the account of that domain, else the first one, else the telephone itself. */
  at(host: string): Identity {
    const own = this.ofAccounts.find(({ account }) => account.domain.toLowerCase() === host.toLowerCase());
    return (own ?? this.ofAccounts[0])?.identity ?? this.#own;
  }

  /** Whom a request means: the account whose Contact, or whose address of record, it names. */
  calledBy(request: SipMessage): Identity {
    if (this.ofAccounts.length === 0) return this.#own;
    const uri = parseUri(request.uri);
    if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return this.#own;
    const found = this.ofAccounts.find(
      ({ account, identity }) =>
        identity.contactUser === uri.user ||
        (account.user === uri.user && account.domain.toLowerCase() === uri.host),
    );
    return found?.identity ?? this.#own;
  }
}
