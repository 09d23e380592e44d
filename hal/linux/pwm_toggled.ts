/** A line toggled by a thread of its own: for boards without PWM, at the frequencies of bells and buzzers. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { HalError, halErrorOf } from './error.ts';
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

/** The thread is started here and now, as that takes longer than a ring may wait: some 10 MB and 50 ms. */
export async function openToggledLine(line: LineHandle, opposite?: LineHandle): Promise<PwmOutput> {
  const control = new Control();
  const start: ToggleStart = { line, ...(opposite && { opposite }), control: control.shared };
  const worker = new Worker(THREAD, { workerData: start, resourceLimits: LIMITS });
  try {
    await once(worker, 'message');
  } catch (error) {
    throw halErrorOf(error, 'the thread that toggles a line');
  }
  return new ToggledLine(worker, control);
}

class ToggledLine implements PwmOutput {
  readonly driver = 'toggled line';
  readonly #worker: Worker;
  readonly #control: Control;
  readonly #ended: Promise<unknown>;
  #failure: HalError | undefined;
  #open = true;

  constructor(worker: Worker, control: Control) {
    this.#worker = worker;
    this.#control = control;
    this.#ended = new Promise((resolve) => this.#worker.on('exit', resolve));
    this.#worker.on('error', (error) => {
      this.#failure = halErrorOf(error, 'the thread that toggles a line');
    });
  }

  start({ frequency, duty }: Wave, limit: number): void {
    if (!this.#open) throw new HalError('GONE', 'the toggled line was closed');
    if (this.#failure !== undefined) throw this.#failure;
    if (!(frequency > 0 && frequency <= HIGHEST && duty >= 0 && duty <= 1)) {
      const most = `${HIGHEST} Hz at most`;
      throw new HalError('IO', `a line cannot be toggled at ${frequency} Hz, duty ${duty}; ${most}`);
    }
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
    this.#open = false;
    this.#control.end();
    await this.#ended;
  }
}
