/** The accounts' registrations, as `status` prints them, as the lamp shows them, and who makes the next call. */
import { textOf } from '#address/endpoint.ts';
import type { LampPattern } from '#hal/types.ts';
import type { SipEvent } from '#sip/types.ts';
import type { PhoneAccount } from './options.ts';
import { type AccountStatus, familyName, type LocalAddresses, type PhoneEffect } from './types.ts';

type Registration = Extract<SipEvent, { kind: 'registration' }>;

export class Accounts {
  readonly #accounts: readonly PhoneAccount[];
  readonly #registrations = new Map<string, Registration>();
  /** What the log has of each last. */
  readonly #told = new Map<string, string>();
  /** Asked of the user agent, which from then on keeps them registered, on whatever network. */
  readonly #wanted = new Set<string>();

  constructor(accounts: readonly PhoneAccount[]) {
    this.#accounts = accounts;
  }

  handle(event: Registration): PhoneEffect[] {
    const { account, state, error = 'failed' } = event;
    this.#registrations.set(account, event);
    if (state === 'registered') return this.#tell(account, 'info', 'registered');
    return state === 'failed' ? this.#tell(account, 'warn', error) : [];
  }

  /** Once, until there is something else to say: it is renewed, or tried again, for as long as the telephone runs. */
  #tell(account: string, level: 'info' | 'warn', news: string): PhoneEffect[] {
    if (this.#told.get(account) === news) return [];
    this.#told.set(account, news);
    return [{ kind: 'log', level, text: `registration of ${this.find(account)?.aor ?? account}: ${news}` }];
  }

  /** Registers those accounts that were not asked for yet, or those that are not registered. */
  register(which: 'new' | 'missing'): PhoneEffect[] {
    const chosen = this.#accounts.filter(({ id }) =>
      which === 'new' ? !this.#wanted.has(id) : this.#state(id) !== 'registered',
    );
    return chosen.map(({ id }) => {
      this.#wanted.add(id);
      return { kind: 'sip', command: { kind: 'register', account: id } };
    });
  }

  /** The account that calls numbers: the first one registered, else the first. */
  get caller(): PhoneAccount | undefined {
    return this.#accounts.find(({ id }) => this.#state(id) === 'registered') ?? this.#accounts[0];
  }

  /** Whether any of them can call. */
  get registered(): boolean {
    return this.#accounts.some(({ id }) => this.#state(id) === 'registered');
  }

  /** The account of a domain (lower case, IPv6 without brackets): registered ones first. */
  ofDomain(domain: string): PhoneAccount | undefined {
    const own = this.#accounts.filter(({ aor }) => domainOf(aor) === domain);
    return own.find(({ id }) => this.#state(id) === 'registered') ?? own[0];
  }

  find(id: string | undefined): PhoneAccount | undefined {
    return this.#accounts.find((account) => account.id === id);
  }

  status(): AccountStatus[] {
    return this.#accounts.map(({ id, aor }) => {
      const { state = 'off', flow, expires, error } = this.#registrations.get(id) ?? {};
      return {
        aor,
        state,
        family: flow ? familyName(flow.remote.family) : null,
        ...(flow?.encapsulated && { encapsulated: flow.encapsulated }),
        transport: flow?.transport ?? null,
        target: flow ? textOf(flow.remote) : null,
        expires: expires ?? null,
        error: error ?? null,
      };
    });
  }

  /** Solid: reachable; slow: on the way; double: no network; fast: a registration failed. */
  lamp({ ipv4, ipv6 }: LocalAddresses): LampPattern {
    if (ipv4.length + ipv6.length === 0) return 'double';
    const states = this.#accounts.map(({ id }) => this.#state(id));
    if (states.includes('failed')) return 'fast';
    return states.every((state) => state === 'registered') ? 'on' : 'slow';
  }

  #state(id: string): Registration['state'] {
    return this.#registrations.get(id)?.state ?? 'off';
  }
}

function domainOf(aor: string): string {
  return aor
    .slice(aor.lastIndexOf('@') + 1)
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}
