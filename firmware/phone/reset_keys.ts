/**
 * Factory reset by hand: who holds * and # while the telephone starts, and keeps them down until the countdown ends, wants
 * everything forgotten. Letting go of either, or pressing anything else, ends it for this start.
 */
import type { HalEvent, Key } from '#hal/types.ts';
import { en } from './texts/en.ts';
import { filled } from './texts.ts';

/** ms after the start of the hardware within which both keys have to be down. */
export const WINDOW = 5000;
/** ms for which they have to stay down. */
export const HOLD = 10_000;
const SECOND = 1000;
/** Nobody can say what hands did while the telephone stood still for longer than this. ms */
const UNWATCHED = 3 * SECOND;
const NEVER = Number.POSITIVE_INFINITY;
const KEYS: readonly Key[] = ['*', '#'];

export type ResetEffect =
  /** At most 20 characters, for the display. */
  { readonly kind: 'show'; readonly text: string } | { readonly kind: 'reset' };

export class ResetKeys {
  readonly #down = new Set<Key>();
  /** Until when both have to be down; undefined: the hardware has not started. */
  #until: number | undefined;
  /** Since when they are. */
  #since: number | undefined;
  #looked = 0;
  #isOver = false;

  /** When `handle` is wanted without an event, ms on the clock of `now`. */
  get deadline(): number {
    if (this.#isOver || this.#since === undefined) return NEVER;
    return this.#since + (Math.floor((this.#looked - this.#since) / SECOND) + 1) * SECOND;
  }

  /** An event of the hardware, or time that has passed. The first event begins the window. */
  handle(event: HalEvent | { readonly kind: 'tick' }, now: number): readonly ResetEffect[] {
    if (this.#isOver) return [];
    this.#until ??= now + WINDOW;
    const isCountingDown = this.#since !== undefined;
    const isUnwatched = isCountingDown && now - this.#looked > UNWATCHED;
    this.#looked = now;
    if (isUnwatched || this.#isOther(event)) return this.#give(isCountingDown);
    if (event.kind === 'key') this.#press(event);
    if (this.#down.size === KEYS.length) return this.#held(now);
    // Let go of, or never pressed in time.
    return isCountingDown || now >= this.#until ? this.#give(isCountingDown) : [];
  }

  #press({ key, down }: Extract<HalEvent, { kind: 'key' }>): void {
    if (down) this.#down.add(key);
    else this.#down.delete(key);
  }

  /** What only other hands do; a hook that lies, a part that works, a headset that is in are no deeds. */
  #isOther(event: HalEvent | { readonly kind: 'tick' }): boolean {
    if (event.kind === 'key') return !KEYS.includes(event.key);
    return event.kind === 'function' || event.kind === 'volume' || event.kind === 'flash';
  }

  #held(now: number): readonly ResetEffect[] {
    if (this.#since === undefined && now >= (this.#until ?? 0)) return this.#give(false);
    this.#since ??= now;
    const left = Math.ceil((this.#since + HOLD - now) / SECOND);
    if (left > 0) return [{ kind: 'show', text: filled(en.factoryResetIn, left) }];
    this.#isOver = true;
    return [{ kind: 'reset' }];
  }

  #give(isTold: boolean): readonly ResetEffect[] {
    this.#isOver = true;
    return isTold ? [{ kind: 'show', text: en.noFactoryReset }] : [];
  }
}
