/** The last lines of the log, in memory: a memory card wears out by writing. */
import type { LogLevel, LogLine } from './types.ts';

const MOST_LINES = 500;
const LONGEST_LINE = 2000;

export class LogMemory {
  #lines: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();

  /** `time`: ms since the epoch. */
  add(level: LogLevel, text: string, time: number): void {
    const line = { time, level, text: text.slice(0, LONGEST_LINE) };
    this.#lines.push(line);
    if (this.#lines.length > MOST_LINES) this.#lines = this.#lines.slice(-MOST_LINES);
    for (const listener of this.#listeners) listener(line);
  }

  forget(): void {
    this.#lines = [];
  }

  /** Oldest first. */
  lines(): readonly LogLine[] {
    return this.#lines;
  }

  subscribe(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
