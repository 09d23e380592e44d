/** A line card with a telephone on its line; times are ms since the stand was made. */
import {
  LineCard,
  type LineCardEvent,
  type LineCardInput,
  type LineCardOptions,
} from '#hal/parts/line_card.ts';
import { lineTimingsOf } from '#hal/parts/line_timings.ts';
import type { Timed } from './bounce.ts';
import { Clock } from './clock.ts';
import { LineModel, type Load } from './models/line_card.ts';
import { seededRandom } from './mutate.ts';

export const ALICE = { number: '2025550123', name: 'ALICE' };
export const LOADS: readonly Load[] = ['low', 'follows', 'crossings'];

export class LineStand {
  readonly clock = new Clock();
  readonly card: LineCard;
  readonly telephone: LineModel;
  readonly #events: Timed<LineCardEvent>[] = [];
  readonly #began = this.clock.now;
  readonly give: (input: LineCardInput) => void;

  constructor(country: string, change: Partial<LineCardOptions> & { load?: Load; seed?: number } = {}) {
    const { flash, coding, ringHertz, callerId } = lineTimingsOf(country);
    const { load = 'low', seed = 1, ...options } = change;
    this.card = new LineCard({
      loop: { flashMin: flash.min, flashMax: flash.max, coding },
      ringHertz,
      callerId,
      powerDown: true,
      ...options,
    });
    this.telephone = new LineModel({
      clock: { now: () => this.clock.now, after: (ms, action) => this.clock.after(ms, action) },
      random: seededRandom(seed),
      shk: (closed) => this.give({ kind: 'level', closed }),
      hertz: ringHertz,
      load,
    });
    this.give = this.clock.drive<LineCardInput, LineCardEvent>(this.card, (value) => {
      this.#events.push({ at: this.now, value });
      if (value.kind === 'pins') this.telephone.set(value.pins);
    });
    this.give({ kind: 'level', closed: false });
    this.run(100);
    this.events();
  }

  get now(): number {
    return this.clock.now - this.#began;
  }

  run(ms: number): void {
    this.clock.run(ms);
  }

  /** Since the last time, without the pins. */
  events(): Timed<Exclude<LineCardEvent, { kind: 'pins' }>>[] {
    return this.#events.splice(0).flatMap(({ at, value }) => (value.kind === 'pins' ? [] : [{ at, value }]));
  }

  values() {
    return this.events().map(({ value }) => value);
  }

  /** What the telephone felt since `from`. */
  felt(from: number) {
    return this.telephone.heard.map(({ at, what }) => [what, Math.round(at - this.#began - from)] as const);
  }
}
