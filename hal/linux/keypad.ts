/**
 * A matrix keypad on GPIO lines. At rest all rows are driven low, so that any key pulls its column and wakes us; then
 * row after row is driven alone, which tells the key, until all keys are up again. Rows are open drains: two keys
 * pressed in one column join two rows, and nothing fights.
 */
import type { ProfileOf } from '../boards/schema.ts';
import { KeyMatrix } from '../parts/key_matrix.ts';
import { keyEvents } from '../parts/key_names.ts';
import { contactLine } from './contacts.ts';
import type { GpioLineConfig, GpioLines, Level } from './gpio/types.ts';
import type { Drivers, OpenPart, PartEvents } from './part.ts';
import { RequestInUse } from './request_in_use.ts';
import { simplePart } from './simple_part.ts';

type Keypad = ProfileOf<'keypad'>;

/** ms between two scans while a key is down or bouncing. */
const PERIOD = 5;
/** ms: a level on the very deadline is bounce still. */
const JUST_AFTER = 0.5;
/** ms between two looks while none is: by them a lost edge heals. */
const LOOK = 500;
/** ms: shorter times of settling are waited for on the spot. */
const ON_THE_SPOT = 1;

export const open: OpenPart<Keypad> = async (profile, drivers, events) => {
  const { rows, columns } = profile;
  const row = (offset: number): GpioLineConfig => ({
    offset,
    direction: 'out',
    drive: 'open-drain',
    value: 0,
  });
  const column = (line: number) => contactLine({ line, active: 'low' });
  const lines = await drivers.lines([...rows.map(row), ...columns.map(column)], 'keypad');
  const scanner = new Scanner(profile, lines, drivers, events);
  return simplePart({
    name: 'keypad',
    driver: drivers.gpio,
    notes: lines.notes,
    close: () => scanner.close(),
  });
};

class Scanner {
  readonly #profile: Keypad;
  readonly #lines: GpioLines;
  readonly #drivers: Drivers;
  readonly #events: PartEvents;
  readonly #matrix: KeyMatrix;
  readonly #request: RequestInUse;
  #scanning = false;

  constructor(profile: Keypad, lines: GpioLines, drivers: Drivers, events: PartEvents) {
    const { rows, columns, debounce, diodes } = profile;
    this.#profile = profile;
    this.#lines = lines;
    this.#drivers = drivers;
    this.#events = events;
    this.#matrix = new KeyMatrix({
      rows: rows.length,
      columns: columns.length,
      diodes,
      ...(debounce !== undefined && { debounce }),
    });
    this.#request = new RequestInUse(lines, drivers.timing, events, 'scanning the keypad');
    lines.onEdges(() => this.#wake());
    this.#look();
  }

  close(): void {
    this.#request.close();
  }

  /** A column has moved; while a scan is under way that was ourselves. */
  #wake(): void {
    if (this.#scanning || !this.#matrix.idle) return;
    this.#request.callOff();
    this.#scan();
  }

  #look(): void {
    this.#request.attempt(() => {
      if (this.#columns() === 0) this.#request.after(LOOK, () => this.#look());
      else this.#scan();
    });
  }

  #scan(): void {
    this.#scanning = true;
    this.#scanFrom(0, []);
  }

  #scanFrom(row: number, words: readonly number[]): void {
    const { rows, settle } = this.#profile;
    if (row === rows.length) {
      this.#seen(words);
      return;
    }
    this.#request.attempt(() => {
      this.#drive((index) => index === row);
      const read = () => this.#scanFrom(row + 1, [...words, this.#columns()]);
      if (settle >= ON_THE_SPOT) {
        this.#request.after(settle, read);
      } else {
        this.#drivers.timing.pause(settle);
        read();
      }
    });
  }

  #seen(words: readonly number[]): void {
    this.#request.attempt(() => {
      this.#drive(() => true);
      const { timing } = this.#drivers;
      for (const { row, column, down } of this.#matrix.handle({ kind: 'scan', rows: words }, timing.now())) {
        const name = this.#profile.keys[row]?.[column];
        if (name) for (const event of keyEvents(name, down)) this.#events.emit(event);
      }
      this.#scanning = false;
      if (this.#matrix.idle) this.#request.after(LOOK, () => this.#look());
      else this.#request.after(this.#untilNext(timing.now()), () => this.#scan());
    });
  }

  /** ms: earlier where a key can be believed then. */
  #untilNext(now: number): number {
    const believed = this.#matrix.deadline + JUST_AFTER - now;
    return Math.min(PERIOD, Math.max(JUST_AFTER, believed));
  }

  /** Pulls these rows low and lets the others go. */
  #drive(isDriven: (row: number) => boolean): void {
    this.#lines.write(
      new Map(this.#profile.rows.map((line, row): [number, Level] => [line, isDriven(row) ? 0 : 1])),
    );
  }

  /** A bit for each column that is pulled low. */
  #columns(): number {
    const levels = this.#lines.read();
    return this.#profile.columns.reduce(
      (word, line, column) => (levels.get(line) === 1 ? word | (1 << column) : word),
      0,
    );
  }
}
