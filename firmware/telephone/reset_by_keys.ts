/** Hears the keys of a telephone that starts, and carries out what phone/reset_keys.ts makes of them. */
import type { HalEvent } from '#hal/types.ts';
import { type ResetEffect, ResetKeys } from '#phone/reset_keys.ts';

export interface ResetByKeysOptions {
  /** For the display: at most 20 characters. */
  readonly show: (text: string) => void;
  readonly reset: () => void;
}

export class ResetByKeys {
  readonly #options: ResetByKeysOptions;
  readonly #machine = new ResetKeys();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ResetByKeysOptions) {
    this.#options = options;
  }

  /** Every event of the hardware, from the first one on. */
  hear(event: HalEvent): void {
    this.#carryOut(this.#machine.handle(event, performance.now()));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #carryOut(effects: readonly ResetEffect[]): void {
    clearTimeout(this.#timer);
    for (const effect of effects) {
      if (effect.kind === 'show') this.#options.show(effect.text);
      else this.#options.reset();
    }
    const { deadline } = this.#machine;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const tick = () => this.#carryOut(this.#machine.handle({ kind: 'tick' }, performance.now()));
    this.#timer = setTimeout(tick, Math.max(0, deadline - performance.now())).unref();
  }
}
