/**
 * Call-progress tones and the bell's cadence of a country. The facts and their sources are in tones.json; this
 * file reads its notation and fills what a country's administration has not published.
 */
import data from './tones.json' with { type: 'json' };
import type { Tone, ToneStep } from './types.ts';

export interface CountryTones {
  readonly name: string;
  readonly dial: Tone;
  /** In place of the dial tone: messages wait. */
  readonly stutterDial: Tone;
  readonly busy: Tone;
  readonly ringback: Tone;
  readonly congestion: Tone;
  readonly callWaiting: Tone;
  readonly specialInformation: Tone;
  /** Milliseconds on, off, … of the bell, repeated. */
  readonly ring: readonly number[];
}

interface Zone {
  readonly name: string;
  readonly ring: readonly number[];
  readonly dial: string;
  readonly stutterDial?: string;
  readonly busy: string;
  readonly ringback: string;
  readonly congestion?: string;
  readonly callWaiting?: string;
  readonly specialInformation?: string;
}

const zones: Readonly<Record<string, Zone>> = data.zones;

/** What ITU-T E.180 recommends, for countries that we know nothing of and for tones that one has not published. */
const RECOMMENDED: Zone = {
  name: 'ITU-T E.180',
  ring: [1000, 4000],
  dial: '425/0',
  busy: '425/500 0/500',
  ringback: '425/1000 0/4000',
  congestion: '425/250 0/250',
  callWaiting: '425/200 0/600 425/200 0/3000',
  specialInformation: '950/330 1400/330 1800/330 0/1000',
};

/** dBm0 of each frequency: dial tone loud enough to be awaited, the others no louder than speech. */
const LEVEL = { dial: -13, progress: -19, callWaiting: -25, howler: -6 };

/** The receiver is off the hook and nothing is done with it. */
export const HOWLER: Tone = toneOf('1400+2060+2450+2600/100 0/100', LEVEL.howler);

/** Country codes (ISO 3166, two letters) whose tones are known. */
export const COUNTRIES: readonly string[] = Object.keys(zones);

/** Tones of a country by its two-letter code, in either case; those of ITU-T E.180 where it is unknown. */
export function tonesOf(country: string): CountryTones {
  const code = country.toUpperCase();
  const zone = Object.hasOwn(zones, code) ? (zones[code] ?? RECOMMENDED) : RECOMMENDED;
  const { name, ring, dial, stutterDial, busy, ringback } = zone;
  const { congestion, callWaiting, specialInformation } = zone;
  return {
    name,
    ring,
    dial: toneOf(dial, LEVEL.dial),
    stutterDial:
      stutterDial === undefined ? stuttered(toneOf(dial, LEVEL.dial)) : toneOf(stutterDial, LEVEL.dial),
    busy: toneOf(busy, LEVEL.progress),
    ringback: toneOf(ringback, LEVEL.progress),
    congestion:
      congestion === undefined ? halved(toneOf(busy, LEVEL.progress)) : toneOf(congestion, LEVEL.progress),
    callWaiting: toneOf(callWaiting ?? RECOMMENDED.callWaiting ?? '', LEVEL.callWaiting),
    specialInformation: toneOf(specialInformation ?? RECOMMENDED.specialInformation ?? '', LEVEL.progress),
  };
}

/** Reads the notation of tones.json: `!950/330 350+440/0`. */
function toneOf(notation: string, level: number): Tone {
  const steps = notation.split(' ');
  return {
    intro: steps.filter((step) => step.startsWith('!')).map((step) => stepOf(step.slice(1))),
    loop: steps.filter((step) => !step.startsWith('!')).map(stepOf),
    level,
  };
}

function stepOf(notation: string): ToneStep {
  const [frequencies = '0', ms = '0'] = notation.split('/');
  const am = frequencies.includes('*');
  const hz = frequencies === '0' ? [] : frequencies.split(am ? '*' : '+').map(Number);
  return { hz, ms: Number(ms), ...(am ? { am } : {}) };
}

/** Dial tone that stutters six times, 100 ms on and off, where a country names none. */
function stuttered(tone: Tone): Tone {
  const [first = { hz: [], ms: 0 }] = [...tone.intro, ...tone.loop];
  const stutter: readonly ToneStep[] = [
    { ...first, ms: 100 },
    { hz: [], ms: 100 },
  ];
  return { ...tone, intro: Array.from({ length: 6 }, () => stutter).flat() };
}

/** Congestion is busy at twice the speed where a country names none. */
function halved(tone: Tone): Tone {
  const half = (step: ToneStep): ToneStep => ({ ...step, ms: step.ms / 2 });
  return { ...tone, intro: tone.intro.map(half), loop: tone.loop.map(half) };
}
