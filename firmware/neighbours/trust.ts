/**
 * Trust on first contact: the key that a telephone shows when it is first seen is the one that it must show for ever.
 * One that shows another, or none any more, is not the one that we knew, and neither rings nor is called.
 */
import type { Trust } from './types.ts';

/** A home has fewer; beyond, new keys are not kept: a flood of them shall drive out none of those we know. */
const MOST_PINS = 256;

export class Pins {
  readonly #pins: Map<string, string>;

  constructor(pins: Readonly<Record<string, string>> = {}) {
    this.#pins = new Map(Object.entries(pins));
  }

  /** `fp`: what it shows; undefined: nothing. The first key is kept. */
  judge(instance: string | undefined, fp: string | undefined): Trust {
    const pin = instance === undefined ? undefined : this.#pins.get(instance);
    if (pin !== undefined) return pin === fp ? 'pinned' : 'changed';
    if (instance === undefined || fp === undefined) return 'open';
    if (this.#pins.size >= MOST_PINS) return 'open';
    this.#pins.set(instance, fp);
    return 'pinned';
  }

  /** A person says that this telephone is the one we knew, although it shows this key now; undefined: none any more. */
  accept(instance: string, fp: string | undefined): void {
    if (!this.#pins.delete(instance) || fp === undefined) return;
    this.#pins.set(instance, fp);
  }

  toJSON(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#pins);
  }
}
