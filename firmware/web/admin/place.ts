/** Where the settings are to be found: as the configuration of the moment wants it, and as far as that can be had. */
import type { Listener, Scope } from './listener.ts';

/** Of the configuration; with `off` there is no page at all. */
export interface Wanted {
  readonly listen: 'auto' | 'loopback';
  /** 0 takes a free one. */
  readonly port: number;
}

export class Place {
  /** Whether who comes from elsewhere has to prove something. */
  readonly #isGuarded: () => boolean;
  readonly #ports = new Set<number>();
  #wanted: Wanted;
  #listener: Listener | undefined;

  constructor(wanted: Wanted, isGuarded: () => boolean) {
    this.#wanted = wanted;
    this.#isGuarded = isGuarded;
  }

  /** Until somebody owns the telephone it is for this machine alone, unless only who stands before it reads the PIN. */
  get scope(): Scope {
    return this.#wanted.listen === 'auto' && this.#isGuarded() ? 'everywhere' : 'loopback';
  }

  /** All that were used in this run. */
  get ports(): readonly number[] {
    return [...this.#ports];
  }

  take(listener: Listener): void {
    this.#listener = listener;
    this.#ports.add(listener.port);
  }

  /** Somebody owns the telephone from now on. Rejects with WebError. */
  async claimed(): Promise<void> {
    await this.#listener?.move(this.#listener.port, this.scope);
  }

  /** Whether it is elsewhere now. Rejects with WebError where that cannot be had, and stays. */
  async follow(wanted: Wanted): Promise<boolean> {
    const listener = this.#listener;
    if (listener === undefined) return false;
    const before = { port: listener.port, scope: listener.scope };
    // Where the port was taken at the start, the one behind it is as good as wanted.
    const port = wanted.port === this.#wanted.port ? before.port : wanted.port;
    this.#wanted = wanted;
    await listener.move(port, this.scope);
    this.#ports.add(listener.port);
    return listener.port !== before.port || listener.scope !== before.scope;
  }
}
