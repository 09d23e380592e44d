/** Level, frequency and gaps of sound, for tests: of samples, or of a WAV file as the phone writes it. */
import { readFileSync } from 'node:fs';
import { dbm0Of } from '#media/level.ts';
import { readWav } from '#media/wav.ts';

export const RATE = 8000;

/** Peak amplitude of the sine of `hz` in samples (Goertzel's algorithm, a rectangular window). */
export function amplitudeAt(samples: Int16Array, hz: number, rate = RATE): number {
  const turn = (2 * Math.PI * hz) / rate;
  const coefficient = 2 * Math.cos(turn);
  let before = 0;
  let last = 0;
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  const power = last * last + before * before - coefficient * last * before;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** The same in dBm0. */
export function dbm0At(samples: Int16Array, hz: number, rate = RATE): number {
  return dbm0Of(amplitudeAt(samples, hz, rate));
}

/** The strongest frequency between 100 and 3900 Hz, to about 1 Hz where the span is a second. */
export function frequencyOf(samples: Int16Array, rate = RATE): number {
  const strongest = (from: number, to: number, step: number): number => {
    let best = { hz: from, amplitude: -1 };
    for (let hz = from; hz <= to; hz += step) {
      const amplitude = amplitudeAt(samples, hz, rate);
      if (amplitude > best.amplitude) best = { hz, amplitude };
    }
    return best.hz;
  };
  const coarse = strongest(100, 3900, Math.max(2, (rate / samples.length) * 0.5));
  return strongest(coarse - 10, coarse + 10, 0.5);
}

/** Hz of a tone that is near `hz`, by its phase in two spans of 50 ms: good to a hundredth where nothing else sounds. */
export function pitchNear(samples: Int16Array, hz: number, rate = RATE): number {
  const span = Math.round(rate / 20);
  const turnAt = (from: number): number => {
    let [re, im] = [0, 0];
    for (let k = from; k < from + span; k++) {
      const turn = (2 * Math.PI * hz * k) / rate;
      re += (samples[k] ?? 0) * Math.cos(turn);
      im -= (samples[k] ?? 0) * Math.sin(turn);
    }
    return Math.atan2(im, re) / (2 * Math.PI);
  };
  const turns = turnAt(span) - turnAt(0);
  return hz + ((turns - Math.round(turns)) * rate) / span;
}

export interface Gap {
  /** Milliseconds from the beginning of the samples. */
  readonly at: number;
  readonly ms: number;
}

/**
 * Spans in which the tone of `hz` is missing: more than 12 dB below its level over the whole. Looks at windows
 * of 5 ms, so that a gap is known to 5 ms; the level is that of the loudest tenth of the windows.
 */
export function gapsIn(samples: Int16Array, hz: number, longerThanMs: number, rate = RATE): Gap[] {
  const window = Math.round(rate / 200);
  const levels: number[] = [];
  for (let at = 0; at + window <= samples.length; at += window) {
    levels.push(amplitudeAt(samples.subarray(at, at + window), hz, rate));
  }
  const sorted = [...levels].sort((a, b) => b - a);
  const threshold = (sorted[Math.floor(sorted.length / 10)] ?? 0) / 4;
  const gaps: Gap[] = [];
  let from = -1;
  for (const [i, level] of [...levels, Number.POSITIVE_INFINITY].entries()) {
    if (level < threshold && from < 0) from = i;
    if (level < threshold || from < 0) continue;
    if ((i - from) * 5 > longerThanMs) gaps.push({ at: from * 5, ms: (i - from) * 5 });
    from = -1;
  }
  return gaps;
}

/** Samples of a WAV file's first channel, and its rate. */
export function readWavSamples(path: string): { readonly samples: Int16Array; readonly rate: number } {
  const file = readFileSync(path);
  const { channels, rate, dataStart, dataLength } = readWav(file);
  const samples = new Int16Array(Math.floor(dataLength / (2 * channels)));
  for (let i = 0; i < samples.length; i++) samples[i] = file.readInt16LE(dataStart + 2 * channels * i);
  return { samples, rate };
}

/** A span of samples, in milliseconds. */
export function span(samples: Int16Array, fromMs: number, toMs: number, rate = RATE): Int16Array {
  return samples.subarray(Math.round((fromMs * rate) / 1000), Math.round((toMs * rate) / 1000));
}

/** A sine, for what is to be measured. */
export function sine(hz: number, ms: number, amplitude = 8000, rate = RATE): Int16Array {
  return Int16Array.from({ length: Math.round((ms * rate) / 1000) }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / rate)),
  );
}
