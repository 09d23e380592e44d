/** Which call-progress tone is heard when (ITU-T E.180 names). */
import { type CountryTones, HOWLER } from '#media/tones_by_country.ts';
import type { Tone } from '#media/types.ts';
import type { EndCause } from '#sip/types.ts';
import type { HandsetState } from './handset_states.ts';

/** The tones that the handset plays; `CountryTones` has them all. */
export type ProgressTones = Pick<
  CountryTones,
  'dial' | 'ringback' | 'busy' | 'congestion' | 'specialInformation'
>;

/** The tone heard all through a state; absent: none. */
const TONE_OF_STATE: Partial<Record<HandsetState, keyof ProgressTones | 'howler'>> = {
  'dial-tone': 'dial',
  ringback: 'ringback',
  busy: 'busy',
  congestion: 'congestion',
  'special-information': 'specialInformation',
  howler: 'howler',
};

export function toneOfState(state: HandsetState, tones: ProgressTones): Tone | undefined {
  const name = TONE_OF_STATE[state];
  if (name === undefined) return undefined;
  return name === 'howler' ? HOWLER : tones[name];
}

export type Release = 'busy' | 'congestion' | 'unobtainable';

/** What the caller hears for a final status of RFC 3261 21; every other one is congestion. */
const RELEASE_OF_STATUS: Readonly<Record<number, Release>> = {
  404: 'unobtainable',
  410: 'unobtainable',
  416: 'unobtainable',
  484: 'unobtainable',
  485: 'unobtainable',
  486: 'busy',
  600: 'busy',
  603: 'busy',
  604: 'unobtainable',
};

/** A call that had been answered and was hung up by the peer leaves busy tone; else its status decides. */
export function releaseOf(cause: EndCause, answered: boolean): Release {
  if (answered && cause.by === 'peer') return 'busy';
  return RELEASE_OF_STATUS[cause.status ?? 0] ?? 'congestion';
}
