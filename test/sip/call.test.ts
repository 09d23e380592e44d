/** Calls between two user agents: every way in which one begins and ends. */
import test from 'ava';
import { Pair } from '../support/pair.ts';

test('a call is placed, rings, is answered, and ends', (t) => {
  const pair = new Pair();
  const { alice, bob } = pair;
  pair.establish();
  t.deepEqual(alice.story, ['progress', 'answer', 'established']);
  t.deepEqual(bob.story, ['incoming', 'established']);
  t.is(bob.last('incoming')?.from.uri, 'sip:alice@192.0.2.1');
  t.is(bob.last('incoming')?.offer, 'v=0 alice 1');
  t.is(alice.last('answer')?.sdp, 'v=0 bob 1');
  alice.command({ kind: 'hang-up', call: 'call' });
  pair.clock.settle();
  t.deepEqual(alice.cause, { by: 'us', reason: 'hung up' });
  t.deepEqual(bob.cause, { by: 'peer', reason: 'hung up' });
  t.deepEqual(alice.lines, ['INVITE', 'ACK', 'BYE']);
  t.deepEqual(bob.lines, ['100 INVITE', '180 INVITE', '200 INVITE', '200 BYE']);
  t.is(pair.load, 0);
  t.is(pair.clock.deadline, Number.POSITIVE_INFINITY);
});
