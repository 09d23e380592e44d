/**
 * Whether the pin of a server outlives its configuration. A server that was believed because it was the first has nothing
 * else to show for it: when what it gave is given up, the next one may be the first. Who was chosen by a person, or has
 * given a configuration that proved itself, stays pinned whatever it gives later.
 */
import type { Standing } from '../fetch/types.ts';
import type { Kept } from './types.ts';

/** Whom nothing but first use stands for; undefined: nobody such is pinned. */
export function unprovenHost(
  standing: Pick<Standing, 'pin' | 'provisional'> | undefined,
  { good }: Kept,
): string | undefined {
  if (standing?.provisional !== true || good?.server === standing.pin.host) return undefined;
  return standing.pin.host;
}

/** Whether the step from one state to the other gives up what this server gave. */
export function givesUp(before: Kept, after: Kept, host: string | undefined): boolean {
  const { id, server } = before.inForce;
  return server === host && after.inForce.id !== id && after.givenUp.some((each) => each.id === id);
}
