/**
 * One switch contact, freed of its bounce. The level counts, never the edge: what an edge reports and what a look at
 * the line finds come in by the same door, so an edge that was lost is made good by the next look.
 */

/** A level, reported by an edge or found by looking (`now` is its own time stamp), or only the passing of time. */
export type ContactInput = { readonly kind: 'level'; readonly closed: boolean } | { readonly kind: 'tick' };

/** The contact has come to rest on its other side, or for the first time. */
export interface ContactEvent {
  readonly closed: boolean;
  /** ms: the first edge that led here; the bounce came after it. */
  readonly since: number;
}

/** ms that a contact must be quiet: it bounces for up to 15, and 40 would eat a dial's pulses (line_timings.ts). */
export const DEBOUNCE = 20;

const NOTHING: readonly ContactEvent[] = [];

/** Believes a level once it has stood unchanged for `debounce` ms. */
export class Contact {
  readonly #debounce: number;
  #level: boolean | undefined;
  #changed = 0;
  #settled: boolean | undefined;
  #movingSince: number | undefined;

  constructor(debounce = DEBOUNCE) {
    this.#debounce = debounce;
  }

  /** The side on which it rests; undefined before it has been quiet for the first time. */
  get closed(): boolean | undefined {
    return this.#settled;
  }

  /** ms: the first edge of a movement that has not come to rest; undefined while it rests. */
  get movingSince(): number | undefined {
    return this.#movingSince;
  }

  /** ms: when it will have been quiet for long enough; Infinity while it rests. */
  get deadline(): number {
    return this.#movingSince === undefined ? Number.POSITIVE_INFINITY : this.#changed + this.#debounce;
  }

  handle(input: ContactInput, now: number): readonly ContactEvent[] {
    if (input.kind === 'tick') return now >= this.deadline ? this.#rest() : NOTHING;
    // An edge on the very deadline is still bounce; one after it finds the contact at rest.
    const events = now > this.deadline ? this.#rest() : NOTHING;
    if (input.closed === this.#level) return events;
    this.#level = input.closed;
    this.#changed = now;
    this.#movingSince ??= now;
    return events;
  }

  #rest(): readonly ContactEvent[] {
    const since = this.#movingSince;
    this.#movingSince = undefined;
    if (since === undefined || this.#level === undefined || this.#level === this.#settled) return NOTHING;
    this.#settled = this.#level;
    return [{ closed: this.#settled, since }];
  }
}
