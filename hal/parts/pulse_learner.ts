/**
 * Finds out how a dial is wired while a person dials digits that they are asked for: what its contacts are at rest,
 * whether there is an off-normal contact at all, and how many pulses mean what. The dial is at rest when a digit is
 * asked for; the first digit that only one coding can mean, confirmed by a second one, settles it ("1" and then any).
 */
import type { ContactInput } from './contact.ts';
import { PULSE } from './line_timings.ts';
import { BreakDetector } from './loop_break.ts';
import { type Digit, digitOf, PULSE_CODINGS, type PulseCoding } from './pulse_coding.ts';
import type { DialContact, DialWiring } from './pulse_dial.ts';

export type PulseLearnerInput =
  /** The person is asked to dial this digit now; the dial is at rest. */
  | { readonly kind: 'expect'; readonly digit: Digit }
  | { readonly kind: 'level'; readonly contact: 'pulse' | 'off-normal'; readonly closed: boolean }
  | { readonly kind: 'tick' };

export type PulseLearnerEvent =
  /** So many pulses were heard; ask for another digit. */
  | { readonly kind: 'heard'; readonly digit: Digit; readonly pulses: number }
  | { readonly kind: 'learned'; readonly wiring: DialWiring }
  /**
   * `silent`: no pulse came · `swapped`: they came on the other line · `stuck`: a contact did not come back to rest ·
   * `no-coding`: such a number of pulses means that digit nowhere, or not by the coding of the digits before.
   */
  | { readonly kind: 'unclear'; readonly reason: 'silent' | 'swapped' | 'stuck' | 'no-coding' };

/** ms of quiet after which the dial has done; longer than a hand pauses between winding and letting go. */
const QUIET = 1500;
/** ms after which a contact that is not back at rest is stuck, or nobody dials. */
const PATIENCE = 15_000;
const CONFIRMED_BY = 2;

/** One line as it moves while a digit is dialled. */
class LearnedLine {
  level: boolean | undefined;
  rest: boolean | undefined;
  pulses = 0;
  moved = false;
  #breaks = new BreakDetector();

  begin(): void {
    this.rest = this.level;
    this.pulses = 0;
    this.moved = false;
    this.#breaks = new BreakDetector();
  }

  handle(input: ContactInput, now: number): void {
    if (input.kind === 'level') this.level = input.closed;
    this.rest ??= this.level;
    if (this.level !== this.rest) this.moved = true;
    const normalized: ContactInput =
      input.kind === 'level' ? { kind: 'level', closed: input.closed === this.rest } : input;
    for (const { length } of this.#breaks.handle(normalized, now)) {
      if (length <= PULSE.longestBreak) this.pulses++;
    }
  }

  get contact(): DialContact {
    return this.rest === false ? 'normally-open' : 'normally-closed';
  }
}

export class PulseLearner {
  readonly #lines = { pulse: new LearnedLine(), 'off-normal': new LearnedLine() };
  #expected: Digit | undefined;
  #candidates: readonly PulseCoding[] = PULSE_CODINGS;
  #heard = 0;
  #offNormal = false;
  /** ms: last change of a level, and when the digit was asked for. */
  #changed = 0;
  #asked = 0;

  get deadline(): number {
    if (this.#expected === undefined) return Number.POSITIVE_INFINITY;
    const moved = this.#lines.pulse.moved || this.#lines['off-normal'].moved;
    return moved && this.#atRest ? this.#changed + QUIET : Math.max(this.#asked, this.#changed) + PATIENCE;
  }

  handle(input: PulseLearnerInput, now: number): PulseLearnerEvent[] {
    const over = now >= this.deadline ? this.#judge(now) : [];
    if (input.kind === 'expect') {
      this.#expect(input.digit, now);
      return over;
    }
    for (const [contact, line] of Object.entries(this.#lines)) {
      const own = input.kind === 'level' && input.contact === contact;
      if (own && line.level !== input.closed) this.#changed = now;
      line.handle(own ? { kind: 'level', closed: input.closed } : { kind: 'tick' }, now);
    }
    return over;
  }

  #expect(digit: Digit, now: number): void {
    this.#expected = digit;
    this.#asked = now;
    for (const line of Object.values(this.#lines)) line.begin();
  }

  get #atRest(): boolean {
    return Object.values(this.#lines).every(({ level, rest }) => level === rest);
  }

  #judge(now: number): PulseLearnerEvent[] {
    const { pulse, 'off-normal': offNormal } = this.#lines;
    const digit = this.#expected;
    for (const line of [pulse, offNormal]) line.handle({ kind: 'tick' }, now);
    this.#expected = undefined;
    if (digit === undefined) return [];
    if (!this.#atRest) return [{ kind: 'unclear', reason: 'stuck' }];
    if (pulse.pulses === 0) return [{ kind: 'unclear', reason: offNormal.pulses > 0 ? 'swapped' : 'silent' }];
    this.#offNormal ||= offNormal.moved;
    this.#candidates = this.#candidates.filter((coding) => digitOf(pulse.pulses, coding) === digit);
    if (this.#candidates.length === 0) {
      this.#candidates = PULSE_CODINGS;
      this.#heard = 0;
      return [{ kind: 'unclear', reason: 'no-coding' }];
    }
    return this.#conclude(digit, pulse.pulses, ++this.#heard);
  }

  #conclude(digit: Digit, pulses: number, heard: number): PulseLearnerEvent[] {
    const [coding, ...others] = this.#candidates;
    if (coding === undefined || others.length > 0 || heard < CONFIRMED_BY)
      return [{ kind: 'heard', digit, pulses }];
    const { pulse, 'off-normal': offNormal } = this.#lines;
    const wiring: DialWiring = { pulse: pulse.contact, coding };
    return [
      {
        kind: 'learned',
        wiring: this.#offNormal ? { ...wiring, offNormal: offNormal.contact } : wiring,
      },
    ];
  }
}
