/**
 * Memory of what did not answer. A dead one is left alone for a while that doubles with every failure; after that
 * it is due: worth a probe beside the traffic, which goes on elsewhere. What answers is alive at once, so the
 * preferred one is returned to with its first answer; only the length of the next pause is remembered, so that one
 * that comes and goes is not asked ever more eagerly.
 */

/** Milliseconds. RFC 5626 4.5 waits 30 s and up before a flow is tried again; a probe is cheaper than a flow. */
const FIRST_PAUSE = 10_000;
const LONGEST_PAUSE = 300_000;
/** Retry-After (RFC 3261 20.33) is a peer's number. */
const LONGEST_RETRY_AFTER = 3_600_000;
/** Alive for this long: earlier failures are forgotten. */
const FORGIVEN = 600_000;
const MOST_REMEMBERED = 256;

export interface Failure {
  /** When it first failed without an answer since, ms. */
  readonly since: number;
  /** Failures in a row, of which each began a pause. */
  readonly times: number;
  /** Before this time it is not tried, ms. */
  readonly retryAt: number;
  /** When it answered again, ms. */
  readonly recovered?: number;
}

export type Condition = 'alive' | 'dead' | 'due';

/** The next failure after `previous`. `waitMs` is what the peer asked for in Retry-After, in milliseconds. */
export function failedAgain(previous: Failure | undefined, now: number, waitMs = 0): Failure {
  const asked = now + Math.min(waitMs, LONGEST_RETRY_AFTER);
  const lasting = previous?.recovered === undefined ? previous : undefined;
  // What was under way together fails together: that is one failure.
  if (lasting !== undefined && now < lasting.retryAt)
    return { ...lasting, retryAt: Math.max(asked, lasting.retryAt) };
  const forgiven = previous?.recovered !== undefined && now - previous.recovered >= FORGIVEN;
  const times = previous === undefined || forgiven ? 1 : previous.times + 1;
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (times - 1));
  return { since: lasting?.since ?? now, times, retryAt: Math.max(asked, now + pause) };
}

export function answeredAgain(previous: Failure, now: number): Failure {
  return previous.recovered === undefined ? { ...previous, recovered: now } : previous;
}

export function conditionOf(failure: Failure | undefined, now: number): Condition {
  if (failure === undefined || failure.recovered !== undefined) return 'alive';
  return now < failure.retryAt ? 'dead' : 'due';
}

/** The failures of remote ends, by a key such as endpoint and transport. */
export class Health {
  readonly #failures = new Map<string, Failure>();

  /** Silence, ICMP, a refused connection, 503 (with its Retry-After in ms). */
  failed(key: string, now: number, waitMs = 0): void {
    const failure = failedAgain(this.#failures.get(key), now, waitMs);
    const oldest = this.#failures.keys().next();
    if (this.#failures.size >= MOST_REMEMBERED && !this.#failures.has(key) && !oldest.done)
      this.#failures.delete(oldest.value);
    this.#failures.delete(key);
    this.#failures.set(key, failure);
  }

  /** Any answer at all. */
  answered(key: string, now: number): void {
    const failure = this.#failures.get(key);
    if (failure !== undefined) this.#failures.set(key, answeredAgain(failure, now));
  }

  condition(key: string, now: number): Condition {
    return conditionOf(this.#failures.get(key), now);
  }

  /** Our own network has changed: whatever is dead is worth a probe. */
  networkChanged(now: number): void {
    for (const [key, failure] of this.#failures)
      if (failure.retryAt > now) this.#failures.set(key, { ...failure, retryAt: now });
  }

  /** The living in the order given, then the others, of which the one that was to be tried first comes first. */
  ordered<Target>(targets: readonly Target[], keyOf: (target: Target) => string, now: number): Target[] {
    const rank = (target: Target): number => {
      const key = keyOf(target);
      return this.condition(key, now) === 'alive' ? -Infinity : (this.#failures.get(key)?.retryAt ?? now);
    };
    return targets
      .map((target) => ({ target, rank: rank(target) }))
      .sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank))
      .map(({ target }) => target);
  }

  /** For status: who is not answering since when, ms. */
  failing(
    now: number,
  ): readonly { readonly key: string; readonly since: number; readonly retryAt: number }[] {
    return [...this.#failures]
      .filter(([, failure]) => conditionOf(failure, now) !== 'alive')
      .map(([key, { since, retryAt }]) => ({ key, since, retryAt }));
  }
}
