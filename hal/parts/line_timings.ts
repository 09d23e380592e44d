/**
 * Timing of a subscriber's line by country. The flash windows are defaults from practice, which a user may need to
 * adjust; the pulse limits are those of DAHDI's drivers, the British GPO and the Bell exchanges; the ringing
 * frequencies those of the countries' own networks.
 */
import type { CallerIdScheme } from '../types.ts';
import { callerIdSchemeOf } from './caller_id_procedure.ts';
import type { PulseCoding } from './pulse_coding.ts';

/** ms: a break of the loop from `min` to `max` is a flash; `sent` is what that country's recall keys make. */
export interface FlashWindow {
  readonly min: number;
  readonly max: number;
  readonly sent: number;
}

export interface LineTimings {
  readonly flash: FlashWindow;
  readonly coding: PulseCoding;
  /** Hz of the bell. */
  readonly ringHertz: number;
  /** Absent: nobody is told who calls. */
  readonly callerId?: CallerIdScheme | undefined;
}

/** ms and pulses a second that a dial may make. */
export const PULSE = {
  slowest: 7,
  fastest: 22,
  longestBreak: 200,
  /** Without a pulse for so long the digit is complete. */
  gap: 250,
  /** After the off-normal contact has come to rest. */
  afterReturn: 50,
} as const;

const flash = (min: number, max: number, sent: number): FlashWindow => ({ min, max, sent });

const DEFAULT: LineTimings = { flash: flash(80, 900, 100), coding: 'standard', ringHertz: 25 };

/** ISO 3166 codes, two letters. ETSI's timed-break recall is 50 to 130 ms, wider where older exchanges were. */
const FLASH: Readonly<Record<string, FlashWindow>> = {
  US: flash(300, 1000, 600),
  CA: flash(300, 1000, 600),
  GB: flash(50, 130, 100),
  IE: flash(50, 130, 100),
  DE: flash(50, 310, 100),
  AT: flash(40, 130, 80),
  CH: flash(50, 310, 100),
  NL: flash(50, 250, 120),
  BE: flash(50, 150, 120),
  FR: flash(190, 330, 270),
  IT: flash(50, 250, 100),
  ES: flash(50, 150, 100),
  PT: flash(50, 250, 100),
  SE: flash(50, 150, 100),
  NO: flash(50, 150, 100),
  DK: flash(50, 250, 100),
  FI: flash(50, 150, 100),
  PL: flash(50, 250, 100),
  CZ: flash(50, 250, 100),
  AU: flash(50, 150, 100),
  NZ: flash(500, 800, 600),
  JP: flash(300, 1000, 600),
  CN: flash(90, 600, 100),
  KR: flash(300, 1000, 600),
  IN: flash(200, 800, 600),
  BR: flash(90, 500, 300),
  ZA: flash(50, 250, 100),
};

/** Everybody else dials n pulses for n, ten for 0. */
const CODING: Readonly<Record<string, PulseCoding>> = { SE: 'SE', NZ: 'NZ' };

/** Everybody else rings at ETSI's 25 Hz. Japan's is 16 Hz by name, within a bell's tolerance of 16 2/3. */
const RING_HERTZ: Readonly<Record<string, number>> = {
  US: 20,
  CA: 20,
  KR: 20,
  PH: 20,
  TW: 20,
  SG: 24,
  FR: 50,
  JP: 1000 / 60,
};

/** Countries whose flash window is known. */
export const TIMED_COUNTRIES: readonly string[] = Object.keys(FLASH);

/** Timings of a country by its two-letter code, in either case; usable ones where it is unknown. */
export function lineTimingsOf(country: string): LineTimings {
  const code = country.toUpperCase();
  return {
    flash: known(FLASH, code) ?? DEFAULT.flash,
    coding: known(CODING, code) ?? DEFAULT.coding,
    ringHertz: known(RING_HERTZ, code) ?? DEFAULT.ringHertz,
    callerId: callerIdSchemeOf(code),
  };
}

function known<T>(table: Readonly<Record<string, T>>, code: string): T | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
