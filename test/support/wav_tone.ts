/** What a recording says about a tone in it, and tones to be recorded. */
import { writeFileSync } from 'node:fs';
import { wavHeader } from '#media/wav.ts';
import { amplitudeAt, gapsIn, RATE, readWavSamples } from './goertzel.ts';

export interface ToneReport {
  /** From the first to the last 20 ms in which the tone is there. */
  readonly seconds: number;
  /** Median level while it lasts, dB of a full-scale sine. */
  readonly levelDb: number;
  /** Longest span without it between its begin and its end, ms. */
  readonly longestGapMs: number;
}

const WINDOW = RATE / 50;

/** Measures the tone of `hz` in a WAV file of 8 kHz. */
export function toneIn(file: string, hz: number): ToneReport {
  const { samples } = readWavSamples(file);
  const levels: number[] = [];
  for (let at = 0; at + WINDOW <= samples.length; at += WINDOW) {
    levels.push(amplitudeAt(samples.subarray(at, at + WINDOW), hz));
  }
  const present = levels.filter((level) => level > 100);
  const median = [...present].sort((a, b) => a - b)[Math.floor(present.length / 2)] ?? 0;
  const heard = (level: number): boolean => level > median / 4 && median > 0;
  const first = levels.findIndex(heard);
  const last = levels.findLastIndex(heard);
  const lasting = samples.subarray(Math.max(0, first) * WINDOW, (last + 1) * WINDOW);
  return {
    seconds: lasting.length / RATE,
    levelDb: 20 * Math.log10(Math.max(median, 1) / 32_768),
    longestGapMs: Math.max(0, ...gapsIn(lasting, hz, 0).map((gap) => gap.ms)),
  };
}

/** Writes a WAV file of 8 kHz with a sine at half of full scale. */
export function writeToneWav(file: string, hz: number, seconds: number): void {
  const samples = Int16Array.from({ length: seconds * RATE }, (_, i) =>
    Math.round(16_384 * Math.sin((2 * Math.PI * hz * i) / RATE)),
  );
  writeFileSync(file, Buffer.concat([wavHeader(samples.length, RATE), Buffer.from(samples.buffer)]));
}
