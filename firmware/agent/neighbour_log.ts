/**
 * What the log says of neighbours. Whoever speaks on the LAN writes in it, with as many names as it likes: each news is
 * told once an hour, and not too many of them.
 */
import type { Neighbour } from '#neighbours/types.ts';
import type { Log, NeighboursStore } from './ports.ts';

/** ms. */
const HOUR = 3_600_000;
/** Lines in an hour; a house full of telephones has fewer. */
const MOST = 64;

export class NeighbourLog {
  readonly #log: Log;
  readonly #told = new Set<string>();
  #since = Number.NEGATIVE_INFINITY;

  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * `met`: who was seen for the first time; `all`: who is known. `now`: ms on a steady clock. The result: whose key is
   * another, for the display, as often as the log has it.
   */
  tell(met: readonly Neighbour[], all: readonly Neighbour[], now: number): readonly Neighbour[] {
    if (now - this.#since >= HOUR) {
      this.#since = now;
      this.#told.clear();
    }
    for (const each of met) this.#once('info', `neighbour ${labelOf(each)} at ${each.addresses.join(' ')}`);
    return all.filter(
      (each) =>
        each.fresh &&
        !isTrusted(each) &&
        this.#once(
          'warn',
          `${labelOf(each)} shows another key than before: it can neither ring nor be called until it is accepted on the settings page`,
        ),
    );
  }

  /** Once for each number: with every configuration that is saved it is claimed anew. */
  reachedAs(extension: string, store: Pick<NeighboursStore, 'announced'> | undefined): void {
    if (store?.announced === extension) return;
    if (store !== undefined) store.announced = extension;
    this.#log('info', `neighbours reach this telephone as ${extension}`);
  }

  /** Whether it was told. */
  #once(level: 'info' | 'warn', text: string): boolean {
    if (this.#told.size > MOST || this.#told.has(text)) return false;
    this.#told.add(text);
    if (this.#told.size <= MOST) this.#log(level, text);
    else this.#log('warn', `more than ${MOST} news of neighbours in an hour: the others are not told`);
    return this.#told.size <= MOST;
  }
}

export function isTrusted({ trust }: Pick<Neighbour, 'trust'>): boolean {
  return trust !== 'changed';
}

export function labelOf({ extension, name }: Pick<Neighbour, 'extension' | 'name'>): string {
  return extension === undefined || extension === name ? name : `${extension} ${name}`;
}
