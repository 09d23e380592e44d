/**
 * The phone book on the display: who can be called, one after the other, sorted by name. It knows what is shown, and
 * nothing of the telephone around it.
 */
import { addressShown, cut, spread } from './screen_text.ts';
import type { Texts } from './texts.ts';

export interface Contact {
  readonly name: string;
  /** A number as it is dialled, or a SIP URI. */
  readonly number: string;
}

/** Letters of the keys (ITU-T E.161). */
const LETTERS: Readonly<Record<string, string>> = {
  '2': 'abc',
  '3': 'def',
  '4': 'ghi',
  '5': 'jkl',
  '6': 'mno',
  '7': 'pqrs',
  '8': 'tuv',
  '9': 'wxyz',
};

const byName = new Intl.Collator('en', { sensitivity: 'base', numeric: true });

export class PhoneBook {
  readonly #own: readonly Contact[];
  readonly #texts: Texts;
  #shown: readonly Contact[] = [];
  #at: number | undefined;

  constructor(contacts: readonly Contact[], texts: Texts) {
    this.#own = contacts;
    this.#texts = texts;
  }

  /** What is shown; undefined: the book is closed. */
  get contact(): Contact | undefined {
    return this.#at === undefined ? undefined : this.#shown[this.#at];
  }

  /** Four lines of twenty columns; undefined: the book is closed. */
  get lines(): readonly string[] | undefined {
    const { contact } = this;
    if (contact === undefined) return undefined;
    const place = `${(this.#at ?? 0) + 1}/${this.#shown.length}`;
    const { phoneBook, liftOrHashToCall } = this.#texts;
    return [spread(phoneBook, place), cut(contact.name), cut(addressShown(contact.number)), liftOrHashToCall];
  }

  /** Opens with these beside its own, at the first; false: there is nobody. */
  open(others: readonly Contact[]): boolean {
    const known = new Set(this.#own.map(({ number }) => number));
    const all = [...this.#own, ...others.filter(({ number }) => !known.has(number))];
    this.#shown = all.toSorted((one, other) => byName.compare(one.name, other.name));
    this.#at = all.length === 0 ? undefined : 0;
    return all.length > 0;
  }

  close(): void {
    this.#at = undefined;
  }

  /** To the next one or the one before, round and round. */
  turn(step: 1 | -1): void {
    const count = this.#shown.length;
    if (this.#at !== undefined) this.#at = (this.#at + step + count) % count;
  }

  /** To the next one whose name begins with a letter of this key; without one it stays. */
  leap(key: string): void {
    const letters = LETTERS[key];
    const from = this.#at;
    if (letters === undefined || from === undefined) return;
    const count = this.#shown.length;
    for (let step = 1; step <= count; step++) {
      const at = (from + step) % count;
      if (!letters.includes(initialOf(this.#shown[at]?.name ?? ''))) continue;
      this.#at = at;
      return;
    }
  }
}

/** Without its marks: É is under E. */
function initialOf(name: string): string {
  // Nothing is in every string.
  return name.trim().normalize('NFD').charAt(0).toLowerCase() || '\0';
}
