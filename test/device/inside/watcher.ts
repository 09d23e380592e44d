/** Looks at files of the kernel every few milliseconds, as an oscilloscope looks at pins, and writes down each change. */
import { readFileSync } from 'node:fs';

/** ms between two looks: what is looked at more often takes the processor from the firmware. */
const INTERVAL = 5;

export interface Change {
  /** ms of the guest's `performance.now()`. */
  readonly at: number;
  readonly name: string;
  /** Empty: there is no such file. */
  readonly text: string;
}

export class Watcher {
  readonly changes: Change[] = [];
  readonly #timer: NodeJS.Timeout;

  /** @param files by name */
  constructor(files: Readonly<Record<string, string>>) {
    const last = new Map<string, string>();
    this.#timer = setInterval(() => {
      for (const [name, path] of Object.entries(files)) {
        const text = textOf(path);
        if (last.get(name) === text) continue;
        last.set(name, text);
        this.changes.push({ at: performance.now(), name, text });
      }
    }, INTERVAL);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
