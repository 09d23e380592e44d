/**
 * The keeper of outputs that could do harm: a thread of its own that puts them to rest when their time is over, or when
 * the main thread gives no sign of life for 0.6 to 0.8 s. What happens to the whole process is the matter of its unit.
 */
import { Worker } from 'node:worker_threads';
import { BEAT } from '../parts/dead_man_switch.ts';
import { HalError } from './error.ts';
import type { FromKeeper, KeeperStart, Kept, ToKeeper } from './keeper_messages.ts';
import type { Guard } from './part.ts';

/** In a checkout the sources run as they are; in the bundle the thread is a file of its own. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './keeper_worker.ts' : './keeper-worker.js',
  import.meta.url,
);
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };

interface Watched {
  readonly failed: (error: HalError) => void;
  /** Resolves what is being waited for: that it is kept, or forgotten. */
  answered: (error?: string) => void;
}

/** The thread is started by the first guard; it takes some 20 MB and 100 ms. */
export class Keeper {
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  readonly #watched = new Map<number, Watched>();
  readonly #on = new Set<number>();
  #thread: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #heart: NodeJS.Timeout | undefined;
  #last = 0;
  #asking = 0;

  /**
   * Rejects with a HalError when the thread cannot reach an output.
   *
   * @param failed the outputs are at rest although they should not be: the main thread stood still, or the keeper is gone
   */
  async guard(outputs: readonly Kept[], failed: (error: HalError) => void): Promise<Guard> {
    const id = ++this.#last;
    const watched: Watched = { failed, answered: () => {} };
    this.#watched.set(id, watched);
    const refusal = await this.#ask(watched, { kind: 'keep', id, outputs });
    if (refusal !== undefined) {
      this.#watched.delete(id);
      throw new HalError('IO', `nobody can watch over this output: ${refusal}`);
    }
    return {
      on: (limit) => this.#switchOn(id, limit),
      off: () => this.#switchOff(id),
      close: () => this.#forget(id, watched),
    };
  }

  /** For when all guards are closed. */
  async close(): Promise<void> {
    this.#thread?.ref();
    this.#post({ kind: 'end' });
    clearInterval(this.#heart);
    await this.#ended;
  }

  #switchOn(id: number, limit: number): void {
    if (!this.#watched.has(id)) throw new HalError('GONE', 'nobody watches over this output any more');
    this.#post({ kind: 'on', id, limit });
    this.#on.add(id);
    this.#beat();
    this.#heart ??= setInterval(() => this.#beat(), BEAT).unref();
  }

  #switchOff(id: number): void {
    if (!this.#on.delete(id)) return;
    this.#post({ kind: 'off', id });
    if (this.#on.size > 0) return;
    clearInterval(this.#heart);
    this.#heart = undefined;
  }

  async #forget(id: number, watched: Watched): Promise<void> {
    if (!this.#watched.has(id)) return;
    this.#switchOff(id);
    await this.#ask(watched, { kind: 'forget', id });
    this.#watched.delete(id);
  }

  #beat(): void {
    Atomics.add(this.#beats, 0, 1);
  }

  /** Who waits for an answer holds the process; the thread alone does not. */
  async #ask(watched: Watched, order: ToKeeper): Promise<string | undefined> {
    this.#thread ??= this.#start();
    if (this.#asking++ === 0) this.#thread.ref();
    const answer = await new Promise<string | undefined>((resolve) => {
      watched.answered = resolve;
      this.#post(order);
    });
    if (--this.#asking === 0) this.#thread?.unref();
    return answer;
  }

  #post(order: ToKeeper): void {
    this.#thread?.postMessage(order);
  }

  #start(): Worker {
    const start: KeeperStart = { beats: this.#beats.buffer };
    const thread = new Worker(THREAD, { workerData: start, resourceLimits: LIMITS });
    this.#ended = new Promise((resolve) => {
      thread.once('exit', () => {
        this.#gone(thread, 'it has ended');
        resolve();
      });
    });
    thread.on('message', (message: FromKeeper) => this.#told(message));
    thread.on('error', ({ message }) => this.#gone(thread, message));
    thread.unref();
    return thread;
  }

  #told(message: FromKeeper): void {
    const watched = this.#watched.get(message.id);
    if (message.kind === 'silence') {
      this.#switchOff(message.id);
      watched?.failed(
        new HalError('BUSY', 'put to rest: the telephone stood still for more than half a second'),
      );
      return;
    }
    watched?.answered(message.kind === 'kept' ? message.error : undefined);
  }

  /** Whoever needs a keeper next starts a new one. */
  #gone(thread: Worker, why: string): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    clearInterval(this.#heart);
    this.#heart = undefined;
    this.#on.clear();
    const all = [...this.#watched.values()];
    this.#watched.clear();
    for (const { failed, answered } of all) {
      answered(why);
      failed(new HalError('GONE', `the thread that watches over what could do harm: ${why}`));
    }
  }
}
