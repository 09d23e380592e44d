/** Steps of a bell as they were seen at a pin, and what they ought to be. */
import type { ExecutionContext } from 'ava';
import type { Change } from './inside/watcher.ts';

export interface BellStep {
  readonly on: boolean;
  readonly ms: number;
}

/** Whole steps between changes of what is on while it reads `1`, from the first `1` on. */
export function stepsOf(changes: readonly Change[], name: string): readonly BellStep[] {
  const own = changes.filter((change) => change.name === name);
  const first = own.findIndex(({ text }) => text === '1');
  if (first < 0) return [];
  return own.slice(first).flatMap(({ at, text }, index, all) => {
    const next = all[index + 1];
    return next === undefined ? [] : [{ on: text === '1', ms: next.at - at }];
  });
}

/** Asserts that steps follow a cadence (ms on, off, …), beginning with its first. `within`: ms. */
export function followsCadence(
  t: ExecutionContext,
  steps: readonly BellStep[],
  cadence: readonly number[],
  within = 50,
): void {
  const seen = steps.map(({ on, ms }) => `${on ? 'on' : 'off'} ${Math.round(ms)}`).join(', ');
  t.log(`bell: ${seen}; wanted ${cadence.join(' ')}`);
  t.true(steps.length > 0, 'nothing was seen');
  for (const [index, { on, ms }] of steps.entries()) {
    const wanted = cadence[index % cadence.length] ?? 0;
    t.is(on, index % 2 === 0);
    t.true(Math.abs(ms - wanted) <= within, `${seen}; wanted ${cadence.join(' ')}`);
  }
}
