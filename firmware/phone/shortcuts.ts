/**
 * Keys that call without digits: redial, messages, and the phone book. While the book is open it has the keys: digits
 * leap to a letter, volume turns the pages, `#` or lifting calls, `*` closes it.
 */
import type { FunctionKey, HalEvent } from '#hal/types.ts';
import type { Accounts } from './accounts.ts';
import type { DialPlan } from './dial_plan.ts';
import type { Dialler } from './dialler.ts';
import type { HandsetState } from './handset_states.ts';
import { type Contact, PhoneBook } from './phone_book.ts';
import { en } from './texts/en.ts';
import type { Texts } from './texts.ts';

/** What a shortcut wants. */
export type Wish =
  | { readonly kind: 'call'; readonly number: string }
  /** A line for people. */
  | { readonly kind: 'tell'; readonly text: string }
  /** Nothing more is to be done. */
  | { readonly kind: 'taken' };

export interface ShortcutSources {
  readonly contacts: readonly Contact[];
  /** In the language of the display. */
  readonly texts: Texts;
  readonly accounts: Pick<Accounts, 'caller'>;
  readonly dialler: Pick<Dialler, 'last'>;
  readonly plan: Pick<DialPlan, 'rewritten'>;
  /** Who else can be called by name. */
  readonly neighbours: () => readonly Contact[];
}

/** ms after which an open book closes. */
const PATIENCE = 20_000;
const NEVER = Number.POSITIVE_INFINITY;
const TAKEN: Wish = { kind: 'taken' };
/** Keys that seize the line, or lift it. */
const SEIZING: ReadonlySet<FunctionKey> = new Set(['speaker', 'headset']);

export class Shortcuts {
  readonly #sources: ShortcutSources;
  readonly #book: PhoneBook;
  #closesAt = NEVER;

  constructor(sources: ShortcutSources) {
    this.#sources = sources;
    this.#book = new PhoneBook(sources.contacts, sources.texts);
  }

  /** What the display shows instead of the telephone's state. */
  get lines(): readonly string[] | undefined {
    return this.#book.lines;
  }

  get deadline(): number {
    return this.#closesAt;
  }

  tick(now: number): void {
    if (now >= this.#closesAt) this.close();
  }

  close(): void {
    this.#book.close();
    this.#closesAt = NEVER;
  }

  /** undefined: the event means what it always means. */
  handle(event: HalEvent, state: HandsetState, now: number): Wish | undefined {
    if (event.kind === 'function' && event.down) {
      const wish = this.#press(event.key, state, now);
      if (wish !== undefined) return wish;
    }
    const { contact } = this.#book;
    return contact === undefined ? undefined : this.#inBook(event, contact, now);
  }

  #press(key: FunctionKey, state: HandsetState, now: number): Wish | undefined {
    const { accounts, dialler } = this.#sources;
    if (key === 'redial') return dialler.last === undefined ? tell(en.nothingDialledYet) : call(dialler.last);
    if (key === 'messages') {
      const number = accounts.caller?.voicemail;
      return number === undefined ? tell(en.noMailboxNumber) : call(number);
    }
    return key === 'phone-book' ? this.#turnOrOpen(state, now) : undefined;
  }

  #turnOrOpen(state: HandsetState, now: number): Wish {
    if (state !== 'idle' && state !== 'dial-tone') return TAKEN;
    if (this.#book.contact !== undefined) this.#book.turn(1);
    else if (!this.#book.open(this.#sources.neighbours())) return tell(en.phoneBookIsEmpty);
    this.#closesAt = now + PATIENCE;
    return TAKEN;
  }

  #inBook(event: HalEvent, contact: Contact, now: number): Wish | undefined {
    this.#closesAt = now + PATIENCE;
    switch (event.kind) {
      case 'key':
        return event.down ? this.#key(event.key, contact) : TAKEN;
      case 'volume':
        this.#book.turn(event.step > 0 ? 1 : -1);
        return TAKEN;
      case 'hook':
        this.close();
        return event.state === 'off' ? this.#called(contact) : undefined;
      case 'function':
        if (!event.down) return undefined;
        this.close();
        return SEIZING.has(event.key) ? this.#called(contact) : undefined;
      case 'flash':
        this.close();
        return undefined;
      default:
        return undefined;
    }
  }

  #key(key: string, contact: Contact): Wish {
    if (key === '#') {
      this.close();
      return this.#called(contact);
    }
    if (key === '*') this.close();
    else this.#book.leap(key);
    return TAKEN;
  }

  /** By the dial plan, as if it had been typed. */
  #called({ number }: Contact): Wish {
    const dialled = this.#sources.plan.rewritten(number);
    return dialled === undefined ? tell(en.notInDialPlan) : call(dialled);
  }
}

function call(number: string): Wish {
  return { kind: 'call', number };
}

function tell(text: string): Wish {
  return { kind: 'tell', text };
}
