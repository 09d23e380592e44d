/** A re-INVITE because the way may be broken: it is looked for anew, and a call is not lost for want of one. */
import test from 'ava';
import { Pair } from '../support/pair.ts';

function moved() {
  const pair = new Pair();
  const { a } = pair.establish();
  const local = { ...pair.alice.local, address: '192.0.2.9' };
  pair.wire.attach(local, (octets, flow) => pair.alice.command({ kind: 'received', octets, flow }));
  const way = [{ transport: 'udp', local, remote: pair.bob.local } as const];
  return { pair, a, way, bob: pair.bob.local.address };
}

test('a re-INVITE that is wanted anew leaves from where we are now, and so does what follows', (t) => {
  const { pair, a, way, bob } = moved();
  pair.alice.names.set(bob, way);
  pair.alice.command({ kind: 'reinvite', call: a, anew: true });
  pair.clock.run(1000);
  const invite = pair.alice.sent.findLast(({ method, kind }) => kind === 'request' && method === 'INVITE');
  t.regex(invite?.first('via') ?? '', /192\.0\.2\.9:5060/);
  t.regex(invite?.first('contact') ?? '', /@192\.0\.2\.9:5060/);
  t.is(pair.alice.last('describe')?.flow.local.address, '192.0.2.9');
  t.regex(pair.alice.last('answer')?.sdp ?? '', /^v=0 bob/);
  pair.bob.command({ kind: 'hang-up', call: pair.bob.incoming });
  pair.clock.settle();
  t.is(pair.alice.cause?.by, 'peer', 'the peer knows our new address');
  t.is(pair.load, 0);
});

test('without a way the call stands, and the telephone is told that nobody was reached', (t) => {
  const { pair, a, way, bob } = moved();
  pair.alice.names.set(bob, []);
  pair.alice.command({ kind: 'reinvite', call: a, anew: true });
  pair.clock.run(1000);
  t.like(pair.alice.last('reinvite-refused'), { status: 503, unreached: true });
  t.is(pair.alice.cause, undefined);
  pair.alice.names.set(bob, way);
  pair.alice.command({ kind: 'reinvite', call: a });
  pair.clock.run(1000);
  t.regex(pair.alice.last('answer')?.sdp ?? '', /^v=0 bob/, 'the next one looks anew by itself');
  pair.alice.command({ kind: 'hang-up', call: a });
  pair.clock.settle();
  t.is(pair.load, 0);
});

test('a refusal by the peer is told as one', (t) => {
  const { pair, a } = moved();
  pair.bob.sdp = () => undefined;
  pair.alice.command({ kind: 'reinvite', call: a, anew: true });
  pair.clock.run(1000);
  t.is(pair.alice.last('reinvite-refused')?.unreached, undefined);
});
