/** Remembers what was made of each key, for what is dear to make; beyond 1024 it begins anew. */
export class Memory<K, V> {
  readonly #made = new Map<K, V>();
  readonly #make: (key: K) => V;

  constructor(make: (key: K) => V) {
    this.#make = make;
  }

  get(key: K): V {
    let value = this.#made.get(key);
    if (value === undefined) {
      if (this.#made.size >= 1024) this.#made.clear();
      value = this.#make(key);
      this.#made.set(key, value);
    }
    return value;
  }
}
