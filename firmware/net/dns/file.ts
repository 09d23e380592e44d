/** A small text file of the system that others rewrite while we run: /etc/resolv.conf, /etc/hosts. */
import { readFileSync, statSync } from 'node:fs';

/** ms between two looks at the file's date; a look costs some microseconds. */
const LOOK_EVERY = 1_000;
/** Octets; what is longer is no file of this kind. */
const LONGEST = 4 << 20;

/** What `read` makes of the file, made anew when the file has changed. A file that is not there is empty. */
export class SystemFile<T> {
  readonly #path: string;
  readonly #read: (text: string) => T;
  #seen = '';
  #nextLook = Number.NEGATIVE_INFINITY;
  #value: T;

  constructor(path: string, read: (text: string) => T) {
    this.#path = path;
    this.#read = read;
    this.#value = read('');
  }

  /** @param now ms on any steady clock */
  value(now = performance.now()): T {
    if (now < this.#nextLook) return this.#value;
    this.#nextLook = now + LOOK_EVERY;
    const seen = stampOf(this.#path);
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#value = this.#read(textOf(this.#path));
    }
    return this.#value;
  }
}

/** Rewritten in place, or another file under the same name: either way it differs. */
export function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, LONGEST);
  } catch {
    return '';
  }
}
