/** Offers inside a call (RFC 3261 14): hold and resume both ways, and what happens when they meet. */
import test from 'ava';
import { Pair } from '../support/pair.ts';
import { Peer, SDP } from '../support/peer.ts';

for (const who of ['alice', 'bob'] as const) {
  test(`${who} changes the session`, (t) => {
    const pair = new Pair();
    const { a, b } = pair.establish();
    const [side, call, other] = who === 'alice' ? [pair.alice, a, pair.bob] : [pair.bob, b, pair.alice];
    side.command({ kind: 'reinvite', call });
    pair.clock.run(100);
    t.is(other.last('describe')?.remote, side.sent.findLast(({ method }) => method === 'INVITE')?.bodyText);
    t.regex(side.last('answer')?.sdp ?? '', new RegExp(`^v=0 ${other.name}`));
    t.is(side.all('established').length, 1);
    side.command({ kind: 'hang-up', call });
    pair.clock.settle();
    t.is(pair.load, 0);
  });
}

test('a refused re-INVITE leaves the call as it was', (t) => {
  const pair = new Pair();
  const { a } = pair.establish();
  pair.bob.sdp = () => undefined;
  pair.alice.command({ kind: 'reinvite', call: a });
  pair.clock.run(1000);
  t.is(pair.alice.last('reinvite-refused')?.status, 488);
  t.is(pair.alice.cause, undefined);
  pair.alice.command({ kind: 'hang-up', call: a });
  pair.clock.settle();
  t.is(pair.load, 0);
});

test('a re-INVITE for which no offer can be made is not sent', (t) => {
  const pair = new Pair();
  const { a } = pair.establish();
  pair.alice.sdp = () => undefined;
  pair.alice.command({ kind: 'reinvite', call: a });
  pair.clock.run(1000);
  t.is(pair.alice.last('reinvite-refused')?.status, 488);
  t.is(pair.alice.lines.filter((line) => line === 'INVITE').length, 1);
  pair.alice.sdp = undefined;
  pair.alice.command({ kind: 'reinvite', call: a });
  pair.clock.run(1000);
  t.is(pair.alice.lines.filter((line) => line === 'INVITE').length, 2);
});

test('a re-INVITE wanted while one is under way follows it', (t) => {
  const pair = new Pair();
  const { a } = pair.establish();
  pair.alice.command({ kind: 'reinvite', call: a });
  pair.alice.command({ kind: 'reinvite', call: a });
  pair.alice.command({ kind: 'reinvite', call: a });
  pair.clock.run(1000);
  t.deepEqual(
    pair.alice.sent.filter(({ method }) => method === 'INVITE').map(({ cseq }) => cseq?.number),
    [1, 2, 3],
  );
  t.is(pair.bob.all('describe').length, 3);
});

test('re-INVITEs that meet are both refused by 491 and come again, the owner of the Call-ID last', (t) => {
  const pair = new Pair();
  const { a, b } = pair.establish();
  pair.alice.command({ kind: 'reinvite', call: a });
  pair.bob.command({ kind: 'reinvite', call: b });
  const start = pair.clock.now;
  const offers: { who: string; at: number }[] = [];
  pair.alice.on = (event) => {
    if (event.kind === 'describe' && event.remote === undefined)
      offers.push({ who: 'alice', at: pair.clock.now - start });
  };
  pair.bob.on = (event) => {
    if (event.kind === 'describe' && event.remote === undefined)
      offers.push({ who: 'bob', at: pair.clock.now - start });
  };
  pair.clock.run(10_000);
  t.true(pair.alice.lines.includes('491 INVITE'));
  t.true(pair.bob.lines.includes('491 INVITE'));
  t.deepEqual(
    offers.map(({ who }) => who),
    ['bob', 'alice'],
  );
  const [bob = { at: -1 }, alice = { at: -1 }] = offers;
  // RFC 3261 14.1, counted from the 491, which came after a round trip.
  t.true(bob.at >= 20 && bob.at <= 2020, `${bob.at}`);
  t.true(alice.at >= 2120 && alice.at <= 4020, `${alice.at}`);
  t.is((bob.at - 20) % 10, 0);
  t.is(pair.alice.cause ?? pair.bob.cause, undefined);
  pair.alice.command({ kind: 'hang-up', call: a });
  pair.clock.settle();
  t.is(pair.load, 0);
});

test('hanging up while a re-INVITE is under way ends everything', (t) => {
  for (const wait of [0, 5, 10, 15, 20, 25, 30]) {
    const pair = new Pair();
    const { a, b } = pair.establish();
    pair.alice.command({ kind: 'reinvite', call: a });
    pair.clock.run(wait);
    pair.bob.command({ kind: 'hang-up', call: b });
    pair.clock.settle();
    t.is(pair.alice.all('ended').length, 1);
    t.is(pair.load, 0, `after ${wait} ms`);
  }
});

/** A call from a peer of whom the test writes every message, answered by bob. */
function answered(headers: { readonly offer: string } = { offer: 'v=0 peer' }) {
  const pair = new Pair();
  const { bob, clock, wire } = pair;
  const peer = new Peer(wire, '192.0.2.7', bob.local);
  const invite = {
    method: 'INVITE',
    headers: headers.offer === '' ? [] : [SDP],
    body: headers.offer,
    cseq: 10,
  };
  peer.ask(invite);
  clock.run(100);
  bob.command({ kind: 'accept', call: bob.incoming });
  clock.run(100);
  const toTag = peer.last('INVITE', 200)?.toTag ?? 'none';
  return { ...pair, bob, clock, peer, toTag };
}

test('a second INVITE while one is not answered gets 500 and a Retry-After of 0 to 10 s', (t) => {
  const { bob, clock, peer, toTag } = answered();
  peer.ask({ method: 'ACK', toTag, cseq: 10 });
  clock.run(100);
  // Nobody answers the question for a description.
  const agent = bob.agent.handle.bind(bob.agent);
  bob.agent.handle = (input, now) => (input.kind === 'described' ? [] : agent(input, now));
  peer.ask({ method: 'INVITE', toTag, cseq: 11, headers: [SDP], body: 'v=0 eleven' });
  peer.ask({ method: 'INVITE', toTag, cseq: 12, headers: [SDP], body: 'v=0 twelve' });
  clock.run(100);
  const refusal = peer.last('INVITE', 500);
  t.is(refusal?.cseq?.number, 12);
  const seconds = Number(refusal?.first('retry-after'));
  t.true(Number.isInteger(seconds) && seconds >= 0 && seconds <= 10);
});

test('a re-INVITE without offer gets ours, and the ACK brings the answer', (t) => {
  const { bob, clock, peer, toTag } = answered();
  peer.ask({ method: 'ACK', toTag, cseq: 10 });
  peer.ask({ method: 'INVITE', toTag, cseq: 11 });
  clock.run(100);
  t.is(peer.last('INVITE', 200)?.bodyText, 'v=0 bob 2');
  peer.ask({ method: 'ACK', toTag, cseq: 11, headers: [SDP], body: 'v=0 answer' });
  clock.run(100);
  t.is(bob.last('answer')?.sdp, 'v=0 answer');
  t.is(bob.all('established').length, 1);
});

test('an offer whose ACK has not come bars a re-INVITE by 491', (t) => {
  const { clock, peer, toTag } = answered({ offer: '' });
  peer.ask({ method: 'INVITE', toTag, cseq: 11, headers: [SDP], body: 'v=0 eleven' });
  clock.run(100);
  t.is(peer.last('INVITE', 491)?.cseq?.number, 11);
});

test('a re-INVITE shows that the 200 arrived, even if its ACK was lost', (t) => {
  const { bob, clock, peer, toTag } = answered();
  peer.ask({ method: 'INVITE', toTag, cseq: 11, headers: [SDP], body: 'v=0 eleven' });
  clock.run(100);
  t.is(bob.all('established').length, 1);
  t.is(peer.last('INVITE', 200)?.cseq?.number, 11);
  peer.ask({ method: 'ACK', toTag, cseq: 11 });
  clock.run(40_000);
  t.is(bob.cause, undefined);
});

test('a re-INVITE that is never acknowledged ends the call by BYE', (t) => {
  const { bob, clock, peer, toTag } = answered();
  peer.ask({ method: 'ACK', toTag, cseq: 10 });
  peer.ask({ method: 'INVITE', toTag, cseq: 11, headers: [SDP], body: 'v=0 eleven' });
  clock.run(40_000);
  t.is(bob.cause?.by, 'network');
  t.true(peer.methods.includes('BYE'));
});

test('a re-INVITE can be cancelled, and the call stands', (t) => {
  const { bob, clock, peer, toTag } = answered();
  peer.ask({ method: 'ACK', toTag, cseq: 10 });
  clock.run(100);
  const agent = bob.agent.handle.bind(bob.agent);
  bob.agent.handle = (input, now) => (input.kind === 'described' ? [] : agent(input, now));
  peer.ask({ method: 'INVITE', toTag, cseq: 11, branch: 'z9hG4bKre', headers: [SDP], body: 'v=0 eleven' });
  clock.run(100);
  peer.ask({ method: 'CANCEL', toTag, cseq: 11, branch: 'z9hG4bKre', contact: null });
  clock.run(100);
  t.is(peer.last('CANCEL')?.status, 200);
  t.is(peer.last('INVITE', 487)?.cseq?.number, 11);
  t.is(bob.cause, undefined);
});

for (const [status, ends] of [
  [481, true],
  [408, true],
  [488, false],
  [500, false],
  [606, false],
] as const) {
  test(`a re-INVITE answered by ${status} ${ends ? 'ends' : 'does not end'} the call`, (t) => {
    const { bob, clock, peer, toTag } = answered();
    peer.ask({ method: 'ACK', toTag, cseq: 10 });
    clock.run(100);
    peer.on = (message) => {
      if (message.kind === 'request' && message.method === 'INVITE') peer.reply(message, { status });
      if (message.kind === 'request' && message.method === 'BYE') peer.reply(message, { status: 200 });
    };
    bob.command({ kind: 'reinvite', call: bob.incoming });
    clock.run(1000);
    t.is(bob.cause !== undefined, ends);
    t.is(peer.methods.includes('BYE'), ends);
    t.is(bob.last('reinvite-refused')?.status, ends ? undefined : status);
  });
}

test('the Contact of a re-INVITE and of the answer to ours is where later requests go', (t) => {
  const { bob, clock, peer, toTag, wire } = answered();
  peer.ask({ method: 'ACK', toTag, cseq: 10 });
  const second = new Peer(wire, '192.0.2.8', bob.local);
  const third = new Peer(wire, '192.0.2.9', bob.local);
  const moved = '<sip:peer@192.0.2.8:5060>';
  peer.ask({ method: 'INVITE', toTag, cseq: 11, contact: moved, headers: [SDP], body: 'v=0 eleven' });
  clock.run(100);
  peer.ask({ method: 'ACK', toTag, cseq: 11 });
  second.on = (message) =>
    second.reply(message, {
      status: 200,
      headers: [['Contact', '<sip:peer@192.0.2.9>'], SDP],
      body: 'v=0 second',
    });
  bob.command({ kind: 'reinvite', call: bob.incoming });
  clock.run(100);
  t.deepEqual(second.methods, ['INVITE']);
  t.is(second.heard[0]?.uri, 'sip:peer@192.0.2.8:5060');
  t.deepEqual(third.methods, ['ACK']);
  bob.command({ kind: 'hang-up', call: bob.incoming });
  clock.run(100);
  t.deepEqual(third.methods, ['ACK', 'BYE']);
});
