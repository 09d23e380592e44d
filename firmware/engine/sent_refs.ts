/**
 * What was sent where, for the errors of the network: they name the remote end, and no request. So an error is told
 * for each ref that left for there since that end was last heard, 32 s at most: longer than that no transaction of
 * SIP waits (RFC 3261 17.1, timers B and F).
 */
export const REMEMBERED_MS = 32_000;
/** Remote ends, and refs of each; the oldest go. */
export const MOST_REMOTES = 64;
export const MOST_REFS = 64;

export class SentRefs {
  /** When each ref was sent last, by address and port. */
  readonly #remotes = new Map<string, Map<string, number>>();

  /** `now` in ms. */
  sent(address: string, port: number, ref: string, now: number): void {
    const key = keyOf(address, port);
    const refs = this.#remotes.get(key) ?? new Map<string, number>();
    this.#remotes.delete(key);
    this.#remotes.set(key, refs);
    refs.delete(ref);
    refs.set(ref, now);
    trim(refs, MOST_REFS);
    trim(this.#remotes, MOST_REMOTES);
  }

  /** This end lives. */
  heard(address: string, port: number): void {
    this.#remotes.delete(keyOf(address, port));
  }

  /** What is lost with this end, and forgotten with that. */
  take(address: string, port: number, now: number): readonly string[] {
    const key = keyOf(address, port);
    const refs = this.#remotes.get(key) ?? new Map<string, number>();
    this.#remotes.delete(key);
    return [...refs].flatMap(([ref, at]) => (now - at <= REMEMBERED_MS ? [ref] : []));
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}

function trim(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
