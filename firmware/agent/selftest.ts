/** The telephone's self-test of its outputs, for who waits for it: one at a time. */
export class SelftestDoor {
  readonly #begin: () => void;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(begin: () => void) {
    this.#begin = begin;
  }

  /** Resolves when everything was tried; rejects with a reason for people where it was not, or not to the end. */
  run(): Promise<void> {
    if (this.#waiting !== undefined) return Promise.reject(new Error('a self-test is under way'));
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    this.#begin();
    return waiting.promise;
  }

  /** It is over. */
  over(error?: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(new Error(error));
  }
}
