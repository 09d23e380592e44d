/**
 * Servers that want to be ours, and wait for a person to say so. Whoever stands on the network can name as many as he
 * likes, so the table is short: where it is full the eldest goes that was named on the least trusted path, and what such
 * a path names takes no place of a better one. The pinned server with another key is never crowded out.
 */
import { type Candidate, STEPS } from '../types.ts';
import type { ServerChange } from './types.ts';

/** A person reads no longer list. */
const MOST = 16;

interface Waiting {
  readonly candidate: Candidate;
  readonly change: ServerChange;
  /** It is the pinned server itself that has changed. */
  readonly notable: boolean;
}

export class ServerChanges {
  /** By host, the eldest first. */
  readonly #waiting = new Map<string, Waiting>();

  get all(): readonly ServerChange[] {
    return [...this.#waiting.values()].map(({ change }) => change);
  }

  /** Where to ask this host; undefined: it does not wait. */
  candidateOf(host: string): Candidate | undefined {
    return this.#waiting.get(host)?.candidate;
  }

  /** `crowded`: in the place of another; `full`: for this one there is none; `known`: it waits already. */
  add(candidate: Candidate, change: ServerChange, notable: boolean): 'added' | 'crowded' | 'full' | 'known' {
    if (this.#waiting.has(change.host)) return 'known';
    const isFull = this.#waiting.size >= MOST;
    if (isFull && !this.#makeRoom(notable ? undefined : candidate)) return 'full';
    this.#waiting.set(change.host, { candidate, change, notable });
    return isFull ? 'crowded' : 'added';
  }

  remove(host: string): void {
    this.#waiting.delete(host);
  }

  clear(): void {
    this.#waiting.clear();
  }

  /** For this candidate; undefined: for whom there has to be room. */
  #makeRoom(candidate: Candidate | undefined): boolean {
    const stepOf = ({ step }: Candidate) => STEPS.indexOf(step);
    const others = [...this.#waiting].filter(([, { notable }]) => !notable);
    const last = Math.max(...others.map(([, waiting]) => stepOf(waiting.candidate)));
    if (candidate !== undefined && stepOf(candidate) > last) return false;
    const [eldest] = others.find(([, waiting]) => stepOf(waiting.candidate) === last) ?? [];
    return eldest !== undefined && this.#waiting.delete(eldest);
  }
}
