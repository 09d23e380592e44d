/** Lamps that can only be on or off, each with its pattern. */
import type { LampPattern } from '../types.ts';
import { LAMPS, levelAt, nextChange, switched, type Timeline } from './cadence.ts';

export class SwitchedLamps {
  readonly #pins: ReadonlyMap<string, string>;
  readonly #shown = new Map<string, { readonly timeline: Timeline; readonly since: number }>();

  constructor(lamps: readonly { readonly pin: string; readonly name: string }[]) {
    this.#pins = new Map(lamps.map(({ name, pin }) => [name, pin]));
  }

  /** A lamp that is not here is somebody else's. */
  set(name: string, pattern: LampPattern, now: number): void {
    if (this.#pins.has(name)) this.#shown.set(name, { timeline: switched(LAMPS[pattern]), since: now });
  }

  /** Pins of the lamps that are lit. */
  litAt(now: number): ReadonlySet<string> {
    const lit = [...this.#pins].filter(([name]) => {
      const lamp = this.#shown.get(name);
      return lamp !== undefined && levelAt(lamp.timeline, now - lamp.since) > 0;
    });
    return new Set(lit.map(([, pin]) => pin));
  }

  /** ms: when one of them changes; Infinity: never. */
  nextChange(now: number): number {
    return [...this.#shown.values()].reduce(
      (least, { timeline, since }) => Math.min(least, since + nextChange(timeline, now - since)),
      Number.POSITIVE_INFINITY,
    );
  }
}
