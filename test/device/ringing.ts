/** What a bell that is the sound card was heard to ring. */
import type { ExecutionContext } from 'ava';
import { stepsIn } from '../support/cadence.ts';
import { followsCadence } from './cadence.ts';
import { RATE } from './inside/sound.ts';
import type { Telephone } from './telephone.ts';

/** ms: strokes of the clapper are no pauses. */
const STROKES = 90;
/** ms to which edges of a sound that fades are known. */
const WITHIN = 100;

/** Asserts the cadence (ms on, off, …) between two moments of the guest's clock, and that it ends with the answer. */
export function rangAloud(cadence: readonly number[]) {
  return async (t: ExecutionContext, phone: Telephone, from: number, answered: number): Promise<void> => {
    const heard = await phone.heard();
    t.log(heard.picture(from, answered));
    // The first burst and the last, which the answer cut, are no whole steps.
    const [off, ...steps] = stepsIn(heard.between(from, answered), RATE, STROKES);
    t.true(Math.abs((off?.ms ?? 0) - (cadence[1] ?? 0)) < WITHIN, `${off?.ms}`);
    const next = [...cadence.slice(2), ...cadence.slice(0, 2)];
    if (steps.length > 0) followsCadence(t, steps, next, WITHIN);
  };
}
