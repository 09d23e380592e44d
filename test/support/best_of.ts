/** Sound is judged by the best of a few tries: a machine that gives its processor to others makes gaps by itself. */
import type { ExecutionContext } from 'ava';

/** Passes when one of `tries` runs of `story` passes; else shows the last one's failures. */
export async function bestOf(
  tries: number,
  t: ExecutionContext,
  story: (t: ExecutionContext) => Promise<void>,
): Promise<void> {
  for (let left = tries; left > 0; left--) {
    const attempt = await t.try(story);
    if (attempt.passed || left === 1) {
      attempt.commit();
      return;
    }
    attempt.discard();
  }
}
