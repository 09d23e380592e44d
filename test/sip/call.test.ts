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

test('the callee hangs up', (t) => {
  const pair = new Pair();
  const { b } = pair.establish();
  pair.bob.command({ kind: 'hang-up', call: b });
  pair.clock.settle();
  t.deepEqual(pair.alice.cause, { by: 'peer', reason: 'hung up' });
  t.deepEqual(pair.bob.cause, { by: 'us', reason: 'hung up' });
  t.is(pair.load, 0);
});

test('both hang up at the same moment', (t) => {
  const pair = new Pair();
  const { a, b } = pair.establish();
  pair.alice.command({ kind: 'hang-up', call: a });
  pair.bob.command({ kind: 'hang-up', call: b });
  pair.clock.settle();
  t.is(pair.alice.all('ended').length, 1);
  t.is(pair.bob.all('ended').length, 1);
  t.deepEqual(pair.alice.lines.slice(-2), ['BYE', '200 BYE']);
  t.is(pair.load, 0);
});

test('a caller who hangs up before anybody can have the INVITE sends CANCEL when the peer shows that it has', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.call(pair.bobUri);
  alice.command({ kind: 'hang-up', call: 'call' });
  t.deepEqual(alice.lines, ['INVITE']);
  clock.settle();
  t.deepEqual(alice.lines, ['INVITE', 'CANCEL', 'ACK']);
  t.deepEqual(bob.lines, ['100 INVITE', '200 CANCEL', '487 INVITE']);
  t.deepEqual(alice.cause, { by: 'us', reason: 'cancelled' });
  t.deepEqual(bob.cause, { by: 'peer', status: 487, reason: 'cancelled' });
  t.is(pair.load, 0);
});

test('a caller who hangs up while it rings sends CANCEL at once', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.call(pair.bobUri);
  clock.run(100);
  bob.command({ kind: 'ring', call: bob.incoming });
  clock.run(100);
  alice.command({ kind: 'hang-up', call: 'call' });
  t.deepEqual(alice.lines, ['INVITE', 'CANCEL']);
  clock.settle();
  t.deepEqual(bob.story, ['incoming', 'ended']);
  t.is(pair.load, 0);
});

test('a CANCEL that crosses the 200 ends in ACK and BYE', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.call(pair.bobUri);
  clock.run(100);
  bob.command({ kind: 'accept', call: bob.incoming });
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.deepEqual(alice.lines, ['INVITE', 'CANCEL', 'ACK', 'BYE']);
  t.deepEqual(bob.lines, ['100 INVITE', '200 INVITE', '200 CANCEL', '200 BYE']);
  t.deepEqual(bob.cause, { by: 'peer', reason: 'hung up' });
  t.is(alice.all('ended').length, 1);
  t.deepEqual(alice.story, ['ended']);
  t.is(pair.load, 0);
});

for (const wait of [0, 5, 10, 15, 20, 25, 30, 40, 1005, 1010, 1015, 1020, 1025, 2005, 2015, 2025]) {
  test(`hanging up ${wait} ms after dialling leaves nothing behind on either side`, (t) => {
    const pair = new Pair();
    const { alice, bob, clock } = pair;
    bob.on = (event) => {
      if (event.kind !== 'incoming') return;
      clock.after(1000, () => bob.command({ kind: 'ring', call: event.call }));
      clock.after(2000, () => bob.command({ kind: 'accept', call: event.call }));
    };
    alice.call(pair.bobUri);
    clock.run(wait);
    alice.command({ kind: 'hang-up', call: 'call' });
    clock.settle();
    t.is(alice.all('ended').length, 1);
    t.is(bob.all('ended').length, bob.all('incoming').length);
    t.is(pair.load, 0);
  });
}

test('hanging up before an address was found sends nothing', (t) => {
  const pair = new Pair();
  const { alice } = pair;
  alice.sdp = () => undefined;
  alice.call(pair.bobUri);
  pair.clock.settle();
  t.deepEqual(alice.lines, []);
  t.is(alice.cause?.status, 488);
  t.is(pair.load, 0);
});

test('a refused call ends with the status and reason of the callee', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.call(pair.bobUri);
  clock.run(100);
  bob.command({ kind: 'reject', call: bob.incoming, status: 486 });
  clock.settle();
  t.deepEqual(alice.cause, { by: 'peer', status: 486, reason: 'Busy Here' });
  t.is(bob.cause?.by, 'us');
  t.is(pair.load, 0);
});

test('hanging up what rings declines it', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.call(pair.bobUri);
  clock.run(100);
  bob.command({ kind: 'hang-up', call: bob.incoming });
  clock.settle();
  t.is(alice.cause?.status, 603);
});

test('a callee who cannot describe the session answers as it was told', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  bob.sdp = () => undefined;
  alice.call(pair.bobUri);
  clock.run(100);
  bob.command({ kind: 'accept', call: bob.incoming });
  clock.settle();
  t.is(alice.cause?.status, 488);
  t.is(bob.cause?.status, 488);
  t.is(pair.load, 0);
});

test('an INVITE without offer is answered by one, and the ACK brings the answer', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.command({ kind: 'call', call: 'call', to: pair.bobUri, offerless: true });
  clock.run(100);
  t.is(bob.last('incoming')?.offer, undefined);
  bob.command({ kind: 'accept', call: bob.incoming });
  clock.run(100);
  t.is(bob.last('describe')?.remote, undefined);
  t.is(alice.last('describe')?.remote, 'v=0 bob 1');
  t.is(bob.last('answer')?.sdp, 'v=0 alice 1');
  t.deepEqual(alice.story, ['established']);
  t.deepEqual(bob.story, ['incoming', 'answer', 'established']);
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.is(pair.load, 0);
});

test('an offer in the 200 that cannot be answered ends the call by ACK and BYE', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.sdp = () => undefined;
  alice.command({ kind: 'call', call: 'call', to: pair.bobUri, offerless: true });
  clock.run(100);
  bob.command({ kind: 'accept', call: bob.incoming });
  clock.settle();
  t.deepEqual(alice.lines.slice(0, 3), ['INVITE', 'ACK', 'BYE']);
  t.is(alice.cause?.status, 488);
  t.is(bob.cause?.by, 'peer');
  t.is(pair.load, 0);
});

test('a 180 is sent again each minute while it rings', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.call(pair.bobUri);
  clock.run(100);
  bob.command({ kind: 'ring', call: bob.incoming });
  clock.run(150_000);
  t.is(alice.all('progress').length, 3);
  bob.command({ kind: 'reject', call: bob.incoming, status: 486 });
  clock.settle();
  t.is(pair.load, 0);
});

test('nobody there: the call fails after 20 s', (t) => {
  const pair = new Pair();
  const { alice, clock } = pair;
  const start = clock.now;
  alice.call('sip:nobody@192.0.2.99');
  clock.run(20_000);
  t.is(alice.cause?.status, 408);
  t.is(alice.cause?.reason, 'no answer from 192.0.2.99:5060 (udp)');
  clock.settle();
  t.is(clock.now - start, 32_000);
  t.is(alice.lines.length, 6);
  t.is(pair.load, 0);
});

test('a name without address ends the call at once', (t) => {
  const pair = new Pair();
  pair.alice.call('sip:bob@nowhere.example');
  pair.clock.settle();
  t.deepEqual(pair.alice.cause, { by: 'network', status: 503, reason: 'nowhere.example has no address' });
  t.is(pair.load, 0);
});

for (const [to, reason] of [
  ['tel:+31201234567', 'a telephone number needs an account'],
  ['sip:bob@192.0.2.2;transport=sctp', /transport sctp/],
  ['mailto:bob@example.com', 'mailto cannot be called'],
  ['bob', 'bob is no URI'],
] as const) {
  test(`${to} cannot be called, and the reason is told`, (t) => {
    const pair = new Pair();
    pair.alice.call(to);
    pair.clock.settle();
    const told = pair.alice.cause?.reason ?? '';
    if (typeof reason === 'string') t.is(told, reason);
    else t.regex(told, reason);
    t.deepEqual(pair.alice.lines, []);
  });
}

test('an account that is not there cannot carry a call', (t) => {
  const pair = new Pair();
  pair.alice.call(pair.bobUri, 'call', 'work');
  t.is(pair.alice.cause?.reason, 'there is no account work');
});

test('a call over TCP names TCP in Via and Contact', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  bob.on = (event) => {
    if (event.kind === 'incoming') bob.command({ kind: 'accept', call: event.call });
  };
  alice.call(`${pair.bobUri};transport=tcp`);
  clock.run(1000);
  t.deepEqual(alice.story, ['answer', 'established']);
  t.regex(alice.sent[0]?.first('via') ?? '', /^SIP\/2\.0\/TCP 192\.0\.2\.1:5060;branch=z9hG4bK\w+;rport$/);
  t.is(alice.sent[0]?.first('contact'), '<sip:alice-token@192.0.2.1:5060;transport=tcp>');
  bob.command({ kind: 'hang-up', call: bob.incoming });
  clock.settle();
  t.is(pair.load, 0);
});

test('an INVITE of more than 1300 octets goes over TCP', (t) => {
  const pair = new Pair();
  const { alice, bob, clock } = pair;
  alice.sdp = () => `v=0 ${'x'.repeat(1300)}`;
  alice.call(pair.bobUri);
  clock.run(1000);
  t.is(bob.last('incoming')?.flow.transport, 'tcp');
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.is(pair.load, 0);
});

test('an INVITE too large for UDP goes over UDP all the same when TCP is refused', (t) => {
  const pair = new Pair();
  const { alice, bob, clock, wire } = pair;
  alice.sdp = () => `v=0 ${'x'.repeat(1300)}`;
  const send = wire.send.bind(wire);
  wire.send = (flow, octets, refused) =>
    flow.transport === 'tcp' ? clock.after(1, refused) : send(flow, octets, refused);
  alice.call(pair.bobUri);
  clock.run(1000);
  t.is(bob.last('incoming')?.flow.transport, 'udp');
  t.deepEqual(alice.lines, ['INVITE', 'INVITE']);
  t.not(alice.sent[0]?.via?.branch, alice.sent[1]?.via?.branch);
  t.is(alice.sent[0]?.cseq?.number, alice.sent[1]?.cseq?.number);
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.is(pair.load, 0);
});

test('IPv6 addresses stand in brackets in Via, Contact and Request-URI', (t) => {
  const pair = new Pair();
  const { alice, bob, clock, wire } = pair;
  const six = { family: 6, address: '2001:db8::2', port: 5060 } as const;
  wire.attach(six, (octets, flow) => bob.command({ kind: 'received', octets, flow }));
  const flow = alice.flowTo(six);
  alice.names.set('2001:db8::2', [{ ...flow, local: { family: 6, address: 'fe80::1%eth0', port: 5060 } }]);
  alice.call('sip:bob@[2001:db8::2]');
  clock.run(100);
  t.is(bob.all('incoming').length, 1);
  const [invite] = alice.sent;
  t.is(invite?.uri, 'sip:bob@[2001:db8::2]');
  t.regex(invite?.first('via') ?? '', /^SIP\/2\.0\/UDP \[fe80::1\]:5060;/);
  t.is(invite?.first('contact'), '<sip:alice-token@[fe80::1]:5060>');
});
