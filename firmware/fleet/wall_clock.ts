/**
 * What time it is, where the system's clock may not know: a board has none that runs without power. Time servers are
 * believed; the Date of a SIP server (RFC 3261 20.17) only where nobody else says anything and we are far off.
 */

export interface WallClockOptions {
  /** ms since the epoch, by the system. */
  readonly system: () => number;
  /** Sets the system's clock; false: that is not ours to do. */
  readonly set: (time: number) => boolean;
  readonly log: (text: string) => void;
}

/**
 * No firmware is older, ms since the epoch: a clock that stands before has not been set, and who says that it is earlier
 * lies. Set back so far, the clock would make dates of certificates count for nothing.
 */
export const MADE = Date.UTC(2026, 0, 1);
/** Below this the system's clock is left alone: what keeps it may be slewing it just now. ms */
const STEP = 1000;
/** A Date is no more than seconds, and was written by somebody whose clock is not known. ms */
const FAR = 60_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SIP_DATE = /^\s*[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT\s*$/;

export class WallClock {
  readonly #options: WallClockOptions;
  #offset = 0;
  #source: 'system' | 'sip' | 'ntp' = 'system';

  constructor(options: WallClockOptions) {
    this.#options = options;
  }

  /** ms since the epoch. */
  now(): number {
    return this.#options.system() + this.#offset;
  }

  /** What is added to the system's clock, ms. */
  get offset(): number {
    return this.#offset;
  }

  /** Who said so. */
  get source(): 'system' | 'sip' | 'ntp' {
    return this.#source;
  }

  /** Time servers say that the system's clock is off by so many ms. */
  ntp(offset: number): void {
    if (this.#isImpossible(offset)) {
      this.#options.log('time servers say that it is earlier than this firmware: they are not believed');
      return;
    }
    this.#source = 'ntp';
    this.#correct(offset, 'time servers');
  }

  /** The Date of a SIP response. */
  sip(date: string): void {
    const time = sipDate(date);
    if (time === undefined || this.#source === 'ntp') return;
    const offset = time - this.#options.system();
    if (Math.abs(offset - this.#offset) < FAR || this.#isImpossible(offset)) return;
    this.#source = 'sip';
    this.#correct(offset, 'a SIP server');
  }

  #isImpossible(offset: number): boolean {
    return Math.abs(offset) >= STEP && this.#options.system() + offset < MADE;
  }

  #correct(offset: number, from: string): void {
    if (Math.abs(offset) < STEP) {
      this.#offset = offset;
      return;
    }
    const isSet = this.#options.set(this.#options.system() + offset);
    const far = Math.abs(offset - this.#offset) >= STEP;
    this.#offset = isSet ? 0 : offset;
    if (!far && !isSet) return;
    const seconds = Math.round(offset / 1000);
    this.#options.log(
      `by ${from} the clock is off by ${seconds} s: ${isSet ? 'set' : 'taken into account, the system keeps its own'}`,
    );
  }
}

/** ms since the epoch; undefined: it is none. */
export function sipDate(text: string): number | undefined {
  const [, day, name = '', year, hour, minute, second] = SIP_DATE.exec(text) ?? [];
  const month = MONTHS.indexOf(name);
  if (month < 0) return undefined;
  const time = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  return new Date(time).getUTCDate() === Number(day) ? time : undefined;
}
