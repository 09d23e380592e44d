/**
 * A map whose entries come and go by the thousand. V8 keeps the hash table that a Map has outgrown linked to its
 * successors, and so alive whatever once stood in it, until the next full garbage collection: finished calls with
 * all their messages. Here such a table holds empty places only.
 */

interface Place<Value> {
  value: Value | undefined;
}

export class Registry<Key, Value> {
  readonly #places = new Map<Key, Place<Value>>();

  get size(): number {
    return this.#places.size;
  }

  has(key: Key): boolean {
    return this.#places.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#places.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    const place = this.#places.get(key);
    if (place === undefined) this.#places.set(key, { value });
    else place.value = value;
  }

  delete(key: Key): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    place.value = undefined;
    this.#places.delete(key);
  }

  /** As they are now, in the order of their coming. */
  values(): readonly Value[] {
    const values: Value[] = [];
    for (const { value } of this.#places.values()) if (value !== undefined) values.push(value);
    return values;
  }
}
