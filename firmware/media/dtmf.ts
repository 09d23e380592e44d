/** The sixteen keys of a push-button telephone: their RFC 4733 events and their pairs of frequencies (ITU-T Q.23). */
import type { DtmfKey, Tone } from './types.ts';

/** Position is the event code (RFC 4733 3.2 table 3). */
const KEYS: readonly DtmfKey[] = [
  '0',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  '*',
  '#',
  'A',
  'B',
  'C',
  'D',
];

export const ROWS_HZ = [697, 770, 852, 941] as const;
export const COLUMNS_HZ = [1209, 1336, 1477, 1633] as const;
/** Four rows of four columns, one after the other. */
export const PAD: readonly DtmfKey[] = [
  ...(['1', '2', '3', 'A'] as const),
  ...(['4', '5', '6', 'B'] as const),
  ...(['7', '8', '9', 'C'] as const),
  ...(['*', '0', '#', 'D'] as const),
];

/** dBm0 of each frequency. */
const LEVEL = -9;

/** The key of an event code, or undefined where the event is no key (flash, fax tones, …). */
export function keyOfEvent(event: number): DtmfKey | undefined {
  return KEYS[event];
}

/** The event code of a key, 0–15. */
export function eventOfKey(key: DtmfKey): number {
  return KEYS.indexOf(key);
}

/** The sound of a key for `ms` milliseconds (0: until stopped). */
export function toneOfKey(key: DtmfKey, ms: number): Tone {
  const at = PAD.indexOf(key);
  const hz = [ROWS_HZ[at >> 2] ?? 0, COLUMNS_HZ[at & 3] ?? 0];
  return { intro: [{ hz, ms }], loop: [], level: LEVEL };
}

/** Whether a tone is the sound of a key. */
export function isKeyTone({ intro, loop }: Tone): boolean {
  const [low, high, ...more] = intro[0]?.hz ?? [];
  return (
    loop.length === 0 &&
    more.length === 0 &&
    ROWS_HZ.some((hz) => hz === low) &&
    COLUMNS_HZ.some((hz) => hz === high)
  );
}
