/**
 * Levels of 16-bit sound. The reference is that of G.711: a sine that just reaches A-law's overload point has
 * +3.14 dBm0 (G.711 table 2), so 0 dBm0 is 3.14 dB below a full-scale 16-bit sine.
 */
const OVERLOAD_DBM0 = 3.14;
const FULL_SCALE = 32768;

/** Peak amplitude (0–32768) of a sine of `dbm0`. */
export function amplitudeOf(dbm0: number): number {
  return FULL_SCALE * 10 ** ((dbm0 - OVERLOAD_DBM0) / 20);
}

/** Level in dBm0 of a sine with this peak amplitude; -Infinity for silence. */
export function dbm0Of(amplitude: number): number {
  return 20 * Math.log10(amplitude / FULL_SCALE) + OVERLOAD_DBM0;
}

/** Root mean square of samples; 0 for none. */
export function rms(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(energy / samples.length);
}

/** Level in dBm0 of any sound: that of the sine with the same power. */
export function levelOf(samples: Int16Array): number {
  return dbm0Of(rms(samples) * Math.SQRT2);
}

/** Adds `from` to `into`, sample by sample, held at the 16-bit limits. */
export function mixInto(into: Int16Array, from: Int16Array): void {
  for (let i = 0; i < into.length; i++) {
    into[i] = clip((into[i] ?? 0) + (from[i] ?? 0));
  }
}

/** Multiplies samples by `gain` in place. */
export function scale(samples: Int16Array, gain: number): void {
  if (gain === 1) return;
  for (let i = 0; i < samples.length; i++) samples[i] = clip(Math.round((samples[i] ?? 0) * gain));
}

/** Holds a value at the limits of 16 bits. */
export function clip(value: number): number {
  return value > 32767 ? 32767 : value < -32768 ? -32768 : value;
}
