/** The machine around table.ts: which configuration is in force, on trial, good, given up. Pure. */
import { type LifecycleAction, type LifecycleEvent, type LifecycleState, TABLE } from './table.ts';
import {
  type Generation,
  type Kept,
  type LifecycleEffect,
  type LifecycleInput,
  type LifecycleReport,
  NOTHING,
  NOTHING_KEPT,
} from './types.ts';
import { compareVersions } from './version.ts';

export interface LifecycleTimings {
  /**
   * ms with a network in which an account has to register. Long enough for a registrar that is started anew meanwhile,
   * and for seven attempts that each end by Timer F (32 s, RFC 3261 17.1.2.2) with our growing pauses between them;
   * short enough that a telephone broken from afar mends itself while somebody still looks for the reason.
   */
  readonly trial: number;
  /** ms of uptime after which a configuration without accounts is good. */
  readonly uptime: number;
}

export const LIFECYCLE_TIMINGS: LifecycleTimings = { trial: 300_000, uptime: 120_000 };

/** Starts without an orderly end between them, after which the configuration is held to be the reason. */
const MOST_STARTS = 3;
/** Given up and remembered. */
const MOST_GIVEN_UP = 16;

export class Lifecycle {
  readonly #timings: LifecycleTimings;
  #kept: Kept = NOTHING_KEPT;
  #networkUp = true;
  /** ms of the trial that are left when the clock was last looked at. */
  #left = Number.POSITIVE_INFINITY;
  #looked = 0;
  #refused: string | undefined;
  /** The trial began with the last input: if it was not kept, there was none. */
  #hasJustBegun = false;

  constructor(timings: LifecycleTimings = LIFECYCLE_TIMINGS) {
    this.#timings = timings;
  }

  /** ms; Infinity: nothing is due. */
  get deadline(): number {
    return this.#isRunning ? this.#looked + this.#left : Number.POSITIVE_INFINITY;
  }

  get report(): LifecycleReport {
    const { version, server } = this.#kept.inForce;
    return {
      state: this.#state,
      ...(version === undefined ? {} : { version }),
      ...(server === undefined ? {} : { server }),
      givenUp: this.#kept.givenUp,
      ...(this.#refused === undefined ? {} : { refused: this.#refused }),
    };
  }

  handle(input: LifecycleInput, now: number): readonly LifecycleEffect[] {
    if (this.#isRunning) this.#left -= Math.max(0, now - this.#looked);
    this.#looked = now;
    const hasJustBegun = this.#hasJustBegun;
    this.#hasJustBegun = false;
    switch (input.kind) {
      case 'start':
        return this.#start(input.kept);
      case 'offered':
        return this.#event(this.#kindOfOffer(input), input.generation);
      case 'network':
        this.#networkUp = input.up;
        return [];
      case 'tick':
        return this.#left > 0 ? [] : this.#event(this.#kept.inForce.accounts > 0 ? 'expired' : 'lasted');
      case 'stopping':
        return this.#kept.trial === undefined ? [] : [this.#keep({ ...this.#kept, trial: { starts: 0 } })];
      case 'registered':
        return this.#event('registered');
      case 'unusable':
        return this.#event('unusable', undefined, input.reason);
      case 'not-kept':
        return hasJustBegun ? this.#event('not-kept', undefined, input.reason) : [];
    }
  }

  get #state(): LifecycleState {
    return this.#kept.trial === undefined ? 'settled' : 'trial';
  }

  /** Uptime passes in any case; time to register only where there is a network. */
  get #isRunning(): boolean {
    return this.#left !== Number.POSITIVE_INFINITY && (this.#networkUp || this.#kept.inForce.accounts === 0);
  }

  #start(kept: Kept): readonly LifecycleEffect[] {
    this.#kept = kept;
    if (kept.trial === undefined) return [{ kind: 'apply', generation: kept.inForce }];
    const starts = kept.trial.starts + 1;
    if (starts > MOST_STARTS) return this.#event('crashed');
    return [
      this.#keep({ ...kept, trial: { starts } }),
      { kind: 'apply', generation: this.#beginTime(kept.inForce) },
    ];
  }

  #kindOfOffer({ generation, insisted }: { readonly generation: Generation; readonly insisted?: boolean }) {
    const { inForce, good, givenUp, trial } = this.#kept;
    if (generation.id === inForce.id) return 'same-as-in-force';
    if (generation.id === good?.id && trial !== undefined) return 'same-as-good';
    if (insisted === true) return 'new';
    if (givenUp.some(({ id }) => id === generation.id)) return 'given-up-before';
    // A file that a person lays on the card is no replay.
    const isSameServer = generation.server !== undefined && generation.server === inForce.server;
    const isOlder = isSameServer && compareVersions(generation.version, inForce.version) < 0;
    return isOlder ? 'older' : 'new';
  }

  #event(event: LifecycleEvent, offered = NOTHING, reason = ''): readonly LifecycleEffect[] {
    const action = TABLE[this.#state][event]?.action;
    return action === undefined ? [] : this.#act(action, event, offered, reason);
  }

  #act(
    action: LifecycleAction,
    event: LifecycleEvent,
    offered: Generation,
    reason: string,
  ): readonly LifecycleEffect[] {
    switch (action) {
      case 'begin-trial':
        return this.#begin(offered);
      case 'confirm':
        return this.#confirm(event);
      case 'roll-back-if-possible':
        return this.#kept.good === undefined ? this.#goOn() : this.#rollBack(event, reason);
      case 'roll-back':
        return this.#rollBack(event, reason);
      case 'return':
        return this.#return(reason);
      case 'refuse-given-up':
        return this.#refuse(`${nameOf(offered)} was given up before and has not changed`);
      case 'refuse-older':
        return this.#refuse(`${nameOf(offered)} is older than ${nameOf(this.#kept.inForce)}`);
    }
  }

  #begin(offered: Generation): readonly LifecycleEffect[] {
    this.#refused = undefined;
    this.#hasJustBegun = true;
    const givenUp = this.#kept.givenUp.filter(({ id }) => id !== offered.id);
    const keep = this.#keep({ ...this.#kept, inForce: offered, trial: { starts: 1 }, givenUp });
    const proof =
      offered.accounts > 0
        ? `has ${words(this.#timings.trial)} to register`
        : `is good after ${words(this.#timings.uptime)}`;
    return [
      keep,
      told('info', `${nameOf(offered)} is on trial: it ${proof}`, 'New settings'),
      { kind: 'apply', generation: this.#beginTime(offered) },
    ];
  }

  #beginTime(generation: Generation): Generation {
    this.#left = generation.accounts > 0 ? this.#timings.trial : this.#timings.uptime;
    return generation;
  }

  #confirm(event: LifecycleEvent): readonly LifecycleEffect[] {
    const { inForce, good, givenUp } = this.#kept;
    this.#left = Number.POSITIVE_INFINITY;
    if (good?.id === inForce.id && this.#kept.trial === undefined) return [];
    const proof = event === 'registered' ? 'it registered' : `up for ${words(this.#timings.uptime)}`;
    return [
      this.#keep({ inForce, good: inForce, givenUp }),
      told('info', `${nameOf(inForce)} is good: ${proof}`),
    ];
  }

  #rollBack(event: LifecycleEvent, detail: string): readonly LifecycleEffect[] {
    const { inForce, good = NOTHING, givenUp } = this.#kept;
    const { id, server, version } = inForce;
    const reason = reasonOf(event, detail, this.#timings);
    const failed = {
      id,
      ...(server === undefined ? {} : { server }),
      ...(version === undefined ? {} : { version }),
      reason,
    };
    const text = `${nameOf(inForce)} ${reason}: back to ${nameOf(good)}`;
    return this.#backTo(good, [failed, ...givenUp], told('warn', text, 'Settings undone'));
  }

  /** Back without blame: the server withdrew it, or it could not be kept. */
  #return(detail: string): readonly LifecycleEffect[] {
    const { inForce, good = NOTHING, givenUp } = this.#kept;
    const why = detail === '' ? 'is withdrawn' : `cannot be kept (${detail})`;
    const level = detail === '' ? 'info' : 'warn';
    return this.#backTo(good, givenUp, told(level, `${nameOf(inForce)} ${why}: back to ${nameOf(good)}`));
  }

  #backTo(good: Generation, givenUp: Kept['givenUp'], words: LifecycleEffect): readonly LifecycleEffect[] {
    this.#left = Number.POSITIVE_INFINITY;
    const { good: proven } = this.#kept;
    const kept = {
      inForce: good,
      ...(proven === undefined ? {} : { good: proven }),
      givenUp: givenUp.slice(0, MOST_GIVEN_UP),
    };
    return [this.#keep(kept), words, { kind: 'apply', generation: good }];
  }

  /** Nothing has ever registered: the trial has no end but success. At least it does not crash. */
  #goOn(): readonly LifecycleEffect[] {
    this.#left = Number.POSITIVE_INFINITY;
    const { inForce } = this.#kept;
    const keep = this.#keep({ ...this.#kept, trial: { starts: 0 } });
    return [
      keep,
      told('warn', `${nameOf(inForce)} has not registered yet; there is none before it to go back to`),
    ];
  }

  #refuse(reason: string): readonly LifecycleEffect[] {
    const isNews = this.#refused !== reason;
    this.#refused = reason;
    return isNews ? [told('warn', `refused: ${reason}`, 'Settings refused')] : [];
  }

  #keep(kept: Kept): LifecycleEffect {
    this.#kept = kept;
    return { kind: 'keep', kept };
  }
}

function told(level: 'info' | 'warn', text: string, screen?: string): LifecycleEffect {
  return { kind: 'told', level, text, ...(screen === undefined ? {} : { screen }) };
}

function reasonOf(event: LifecycleEvent, detail: string, { trial }: LifecycleTimings): string {
  if (event === 'expired') return `did not register within ${words(trial)}`;
  if (event === 'crashed') return `was started ${MOST_STARTS} times and did not last`;
  return `cannot be used (${detail})`;
}

function nameOf({ id, server, version }: Generation): string {
  if (id === NOTHING.id) return 'the configuration without a server';
  return `configuration ${version ?? id.slice(0, 8)}${server === undefined ? '' : ` from ${server}`}`;
}

function words(ms: number): string {
  return `${ms / 1000} s`;
}
