/**
 * A subscriber's line, by its loop current alone: lifted, hung up, flashed, and dialled by pulses. One break may be
 * the digit 1 or a flash, for windows from 50 ms on overlap a dial's breaks. The rule:
 *
 *   break                              dialling (dial tone, digits)     stable call
 *   longer than the flash window       hung up                          hung up
 *   two and more in a row              a digit                          a digit
 *   one, short as a dial's (80 ms)     a digit                          flash if in the window, else a digit
 *   one, longer, in the window         flash                            flash
 *   one, longer, not in the window     a digit up to 200 ms             a digit up to 200 ms
 *
 * "In a row" is known after 250 ms, so a flash as short as a pulse is told so much later. A slow dial (7 a second
 * breaks for 95 ms) is learned from the first digit of several pulses.
 */
import { type ContactInput, DEBOUNCE } from './contact.ts';
import type { HookEvent } from './hook_switch.ts';
import { PULSE } from './line_timings.ts';
import { BreakDetector, HOLD, type LoopBreak } from './loop_break.ts';
import { type Digit, digitOf, type PulseCoding } from './pulse_coding.ts';

export interface SubscriberLoopOptions {
  /** ms, both included: line_timings.ts has them by country. */
  readonly flashMin: number;
  readonly flashMax: number;
  /** How pulses are read; absent: the telephone has no pulse dial, and a short break is never a digit. */
  readonly coding?: PulseCoding;
  /** ms: the longest single break that is a digit although it is in the flash window. */
  readonly longestSinglePulse?: number;
  /** ms without a pulse after which a digit is complete. */
  readonly gap?: number;
  /** ms of quiet after which the loop is believed to be seized. */
  readonly debounce?: number;
}

export type SubscriberLoopInput =
  | ContactInput
  /** Whether the telephone awaits digits: dial tone or dialling. */
  | { readonly kind: 'dialling'; readonly dialling: boolean };

export type SubscriberLoopEvent =
  | HookEvent
  | { readonly kind: 'digit'; readonly digit: Digit }
  | { readonly kind: 'misdialled'; readonly pulses: number };

const NEVER = Number.POSITIVE_INFINITY;
/** ms after seizing in which breaks are the cradle's rattle. */
const SETTLING = 100;
/** ms by which edges are delivered late. */
const LATE = 4;
const LONGEST_SINGLE_PULSE = 80;
/** A governor keeps the breaks of one digit this much alike; a hand at the hook does not. */
const REGULAR = 1.2;
const LEARN_FROM = 3;

export class SubscriberLoop {
  readonly #options: Required<Omit<SubscriberLoopOptions, 'coding'>>;
  readonly #coding: PulseCoding | undefined;
  #state: 'on' | 'off' | undefined;
  #level: boolean | undefined;
  #changed = 0;
  #breaks = new BreakDetector();
  #seizedAt = 0;
  #dialling = false;
  /** ms: lengths of the breaks in a row so far. */
  #train: number[] = [];
  #lastPulse = 0;
  #longestSinglePulse: number;

  constructor(options: SubscriberLoopOptions) {
    const { flashMin, flashMax, coding, gap = PULSE.gap, debounce = DEBOUNCE } = options;
    const { longestSinglePulse = LONGEST_SINGLE_PULSE } = options;
    this.#options = { flashMin, flashMax, gap, debounce, longestSinglePulse };
    this.#coding = coding;
    this.#longestSinglePulse = longestSinglePulse;
  }

  /** As last reported; undefined before the first report. */
  get state(): 'on' | 'off' | undefined {
    return this.#state;
  }

  get deadline(): number {
    if (this.#state !== 'off') return this.#settlesAt;
    return Math.min(this.#breaks.deadline, this.#trainEndsAt, this.#hangUpAt);
  }

  handle(input: SubscriberLoopInput, now: number): SubscriberLoopEvent[] {
    const events: SubscriberLoopEvent[] = [];
    if (input.kind === 'dialling') this.#dialling = input.dialling;
    const contact: ContactInput = input.kind === 'level' ? input : { kind: 'tick' };
    // What an edge finds settled, settled before it.
    if (this.#state !== 'off' && (contact.kind === 'tick' ? now >= this.#settlesAt : now > this.#settlesAt))
      this.#settle(events);
    if (contact.kind === 'level' && contact.closed !== this.#level) {
      this.#level = contact.closed;
      this.#changed = now;
    }
    if (this.#state === 'off') this.#listen(contact, now, events);
    return events;
  }

  /** ms: when a loop that is not seized will have been quiet; Infinity while that would change nothing. */
  get #settlesAt(): number {
    const wanted = this.#state === undefined ? this.#level !== undefined : this.#level === true;
    return wanted ? this.#changed + this.#options.debounce : NEVER;
  }

  #settle(events: SubscriberLoopEvent[]): void {
    this.#state = this.#level ? 'off' : 'on';
    this.#seizedAt = this.#changed;
    this.#breaks = new BreakDetector();
    this.#train = [];
    events.push({ kind: 'hook', state: this.#state });
  }

  #listen(input: ContactInput, now: number, events: SubscriberLoopEvent[]): void {
    for (const over of this.#breaks.handle(input, now)) this.#broken(over, events);
    if (now >= this.#trainEndsAt) this.#endTrain(events);
    if (now >= this.#hangUpAt) {
      this.#state = 'on';
      events.push({ kind: 'hook', state: 'on' });
    }
  }

  /** A break is over. */
  #broken({ since, length }: LoopBreak, events: SubscriberLoopEvent[]): void {
    const { flashMin, flashMax } = this.#options;
    if (length > flashMax) {
      this.#train = [];
      this.#seizedAt = since + length;
      events.push({ kind: 'hook', state: 'on' }, { kind: 'hook', state: 'off' });
    } else if (since >= this.#seizedAt + SETTLING) {
      if (this.#coding !== undefined && length <= PULSE.longestBreak) {
        this.#train.push(length);
        this.#lastPulse = since + length;
      } else {
        this.#endTrain(events);
        if (length >= flashMin) events.push({ kind: 'flash' });
      }
    }
  }

  /** ms: when no further break can belong to the row; Infinity while one that may is going on. */
  get #trainEndsAt(): number {
    if (this.#train.length === 0) return NEVER;
    const end = this.#lastPulse + this.#options.gap;
    const open = this.#breaks.openSince;
    return open !== undefined && open < end ? NEVER : end;
  }

  /** ms: later than the window, for an edge within it is judged later, and may be delivered later still. */
  get #hangUpAt(): number {
    const { openSince } = this.#breaks;
    return openSince === undefined ? NEVER : openSince + this.#options.flashMax + HOLD + LATE;
  }

  #endTrain(events: SubscriberLoopEvent[]): void {
    const breaks = this.#train;
    const [single = 0, ...more] = breaks;
    this.#train = [];
    if (breaks.length === 0 || this.#coding === undefined) return;
    if (more.length === 0 && this.#isFlash(single)) {
      events.push({ kind: 'flash' });
      return;
    }
    this.#learn(breaks);
    const digit = digitOf(breaks.length, this.#coding);
    events.push(digit ? { kind: 'digit', digit } : { kind: 'misdialled', pulses: breaks.length });
  }

  /** Of a single break, no longer than a dial's and than the window. */
  #isFlash(length: number): boolean {
    return length >= this.#options.flashMin && !(this.#dialling && length <= this.#longestSinglePulse);
  }

  #learn(breaks: readonly number[]): void {
    const longest = Math.max(...breaks);
    if (breaks.length < LEARN_FROM || longest > REGULAR * Math.min(...breaks)) return;
    this.#longestSinglePulse = Math.max(this.#options.longestSinglePulse, REGULAR * longest);
  }
}
