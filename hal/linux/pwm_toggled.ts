/** A line toggled by a thread of its own: for boards without PWM, at the frequencies of bells and buzzers. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { HalError, halErrorOf } from './error.ts';
import type { LineHandle } from './gpio/types.ts';
import type { Kept } from './keeper_messages.ts';
import type { Guard } from './part.ts';
import type { Jitter, PwmOutput, Wave } from './pwm.ts';
import { Control, type ToggleStart } from './pwm_control.ts';

/** Hz; above, the system calls alone would keep a processor busy. */
const HIGHEST = 2000;

/** In a checkout the sources run as they are; in the bundle the thread is a file of its own. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './pwm_toggle_worker.ts' : './pwm-toggle-worker.js',
  import.meta.url,
);

const THE_THREAD = 'the thread that toggles a line';
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };

/** The thread is started here and now, as that takes longer than a ring may wait: some 10 MB and 50 ms. */
export async function openToggledLine(
  line: LineHandle,
  opposite: LineHandle | undefined,
  watchOver: (kept: Kept) => Promise<Guard>,
  failed: (error: HalError) => void,
): Promise<PwmOutput> {
  const control = new Control();
  const guard = await watchOver({ by: 'toggled line', control: control.shared });
  const start: ToggleStart = { line, ...(opposite && { opposite }), control: control.shared };
  const worker = new Worker(THREAD, { workerData: start, resourceLimits: LIMITS });
  try {
    await once(worker, 'message');
  } catch (error) {
    await guard.close();
    throw halErrorOf(error, THE_THREAD);
  }
  return new ToggledLine(worker, control, guard, failed);
}

class ToggledLine implements PwmOutput {
  readonly driver = 'toggled line';
  readonly #control: Control;
  readonly #ended: Promise<void>;
  readonly #guard: Guard;
  #failure: HalError | undefined;
  #open = true;

  constructor(worker: Worker, control: Control, guard: Guard, failed: (error: HalError) => void) {
    this.#control = control;
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    this.#guard = guard;
    worker.on('error', (error) => {
      this.#failure = halErrorOf(error, THE_THREAD);
      // The keeper rests a toggled line by this thread: without it only taking the line anew does.
      if (this.#open) failed(this.#failure);
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
    if (limit === Number.POSITIVE_INFINITY) this.#guard.off();
    else this.#guard.on(limit);
    this.#control.run(period * duty, period * (1 - duty), limit);
  }

  stop(): void {
    this.#control.rest();
    this.#guard.off();
  }

  jitter(): Jitter {
    return this.#control.jitter();
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#control.end();
    await Promise.all([this.#ended, this.#guard.close()]);
  }
}
