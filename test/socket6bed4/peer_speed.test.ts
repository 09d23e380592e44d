/** What the peer adds to each packet. The limit is five times what it takes: a machine may be busy. */
import test from 'ava';
import { data, NEIGHBOUR, PeerStand } from './peer_stand.ts';

const PACKETS = 50_000;
const MOST_MICROSECONDS = 2;

/** The best of a few rounds, in µs for each packet. */
function cost(round: (i: number) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let rounds = 0; rounds < 8; rounds++) {
    const begin = process.hrtime.bigint();
    for (let i = 0; i < PACKETS; i++) round(i);
    best = Math.min(best, Number(process.hrtime.bigint() - begin) / 1000 / PACKETS);
  }
  return best;
}

test('sending to a proven neighbour and receiving from it each take less than 2 µs', (t) => {
  const stand = PeerStand.configured();
  stand.prove();
  const { peer, own, neighbour } = stand;
  const [out, back] = [data(own, neighbour), data(neighbour, own, 'seen', true)];
  const input = { kind: 'send', packet: out } as const;
  const received = { kind: 'received', from: NEIGHBOUR, octets: back } as const;
  const receiving = cost(() => peer.handle(received, stand.now));
  const sending = cost(() => peer.handle(input, stand.now));
  t.log(`send ${sending.toFixed(2)} µs, receive ${receiving.toFixed(2)} µs`);
  t.true(peer.counters.direct >= 8 * PACKETS);
  t.true(sending < MOST_MICROSECONDS, `${sending}`);
  t.true(receiving < MOST_MICROSECONDS, `${receiving}`);
});
