/** Where in a recording sound begins and ends, to a millisecond or so. */

export interface Burst {
  /** ms from the beginning of the samples. */
  readonly from: number;
  readonly to: number;
}

/** ms that the level is averaged over: longer than a period of the lowest tone and than its beat's quiet moments. */
const WINDOW = 12;

/**
 * Spans of sound, by the samples that exceed a tenth of the loudest, joined over `WINDOW` ms. Edges are exact to a
 * quarter period of the tone, so to a millisecond.
 */
export function burstsIn(samples: Int16Array, rate: number, joinMs = WINDOW): readonly Burst[] {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const threshold = peak / 10;
  const bursts: { from: number; to: number }[] = [];
  for (const [at, sample] of samples.entries()) {
    if (Math.abs(sample) < threshold) continue;
    const ms = (at * 1000) / rate;
    const last = bursts.at(-1);
    if (last !== undefined && ms - last.to < joinMs) last.to = ms;
    else bursts.push({ from: ms, to: ms });
  }
  return peak < 50 ? [] : bursts;
}

/** Whole steps of sound and silence, by turns, in ms; the first and the last, which may be cut, are left out. */
export function stepsIn(
  samples: Int16Array,
  rate: number,
  joinMs = WINDOW,
): readonly { on: boolean; ms: number }[] {
  const bursts = burstsIn(samples, rate, joinMs);
  const steps = bursts.flatMap(({ from, to }, at) => {
    const next = bursts[at + 1];
    return [{ on: true, ms: to - from }, ...(next ? [{ on: false, ms: next.from - to }] : [])];
  });
  return steps.slice(1, -1);
}
