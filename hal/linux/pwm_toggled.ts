/** A line toggled by a thread of its own: for boards without PWM, at the frequencies of bells and buzzers. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { HalError } from './error.ts';
import type { LineHandle } from './gpio/types.ts';
import type { Jitter, PwmOutput, Wave } from './pwm.ts';
import { Control, type ToggleStart } from './pwm_control.ts';

/** Hz; above, the system calls alone would keep a processor busy. */
const HIGHEST = 2000;

/** In a checkout the sources run as they are; in the bundle the thread is a file of its own. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './pwm_toggle_worker.ts' : './pwm-toggle-worker.js',
  import.meta.url,
);

const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };

export class ToggledLine implements PwmOutput {
  readonly driver = 'toggled line';
  readonly #line: LineHandle;
  readonly #control = new Control();
  /** Started with the first wave: it costs some 10 MB. */
  #worker: Worker | undefined;
  #failure: HalError | undefined;
  #open = true;

  constructor(line: LineHandle) {
    this.#line = line;
  }

  start({ frequency, duty }: Wave, limit: number): void {
    if (!this.#open) throw new HalError('GONE', 'the toggled line was closed');
    if (this.#failure !== undefined) throw this.#failure;
    if (!(frequency > 0 && frequency <= HIGHEST && duty >= 0 && duty <= 1)) {
      throw new HalError(
        'IO',
        `a line cannot be toggled at ${frequency} Hz, duty ${duty}; ${HIGHEST} Hz at most`,
      );
    }
    this.#worker ??= this.#launch();
    const period = 1000 / frequency;
    this.#control.run(period * duty, period * (1 - duty), limit);
  }

  stop(): void {
    this.#control.rest();
  }

  jitter(): Jitter {
    return this.#control.jitter();
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#control.end();
    if (worker !== undefined) await once(worker, 'exit');
  }

  #launch(): Worker {
    const start: ToggleStart = { line: this.#line, control: this.#control.shared };
    const worker = new Worker(THREAD, { workerData: start, resourceLimits: LIMITS });
    worker.on('error', (error) => {
      this.#failure = new HalError('IO', `toggling the line failed: ${error.message}`, { cause: error });
    });
    return worker;
  }
}
