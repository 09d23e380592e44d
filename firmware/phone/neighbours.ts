/** Telephones on the LAN, as this one dials and names them. */
import { parseUri } from '#sip/message/uri.ts';
import type { Accounts } from './accounts.ts';
import type { DialPlan } from './dial_plan.ts';
import type { Contact } from './phone_book.ts';
import type { PhoneNeighbour } from './types.ts';

export class Neighbours {
  readonly #accounts: Pick<Accounts, 'registered' | 'ofDomain'>;
  readonly #plan: Pick<DialPlan, 'isEmergency'>;
  #all: readonly PhoneNeighbour[] = [];

  constructor(accounts: Pick<Accounts, 'registered' | 'ofDomain'>, plan: Pick<DialPlan, 'isEmergency'>) {
    this.#accounts = accounts;
    this.#plan = plan;
  }

  /** Who claims a number in an account's domain is left out: a call there would be the account's to make, and to pay. */
  set all(neighbours: readonly PhoneNeighbour[]) {
    this.#all = neighbours.filter(({ uri }) => {
      const parsed = parseUri(uri);
      const isSip = parsed?.scheme === 'sip' || parsed?.scheme === 'sips';
      return isSip && this.#accounts.ofDomain(parsed.host) === undefined;
    });
  }

  /** Those who show another key than before, and are not called. */
  changed: readonly Named[] = [];

  /** Who is there, for the phone book. */
  readonly contacts = (): readonly Contact[] =>
    this.#all.filter(({ fresh }) => fresh).map(({ name, uri }) => ({ name, number: uri }));

  /** What the neighbour with this address is called; undefined: it is none. */
  nameOf(uri: string): string | undefined {
    return this.#all.find((each) => each.uri === uri)?.name;
  }

  /**
   * By extension, or by name, the case of which does not matter; those who are there first. An account that is
   * registered goes before the neighbours, and nothing before who helps.
   */
  readonly find = (dialled: string): PhoneNeighbour | undefined => {
    if (this.#accounts.registered || this.#plan.isEmergency(dialled)) return undefined;
    const named = isNamed(dialled);
    return this.#all.find((each) => each.fresh && named(each)) ?? this.#all.find(named);
  };

  /** Whether this is the number or the name of one who shows another key than before. */
  hasChanged(dialled: string): boolean {
    return this.changed.some(isNamed(dialled));
  }
}

type Named = Pick<PhoneNeighbour, 'extension' | 'name'>;

function isNamed(dialled: string): (neighbour: Named) => boolean {
  const wanted = dialled.trim().toLowerCase();
  return ({ extension, name }) => extension === wanted || (wanted !== '' && name.toLowerCase() === wanted);
}
