/** Every time limit of the telephone, ms. */
export interface PhoneTimings {
  /** Dial tone waits this long for the first digit; also while no number of the map can be complete yet. */
  readonly firstDigit: number;
  /** Between two digits of a number that may go on. */
  readonly betweenDigits: number;
  /** After a number that is complete but could go on. */
  readonly afterCompleteNumber: number;
  /** A handset left off hook hears busy this long, then the howler. */
  readonly untilHowler: number;
  /** The bell gives up: nobody is at home. */
  readonly ringing: number;
  /** Length of an RFC 4733 event sent for a key. */
  readonly dtmf: number;
  /** Length of the tone that a key makes in the own ear while dialling. */
  readonly keyTone: number;
  /** A line on the resting display says this long why the last call failed. */
  readonly notice: number;
}

export const TIMINGS: PhoneTimings = {
  firstDigit: 15_000,
  betweenDigits: 4_000,
  afterCompleteNumber: 2_500,
  untilHowler: 60_000,
  ringing: 180_000,
  dtmf: 120,
  keyTone: 100,
  notice: 10_000,
};
