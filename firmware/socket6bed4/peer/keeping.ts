/**
 * The care for one router that serves us: keep-alives hold the NAT's mapping (draft-vanrein-6bed4-04 7.1), and every
 * fourth is a solicitation instead, whose answer shows that the router lives and that the mapping is what it was. An
 * unanswered one is repeated; then the router is lost, unless packets came through it meanwhile.
 */

/** Milliseconds after which an unanswered check is repeated; after the last of them the router is lost. */
const REPETITIONS = [1000, 3000, 7000];
const CHECK_EVERY = 4;

/** Part of the time between keep-alives that chance adds or takes. */
const JITTER = 0.05;
/** A router heard so many ms ago is not doubted. */
const LATELY = 5000;

/** `value` by up to `part` more or less. */
export function jittered(value: number, part: number, random: () => number): number {
  return value * (1 + part * (2 * random() - 1));
}

export class Keeping {
  readonly #interval: number;
  readonly #random: () => number;
  #deadline: number;
  #count = 0;
  /** Solicitations of the running check; 0: none is running. */
  #solicitations = 0;
  #checkedAt = 0;
  /** When the last solicitation went: what holds the mapping is what we send, not what is answered. */
  #solicitedAt: number;
  #heardAt: number;

  /** `interval` in ms. The router has advertised `now`, solicited at `solicitedAt`. */
  constructor(interval: number, random: () => number, solicitedAt: number, now: number) {
    this.#interval = interval;
    this.#random = random;
    this.#solicitedAt = solicitedAt;
    this.#heardAt = now;
    this.#deadline = this.#nextKeepAlive(solicitedAt);
  }

  get deadline(): number {
    return this.#deadline;
  }

  /** A packet came through the router. */
  heard(now: number): void {
    this.#heardAt = now;
  }

  /** The router advertised. */
  answered(now: number): void {
    this.#heardAt = now;
    if (this.#solicitations === 0) return;
    this.#count = 0;
    this.#solicitations = 0;
    this.#deadline = this.#nextKeepAlive(this.#solicitedAt);
  }

  /** Makes the check due, if none is running. */
  check(now: number): void {
    if (this.#solicitations > 0) return;
    this.#count = CHECK_EVERY - 1;
    this.#deadline = now;
  }

  /** Makes the check due unless the router was heard lately. */
  doubt(now: number): void {
    if (now - this.#heardAt >= LATELY) this.check(now);
  }

  /** What is to be sent to the router, or that it is lost. */
  due(now: number): 'keep-alive' | 'solicitation' | 'lost' | undefined {
    if (this.#deadline > now) return undefined;
    if (this.#solicitations === 0) {
      this.#count += 1;
      if (this.#count < CHECK_EVERY) {
        this.#deadline = this.#nextKeepAlive(now);
        return 'keep-alive';
      }
      this.#checkedAt = now;
    }
    const wait = REPETITIONS[this.#solicitations];
    if (wait === undefined) {
      if (this.#heardAt <= this.#checkedAt) return 'lost';
      this.#solicitations = 0;
      this.check(now);
      return this.due(now);
    }
    this.#solicitations += 1;
    this.#solicitedAt = now;
    this.#deadline = now + wait;
    return 'solicitation';
  }

  #nextKeepAlive(now: number): number {
    return now + jittered(this.#interval, JITTER, this.#random);
  }
}
