/**
 * The pins of a ringing module through a ring, as a pure function of time (Ag1171, KS0835F):
 *
 *   RM   ───┐                       ┌──     the burst: the module makes 72 V
 *        ___│                       │__
 *   F/R  ___┌──┐  ┌──┐  ┌──┐  ┌──┐  ____    turns the line over, twice each period; rests low
 *           └──┘  └──┘  └──┘  └──┘          RM falls 10 ms after F/R has come to rest
 */
import { onAndOff, type Step, spanAt, type Timeline } from './cadence.ts';

/** True is high: RM makes the ringing voltage, F/R turns the line over. At rest both are false. */
export interface RingPins {
  readonly ringMode: boolean;
  /** `alternating`: the hardware (PWM) toggles it at the ring's frequency. */
  readonly forwardReverse: boolean | 'alternating';
}

export const AT_REST: RingPins = { ringMode: false, forwardReverse: false };

export interface RingPlan {
  readonly timeline: Timeline;
  readonly hertz: number;
  readonly toggling: 'software' | 'pwm';
}

/** ms that RM outlasts F/R: what users of the Ag1171 wait before they take the voltage away. */
export const RELEASE = 10;
/** ms: no bell and no module is made for more in one piece (line_timings.ts). */
export const LONGEST_BURST = 2000;
/** ms of silence at least: anywhere, and after a burst that was cut short or that no silence followed. */
const LEAST_REST = { anywhere: 100, afterCut: 1000 };
/** Rounding, in half periods. */
const EPSILON = 1e-4;

/**
 * The cadence (ms on, off, …) as a bell can bear it: no burst longer than `longest`, and a rest after each. What is cut
 * off is silence.
 */
export function safeCadence(cadence: readonly number[], longest = LONGEST_BURST): Timeline {
  const steps: Step[] = [];
  for (const { level, ms } of onAndOff(cadence)) {
    const last = steps.at(-1);
    if (last?.level === level) steps[steps.length - 1] = { level, ms: last.ms + ms };
    else steps.push({ level, ms });
  }
  const cut = steps.flatMap(({ level, ms }) => {
    if (level === 0) return [{ level, ms: Math.max(LEAST_REST.anywhere, ms) }];
    if (ms <= longest) return [{ level, ms }];
    return [
      { level, ms: longest },
      { level: 0, ms: Math.max(LEAST_REST.afterCut, ms - longest) },
    ];
  });
  return cut.at(-1)?.level === 0 ? cut : [...cut, { level: 0, ms: LEAST_REST.afterCut }];
}

/** Pins at `ms` after the beginning of the ring. */
export function pinsAt(plan: RingPlan, ms: number): RingPins {
  const { level, from, until } = spanAt(plan.timeline, ms);
  if (level === 0) return AT_REST;
  const { half, toggles } = halves(plan, until - from);
  const done = Math.floor((ms - from) / half + EPSILON);
  if (done >= toggles) return { ringMode: true, forwardReverse: false };
  return { ringMode: true, forwardReverse: plan.toggling === 'pwm' ? 'alternating' : done % 2 === 0 };
}

/** ms after the beginning at which the pins of `ms` change; Infinity: never. */
export function nextPins(plan: RingPlan, ms: number): number {
  const { level, from, until } = spanAt(plan.timeline, ms);
  if (level === 0) return until;
  const { half, toggles } = halves(plan, until - from);
  const done = Math.floor((ms - from) / half + EPSILON);
  if (done >= toggles) return until;
  return from + half * (plan.toggling === 'pwm' ? toggles : done + 1);
}

/** Half periods that fit into a burst before F/R must rest; each `half` ms long. */
function halves({ hertz }: RingPlan, burst: number) {
  const half = 500 / hertz;
  return { half, toggles: Math.max(0, Math.floor((burst - RELEASE) / half + EPSILON)) };
}
