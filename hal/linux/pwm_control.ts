/** What the owner of a toggled line and its thread share: the wave that is wanted, and how late its edges were. */
import type { LineHandle } from './gpio/types.ts';
import type { Jitter } from './pwm.ts';

/** What the thread starts with. */
export interface ToggleStart {
  readonly line: LineHandle;
  /** Of the same request: high while `line` is low, and low at rest. */
  readonly opposite?: LineHandle;
  readonly control: SharedArrayBuffer;
}

export type Order = { readonly kind: 'run' | 'rest' | 'end'; readonly serial: number } & {
  /** Milliseconds. */
  readonly high: number;
  readonly low: number;
  readonly limit: number;
};

/**
 * ```
 * octet   0  serial of the order, waited for    i32
 *         4  kind of the order                  i32
 *         8  edges since the start              i32
 *        16  high, low, limit                   f64, ms
 *        40  sum of lateness, most lateness     f64, ms
 *        56  how many edges were n × 0.1 ms late, the last for all beyond   i32 each
 * ```
 */
const STEPS = 200;
const STEP = 0.1;
const SIZE = 56 + 4 * (STEPS + 1);
const KINDS = ['rest', 'run', 'end'] as const;

export class Control {
  readonly shared: SharedArrayBuffer;
  readonly #order: Int32Array<SharedArrayBuffer>;
  readonly #times: Float64Array<SharedArrayBuffer>;
  readonly #late: Int32Array<SharedArrayBuffer>;

  constructor(shared = new SharedArrayBuffer(SIZE)) {
    this.shared = shared;
    this.#order = new Int32Array(shared, 0, 3);
    this.#times = new Float64Array(shared, 16, 5);
    this.#late = new Int32Array(shared, 56, STEPS + 1);
  }

  run(high: number, low: number, limit: number): void {
    this.#times.set([high, low, limit, 0, 0]);
    this.#late.fill(0);
    this.#order[2] = 0;
    this.#give('run');
  }

  rest(): void {
    this.#give('rest');
  }

  end(): void {
    this.#give('end');
  }

  /** The order in force. */
  order(): Order {
    const serial = Atomics.load(this.#order, 0);
    const kind = KINDS[Atomics.load(this.#order, 1)] ?? 'end';
    const [high = 0, low = 0, limit = 0] = this.#times;
    return { kind, serial, high, low, limit };
  }

  /** Blocks the thread until another order than this one is in force, or for so many milliseconds. */
  wait(serial: number, ms: number): void {
    Atomics.wait(this.#order, 0, serial, ms);
  }

  /** An edge came `ms` after its time. */
  count(ms: number): void {
    const step = Math.min(STEPS, Math.max(0, Math.floor(ms / STEP)));
    this.#late[step] = (this.#late[step] ?? 0) + 1;
    this.#order[2] = (this.#order[2] ?? 0) + 1;
    this.#times[3] = (this.#times[3] ?? 0) + ms;
    this.#times[4] = Math.max(this.#times[4] ?? 0, ms);
  }

  jitter(): Jitter {
    const edges = this.#order[2] ?? 0;
    let counted = 0;
    const step = this.#late.findIndex((count) => {
      counted += count;
      return counted >= edges * 0.99;
    });
    const [, , , sum = 0, most = 0] = this.#times;
    return { edges, mean: edges === 0 ? 0 : sum / edges, p99: Math.min(most, (step + 1) * STEP), most };
  }

  #give(kind: Order['kind']): void {
    Atomics.store(this.#order, 1, KINDS.indexOf(kind));
    Atomics.add(this.#order, 0, 1);
    Atomics.notify(this.#order, 0);
  }
}
