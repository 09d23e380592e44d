/** How many pulses mean which digit. */

export type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';

/** Named after where the dial is from; Oslo has New Zealand's. */
export type PulseCoding = 'standard' | 'SE' | 'NZ';

const DIGITS: readonly Digit[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** The digits of one pulse, of two, … of ten. */
const CODINGS: Readonly<Record<PulseCoding, readonly Digit[]>> = {
  /** n pulses for n, ten for 0. */
  standard: [...DIGITS.slice(1), '0'],
  /** n + 1 pulses for n. */
  SE: DIGITS,
  /** 10 - n pulses for n. */
  NZ: DIGITS.toReversed(),
};

export const PULSE_CODINGS: readonly PulseCoding[] = ['standard', 'SE', 'NZ'];

/** Undefined when no dial makes so many pulses. */
export function digitOf(pulses: number, coding: PulseCoding): Digit | undefined {
  return CODINGS[coding][pulses - 1];
}

/** 1 to 10. */
export function pulsesOf(digit: Digit, coding: PulseCoding): number {
  return CODINGS[coding].indexOf(digit) + 1;
}
