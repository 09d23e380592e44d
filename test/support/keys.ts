/** Keys of a push-button telephone as sound, with every fault that lines and dials have. 8 kHz, 16 bits. */
import { COLUMNS_HZ, PAD, ROWS_HZ } from '#media/dtmf.ts';
import { amplitudeOf, clip } from '#media/level.ts';
import type { DtmfKey } from '#media/types.ts';
import type { Random } from './bounce.ts';
import { noise } from './speech.ts';

const RATE = 8000;

export interface KeySound {
  /** ms. */
  readonly on: number;
  readonly off: number;
  /** dBm0 of the stronger tone. */
  readonly level: number;
  /** dB by which the row's tone is above the column's; negative: below. */
  readonly twist: number;
  /** By what part row and column are off their frequencies. */
  readonly off1: number;
  readonly off2: number;
  /** dB of the keys above white noise that is there all the time; Infinity: none. */
  readonly overNoise: number;
}

export const PLAIN: KeySound = {
  on: 100,
  off: 100,
  level: -10,
  twist: 0,
  off1: 0,
  off2: 0,
  overNoise: Number.POSITIVE_INFINITY,
};

/** `keys` one after the other, after a pause of random length up to 20 ms. */
export function soundOf(
  keys: readonly DtmfKey[],
  random: Random,
  change: Partial<KeySound> = {},
): Int16Array {
  const sound = { ...PLAIN, ...change };
  const lead = 200 + Math.floor(random() * 160);
  const [on, off] = [samplesOf(sound.on), samplesOf(sound.off)];
  const total = lead + keys.length * (on + off) + 800;
  const row = amplitudeOf(sound.level + Math.min(0, sound.twist));
  const column = amplitudeOf(sound.level - Math.max(0, sound.twist));
  const power = 10 * Math.log10((row * row + column * column) / amplitudeOf(0) ** 2);
  const background = noise(random, total, power - sound.overNoise);
  for (const [index, key] of keys.entries()) {
    const place = PAD.indexOf(key);
    const low = turn((ROWS_HZ[place >> 2] ?? 0) * (1 + sound.off1));
    const high = turn((COLUMNS_HZ[place & 3] ?? 0) * (1 + sound.off2));
    const [a, b] = [2 * Math.PI * random(), 2 * Math.PI * random()];
    const from = lead + index * (on + off);
    for (let i = 0; i < on; i++) {
      const value = row * Math.sin(a + low * i) + column * Math.sin(b + high * i);
      background[from + i] = (background[from + i] ?? 0) + value;
    }
  }
  return Int16Array.from(background, (value) => clip(Math.round(value)));
}

function samplesOf(ms: number): number {
  return Math.round((ms * RATE) / 1000);
}

function turn(hz: number): number {
  return (2 * Math.PI * hz) / RATE;
}

export function added(one: Int16Array, other: Int16Array): Int16Array {
  return one.map((value, index) => clip(value + (other[index] ?? 0)));
}

/** In frames of 20 ms, as the engine has them. */
export function* frames(samples: Int16Array, length = 160): Generator<Int16Array> {
  for (let at = 0; at + length <= samples.length; at += length) yield samples.subarray(at, at + length);
}
