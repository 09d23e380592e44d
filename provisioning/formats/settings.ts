/** What a vendor's file says, sorted by meaning. */
import type { Key } from './keymap.ts';
import type { Meaning } from './keymap_table.ts';

/** One setting of a file. */
export interface Entry {
  /** In the file's own words, as an administrator would look for it: `account.1.label`, `user_name idx=2`. */
  readonly name: string;
  /** Empty: back to what it is by default. */
  readonly value: string;
  /** Undefined: the key is in no table. */
  readonly key: Key | undefined;
  /** The file says that the user of the telephone may not change it. */
  readonly locked?: boolean;
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly locked: boolean;
}

/** The last of several entries for one key counts; an empty one is as if the key were not there. */
export class Settings {
  readonly #known = new Map<string, Setting>();
  /** By meaning and account, all keys that have it, in the file's order. */
  readonly #byMeaning = new Map<string, Map<string, Setting>>();
  readonly #accounts = new Set<number>();
  readonly #lockable: Set<Meaning>;
  readonly unknown: readonly string[];
  /** Known, with a value, but nothing of ours. */
  readonly unused: readonly string[];

  constructor(entries: readonly Entry[]) {
    const unknown = new Set<string>();
    const unused = new Set<string>();
    this.#lockable = new Set();
    for (const entry of entries) {
      const { name, value, key } = entry;
      const list = key === undefined ? unknown : unused;
      if (key?.used) this.#take(key, entry);
      else if (value === '') list.delete(name);
      else list.add(name);
    }
    this.unknown = [...unknown];
    this.unused = [...unused];
  }

  #take({ meaning, account }: Key, { name, value, locked = false }: Entry): void {
    if (account !== undefined) this.#accounts.add(account);
    const place = placeOf(meaning, account);
    const same = this.#byMeaning.get(place) ?? new Map<string, Setting>();
    this.#byMeaning.set(place, same);
    // Anew at the end, so that of two keys with one meaning the later counts.
    same.delete(name);
    if (value !== '') same.set(name, { name, value, locked });
    if (value !== '' && locked) this.#lockable.add(meaning);
    const last = [...same.values()].at(-1);
    if (last) this.#known.set(place, last);
    else this.#known.delete(place);
  }

  /** The setting with this meaning; undefined: there is none, or it is empty. */
  find(meaning: Meaning, account?: number): Setting | undefined {
    return this.#known.get(placeOf(meaning, account));
  }

  /** Its value. */
  text(meaning: Meaning, account?: number): string | undefined {
    return this.find(meaning, account)?.value;
  }

  /** All keys with this meaning, in the file's order. */
  all(meaning: Meaning, account?: number): readonly Setting[] {
    return [...(this.#byMeaning.get(placeOf(meaning, account))?.values() ?? [])];
  }

  /** Numbers of the accounts that the file speaks of, in order. */
  get accounts(): readonly number[] {
    return [...this.#accounts].sort((a, b) => a - b);
  }

  /** What the user may not change. */
  get locked(): readonly Meaning[] {
    return [...this.#lockable];
  }
}

const placeOf = (meaning: Meaning, account: number | undefined): string => `${meaning} ${account ?? ''}`;
