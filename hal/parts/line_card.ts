/**
 * One subscriber's line on a module of the AG1171 or KS0835F kind: rings, tells who calls, notices the lifted handset,
 * and reads hook, flash and dial pulses from the loop's current. Joins ring_generator.ts and subscriber_loop.ts, which
 * share SHK:
 *
 *   SHK ──┬─ while ringing ──► ring generator ── trip ──► loop
 *         └─ else ───────────► loop, but for moments in which SHK does not tell of the telephone: right after a
 *                              ring, and while we break the loop ourselves
 */
import type { CallerId, CallerIdScheme } from '../types.ts';
import { BEFORE_RING, LEAST_PAUSE, PROCEDURES, RING_PULSE, soundTime } from './caller_id_procedure.ts';
import type { ContactInput } from './contact.ts';
import { RingGenerator, type RingGeneratorEvent, type RingGeneratorInput } from './ring_generator.ts';
import {
  SubscriberLoop,
  type SubscriberLoopEvent,
  type SubscriberLoopInput,
  type SubscriberLoopOptions,
} from './subscriber_loop.ts';

export interface LineCardOptions {
  readonly loop: SubscriberLoopOptions;
  /** Hz of the bell. */
  readonly ringHertz: number;
  /** ms. */
  readonly longestBurst?: number;
  /** Absent: the telephone is never told who calls. */
  readonly callerId?: CallerIdScheme | undefined;
  /** Whether the module can switch off the loop's current; else the far end's hang-up is a moment of reversal. */
  readonly powerDown: boolean;
}

/** True is high. At rest all are false. `alternating`: at the ring's frequency. */
export interface LinePins {
  readonly ringMode: boolean;
  readonly forwardReverse: boolean | 'alternating';
  readonly powerDown: boolean;
}

export const LINE_AT_REST: LinePins = { ringMode: false, forwardReverse: false, powerDown: false };

export type LineCardInput =
  /** SHK: `closed` when the loop draws current. */
  | ContactInput
  /** Cadence in ms on, off, … */
  | { readonly kind: 'ring'; readonly cadence: readonly number[]; readonly caller?: CallerId | undefined }
  | { readonly kind: 'stop' }
  | { readonly kind: 'dialling'; readonly dialling: boolean }
  | { readonly kind: 'polarity'; readonly reversed: boolean }
  | { readonly kind: 'loop-break'; readonly ms: number }
  | { readonly kind: 'call-waiting'; readonly caller: CallerId };

export type LineCardEvent =
  | { readonly kind: 'pins'; readonly pins: LinePins }
  | SubscriberLoopEvent
  /** The telephone listens: now. */
  | {
      readonly kind: 'caller-id';
      readonly scheme: CallerIdScheme;
      readonly caller: CallerId;
      readonly hook: 'on' | 'off';
    };

const NEVER = Number.POSITIVE_INFINITY;
/** ms after a ring or a break in which SHK swings out. */
const AFTER_RING = 50;
const AFTER_BREAK = 100;
/** ms: none of ours is longer, or a telephone would be dead. */
const LONGEST_BREAK = 10_000;
/** ms: a burst that is not followed by another. */
const ONCE = 600_000;
/** ms of rest between two rings, or their bursts would become one that is too long. */
const REST = 1000;

interface Ring {
  readonly cadence: readonly number[];
  readonly caller?: CallerId | undefined;
}

/** A ring whose caller is to be told. */
interface Telling extends Ring {
  readonly scheme: CallerIdScheme;
  readonly caller: CallerId;
  /** ms: when the sound is due; Infinity: it waits for the end of a burst. */
  at: number;
  /** ms: when the bell rings, where it does so only then. */
  ringAt: number;
}

export class LineCard {
  readonly #options: LineCardOptions;
  readonly #ringer: RingGenerator;
  readonly #loop: SubscriberLoop;
  #telling: Telling | undefined;
  /** The bell has to rest before this ring. `at`: ms. */
  #postponed: (Ring & { readonly at: number }) | undefined;
  #shk = false;
  /** ms until which the loop is not given SHK. */
  #deafUntil = Number.NEGATIVE_INFINITY;
  /** ms until which the loop is broken. */
  #brokenUntil = Number.NEGATIVE_INFINITY;
  #reversed = false;
  /** The line is turned over for the caller's sake. */
  #lead = false;
  #pins = LINE_AT_REST;

  constructor(options: LineCardOptions) {
    this.#options = options;
    const { longestBurst } = options;
    this.#ringer = new RingGenerator({
      toggling: 'pwm',
      ...(longestBurst !== undefined && { longestBurst }),
    });
    this.#loop = new SubscriberLoop(options.loop);
  }

  /** As last told. */
  get pins(): LinePins {
    return this.#pins;
  }

  /** As last reported. */
  get hook(): 'on' | 'off' | undefined {
    return this.#loop.state;
  }

  get deadline(): number {
    const { at = NEVER, ringAt = NEVER } = this.#telling ?? {};
    const waits = [this.#deafUntil, this.#brokenUntil].filter((ms) => ms > Number.NEGATIVE_INFINITY);
    const postponed = this.#postponed?.at ?? NEVER;
    return Math.min(this.#ringer.deadline, this.#loop.deadline, at, ringAt, postponed, ...waits);
  }

  handle(input: LineCardInput, now: number): LineCardEvent[] {
    const events: LineCardEvent[] = [];
    this.#pass(now, events);
    if (input.kind === 'level') this.#hear(input, now, events);
    else if (input.kind === 'ring') this.#ring(input, now, events);
    else if (input.kind === 'stop') this.#stop(now, events);
    else if (input.kind === 'dialling') this.#toLoop(input, now, events);
    else if (input.kind === 'polarity') this.#reversed = input.reversed;
    else if (input.kind === 'loop-break') this.#break(input.ms, now);
    else if (input.kind === 'call-waiting') this.#tellInCall(input.caller, events);
    this.#drive(events);
    return events;
  }

  /** What time alone brings. */
  #pass(now: number, events: LineCardEvent[]): void {
    const tick = { kind: 'tick' } as const;
    if (now >= this.#brokenUntil) this.#brokenUntil = Number.NEGATIVE_INFINITY;
    if (this.#deafUntil > Number.NEGATIVE_INFINITY && now >= this.#deafUntil) {
      this.#deafUntil = Number.NEGATIVE_INFINITY;
      this.#toLoop({ kind: 'level', closed: this.#shk }, now, events);
    }
    this.#toRinger(tick, now, events);
    this.#toLoop(tick, now, events);
    const postponed = this.#postponed;
    if (postponed !== undefined && now >= postponed.at) this.#ring(postponed, now, events);
    const telling = this.#telling;
    if (telling === undefined) return;
    if (now >= telling.at) {
      telling.at = NEVER;
      events.push({ kind: 'caller-id', scheme: telling.scheme, caller: telling.caller, hook: 'on' });
      if (telling.ringAt === NEVER) this.#telling = undefined;
    }
    if (now >= telling.ringAt) {
      this.#telling = undefined;
      this.#lead = false;
      this.#startBell(telling.cadence, now, events);
    }
  }

  #hear(input: ContactInput & { kind: 'level' }, now: number, events: LineCardEvent[]): void {
    this.#shk = input.closed;
    const rang = this.#ringer.ringing;
    this.#toRinger(input, now, events);
    if (!rang && this.#deafUntil === Number.NEGATIVE_INFINITY) this.#toLoop(input, now, events);
  }

  #ring({ cadence, caller }: Ring, now: number, events: LineCardEvent[]): void {
    const rang = this.#pins.ringMode;
    this.#stop(now, events);
    // Who talks is not rung: it would ring at somebody's ear.
    if (this.#loop.state === 'off') return;
    const scheme = this.#options.callerId;
    if (rang) this.#postponed = { cadence, caller, at: now + REST };
    else if (caller === undefined || scheme === undefined) this.#startBell(cadence, now, events);
    else this.#begin({ scheme, caller, cadence, at: NEVER, ringAt: NEVER }, now, events);
  }

  #begin(telling: Telling, now: number, events: LineCardEvent[]): void {
    const { when, lead, wait } = PROCEDURES[telling.scheme];
    this.#telling = telling;
    if (when === 'between-rings') this.#startBell(telling.cadence, now, events);
    else if (lead === 'ring-pulse') this.#startBell([RING_PULSE, ONCE], now, events);
    else {
      this.#lead = lead === 'reversal';
      this.#schedule(telling, now + wait);
    }
  }

  /** The sound at `at`, and the bell when it is over. */
  #schedule(telling: Telling, at: number): void {
    telling.at = at;
    telling.ringAt = at + soundTime(telling.scheme, telling.caller) + BEFORE_RING;
  }

  #startBell(cadence: readonly number[], now: number, events: LineCardEvent[]): void {
    this.#toRinger({ kind: 'ring', cadence, hertz: this.#options.ringHertz }, now, events);
  }

  #stop(now: number, events: LineCardEvent[]): void {
    this.#telling = this.#postponed = undefined;
    this.#lead = false;
    if (!this.#ringer.ringing) return;
    this.#toRinger({ kind: 'stop' }, now, events);
    this.#deafUntil = now + AFTER_RING;
  }

  #toRinger(input: RingGeneratorInput, now: number, events: LineCardEvent[]): void {
    for (const event of this.#ringer.handle(input, now)) this.#rang(event, now, events);
  }

  #rang(event: RingGeneratorEvent, now: number, events: LineCardEvent[]): void {
    if (event.kind === 'trip') {
      this.#telling = undefined;
      this.#deafUntil = Number.NEGATIVE_INFINITY;
      this.#toLoop({ kind: 'level', closed: true }, now, events);
    } else if (event.kind === 'pause') {
      this.#paused(event.ms, now, events);
    }
  }

  /** A burst is over, and the telephone listens. */
  #paused(ms: number, now: number, events: LineCardEvent[]): void {
    const telling = this.#telling;
    if (telling === undefined || telling.at !== NEVER) return;
    const { when, wait } = PROCEDURES[telling.scheme];
    if (when === 'before-rings') {
      this.#toRinger({ kind: 'stop' }, now, events);
      this.#deafUntil = now + AFTER_RING;
      this.#schedule(telling, now + wait);
    } else if (ms >= LEAST_PAUSE) telling.at = now + wait;
  }

  #toLoop(input: SubscriberLoopInput, now: number, events: LineCardEvent[]): void {
    for (const event of this.#loop.handle(input, now)) {
      events.push(event);
      // Lifted while being told: the bell stays silent, the line as it was.
      if (event.kind === 'hook' && event.state === 'off') this.#stop(now, events);
    }
  }

  #break(ms: number, now: number): void {
    // On the hook it would only tinkle.
    if (this.#loop.state !== 'off') return;
    this.#brokenUntil = now + Math.min(ms, LONGEST_BREAK);
    this.#deafUntil = this.#brokenUntil + AFTER_BREAK;
  }

  #tellInCall(caller: CallerId, events: LineCardEvent[]): void {
    const scheme = this.#options.callerId;
    if (this.#loop.state === 'off' && scheme !== undefined)
      events.push({ kind: 'caller-id', scheme, caller, hook: 'off' });
  }

  /** Tells the pins where they differ from those told. */
  #drive(events: LineCardEvent[]): void {
    const { ringMode, forwardReverse } = this.#ringer.pins;
    const broken = this.#brokenUntil > Number.NEGATIVE_INFINITY;
    const { powerDown } = this.#options;
    const turned = (this.#reversed || this.#lead) !== (broken && !powerDown);
    const wanted: LinePins = {
      ringMode,
      forwardReverse: this.#ringer.ringing || ringMode ? forwardReverse : turned,
      powerDown: broken && powerDown,
    };
    const told = this.#pins;
    if (
      wanted.ringMode === told.ringMode &&
      wanted.forwardReverse === told.forwardReverse &&
      wanted.powerDown === told.powerDown
    )
      return;
    this.#pins = wanted;
    events.push({ kind: 'pins', pins: wanted });
  }
}
