/**
 * The hook switch of a desk phone: lifted, replaced, or tapped for a moment, which is a flash. A break of the switch
 * is measured from its first edge to the first edge back, so bounce does not count. Shorter than the flash window it
 * is a knock, longer than the window the handset was hung up; that is known only when the window has passed.
 */
import { Contact, type ContactEvent, type ContactInput, DEBOUNCE } from './contact.ts';

export type HookEvent =
  | { readonly kind: 'hook'; readonly state: 'on' | 'off' }
  /** The hook was tapped: a timed break, not a hang-up. */
  | { readonly kind: 'flash' };

export interface HookSwitchOptions {
  /** ms, both included: line_timings.ts has them by country. */
  readonly flashMin: number;
  readonly flashMax: number;
  /** ms of quiet after which a level is believed. */
  readonly debounce?: number;
  /**
   * What the contact is while the handset is lifted. Makers mean the resting plunger or the resting handset when they
   * say "normally open", and mix them up: this says it without either.
   */
  readonly offHook?: 'closed' | 'open';
}

export class HookSwitch {
  readonly #contact: Contact;
  readonly #flashMin: number;
  readonly #flashMax: number;
  readonly #debounce: number;
  readonly #offHook: boolean;
  #state: 'on' | 'off' | undefined;
  /** ms: first edge of a break that may yet be a flash. */
  #brokenSince: number | undefined;

  constructor({ flashMin, flashMax, debounce = DEBOUNCE, offHook = 'closed' }: HookSwitchOptions) {
    this.#contact = new Contact(debounce);
    this.#flashMin = flashMin;
    this.#flashMax = flashMax;
    this.#debounce = debounce;
    this.#offHook = offHook === 'closed';
  }

  /** As last reported; undefined before the first report. */
  get state(): 'on' | 'off' | undefined {
    return this.#state;
  }

  get deadline(): number {
    return Math.min(this.#contact.deadline, this.#returning ? Number.POSITIVE_INFINITY : this.#hangUpAt);
  }

  handle(input: ContactInput, now: number): HookEvent[] {
    const events = this.#contact.handle(input, now).flatMap((event) => this.#moved(event));
    if (now >= this.#hangUpAt && !this.#returning) {
      this.#brokenSince = undefined;
      events.push(this.#become('on'));
    }
    return events;
  }

  /** Later than the window by a debounce: an edge within the window may be delivered late. */
  get #hangUpAt(): number {
    const since = this.#brokenSince;
    return since === undefined ? Number.POSITIVE_INFINITY : since + this.#flashMax + this.#debounce;
  }

  /** Whether the contact, still bouncing, began to come back within the window. */
  get #returning(): boolean {
    const { movingSince } = this.#contact;
    if (this.#brokenSince === undefined || movingSince === undefined) return false;
    return movingSince <= this.#brokenSince + this.#flashMax;
  }

  #moved({ closed, since }: ContactEvent): HookEvent[] {
    if (closed === this.#offHook) return this.#lifted(since);
    if (this.#state === 'off') this.#brokenSince = since;
    return this.#state === undefined ? [this.#become('on')] : [];
  }

  #lifted(at: number): HookEvent[] {
    const since = this.#brokenSince;
    this.#brokenSince = undefined;
    if (since === undefined) return this.#state === 'off' ? [] : [this.#become('off')];
    const length = at - since;
    if (length > this.#flashMax) return [this.#become('on'), this.#become('off')];
    return length >= this.#flashMin ? [{ kind: 'flash' }] : [];
  }

  #become(state: 'on' | 'off'): HookEvent {
    this.#state = state;
    return { kind: 'hook', state };
  }
}
