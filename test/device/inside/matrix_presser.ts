/**
 * Fingers on a matrix keypad of simulated GPIO lines: a pressed key joins its row and column, so that the column goes
 * with the row that the firmware drives. gpio-sim cannot join lines; this looks at the rows every
 * few milliseconds and pulls the columns. A scan has to give it the time: 60 ms for each row are safe, unless this
 * process is busy, as with starting another.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatedChip } from './gpio_sim.ts';

/** ms: what is looked at more often takes the processor from the firmware. */
const INTERVAL = 4;

export interface MatrixWiring {
  readonly chip: SimulatedChip;
  /** Lines by row, and by column; columns rest high, rows are driven low. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

export class MatrixPresser {
  readonly #wiring: MatrixWiring;
  readonly #pressed = new Set<`${number},${number}`>();
  readonly #following: Promise<void>;
  #open = true;

  constructor(wiring: MatrixWiring) {
    this.#wiring = wiring;
    this.#following = this.#follow();
  }

  /** Row and column count from 0. */
  press(row: number, column: number): void {
    this.#pressed.add(`${row},${column}`);
  }

  release(row: number, column: number): void {
    this.#pressed.delete(`${row},${column}`);
  }

  async close(): Promise<void> {
    this.#open = false;
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { chip, rows, columns } = this.#wiring;
    const pulled = new Map<number, 0 | 1>();
    while (this.#open) {
      const low = chip.drivenLow();
      for (const [column, line] of columns.entries()) {
        const joined = rows.some((row, at) => this.#pressed.has(`${at},${column}`) && low.has(row));
        const level = joined ? 0 : 1;
        if (pulled.get(line) !== level) chip.pull(line, level);
        pulled.set(line, level);
      }
      await sleep(INTERVAL);
    }
  }
}
