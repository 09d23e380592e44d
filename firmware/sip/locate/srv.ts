/** The order in which the servers of an SRV answer are tried (RFC 2782, "Weight"). */
import type { SrvRecord } from './dns.ts';

/**
 * Lower priority first; within one priority drawn at random, heavier ones sooner.
 * @param random uniform in [0, 1)
 */
export function inSrvOrder(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((wanted) =>
    drawn(
      records.filter(({ priority }) => priority === wanted),
      random,
    ),
  );
}

/** Draws one after the other. Those of weight 0 stand first, so that they win only if the draw is 0. */
function drawn(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const left = [
    ...records.filter(({ weight }) => weight === 0),
    ...records.filter(({ weight }) => weight > 0),
  ];
  const order: SrvRecord[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    const draw = Math.floor(random() * (sum + 1));
    let running = 0;
    const chosen = left.findIndex(({ weight }) => {
      running += weight;
      return running >= draw;
    });
    order.push(...left.splice(Math.max(0, chosen), 1));
  }
  return order;
}
