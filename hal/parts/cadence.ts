/** What goes on and off by the clock: patterns of lamps and cadences of bells, as pure functions of time. */
import type { LampPattern } from '../types.ts';

export interface Step {
  /** 0 is dark or silent, 1 full; a lamp may be between. */
  readonly level: number;
  readonly ms: number;
}

/** Repeated for ever. */
export type Timeline = readonly Step[];

/** ms. Whoever waits for a change and comes as asked must find it, although times are sums of fractions. */
const MICROSECOND = 1e-3;

const steady = (level: number): Timeline => [{ level, ms: 1000 }];

/** Levels 1 and 0 in turn, ms on, off, … An odd number ends without a pause; what is no time, or less than 1 ms, is left out. */
export function onAndOff(times: readonly number[]): Timeline {
  const steps = times
    .map((ms, index) => ({ level: index % 2 === 0 ? 1 : 0, ms }))
    .filter(({ ms }) => ms >= 1 && ms < Number.POSITIVE_INFINITY);
  return steps.length === 0 ? steady(0) : steps;
}

/** From full to a glimmer and back in 3 s, as the handset's page shows it. */
const BREATH = { ms: 3000, steps: 30, least: 0.15 };

function breathing(): Timeline {
  const { ms, steps, least } = BREATH;
  return Array.from({ length: steps }, (_, index) => ({
    level: least + ((1 - least) * (1 + Math.cos((2 * Math.PI * index) / steps))) / 2,
    ms: ms / steps,
  }));
}

/** The same patterns as on the handset's page. */
export const LAMPS: Readonly<Record<LampPattern, Timeline>> = {
  off: steady(0),
  on: steady(1),
  slow: onAndOff([500, 500]),
  double: onAndOff([150, 150, 150, 750]),
  fast: onAndOff([125, 125]),
  breathing: breathing(),
};

/** The same for a lamp that can only be switched: lit where it would be at half or more. */
export function switched(timeline: Timeline): Timeline {
  return timeline.map(({ level, ms }) => ({ level: level >= 0.5 ? 1 : 0, ms }));
}

/** A stretch of one level; of a level that never changes it has no ends. */
export interface Span {
  readonly level: number;
  /** ms after the beginning of the timeline; before it, where the timeline's end flows into its beginning. */
  readonly from: number;
  readonly until: number;
}

/** Level at `ms` after the beginning. */
export function levelAt(timeline: Timeline, ms: number): number {
  return place(timeline, ms)?.step.level ?? 0;
}

/** ms after the beginning at which the level of `ms` gives way to another; Infinity: never. */
export function nextChange(timeline: Timeline, ms: number): number {
  return spanAt(timeline, ms).until;
}

/** The stretch of one level in which `ms` lies. */
export function spanAt(timeline: Timeline, ms: number): Span {
  const here = place(timeline, ms);
  const level = here?.step.level ?? 0;
  if (here === undefined || timeline.every((step) => step.level === level))
    return { level, from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  const step = (index: number) => timeline.at(index % timeline.length) ?? here.step;
  let { from, until } = here;
  for (let index = here.index - 1; step(index).level === level; index--) from -= step(index).ms;
  for (let index = here.index + 1; step(index).level === level; index++) until += step(index).ms;
  return { level, from, until };
}

/** The step in which `ms` lies; its end belongs to the next one. */
function place(timeline: Timeline, ms: number) {
  const period = timeline.reduce((sum, step) => sum + step.ms, 0);
  if (!(period > 0)) return undefined;
  let from = Math.floor((ms + MICROSECOND) / period) * period;
  for (const [index, step] of timeline.entries()) {
    const until = from + step.ms;
    if (ms + MICROSECOND < until) return { step, index, from, until };
    from = until;
  }
  return undefined;
}
