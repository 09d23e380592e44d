/** The log of a running telephone: lines for a person at the terminal, JSON for a journal, and whoever else listens. */
import { forTerminal } from '#cli/terminal_text.ts';
import { LOG_LEVELS, type LogLevel, type Terminal } from '#cli/verb.ts';

export type Log = (level: LogLevel, text: string) => void;

export class Journal {
  readonly #least: LogLevel;
  readonly #terminal: Pick<Terminal, 'out' | 'interactive'>;
  readonly #listeners = new Set<Log>();
  /** ms since the epoch. */
  readonly #time: () => number;

  constructor(least: LogLevel, terminal: Pick<Terminal, 'out' | 'interactive'>, time: () => number) {
    this.#least = least;
    this.#terminal = terminal;
    this.#time = time;
  }

  readonly log: Log = (level, text) => {
    for (const listener of this.#listeners) listener(level, text);
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#least)) return;
    const now = new Date(this.#time());
    const time = now.toISOString();
    const { out, interactive } = this.#terminal;
    out(
      interactive
        ? `${now.toTimeString().slice(0, 8)} ${level.padEnd(5)} ${shown(text)}`
        : JSON.stringify({ time, level, text }),
    );
  };

  /** Hears every line, of whatever level, until the function returned is called. */
  also(listener: Log): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** What others said stands in it: it must neither steer the terminal nor look like a line of ours. */
function shown(text: string): string {
  return forTerminal(text, '\n').replaceAll('\n', '\n    ');
}

/** Of one file so many warnings; a file without a meaning may have as many as it has lines. */
const MOST_WARNINGS = 20;

/** What is odd about a configuration. */
export function warnOf(log: Log, warnings: readonly string[]): void {
  for (const text of warnings.slice(0, MOST_WARNINGS)) log('warn', text);
  const more = warnings.length - MOST_WARNINGS;
  if (more > 0) log('warn', `and ${more} more warnings of this kind: see "dualtone config check FILE"`);
}
