/** A chirp that marks one moment in a recording to a fraction of a millisecond, through codecs and noise. */

const MS = 60;
const FROM_HZ = 500;
const TO_HZ = 2500;
/** A chirp is there where the recording agrees with it by half as much as its loudest chirp does. */
const AGREEMENT = 0.5;
/** Samples compared are those of 8 kHz: the telephone's own. */
const COMPARED = 8000;

export function chirp(rate: number, amplitude = 12_000): Int16Array {
  return Int16Array.from({ length: (rate * MS) / 1000 }, (_, i) => {
    const seconds = i / rate;
    const sweep = (TO_HZ - FROM_HZ) / (MS / 1000);
    return Math.round(amplitude * Math.sin(2 * Math.PI * (FROM_HZ + (sweep * seconds) / 2) * seconds));
  });
}

/** Beginnings of all chirps, ms from the beginning of the recording. */
export function chirpsIn(samples: Int16Array, rate: number): readonly number[] {
  const step = Math.round(rate / COMPARED);
  const reference = thinned(chirp(rate, 1000), step);
  const recorded = thinned(samples, step);
  const agreement = Float64Array.from(
    { length: Math.max(0, recorded.length - reference.length) },
    (_, at) => {
      let sum = 0;
      for (let i = 0; i < reference.length; i++) sum += (reference[i] ?? 0) * (recorded[at + i] ?? 0);
      return Math.abs(sum);
    },
  );
  const threshold = agreement.reduce((most, value) => Math.max(most, value), 0) * AGREEMENT;
  const found: { at: number; value: number }[] = [];
  for (const [at, value] of agreement.entries()) {
    if (value < threshold || value === 0) continue;
    const last = found.at(-1);
    if (last === undefined || at - last.at > reference.length) found.push({ at, value });
    else if (value > last.value) found[found.length - 1] = { at, value };
  }
  return found.map(({ at }) => (at * step * 1000) / rate);
}

function thinned(samples: Int16Array, step: number): Int16Array {
  return Int16Array.from({ length: Math.floor(samples.length / step) }, (_, i) => samples[i * step] ?? 0);
}
