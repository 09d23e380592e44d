/**
 * When a telephone on the hook is told who calls, and what its line does for that. The sound itself is made elsewhere
 * (firmware/media/caller_id.ts).
 *
 *   between rings   ─ring─┐ wait │ sound │ 200 ms ┌─ring─          GR-30-CORE, ETSI EN 300 659-1 6.1
 *   before rings    lead, wait │ sound │ 200 ms ┌─ring─            ETSI EN 300 659-1 6.2, SIN 227
 */
import type { CallerId, CallerIdScheme } from '../types.ts';

export interface CallerIdProcedure {
  readonly when: 'between-rings' | 'before-rings';
  /** What comes first: the line is turned over, or the bell rings for a moment (RP-AS). */
  readonly lead?: 'reversal' | 'ring-pulse';
  /** ms from the end of the lead, or of the burst, to the sound. */
  readonly wait: number;
}

export const PROCEDURES: Readonly<Record<CallerIdScheme, CallerIdProcedure>> = {
  // 500 to 1500 ms after the burst.
  bellcore: { when: 'between-rings', wait: 600 },
  // 500 to 2000 ms.
  'etsi-between-rings': { when: 'between-rings', wait: 600 },
  // 500 to 800 ms after the pulse.
  'etsi-ring-pulse': { when: 'before-rings', lead: 'ring-pulse', wait: 600 },
  'etsi-dtas': { when: 'before-rings', wait: 0 },
  // 100 ms and more after the reversal.
  'etsi-reversal-dtas': { when: 'before-rings', lead: 'reversal', wait: 150 },
  sin227: { when: 'before-rings', lead: 'reversal', wait: 150 },
  dtmf: { when: 'before-rings', lead: 'reversal', wait: 300 },
};

export const CALLER_ID_SCHEMES = Object.keys(PROCEDURES) as readonly CallerIdScheme[];

/** ms of an RP-AS: 200 to 300. */
export const RING_PULSE = 250;
/** ms of a pause between two bursts into which wait, sound and what follows it fit. */
export const LEAST_PAUSE = 1800;
/** ms between the sound's end and the next burst. */
export const BEFORE_RING = 200;

const BELLCORE = ['US', 'CA', 'AU', 'NZ', 'CN', 'TW', 'HK', 'SG'];
const BY_KEYS = ['DK', 'SE', 'FI', 'NL', 'BE', 'BR', 'IN', 'IS', 'SA', 'UY'];
/** Japan's telephones are lifted to be told, with a framing of its own: not built. */
const UNTOLD = ['JP'];

/** By a country's two-letter code; ETSI's between two rings where nothing else is known. Undefined: nobody is told. */
export function callerIdSchemeOf(country: string): CallerIdScheme | undefined {
  const code = country.toUpperCase();
  if (UNTOLD.includes(code)) return undefined;
  if (BELLCORE.includes(code)) return 'bellcore';
  if (BY_KEYS.includes(code)) return 'dtmf';
  return code === 'GB' ? 'sin227' : 'etsi-between-rings';
}

/** ms that opening the sound card may take. */
const LATENCY = 130;
/** Bits of channel seizure, mark and rest; then ten for each octet, 1200 a second. */
const FSK = { frame: 490, octet: 10, baud: 1200 };
/** Octets around number and name. */
const OVERHEAD = 3 + 3 + 10 + 2 + 2;
/** ms of the dual tone and the pause after it. */
const ALERT = 200;
/** ms of a key and its pause; keys around the number. */
const KEY = { ms: 140, around: 4 };
const LONGEST = { number: 20, name: 15 };

/** ms from `caller-id` until the sound is over for certain. */
export function soundTime(scheme: CallerIdScheme, { number = '', name = '' }: CallerId): number {
  const digits = Math.min(number.length, LONGEST.number);
  if (scheme === 'dtmf') return LATENCY + KEY.ms * (digits + KEY.around);
  const octets = OVERHEAD + digits + Math.min(name.length, LONGEST.name);
  const alert = PROCEDURES[scheme].when === 'before-rings' && scheme !== 'etsi-ring-pulse' ? ALERT : 0;
  return LATENCY + alert + (1000 * (FSK.frame + FSK.octet * octets)) / FSK.baud;
}
