/**
 * Synthesised babble for tests: voices of 80 to 400 Hz whose pitch glides, three formants that wander from vowel to
 * vowel, hissing consonants, pauses; and noise. Seeded, 8 kHz, 16 bits.
 */
import { amplitudeOf, clip } from '#media/level.ts';
import type { Random } from './bounce.ts';

const RATE = 8000;
/** Hz of the first three formants of the vowels of many languages. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [530, 1840, 2480],
  [660, 1720, 2410],
  [570, 840, 2410],
  [300, 870, 2240],
  [440, 1020, 2240],
  [640, 1190, 2390],
  [490, 1350, 1690],
] as const;

/** A resonance of `hz`; state between samples. */
class Formant {
  #first = 0;
  #second = 0;

  next(input: number, hz: number, width = 80): number {
    const radius = Math.exp((-Math.PI * width) / RATE);
    const value =
      (1 - radius) * input +
      2 * radius * Math.cos((2 * Math.PI * hz) / RATE) * this.#first -
      radius * radius * this.#second;
    this.#second = this.#first;
    this.#first = value;
    return value;
  }
}

/** `seconds` of somebody who talks without end, the loudest sample near full scale of speech. */
export function speech(random: Random, seconds: number): Int16Array {
  const samples = new Int16Array(seconds * RATE);
  const formants = [new Formant(), new Formant(), new Formant()];
  let phase = 0;
  let at = 0;
  while (at < samples.length) {
    const length = Math.floor((0.06 + 0.25 * random()) * RATE);
    const kind = random();
    const from = VOWELS[Math.floor(random() * VOWELS.length)] ?? VOWELS[0];
    const to = VOWELS[Math.floor(random() * VOWELS.length)] ?? VOWELS[0];
    const pitch = [80 * 5 ** random(), 80 * 5 ** random()] as const;
    const loudness = 0.2 + 0.8 * random();
    for (let i = 0; i < length && at < samples.length; i++, at++) {
      const part = i / length;
      const envelope = loudness * Math.sin(Math.PI * part);
      phase += ((pitch[0] ?? 0) * (1 - part) + (pitch[1] ?? 0) * part) / RATE;
      const pulse = phase >= 1 ? 1 : 0;
      phase -= Math.floor(phase);
      // A fifth are consonants, a tenth pauses.
      const source = kind < 0.7 ? pulse * 9 : kind < 0.9 ? random() - 0.5 : 0;
      let sum = 0;
      for (const [index, formant] of formants.entries()) {
        const hz = (from[index] ?? 0) * (1 - part) + (to[index] ?? 0) * part;
        sum += formant.next(source, hz) / (1 + index);
      }
      samples[at] = clip(Math.round(envelope * sum * 26_000));
    }
  }
  return samples;
}

/** White noise with the power of a sine of `dbm0`. */
export function noise(random: Random, count: number, dbm0: number): Float64Array {
  const amplitude = amplitudeOf(dbm0) * Math.sqrt(3 / 2);
  return Float64Array.from({ length: count }, () => amplitude * (2 * random() - 1));
}
