/**
 * check-sync waits until nobody uses the telephone: a machine that is told what was asked for and whether the lines are
 * idle, and says when to do it. After four hours it is done in any case (Cisco waits as long).
 */
import type { ResyncAction } from '#sip/resync.ts';
import type { SipEffect } from '#sip/types.ts';
import type { AgentOptions } from './ports.ts';

/** ms. */
const LONGEST_WAIT = 14_400_000;
/** Between two of them, however often a server asks. ms */
const PAUSE = 30_000;

export type ResyncInput =
  | { readonly kind: 'asked'; readonly action: Exclude<ResyncAction, 'report'> }
  /** Whether a line or the handset is in use. */
  | { readonly kind: 'busy'; readonly busy: boolean }
  | { readonly kind: 'tick' };

/** To be done now: the server is asked for a configuration, and with `reboot` the telephone starts again. */
export interface ResyncEffect {
  readonly kind: 'obey';
  readonly reboot: boolean;
}

export class Resync {
  #busy = false;
  /** What is to be done, and since when; a reboot does all that a check does. */
  #wanted: { readonly reboot: boolean; readonly since: number } | undefined;
  #doneAt = Number.NEGATIVE_INFINITY;

  /** ms on the clock of `now`; Infinity: nothing is wanted. */
  get deadline(): number {
    if (this.#wanted === undefined) return Number.POSITIVE_INFINITY;
    const latest = this.#wanted.since + LONGEST_WAIT;
    return this.#busy ? latest : Math.min(latest, Math.max(this.#wanted.since, this.#doneAt + PAUSE));
  }

  handle(input: ResyncInput, now: number): ResyncEffect[] {
    if (input.kind === 'asked') {
      const reboot = input.action === 'reboot' || this.#wanted?.reboot === true;
      this.#wanted = { reboot, since: this.#wanted?.since ?? now };
    } else if (input.kind === 'busy') this.#busy = input.busy;
    if (this.#wanted === undefined || now < this.deadline) return [];
    const { reboot } = this.#wanted;
    this.#wanted = undefined;
    this.#doneAt = now;
    return [{ kind: 'obey', reboot }];
  }
}

type ResyncOptions = Pick<AgentOptions, 'log' | 'onResync' | 'isNews'>;

/** The machine with a clock of its own. */
export class ResyncDoor {
  readonly #machine = new Resync();
  readonly #options: ResyncOptions;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(options: ResyncOptions) {
    this.#options = options;
  }

  /** A server asks for it, or tells of a file of our configuration. */
  told(effect: Extract<SipEffect, { kind: 'resync' | 'monitored' }>): void {
    const { log, isNews } = this.#options;
    if (effect.kind === 'resync') {
      log('info', `${effect.flow.remote.address} asks for a resync: ${effect.action}`);
      if (effect.action !== 'report') this.#give({ kind: 'asked', action: effect.action });
    } else if (isNews?.(effect.uri, effect.body) !== false) {
      const what = effect.body === undefined ? 'does not tell of changes' : 'tells of a change';
      log('info', `${effect.uri} ${what}: the configuration is asked for`);
      this.#give({ kind: 'asked', action: 'check' });
    }
  }

  /** Cheap enough to be told after every input. */
  uses(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#give({ kind: 'busy', busy });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #give(input: ResyncInput): void {
    const effects = this.#machine.handle(input, performance.now());
    clearTimeout(this.#timer);
    const { deadline } = this.#machine;
    if (deadline !== Number.POSITIVE_INFINITY) {
      const wait = Math.max(0, Math.ceil(deadline - performance.now()));
      this.#timer = setTimeout(() => this.#give({ kind: 'tick' }), wait).unref();
    }
    for (const { reboot } of effects) this.#options.onResync?.(reboot);
  }
}
