/** The weight of the families as whole user agents move it: a thousand transactions for each difference. */
import test from 'ava';
import type { Transport } from '#sip/types.ts';
import { DualStack } from '../support/dual_stack.ts';

const SECOND = 1_000;

/** The weights after each transaction, `pace` ms apart. */
function weights(difference: number, transport: Transport, pace: number, count: number, jitter: number) {
  const net = new DualStack({ seed: 1_000 + difference });
  const server = net.server(1);
  net.names.set('server.example', [net.flows(server, transport)]);
  return Array.from({ length: count }, () => {
    net.path(server, 6).rtt = 20 + Math.max(0, -difference) + Math.floor(net.random() * jitter);
    net.path(server, 4).rtt = 20 + Math.max(0, difference) + Math.floor(net.random() * jitter);
    net.register();
    net.clock.run(pace);
    if (net.last('registration')?.state !== 'registered') throw new Error('not registered');
    return net.agent.weights(net.clock.now)[0]?.p ?? 0;
  });
}

function changes(of: readonly number[]): number {
  const sides = of.map(Math.sign).filter((side) => side !== 0);
  return sides.filter((side, index) => index > 0 && side !== sides[index - 1]).length;
}

for (const transport of ['udp', 'tcp'] as const) {
  for (const [name, pace, count] of [
    ['seconds', 5 * SECOND, 1_000],
    ['minutes', 100 * SECOND, 1_000],
  ] as const) {
    test(`P converges within 10 and changes sides at most once afterwards: ${transport}, ${name} apart`, (t) => {
      for (const difference of [-300, -100, 0, 40, 300]) {
        const all = weights(difference, transport, pace, count, 15);
        const story = `IPv4 − IPv6 = ${difference} ms: ${all.slice(0, 30).join(' ')} …`;
        t.true(Math.abs(all[9] ?? 0) >= 8, story);
        t.true(changes(all.slice(9)) <= 1, story);
        if (difference > 0) t.true((all.at(-1) ?? 0) > 0, story);
        if (difference <= -100) t.true((all.at(-1) ?? 0) < 0, story);
      }
    });
  }
}
