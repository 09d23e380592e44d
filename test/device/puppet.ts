/** A guest that does what a test on this side asks for: `await puppet.does('pull', 'phone', 4, 1)`. */
import { join } from 'node:path';
import { ASKED, isCollecting, said, saidOnDisk } from '../support/secrets.ts';
import { Guest, type GuestOptions } from './guest.ts';
import type { Answer, Deeds, Order } from './inside/puppet.ts';

/** Of every telephone in a guest. */
export const DATA = '/run/data';

type Words<D extends keyof Deeds> = Parameters<Deeds[D]>;
type Value<D extends keyof Deeds> = Awaited<ReturnType<Deeds[D]>>;

export class Puppet {
  readonly guest: Guest;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #ready: Promise<void>;
  #serial = 0;

  constructor(options: Omit<GuestOptions, 'program' | 'onMessage'>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ready = promise;
    this.guest = new Guest({
      ...options,
      program: ['test/device/inside/puppet.ts'],
      onMessage: (message) => {
        if ('ready' in (message as object)) return resolve();
        const answer = message as Answer;
        this.#waiting.get(answer.serial)?.(answer);
        this.#waiting.delete(answer.serial);
      },
    });
  }

  /** Rejects with what went wrong inside, or when the guest has ended. */
  async does<D extends keyof Deeds>(deed: D, ...words: Words<D>): Promise<Value<D>> {
    const over = this.guest.ended.then((status) => {
      throw new Error(`the guest has ended with ${status}`);
    });
    await Promise.race([this.#ready, over]);
    this.#serial += 1;
    const order: Order = { serial: this.#serial, deed, words };
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(order.serial, resolve));
    this.guest.send(order);
    const answer = await Promise.race([answered, over]);
    if ('error' in answer) throw new Error(`${deed}: ${answer.error}`);
    if (typeof answer.value === 'string')
      said(`in a guest: ${deed} ${String(words[0]).slice(0, 100)}`, answer.value);
    return answer.value as Value<D>;
  }

  /** What anybody may ask its telephone is kept for the search for secrets. */
  async hearsOut(): Promise<void> {
    if (!isCollecting) return;
    const ask = `curl --silent --max-time 5 --unix-socket ${DATA}/control.sock http://guest`;
    await this.does('shell', ASKED.map((path) => `${ask}${path}`).join('; '));
  }

  /** Shuts the guest down in order. What its telephone leaves behind is kept for the search for secrets. */
  async leave(): Promise<void> {
    if (isCollecting) {
      const left = '/run/exchange/left';
      const copy = `mkdir -p ${left}/logs; cp -rp ${DATA} ${left}/data; cp /run/*.log ${left}/logs; sync`;
      await this.does('shell', `(${copy}) 2>/dev/null`);
      for (const name of ['data', 'logs']) saidOnDisk(join(this.guest.exchange, 'left', name));
    }
    this.guest.send('leave');
    await this.guest.ended;
  }
}
