/**
 * The deadlines of the SIP machines: a binary heap ordered by time, and by order of setting where times are equal,
 * so that a run with the same inputs always fires in the same order. A timer knows its place in the heap: clearing
 * one takes it out at once, and nothing is left behind.
 */

/** One deadline. `at` is ms on the clock of `now`; `for` is what its owner finds again when it is due. */
export interface Timer<T> {
  readonly for: T;
  readonly at: number;
}

class Entry<T> implements Timer<T> {
  readonly for: T;
  at = 0;
  order = 0;
  /** Index in the heap, -1 while not set. */
  place = -1;

  constructor(what: T) {
    this.for = what;
  }
}

export class Timers<T> {
  readonly #heap: Entry<T>[] = [];
  #order = 0;

  /** When the next timer is due, in ms; Infinity when none is set. */
  get deadline(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** How many timers are set. */
  get size(): number {
    return this.#heap.length;
  }

  /** Sets a timer; `again`, one that this heap gave before, is moved instead, whether it still runs or not. */
  set(what: T, at: number, again?: Timer<T>): Timer<T> {
    const entry = again instanceof Entry ? again : new Entry(what);
    if (entry.place >= 0) this.clear(entry);
    entry.at = at;
    entry.order = this.#order++;
    entry.place = this.#heap.length;
    this.#heap.push(entry);
    this.#rise(entry);
    return entry;
  }

  /** Stops a timer; one that has fired or was cleared before is left in peace. */
  clear(timer: Timer<T> | undefined): void {
    if (!(timer instanceof Entry) || timer.place < 0) return;
    const place = timer.place;
    timer.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    this.#heap[place] = last;
    last.place = place;
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes the earliest timer that is due by `now`; undefined when there is none. */
  due(now: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.clear(first);
    return first.for;
  }

  #rise(entry: Entry<T>): void {
    const heap = this.#heap;
    let place = entry.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !before(entry, parent)) break;
      heap[place] = parent;
      parent.place = place;
      place = above;
    }
    heap[place] = entry;
    entry.place = place;
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap;
    let place = entry.place;
    for (;;) {
      let below = 2 * place + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && before(right, child)) {
        child = right;
        below++;
      }
      if (!before(child, entry)) break;
      heap[place] = child;
      child.place = place;
      place = below;
    }
    heap[place] = entry;
    entry.place = place;
  }
}

function before<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
