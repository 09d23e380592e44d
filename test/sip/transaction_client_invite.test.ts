/** RFC 3261 17.1.1 with RFC 6026: the INVITE client transaction. */
import test from 'ava';
import { CLIENT_INVITE } from '#sip/transaction/client_invite.ts';
import { clientKey } from '#sip/transaction/match.ts';
import { request, response, Stand } from '../support/transaction_stand.ts';

const INVITE = request('INVITE');
const KEY = clientKey(INVITE);

function calling(stand = new Stand()): Stand {
  stand.start(INVITE);
  return stand;
}

function after(status: number, stand = new Stand()): Stand {
  calling(stand).receive(response(INVITE, status));
  void stand.log;
  return stand;
}

test('over UDP the INVITE goes out at doubling intervals until Timer B', (t) => {
  const stand = calling();
  stand.clock.settle();
  t.deepEqual(stand.log, [
    '0 send INVITE',
    '500 send INVITE',
    '1500 send INVITE',
    '3500 send INVITE',
    '7500 send INVITE',
    '15500 send INVITE',
    '31500 send INVITE',
    '32000 timeout',
    '32000 terminated',
  ]);
  t.true(stand.empty);
});

test('over TCP the INVITE goes out once and Timer B still limits the wait', (t) => {
  const stand = calling(new Stand('tcp'));
  stand.clock.settle();
  t.deepEqual(stand.log, ['0 send INVITE', '32000 timeout', '32000 terminated']);
  t.true(stand.empty);
});

test('another T1 scales Timers A and B', (t) => {
  const stand = calling(new Stand('udp', { timing: { T1: 100 } }));
  stand.clock.settle();
  t.deepEqual(stand.log.slice(0, 4), [
    '0 send INVITE',
    '100 send INVITE',
    '300 send INVITE',
    '700 send INVITE',
  ]);
  t.is(stand.clock.now, 1_000_000 + 6400);
});

test('every retransmission is the same octets', (t) => {
  const stand = calling();
  stand.clock.settle();
  t.is(stand.sent.length, 7);
  for (const message of stand.sent) t.deepEqual(Buffer.from(message.octets), Buffer.from(INVITE.octets));
});

test('a provisional response stops Timers A and B', (t) => {
  const stand = calling();
  stand.clock.run(600);
  stand.receive(response(INVITE, 180));
  t.is(stand.layer.deadline, Number.POSITIVE_INFINITY);
  stand.clock.run(3_600_000);
  t.deepEqual(stand.log, ['0 send INVITE', '500 send INVITE', '600 response 180']);
});

for (const [transport, end] of [
  ['udp', 40_000],
  ['tcp', 8000],
] as const) {
  test(`a refusal is acknowledged and Timer D runs over ${transport}`, (t) => {
    const stand = calling(new Stand(transport));
    stand.clock.run(8000);
    void stand.log;
    stand.receive(response(INVITE, 486));
    stand.clock.settle();
    t.deepEqual(stand.log, ['8000 send ACK', '8000 response 486', `${end} terminated`]);
    t.true(stand.empty);
  });

  test(`a 2xx is left to the TU and Timer M runs over ${transport}`, (t) => {
    const stand = calling(new Stand(transport));
    stand.clock.run(100);
    stand.receive(response(INVITE, 200));
    stand.clock.settle();
    t.deepEqual(stand.log, ['0 send INVITE', '100 response 200', '32100 terminated']);
    t.true(stand.empty);
  });
}

test('a final response leaves no timer but the one for late repetitions', (t) => {
  for (const status of [200, 486]) t.is(after(status).layer.deadline, 1_000_000 + 32_000);
});

test('Timer D is never below 32 s, whatever T1', (t) => {
  for (const [T1, end] of [
    [50, 32_000],
    [1000, 64_000],
  ] as const) {
    const stand = calling(new Stand('udp', { timing: { T1 } }));
    stand.receive(response(INVITE, 486));
    stand.clock.settle();
    t.is(stand.log.at(-1), `${end} terminated`);
  }
});

test('the ACK of a refusal repeats what 17.1.1.3 says and nothing else', (t) => {
  const invite = request('INVITE', {
    more: [
      ['Route', '<sip:p1.example.net;lr>'],
      ['Route', '<sip:p2.example.net;lr>, <sip:p3.example.net>'],
      ['Contact', '<sip:alice@192.0.2.1>'],
      ['Subject', 'not for the ACK'],
    ],
  });
  const stand = new Stand();
  stand.start(invite);
  stand.receive(response(invite, 404, 'tag-of-bob'));
  const ack = stand.sent.at(-1);
  t.is(
    ack?.head,
    'ACK sip:bob@192.0.2.2 SIP/2.0\r\n' +
      'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n' +
      'Route: <sip:p1.example.net;lr>\r\n' +
      'Route: <sip:p2.example.net;lr>, <sip:p3.example.net>\r\n' +
      'Max-Forwards: 70\r\n' +
      'From: <sip:alice@192.0.2.1>;tag=a\r\n' +
      'To: <sip:bob@192.0.2.2>;tag=tag-of-bob\r\n' +
      'Call-ID: call-1\r\n' +
      'CSeq: 1 ACK\r\n' +
      'Content-Length: 0\r\n',
  );
  t.deepEqual(stand.sentOver.at(-1), stand.flow);
});

test('each 2xx of a fork reaches the TU while Accepted, and none after Timer M', (t) => {
  const stand = after(200);
  stand.receive(response(INVITE, 200, 'other-fork'));
  stand.receive(response(INVITE, 200));
  t.deepEqual(stand.said, ['response 200', 'response 200']);
  stand.clock.settle();
  void stand.log;
  stand.receive(response(INVITE, 200));
  t.deepEqual(stand.said, ['stray-response 200']);
});

test('after CANCEL the final response has 64*T1 left', (t) => {
  const stand = after(180);
  stand.clock.run(10_000);
  const cancel = request('CANCEL');
  stand.start(cancel);
  stand.receive(response(cancel, 200));
  stand.clock.settle();
  t.deepEqual(stand.log, [
    '10000 send CANCEL',
    '10000 response 200',
    '15000 terminated',
    '42000 timeout',
    '42000 terminated',
  ]);
  t.true(stand.empty);
});

test('the 487 that a CANCEL brings ends the INVITE in the common way', (t) => {
  const stand = after(180);
  stand.start(request('CANCEL'));
  stand.receive(response(INVITE, 487));
  t.deepEqual(stand.said, ['send CANCEL', 'send ACK', 'response 487']);
});

test('an abandoned INVITE is not sent again, and ends 64*T1 after it rings at the latest', (t) => {
  const stand = calling();
  stand.abandon(KEY);
  stand.clock.run(600);
  stand.receive(response(INVITE, 180));
  stand.abandon(KEY);
  stand.clock.settle();
  t.deepEqual(stand.log, ['0 send INVITE', '600 response 180', '32600 timeout', '32600 terminated']);
});

/** What each stimulus leads to in each state; what is not named leads to nothing. */
const WAYS: Readonly<Record<string, () => Stand>> = {
  Calling: () => {
    const stand = calling();
    void stand.log;
    return stand;
  },
  Proceeding: () => after(183),
  Accepted: () => after(200),
  Completed: () => after(503),
};
const STIMULI: Readonly<Record<string, (stand: Stand) => void>> = {
  'a 100': (stand) => stand.receive(response(INVITE, 100)),
  'a 199': (stand) => stand.receive(response(INVITE, 199)),
  'a 200': (stand) => stand.receive(response(INVITE, 200)),
  'a 299': (stand) => stand.receive(response(INVITE, 299)),
  'a 300': (stand) => stand.receive(response(INVITE, 300)),
  'a 699': (stand) => stand.receive(response(INVITE, 699)),
  'a transport error': (stand) => stand.breakTransport(KEY),
};
const OUTCOMES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Calling: {
    'a 100': ['response 100'],
    'a 199': ['response 199'],
    'a 200': ['response 200'],
    'a 299': ['response 299'],
    'a 300': ['send ACK', 'response 300'],
    'a 699': ['send ACK', 'response 699'],
    'a transport error': ['failed ECONNREFUSED', 'terminated'],
  },
  Proceeding: {
    'a 100': ['response 100'],
    'a 199': ['response 199'],
    'a 200': ['response 200'],
    'a 299': ['response 299'],
    'a 300': ['send ACK', 'response 300'],
    'a 699': ['send ACK', 'response 699'],
  },
  Accepted: {
    'a 200': ['response 200'],
    'a 299': ['response 299'],
  },
  Completed: {
    'a 200': ['stray-response 200'],
    'a 299': ['stray-response 299'],
    'a 300': ['send ACK'],
    'a 699': ['send ACK'],
    'a transport error': ['failed ECONNREFUSED', 'terminated'],
  },
};

for (const [state, reach] of Object.entries(WAYS)) {
  for (const [stimulus, apply] of Object.entries(STIMULI)) {
    const outcome = OUTCOMES[state]?.[stimulus] ?? [];
    test(`in ${state} ${stimulus} leads to ${outcome.join(' and ') || 'nothing'}`, (t) => {
      const stand = reach();
      apply(stand);
      t.deepEqual(stand.said, outcome);
    });
  }
}

test('the figure has no state that the tests do not reach', (t) => {
  t.deepEqual(Object.keys(CLIENT_INVITE), ['Initial', ...Object.keys(WAYS)]);
});
