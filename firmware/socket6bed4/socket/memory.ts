const MOST = 1024;

/** `make` with a memory of what it made of each key, for what is dear to make; beyond 1024 it begins anew. */
export function remembering<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      if (made.size >= MOST) made.clear();
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}
