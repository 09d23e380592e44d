/** One request and the flows that it may take (RFC 3263 4.3, RFC 3261 8.1.3.1, 18.1.1). */
import test from 'ava';
import type { Flow } from '#sip/types.ts';
import { Pair } from '../support/pair.ts';
import { Peer, SDP } from '../support/peer.ts';

const SIX: Flow = {
  transport: 'udp',
  local: { family: 6, address: '2001:db8::1', port: 5060 },
  remote: { family: 6, address: '2001:db8::7', port: 5060 },
};

/** A name with an IPv6 and an IPv4 address; the peers there do what the test says. */
function stage() {
  const pair = new Pair();
  const { alice, wire } = pair;
  const six = new Peer(wire, '2001:db8::7', SIX.local);
  const four = new Peer(wire, '192.0.2.7', alice.local);
  six.answersProbes = true;
  four.answersProbes = true;
  wire.attach(SIX.local, (octets, flow) => alice.command({ kind: 'received', octets, flow }));
  alice.names.set('server.example', [SIX, alice.flowTo(four.local)]);
  alice.sdp = undefined;
  return { pair, six, four, ...pair };
}

test('503 sends the request to the next address, built anew for its family', (t) => {
  const { alice, clock, six, four } = stage();
  six.on = (message) => {
    if (message.method === 'INVITE') six.reply(message, { status: 503, toTag: 'six' });
  };
  alice.call('sip:bob@server.example');
  clock.run(100);
  const [first, second] = [six.last('INVITE'), four.last('INVITE')];
  t.regex(first?.first('via') ?? '', /UDP \[2001:db8::1\]:5060;/);
  t.regex(second?.first('via') ?? '', /UDP 192\.0\.2\.1:5060;/);
  t.is(first?.contact?.uri, 'sip:alice-token@[2001:db8::1]:5060');
  t.is(second?.contact?.uri, 'sip:alice-token@192.0.2.1:5060');
  t.deepEqual(
    alice.all('describe').map(({ flow }) => flow.remote.family),
    [6, 4],
  );
  t.not(first?.bodyText, second?.bodyText);
  t.not(first?.via?.branch, second?.via?.branch);
  // A server that both reach may see that it is the same (8.2.2.2).
  t.is(first?.cseq?.number, second?.cseq?.number);
  t.is(first?.callId, second?.callId);
  t.is(first?.fromTag, second?.fromTag);
});

test('silence sends it to the next address, and what was sent first is not sent again', (t) => {
  const { alice, clock, six, four } = stage();
  const start = clock.now;
  four.on = () => {
    if (four.heard.length === 1) t.is(clock.now - start, 20 + 500 + 200 + 10);
    six.answersProbes = true;
  };
  six.on = () => {
    six.answersProbes = false;
  };
  alice.call('sip:bob@server.example');
  clock.run(5_000);
  t.is(four.methods[0], 'INVITE');
  t.deepEqual(six.methods.filter((method) => method === 'INVITE').length, 2);
});

test('an error of the transport sends it to the next address at once', (t) => {
  const { alice, clock, wire, four } = stage();
  const tcp: Flow = { ...SIX, transport: 'tcp' };
  wire.detach(SIX.remote);
  alice.names.set('server.example', [tcp, alice.flowTo(four.local)]);
  alice.call('sip:bob@server.example');
  clock.run(30);
  t.deepEqual(four.methods, ['INVITE']);
});

test('when every address fails, the last one says why', (t) => {
  const { pair, alice, clock, six, four } = stage();
  six.on = (message) => {
    if (message.method === 'INVITE') six.reply(message, { status: 503, toTag: 'six' });
  };
  four.on = (message) => {
    if (message.method === 'INVITE')
      four.reply(message, { status: 503, reason: 'Maintenance', toTag: 'four' });
  };
  alice.call('sip:bob@server.example');
  clock.settle();
  t.deepEqual(alice.cause, { by: 'peer', status: 503, reason: 'Maintenance' });
  t.is(pair.load, 0);
});

test('another refusal is final: no other address is tried', (t) => {
  const { alice, clock, six, four } = stage();
  six.on = (message) => {
    if (message.method === 'INVITE') six.reply(message, { status: 404, toTag: 'six' });
  };
  alice.call('sip:bob@server.example');
  clock.settle();
  t.is(alice.cause?.status, 404);
  t.deepEqual(four.heard, []);
});

test('whoever hangs up does not go on to the next address', (t) => {
  const { pair, alice, clock, four } = stage();
  alice.call('sip:bob@server.example');
  clock.run(1000);
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.deepEqual(four.heard, []);
  t.deepEqual(alice.cause, { by: 'us', reason: 'cancelled' });
  t.is(pair.load, 0);
});

test('hanging up while the address is sought sends nothing, whatever is found later', (t) => {
  const { pair, alice, clock, four } = stage();
  alice.names.set('slow.example', []);
  let ticket = 0;
  const handle = alice.agent.handle.bind(alice.agent);
  alice.agent.handle = (input, now) =>
    handle(input, now).filter((effect) => {
      if (effect.kind === 'locate') ticket = effect.ticket;
      return effect.kind !== 'locate';
    });
  alice.call('sip:bob@slow.example');
  alice.command({ kind: 'hang-up', call: 'call' });
  alice.command({ kind: 'located', ticket, groups: [[alice.flowTo(four.local)]] });
  clock.settle();
  t.true(ticket > 0);
  t.deepEqual(alice.lines, []);
  t.is(pair.load, 0);
});

test('hanging up while the answer to an offer in the 200 is being made sends ACK before BYE', (t) => {
  const { pair, alice, clock, four } = stage();
  const handle = alice.agent.handle.bind(alice.agent);
  alice.agent.handle = (input, now) => (input.kind === 'described' ? [] : handle(input, now));
  four.on = (message) => {
    if (message.kind === 'response') return;
    const contact = ['Contact', '<sip:bob@192.0.2.7>'] as const;
    if (message.method === 'INVITE')
      four.reply(message, { status: 200, toTag: 'bob', headers: [contact, SDP], body: 'v=0 offer' });
    if (message.method === 'BYE') four.reply(message, { status: 200 });
  };
  alice.command({ kind: 'call', call: 'call', to: 'sip:bob@192.0.2.7', offerless: true });
  clock.run(100);
  t.is(alice.last('describe')?.remote, 'v=0 offer');
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.deepEqual(four.methods, ['INVITE', 'ACK', 'BYE']);
  t.is(pair.load, 0);
});

test('a large INVITE that was refused over TCP is not sent over UDP', (t) => {
  const { alice, clock, four } = stage();
  alice.sdp = () => `v=0 ${'x'.repeat(1400)}`;
  const transports: string[] = [];
  four.on = (message, flow) => {
    if (message.method !== 'INVITE') return;
    transports.push(flow.transport);
    four.reply(message, { status: 486, toTag: 'x' });
  };
  alice.call('sip:bob@192.0.2.7');
  clock.settle();
  t.deepEqual(transports, ['tcp']);
  t.is(alice.cause?.status, 486);
});
