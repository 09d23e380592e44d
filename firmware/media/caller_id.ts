/**
 * The sound by which a telephone learns who calls. When it is played, and what the line does meanwhile, is known to
 * the line's card (hal/parts/caller_id_procedure.ts); here is what is heard then.
 *
 *   scheme            on the hook                                  in a call
 *   bellcore          Bell 202, multiple data message              the tone of ITU's alerting, the telephone's D or A,
 *   etsi-…, sin227    (DT-AS) V.23, message with call type         then the same without channel seizure
 *   dtmf              keys, framed by the country's custom         –
 */
import { callerIdMessage, dialledDigits, type MessageForm } from './caller_id_message.ts';
import { toneOfKey } from './dtmf.ts';
import { BELL_202, type FskModem, fskOf, OFF_HOOK, ON_HOOK, V23 } from './fsk.ts';
import { ToneGenerator } from './tone.ts';
import type { CallerIdentity, CallerIdScheme, CallTime, DtmfKey, Tone, ToneStep } from './types.ts';

interface Signalling {
  readonly modem: FskModem;
  readonly form: MessageForm;
  /** Dual tone alerting signal in front, and the pause after it. */
  readonly alert?: true;
}

/** Absent: by keys. */
const SIGNALLING: Readonly<Record<CallerIdScheme, Signalling | undefined>> = {
  bellcore: { modem: BELL_202, form: 'multiple' },
  'etsi-between-rings': { modem: V23, form: 'etsi' },
  'etsi-ring-pulse': { modem: V23, form: 'etsi' },
  'etsi-dtas': { modem: V23, form: 'etsi', alert: true },
  'etsi-reversal-dtas': { modem: V23, form: 'etsi', alert: true },
  sin227: { modem: V23, form: 'etsi', alert: true },
  dtmf: undefined,
};

const RATE = 8000;
/** Hz of both alerting tones (DT-AS, CAS), dBm0 of each. */
const ALERT_HZ = [2130, 2750];
const ALERT_LEVEL = -14;
/** ms. 45 to 500 may lie between alert and data; British telephones draw current for 15 meanwhile. */
const DTAS = { tone: 100, pause: 100 };
const CAS_MS = 80;
/** ms of a key and of the pause after it. */
const KEY = { on: 70, off: 70 };

/** The tone that asks a telephone in a call whether it listens; it answers with a key (`ACKNOWLEDGEMENT`). */
export const CAS: Tone = alertTone(CAS_MS);

/** Keys by which telephones answer CAS, and ms within which they do. */
export const ACKNOWLEDGEMENT: { readonly keys: readonly DtmfKey[]; readonly within: number } = {
  keys: ['D', 'A'],
  within: 160,
};

/** 8 kHz, to a telephone on the hook. `country`: two letters, for the framing of keys. */
export function callerIdSound(
  scheme: CallerIdScheme,
  country: string,
  caller: CallerIdentity,
  time: CallTime,
): Int16Array {
  const signalling = SIGNALLING[scheme];
  if (signalling === undefined) return keysSound(keysOf(country, caller));
  const { modem, form, alert } = signalling;
  const data = fskOf(modem, ON_HOOK, callerIdMessage(form, caller, time));
  if (alert === undefined) return data;
  const silence = new Int16Array(samplesOf(DTAS.pause));
  return joined([played(alertTone(DTAS.tone)), silence, data]);
}

/** The same to a telephone that has acknowledged CAS; undefined where keys are the custom, which have no such way. */
export function callWaitingSound(
  scheme: CallerIdScheme,
  caller: CallerIdentity,
  time: CallTime,
): Int16Array | undefined {
  const signalling = SIGNALLING[scheme];
  if (signalling === undefined) return undefined;
  return fskOf(signalling.modem, OFF_HOOK, callerIdMessage(signalling.form, caller, time));
}

/** How the keys are framed: `number`, and what is sent where there is none. */
interface KeyFraming {
  readonly number: (digits: string) => string;
  readonly withheld: string;
  readonly unknown: string;
}

/** Codes of the reason: 00 not known, 10 withheld. */
const BRAZILIAN: KeyFraming = { number: (digits) => `A${digits}C`, withheld: 'B10C', unknown: 'B00C' };
const KEY_FRAMINGS: Readonly<Record<string, KeyFraming>> = {
  DK: { number: (digits) => `${digits}#`, withheld: 'D1#', unknown: 'D3#' },
  NL: { number: (digits) => `${digits}#`, withheld: 'D1#', unknown: 'D3#' },
  TW: { number: (digits) => `D${digits}C`, withheld: 'D10C', unknown: 'D00C' },
  KW: { number: (digits) => `D${digits}C`, withheld: 'D10C', unknown: 'D00C' },
};

/** The keys that tell who calls, as a country frames them. */
export function keysOf(country: string, caller: CallerIdentity): string {
  const code = country.toUpperCase();
  const framing = (Object.hasOwn(KEY_FRAMINGS, code) ? KEY_FRAMINGS[code] : undefined) ?? BRAZILIAN;
  if (caller.withheld) return framing.withheld;
  // * and # would end it.
  const digits = dialledDigits(caller.number ?? '').replace(/[*#]/g, '');
  return digits === '' ? framing.unknown : framing.number(digits);
}

function keysSound(keys: string): Int16Array {
  const steps = Array.from(keys).flatMap((key): ToneStep[] => [
    ...toneOfKey(key as DtmfKey, KEY.on).intro,
    { hz: [], ms: KEY.off },
  ]);
  return played({ intro: steps, loop: [], level: -10 });
}

function alertTone(ms: number): Tone {
  return { intro: [{ hz: ALERT_HZ, ms }], loop: [], level: ALERT_LEVEL };
}

function played(tone: Tone): Int16Array {
  const samples = new Int16Array(samplesOf(tone.intro.reduce((sum, { ms }) => sum + ms, 0)));
  new ToneGenerator(tone).addTo(samples);
  return samples;
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const samples = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}

function samplesOf(ms: number): number {
  return Math.round((ms * RATE) / 1000);
}
