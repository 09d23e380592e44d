/**
 * A rotary dial: its pulse contact, and where there is one its off-normal contact, which moves while the dial is away
 * from rest. The digit ends when the dial is back, or, without that contact, when no pulse has come for a while.
 */
import { Contact, type ContactInput } from './contact.ts';
import { PULSE } from './line_timings.ts';
import { BreakDetector, type LoopBreak } from './loop_break.ts';
import { type Digit, digitOf, type PulseCoding } from './pulse_coding.ts';

/** What a contact is while the dial is at rest. */
export type DialContact = 'normally-closed' | 'normally-open';

/** PulseLearner (pulse_learner.ts) finds these by listening. */
export interface DialWiring {
  readonly pulse: DialContact;
  /** Absent: the dial has none. */
  readonly offNormal?: DialContact;
  readonly coding: PulseCoding;
}

export interface PulseDialOptions extends DialWiring {
  /** ms without a pulse after which a digit is complete, where no off-normal contact tells. */
  readonly gap?: number;
}

export type PulseDialInput =
  | { readonly kind: 'level'; readonly contact: 'pulse' | 'off-normal'; readonly closed: boolean }
  | { readonly kind: 'tick' };

export type PulseDialEvent =
  | { readonly kind: 'digit'; readonly digit: Digit }
  /** More pulses than a dial has: worn out, or wired otherwise. */
  | { readonly kind: 'misdialled'; readonly pulses: number };

/** ms: a dial that hangs between two pulses for longer, or whose off-normal contact is stuck, has done. */
const LONGEST_PAUSE = 3000;
/** Fewer pulses while the off-normal contact says "at rest" are interference; more mean that its edge was lost. */
const BELIEVED_AT_REST = 2;

export class PulseDial {
  readonly #wiring: DialWiring;
  readonly #gap: number;
  readonly #breaks = new BreakDetector();
  readonly #offNormal = new Contact();
  #pulses = 0;
  #lastPulse = 0;
  /** The dial has left its rest, in this train of pulses. */
  #wound = false;
  /** ms: it came back to rest. */
  #returned: number | undefined;

  constructor({ gap = PULSE.gap, ...wiring }: PulseDialOptions) {
    this.#wiring = wiring;
    this.#gap = gap;
  }

  get deadline(): number {
    return Math.min(this.#breaks.deadline, this.#offNormal.deadline, this.#completeAt);
  }

  handle(input: PulseDialInput, now: number): PulseDialEvent[] {
    const events: PulseDialEvent[] = [];
    for (const over of this.#breaks.handle(this.#normalized(input, 'pulse'), now)) this.#count(over);
    for (const { closed, since } of this.#offNormal.handle(this.#normalized(input, 'off-normal'), now))
      this.#moved(closed, since, events);
    if (now >= this.#completeAt) this.#complete(events);
    return events;
  }

  /** A contact's level as "closed at rest"; what is not its own is only time to it. */
  #normalized(input: PulseDialInput, contact: 'pulse' | 'off-normal'): ContactInput {
    if (input.kind === 'tick' || input.contact !== contact) return { kind: 'tick' };
    const wiring = contact === 'pulse' ? this.#wiring.pulse : this.#wiring.offNormal;
    return { kind: 'level', closed: input.closed === (wiring !== 'normally-open') };
  }

  #count({ since, length }: LoopBreak): void {
    if (length > PULSE.longestBreak) return;
    this.#pulses++;
    this.#lastPulse = since + length;
  }

  #moved(atRest: boolean, since: number, events: PulseDialEvent[]): void {
    if (this.#wiring.offNormal === undefined) return;
    if (atRest) {
      if (this.#wound) this.#returned = since;
      return;
    }
    // Wound up anew before the last digit was told.
    if (this.#returned !== undefined) this.#complete(events);
    this.#wound = true;
  }

  /** ms: when the digit is complete, if nothing more comes. */
  get #completeAt(): number {
    if (this.#pulses === 0 && this.#returned === undefined) return Number.POSITIVE_INFINITY;
    const open = this.#breaks.openSince;
    // A break that has begun may be the next pulse, until it is too long for one.
    return open !== undefined && open < this.#end ? open + PULSE.longestBreak + this.#gap : this.#end;
  }

  /** ms: a pulse that begins later belongs to the next digit. */
  get #end(): number {
    if (this.#returned !== undefined) return this.#returned + PULSE.afterReturn;
    return this.#lastPulse + (this.#wound ? LONGEST_PAUSE : this.#gap);
  }

  #complete(events: PulseDialEvent[]): void {
    const pulses = this.#pulses;
    const told = this.#wiring.offNormal === undefined || this.#wound;
    this.#pulses = 0;
    this.#wound &&= this.#returned === undefined;
    this.#returned = undefined;
    if (pulses < (told ? 1 : BELIEVED_AT_REST)) return;
    const digit = digitOf(pulses, this.#wiring.coding);
    events.push(digit === undefined ? { kind: 'misdialled', pulses } : { kind: 'digit', digit });
  }
}
