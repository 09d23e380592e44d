/**
 * A ring of samples in shared memory: one thread writes, one reads, nobody locks. Each side moves only its own
 * counter, after the samples are in place or have been copied; the counters run on through 32 bits.
 *
 *   written(32) read(32) | sample(16) × capacity
 */
const WRITTEN = 0;
const READ = 1;
const COUNTERS = 2;
const HEADER = COUNTERS * Int32Array.BYTES_PER_ELEMENT;

export class SampleRing {
  readonly shared: SharedArrayBuffer;
  readonly #counters: Int32Array;
  readonly #samples: Int16Array;
  readonly #mask: number;

  /** Memory for a ring of `capacity` samples, a power of two. */
  static share(capacity: number): SharedArrayBuffer {
    if (capacity < 2 || (capacity & (capacity - 1)) !== 0) throw new RangeError('a power of two is needed');
    return new SharedArrayBuffer(HEADER + capacity * Int16Array.BYTES_PER_ELEMENT);
  }

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#counters = new Int32Array(shared, 0, COUNTERS);
    this.#samples = new Int16Array(shared, HEADER);
    this.#mask = this.#samples.length - 1;
  }

  get capacity(): number {
    return this.#samples.length;
  }

  /** Samples that wait to be read. */
  get length(): number {
    return (Atomics.load(this.#counters, WRITTEN) - Atomics.load(this.#counters, READ)) | 0;
  }

  /** The writer's: adds the first `count` samples, or none of them where there is no room. */
  write(samples: Int16Array, count = samples.length): boolean {
    if (count > this.capacity - this.length) return false;
    const at = Atomics.load(this.#counters, WRITTEN);
    for (let i = 0; i < count; i++) this.#samples[(at + i) & this.#mask] = samples[i] ?? 0;
    Atomics.store(this.#counters, WRITTEN, (at + count) | 0);
    Atomics.notify(this.#counters, WRITTEN);
    return true;
  }

  /** The reader's: takes `count` samples, or none of them where there are fewer. */
  read(into: Int16Array, count = into.length): boolean {
    if (count > this.length) return false;
    const at = Atomics.load(this.#counters, READ);
    for (let i = 0; i < count; i++) into[i] = this.#samples[(at + i) & this.#mask] ?? 0;
    Atomics.store(this.#counters, READ, (at + count) | 0);
    return true;
  }

  /** The reader's: leaves out all but the newest `count` samples. */
  keep(count: number): void {
    const surplus = this.length - count;
    if (surplus > 0) Atomics.add(this.#counters, READ, surplus);
  }

  /** The reader's: blocks its thread until `count` samples wait, `ms` at most. Whether they do. */
  await(count: number, ms: number): boolean {
    const end = performance.now() + ms;
    for (;;) {
      const written = Atomics.load(this.#counters, WRITTEN);
      if (this.length >= count) return true;
      const left = end - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#counters, WRITTEN, written, left);
    }
  }
}
