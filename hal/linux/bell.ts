/**
 * The bell: whatever sounds, it follows the cadence by one clock. A coil gets bursts of 2 s at most with a rest after
 * each, also from one ring to the next; nothing rings for longer than five minutes, whatever the telephone says.
 */
import type { ProfileOf } from '../boards/schema.ts';
import { levelAt, nextChange, onAndOff, type Timeline } from '../parts/cadence.ts';
import { safeCadence } from '../parts/ring_plan.ts';
import type { Sounder } from './bell_sounders.ts';
import { halErrorOf } from './error.ts';
import type { OpenPart, PartEvents, Timing } from './part.ts';
import { simplePart } from './simple_part.ts';

type Bell = ProfileOf<'bell'>;

/** ms. */
const LONGEST_RING = 300_000;
/** ms of a coil's rest between two rings, or their bursts would become one that is too long. */
const REST = 1000;

export const open: OpenPart<Bell> = async (profile, drivers, events) => {
  const { openSounder } = await import('./bell_sounders.ts');
  const sounder = await openSounder(profile, drivers, events);
  const ringing = new Ringing(profile, sounder, drivers.timing, events);
  return simplePart({
    name: 'bell',
    driver: sounder.driver,
    notes: sounder.notes,
    perform: (command) => {
      if (command.kind === 'bell') ringing.ring(command.cadence);
    },
    close: async () => {
      ringing.stop();
      await sounder.close();
    },
  });
};

class Ringing {
  readonly #longestBurst: number;
  readonly #sounder: Sounder;
  readonly #timing: Timing;
  readonly #events: PartEvents;
  #callOff = () => {};
  #sounds = false;
  #silentSince = Number.NEGATIVE_INFINITY;

  constructor(profile: Bell, sounder: Sounder, timing: Timing, events: PartEvents) {
    this.#longestBurst = profile.driver === 'coil' ? profile.burst : Number.POSITIVE_INFINITY;
    this.#sounder = sounder;
    this.#timing = timing;
    this.#events = events;
  }

  /** Rings anew, or absent, no longer. Throws a HalError. */
  ring(cadence: readonly number[] | undefined): void {
    this.#callOff();
    this.#silence();
    if (cadence === undefined) return;
    if (this.#sounder.cadence !== undefined) {
      this.#sounder.cadence(cadence);
      this.#after(LONGEST_RING, () => this.ring(undefined));
    } else if (this.#longestBurst === Number.POSITIVE_INFINITY) {
      this.#follow(onAndOff(cadence), this.#timing.now());
    } else {
      this.#followRested(safeCadence(cadence, this.#longestBurst));
    }
  }

  #followRested(timeline: Timeline): void {
    const now = this.#timing.now();
    const begins = Math.max(now, this.#silentSince + REST);
    if (begins === now) this.#follow(timeline, now);
    else this.#after(begins - now, () => this.#follow(timeline, begins));
  }

  /** Throws nothing: a bell that is out of reach is silent. */
  stop(): void {
    try {
      this.ring(undefined);
    } catch {}
  }

  #follow(timeline: Timeline, began: number): void {
    const ms = this.#timing.now() - began;
    if (ms >= LONGEST_RING) {
      this.ring(undefined);
      return;
    }
    const change = Math.min(nextChange(timeline, ms), LONGEST_RING);
    if (levelAt(timeline, ms) > 0) this.#sound(change - ms);
    else this.#silence();
    this.#after(change - ms, () => this.#follow(timeline, began));
  }

  #sound(ms: number): void {
    this.#sounds = true;
    this.#sounder.on(ms);
  }

  #silence(): void {
    if (this.#sounds) this.#silentSince = this.#timing.now();
    this.#sounds = false;
    this.#sounder.off();
  }

  #after(ms: number, action: () => void): void {
    this.#callOff = this.#timing.after(ms, () => {
      try {
        action();
      } catch (error) {
        this.#events.failed(halErrorOf(error, 'bell'));
      }
    });
  }
}
