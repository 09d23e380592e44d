/**
 * A matrix of keys, as scanned: one word a row, bit c set while the key of column c is closed. Without diodes three
 * keys at the corners of a rectangle close the fourth one too; of such a rectangle nothing new is believed until it
 * dissolves, so a ghost never speaks and any number of keys that form none may be held.
 */
import { Contact, DEBOUNCE } from './contact.ts';

export interface KeyMatrixOptions {
  readonly rows: number;
  /** At most 31. */
  readonly columns: number;
  /** ms of quiet after which a key is believed. */
  readonly debounce?: number;
  /** Every key has its diode: there are no ghosts. */
  readonly diodes?: boolean;
}

export type KeyMatrixInput =
  /** A word for each row, top first. */
  { readonly kind: 'scan'; readonly rows: readonly number[] } | { readonly kind: 'tick' };

export interface KeyMatrixEvent {
  readonly kind: 'key';
  readonly row: number;
  readonly column: number;
  readonly down: boolean;
}

export class KeyMatrix {
  readonly #options: KeyMatrixOptions;
  /** By row × columns + column. */
  readonly #keys: readonly Contact[];

  constructor(options: KeyMatrixOptions) {
    const { rows, columns, debounce = DEBOUNCE } = options;
    this.#options = options;
    this.#keys = Array.from({ length: rows * columns }, () => {
      const key = new Contact(debounce);
      // A key that is down at the first scan is pressed then, not at rest there.
      key.handle({ kind: 'level', closed: false }, Number.NEGATIVE_INFINITY);
      key.handle({ kind: 'tick' }, 0);
      return key;
    });
  }

  /** No key is down or moving: the scan may stop until the columns report something. */
  get idle(): boolean {
    return this.#keys.every((key) => key.closed === false && key.movingSince === undefined);
  }

  get deadline(): number {
    return this.#keys.reduce((least, { deadline }) => Math.min(least, deadline), Number.POSITIVE_INFINITY);
  }

  handle(input: KeyMatrixInput, now: number): KeyMatrixEvent[] {
    const scan = input.kind === 'scan' ? input.rows : undefined;
    if (this.idle && !scan?.some((word) => word !== 0)) return [];
    const doubtful = scan && !this.#options.diodes ? rectangles(scan) : [];
    const events: KeyMatrixEvent[] = [];
    for (const [index, key] of this.#keys.entries()) {
      const row = Math.floor(index / this.#options.columns);
      const column = index % this.#options.columns;
      const seen = hasBit(doubtful[row], column) ? key.closed === true : hasBit(scan?.[row], column);
      for (const { closed } of key.handle(scan ? { kind: 'level', closed: seen } : { kind: 'tick' }, now))
        events.push({ kind: 'key', row, column, down: closed });
    }
    return events;
  }
}

function hasBit(word: number | undefined, bit: number): boolean {
  return ((word ?? 0) & (1 << bit)) !== 0;
}

/** For each row the columns that it shares with another row, where they share more than one. */
function rectangles(rows: readonly number[]): number[] {
  return rows.map((row, index) =>
    rows.reduce((doubtful, other, at) => {
      const shared = at === index ? 0 : row & other;
      // More than one bit is left when the lowest is taken away.
      return (shared & (shared - 1)) === 0 ? doubtful : doubtful | shared;
    }, 0),
  );
}
