/**
 * The dead man's switch of outputs that could do harm: an output may be on for no longer than it was told, and only
 * while who switched it on gives signs of life. Time without them is counted in looks, not in milliseconds: a machine
 * that stood still altogether has looked once, and says nothing against anybody.
 */

export type SwitchInput =
  /** The output is on from now on; again, its limit begins anew. `limit`: ms, Infinity for as long as there is life. */
  | { readonly kind: 'on'; readonly output: number; readonly limit: number }
  | { readonly kind: 'off'; readonly output: number }
  /** `beats`: signs of life that were given so far. */
  | { readonly kind: 'tick'; readonly beats: number };

/** What has to go to rest, and why. */
export interface Rest {
  readonly output: number;
  readonly why: 'limit' | 'silence';
}

/** ms between two looks while something is on. */
const LOOK = 200;
/** Looks in a row without a sign of life after which all goes to rest: 600 to 800 ms after the last one. */
const PATIENCE = 3;
/** ms between two signs of life, for who gives them. */
export const BEAT = 150;

export class DeadManSwitch {
  /** When each output that is on has to be off. */
  readonly #until = new Map<number, number>();
  #look = Number.POSITIVE_INFINITY;
  #beats = 0;
  #unheard = 0;

  /** ms; Infinity: nothing is on. */
  get deadline(): number {
    return Math.min(this.#look, ...this.#until.values());
  }

  handle(input: SwitchInput, now: number): readonly Rest[] {
    switch (input.kind) {
      case 'on':
        if (this.#until.size === 0) this.#look = now + LOOK;
        this.#until.set(input.output, now + input.limit);
        this.#unheard = 0;
        return [];
      case 'off':
        this.#forget(input.output);
        return [];
      case 'tick':
        return [...this.#limits(now), ...this.#silence(input.beats, now)];
    }
  }

  #limits(now: number): Rest[] {
    const over = [...this.#until].filter(([, until]) => until <= now).map(([output]) => output);
    return over.map((output) => this.#rest(output, 'limit'));
  }

  #silence(beats: number, now: number): Rest[] {
    if (now < this.#look) return [];
    this.#look = now + LOOK;
    this.#unheard = beats === this.#beats ? this.#unheard + 1 : 0;
    this.#beats = beats;
    if (this.#unheard < PATIENCE) return [];
    return [...this.#until.keys()].map((output) => this.#rest(output, 'silence'));
  }

  #rest(output: number, why: Rest['why']): Rest {
    this.#forget(output);
    return { output, why };
  }

  #forget(output: number): void {
    this.#until.delete(output);
    if (this.#until.size === 0) this.#look = Number.POSITIVE_INFINITY;
  }
}
