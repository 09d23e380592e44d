/** RFC 3261 17.2.2 as narrowed by RFC 4320: the server transaction of every request but INVITE. */
import test from 'ava';
import { serverKey } from '#sip/transaction/match.ts';
import { SERVER_REQUEST } from '#sip/transaction/server_request.ts';
import { request, Stand } from '../support/transaction_stand.ts';

const OPTIONS = request('OPTIONS', { via: 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer;rport' });
const KEY = serverKey(OPTIONS);

function asked(stand = new Stand()): Stand {
  stand.receive(OPTIONS);
  return stand;
}

function answered(status: number, stand = new Stand()): Stand {
  asked(stand).respond(OPTIONS, status);
  void stand.log;
  return stand;
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`what the TU does not answer gets its 100 after 3.5 s and nothing at the end over ${transport}`, (t) => {
    const stand = asked(new Stand(transport));
    stand.clock.settle();
    t.deepEqual(stand.log, ['0 request OPTIONS', '3500 send 100', '32000 terminated']);
    t.true(stand.empty);
  });
}

test('the 100 comes when a Timer E with these T1 and T2 is reset to T2', (t) => {
  for (const [timing, at] of [
    [{ T1: 100, T2: 400 }, 300],
    [{ T1: 100, T2: 500 }, 700],
    [{ T1: 1000, T2: 4000 }, 3000],
  ] as const) {
    const stand = asked(new Stand('udp', { timing }));
    stand.clock.settle();
    t.is(stand.log[1], `${at} send 100`);
  }
});

for (const [transport, end] of [
  ['udp', 34_000],
  ['tcp', 2000],
] as const) {
  test(`a final response in time makes the 100 needless, and Timer J runs over ${transport}`, (t) => {
    const stand = asked(new Stand(transport));
    stand.clock.run(2000);
    stand.respond(OPTIONS, 200);
    stand.clock.settle();
    t.deepEqual(stand.log, ['0 request OPTIONS', '2000 send 200', `${end} terminated`]);
    t.true(stand.empty);
  });
}

test('a final response leaves no timer but Timer J', (t) => {
  t.is(answered(200).layer.deadline, 1_000_000 + 32_000);
});

test('where T2 is longer than 64*T1 there is no 100 either', (t) => {
  const stand = asked(new Stand('udp', { timing: { T1: 100, T2: 8000 } }));
  stand.clock.settle();
  t.deepEqual(stand.log, ['0 request OPTIONS', '6400 terminated']);
});

test('Timer J follows T1', (t) => {
  const stand = answered(200, new Stand('udp', { timing: { T1: 100 } }));
  stand.clock.settle();
  t.deepEqual(stand.log, ['6400 terminated']);
});

test('a 408 is not sent: whoever asked has given up', (t) => {
  const stand = asked();
  stand.clock.run(31_000);
  stand.respond(OPTIONS, 408);
  stand.clock.settle();
  t.deepEqual(stand.log, ['0 request OPTIONS', '3500 send 100', '32000 terminated']);
});

const WAYS: Readonly<Record<string, () => Stand>> = {
  Trying: () => {
    const stand = asked();
    void stand.log;
    return stand;
  },
  Proceeding: () => {
    const stand = asked();
    stand.clock.run(3500);
    void stand.log;
    return stand;
  },
  Completed: () => answered(405),
};
const STIMULI: Readonly<Record<string, (stand: Stand) => void>> = {
  'the request again': (stand) => stand.receive(OPTIONS),
  'a 100 of the TU': (stand) => stand.respond(OPTIONS, 100),
  'a 183 of the TU': (stand) => stand.respond(OPTIONS, 183),
  'a 200 of the TU': (stand) => stand.respond(OPTIONS, 200),
  'a 501 of the TU': (stand) => stand.respond(OPTIONS, 501),
  'a 408 of the TU': (stand) => stand.respond(OPTIONS, 408),
  'a transport error': (stand) => stand.breakTransport(KEY),
};
const OUTCOMES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Trying: {
    'a 200 of the TU': ['send 200'],
    'a 501 of the TU': ['send 501'],
  },
  Proceeding: {
    'the request again': ['send 100'],
    'a 200 of the TU': ['send 200'],
    'a 501 of the TU': ['send 501'],
    'a transport error': ['failed ECONNREFUSED'],
  },
  Completed: {
    'the request again': ['send 405'],
    'a transport error': ['failed ECONNREFUSED'],
  },
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
  t.deepEqual(Object.keys(SERVER_REQUEST), ['Initial', ...Object.keys(WAYS)]);
});
