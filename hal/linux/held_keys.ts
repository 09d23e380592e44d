/** Keys of one part that are down. When the part fails nobody can say when they come up: then, therefore. */
import type { HalEvent } from '../types.ts';

type KeyEvent = Extract<HalEvent, { readonly down: boolean }>;

export class HeldKeys {
  readonly #down = new Map<KeyEvent['key'], KeyEvent>();

  /** Sees every event of the part. */
  see(event: HalEvent): void {
    if (event.kind !== 'key' && event.kind !== 'function') return;
    if (event.down) this.#down.set(event.key, event);
    else this.#down.delete(event.key);
  }

  /** The events that let all of them go. */
  release(): readonly HalEvent[] {
    const events = [...this.#down.values()].map((event): HalEvent => ({ ...event, down: false }));
    this.#down.clear();
    return events;
  }
}
