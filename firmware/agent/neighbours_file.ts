/**
 * Keeps our extension and the keys of those whom we met, in the data directory. A file that cannot be read costs what
 * was known and nothing else.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NeighbourhoodState } from '#neighbours/types.ts';
import type { NeighboursStore } from './ports.ts';
import { writeWhole } from './whole_file.ts';

const FILE = 'neighbours.json';

export class NeighboursFile implements NeighboursStore {
  announced?: string;
  readonly #path: string;
  readonly #warn: (text: string) => void;

  /** `data`: the data directory. */
  constructor(data: string, warn: (text: string) => void) {
    this.#path = join(data, FILE);
    this.#warn = warn;
  }

  /** What was kept last; undefined: nothing, or nothing that can be read. */
  read(): NeighbourhoodState | undefined {
    try {
      const state = stateOf(JSON.parse(readFileSync(this.#path, 'utf8')));
      if (state === undefined) throw new Error('it has another form');
      return state;
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) this.#warn(`${this.#path} is not used: ${wordsOf(error)}`);
      return undefined;
    }
  }

  keep(state: NeighbourhoodState): void {
    try {
      writeWhole(this.#path, `${JSON.stringify(state)}\n`);
    } catch (error) {
      this.#warn(`cannot keep the extension: ${wordsOf(error)}`);
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const EXTENSION = /^\d{2,8}$/;

function stateOf(value: unknown): NeighbourhoodState | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { wish, extension, pins } = value as Record<string, unknown>;
  if (typeof wish !== 'string' || typeof extension !== 'string' || !EXTENSION.test(extension))
    return undefined;
  if (typeof pins !== 'object' || pins === null) return undefined;
  const known = Object.entries(pins).filter((pin): pin is [string, string] => typeof pin[1] === 'string');
  return { wish, extension, pins: Object.fromEntries(known) };
}
