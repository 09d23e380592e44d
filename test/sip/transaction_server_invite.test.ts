/** RFC 3261 17.2.1 with RFC 6026: the INVITE server transaction. */
import test from 'ava';
import { serverKey } from '#sip/transaction/match.ts';
import { SERVER_INVITE } from '#sip/transaction/server_invite.ts';
import { flowOver, request, Stand } from '../support/transaction_stand.ts';

const VIA = 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer;rport';
const INVITE = request('INVITE', { via: VIA });
const KEY = serverKey(INVITE);
/** The ACK for a refusal: same branch as its INVITE. */
const ACK = request('ACK', { via: VIA, toTag: 'b' });

function ringing(stand = new Stand()): Stand {
  stand.receive(INVITE);
  return stand;
}

function answered(status: number, stand = new Stand()): Stand {
  ringing(stand).respond(INVITE, status);
  void stand.log;
  return stand;
}

test('the 100 goes out at once, before the TU hears of the INVITE', (t) => {
  const stand = ringing();
  t.deepEqual(stand.log, ['0 send 100', '0 request INVITE']);
  t.is(stand.layer.deadline, Number.POSITIVE_INFINITY);
});

test('the 100 has no To tag and repeats the Timestamp', (t) => {
  const stand = new Stand();
  stand.receive(request('INVITE', { via: VIA, more: [['Timestamp', '54']] }));
  t.is(stand.sent[0]?.toTag, undefined);
  t.is(stand.sent[0]?.first('timestamp'), '54');
});

test('a repeated INVITE gets the last provisional response and the TU does not hear of it', (t) => {
  const stand = ringing();
  stand.receive(INVITE);
  stand.respond(INVITE, 180);
  stand.respond(INVITE, 183);
  stand.receive(INVITE);
  t.deepEqual(stand.said, ['send 100', 'request INVITE', 'send 100', 'send 180', 'send 183', 'send 183']);
});

test('over UDP a refusal is repeated at intervals up to T2 until Timer H', (t) => {
  const stand = answered(486);
  stand.clock.settle();
  t.deepEqual(stand.log, [
    ...[500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map((at) => `${at} send 486`),
    '32000 timeout',
    '32000 terminated',
  ]);
  t.true(stand.empty);
});

test('over TCP a refusal goes out once and Timer H limits the wait for the ACK', (t) => {
  const stand = answered(486, new Stand('tcp'));
  stand.clock.settle();
  t.deepEqual(stand.log, ['32000 timeout', '32000 terminated']);
  t.true(stand.empty);
});

for (const [transport, end] of [
  ['udp', 6000],
  ['tcp', 1000],
] as const) {
  test(`the ACK stops Timers G and H, and Timer I runs over ${transport}`, (t) => {
    const stand = answered(486, new Stand(transport));
    stand.clock.run(1000);
    void stand.log;
    stand.receive(ACK);
    stand.clock.settle();
    t.deepEqual(stand.log, ['1000 confirmed', `${end} terminated`]);
    t.true(stand.empty);
  });

  test(`a 2xx goes out once, and Timer L runs over ${transport}`, (t) => {
    const stand = ringing(new Stand(transport));
    stand.respond(INVITE, 200);
    stand.clock.settle();
    t.deepEqual(stand.log, ['0 send 100', '0 request INVITE', '0 send 200', '32000 terminated']);
    t.true(stand.empty);
  });
}

test('the ACK leaves no timer but Timer I', (t) => {
  const stand = answered(486);
  stand.receive(ACK);
  t.is(stand.layer.deadline, 1_000_000 + 5000);
});

test('Timers G, H, I and L follow T1, T2 and T4', (t) => {
  const timing = { T1: 100, T2: 300, T4: 1000 };
  const refused = answered(600, new Stand('udp', { timing }));
  refused.clock.run(1000);
  refused.receive(ACK);
  refused.clock.settle();
  t.deepEqual(refused.log, [
    ...[100, 300, 600, 900].map((at) => `${at} send 600`),
    '1000 confirmed',
    '2000 terminated',
  ]);
  const unconfirmed = answered(600, new Stand('tcp', { timing }));
  unconfirmed.clock.settle();
  t.deepEqual(unconfirmed.log, ['6400 timeout', '6400 terminated']);
  const accepted = answered(200, new Stand('udp', { timing }));
  accepted.clock.settle();
  t.deepEqual(accepted.log, ['6400 terminated']);
});

test('a 2xx after the transaction has ended is not sent', (t) => {
  const stand = answered(200);
  stand.clock.settle();
  void stand.log;
  stand.respond(INVITE, 200);
  t.deepEqual(stand.said, []);
});

test('the ACK of a 2xx, with a branch of its own, goes to the TU', (t) => {
  const stand = answered(200);
  stand.receive(request('ACK', { branch: 'z9hG4bKother', toTag: 'b' }));
  t.deepEqual(stand.said, ['ack']);
  t.is(stand.layer.size, 1);
});

test('when the connection is gone the response takes a new one to the port of sent-by', (t) => {
  const stand = new Stand('tcp');
  const invite = request('INVITE', { via: 'SIP/2.0/TCP 192.0.2.2:5070;branch=z9hG4bKtcp' });
  const flow = flowOver('tcp', 49_152);
  stand.receive(invite, flow);
  stand.respond(invite, 486);
  stand.breakTransport(serverKey(invite));
  stand.breakTransport(serverKey(invite));
  t.deepEqual(stand.said, ['send 100', 'request INVITE', 'send 486', 'send 486', 'failed ECONNREFUSED']);
  t.deepEqual(stand.sentOver, [
    flow,
    flow,
    { transport: 'tcp', local: flow.local, remote: { ...flow.remote, port: 5070 } },
  ]);
});

const WAYS: Readonly<Record<string, () => Stand>> = {
  Proceeding: () => {
    const stand = ringing();
    void stand.log;
    return stand;
  },
  Accepted: () => answered(202),
  Completed: () => answered(404),
  Confirmed: () => {
    const stand = answered(404);
    stand.receive(ACK);
    void stand.log;
    return stand;
  },
};
const STIMULI: Readonly<Record<string, (stand: Stand) => void>> = {
  'the INVITE again': (stand) => stand.receive(INVITE),
  'an ACK': (stand) => stand.receive(ACK),
  'a 101 of the TU': (stand) => stand.respond(INVITE, 101),
  'a 200 of the TU': (stand) => stand.respond(INVITE, 200),
  'a 300 of the TU': (stand) => stand.respond(INVITE, 300),
  'a 699 of the TU': (stand) => stand.respond(INVITE, 699),
  'a transport error': (stand) => stand.breakTransport(KEY),
};
const OUTCOMES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Proceeding: {
    'the INVITE again': ['send 100'],
    'a 101 of the TU': ['send 101'],
    'a 200 of the TU': ['send 200'],
    'a 300 of the TU': ['send 300'],
    'a 699 of the TU': ['send 699'],
    'a transport error': ['failed ECONNREFUSED'],
  },
  Accepted: {
    'an ACK': ['ack'],
    'a 200 of the TU': ['send 200'],
    'a transport error': ['failed ECONNREFUSED'],
  },
  Completed: {
    'the INVITE again': ['send 404'],
    'an ACK': ['confirmed'],
    'a transport error': ['failed ECONNREFUSED'],
  },
  Confirmed: {},
};

for (const [state, reach] of Object.entries(WAYS)) {
  for (const [stimulus, apply] of Object.entries(STIMULI)) {
    const outcome = OUTCOMES[state]?.[stimulus] ?? [];
    test(`in ${state} ${stimulus} leads to ${outcome.join(' and ') || 'nothing'}`, (t) => {
      const stand = reach();
      apply(stand);
      t.deepEqual(stand.said, outcome);
      t.is(stand.layer.size, 1);
    });
  }
}

test('the figure has no state that the tests do not reach', (t) => {
  t.deepEqual(Object.keys(SERVER_INVITE), ['Initial', ...Object.keys(WAYS)]);
});
