/** What goes into the lifecycle of configurations and what comes out. Times are ms of any steady clock. */

/** Layers that come into force together: those of a drop file, of servers, or both. */
export interface Generation {
  /** Hash of the content: whoever offers the same gets the same. */
  readonly id: string;
  /** Whose it is: the name or the key of the server; absent: of no server. */
  readonly server?: string;
  /** Of the file, as it says itself. */
  readonly version?: string;
  /** Accounts of the effective configuration. */
  readonly accounts: number;
}

/** Nothing offered is in force: only what the telephone has of itself. */
export const NOTHING: Generation = { id: 'none', accounts: 0 };

/** What has to survive a restart. */
export interface Kept {
  readonly inForce: Generation;
  /** Absent: none has proven itself yet. */
  readonly good?: Generation;
  /** What is in force is on trial, and the telephone was started so many times with it. */
  readonly trial?: { readonly starts: number };
  /** Not tried again; the latest first. */
  readonly givenUp: readonly GivenUp[];
}

export interface GivenUp {
  readonly id: string;
  readonly server?: string;
  readonly version?: string;
  readonly reason: string;
}

export const NOTHING_KEPT: Kept = { inForce: NOTHING, givenUp: [] };

export type LifecycleInput =
  /** The telephone starts, with what the store holds. The first input. */
  | { readonly kind: 'start'; readonly kept: Kept }
  /** A valid configuration; `insisted`: a person wants it, also if it was given up or is older. */
  | { readonly kind: 'offered'; readonly generation: Generation; readonly insisted?: boolean }
  /** An account of the configuration in force has registered. */
  | { readonly kind: 'registered' }
  | { readonly kind: 'unusable'; readonly reason: string }
  /** A `keep` has failed: the store holds what it held before. */
  | { readonly kind: 'not-kept'; readonly reason: string }
  /** Without a network nothing can register: the time of the trial stands still. */
  | { readonly kind: 'network'; readonly up: boolean }
  /** An orderly end: this start does not count as a crash. */
  | { readonly kind: 'stopping' }
  | { readonly kind: 'tick' };

/** Carried out in order, each to its end: what is applied has been kept before. */
export type LifecycleEffect =
  | { readonly kind: 'keep'; readonly kept: Kept }
  | { readonly kind: 'apply'; readonly generation: Generation }
  /** For the log; `screen`: for the display too, at most 20 characters. */
  | {
      readonly kind: 'told';
      readonly level: 'info' | 'warn';
      readonly text: string;
      readonly screen?: string;
    };

/** For status, page and metrics. */
export interface LifecycleReport {
  readonly state: 'settled' | 'trial';
  readonly version?: string;
  readonly server?: string;
  readonly givenUp: readonly GivenUp[];
  /** The last offer that was refused, and why. */
  readonly refused?: string;
}
