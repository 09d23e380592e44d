/** RFC 3261 17.1.2: the client transaction of every request but INVITE. */
import test from 'ava';
import { CLIENT_REQUEST } from '#sip/transaction/client_request.ts';
import { clientKey } from '#sip/transaction/match.ts';
import { request, response, Stand } from '../support/transaction_stand.ts';

const BYE = request('BYE', { toTag: 'b' });
const KEY = clientKey(BYE);

function trying(stand = new Stand()): Stand {
  stand.start(BYE);
  return stand;
}

function after(status: number, stand = new Stand()): Stand {
  trying(stand).receive(response(BYE, status));
  void stand.log;
  return stand;
}

test('over UDP Timer E doubles up to T2 until Timer F', (t) => {
  const stand = trying();
  stand.clock.settle();
  t.deepEqual(stand.log, [
    ...[0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map(
      (at) => `${at} send BYE`,
    ),
    '32000 timeout',
    '32000 terminated',
  ]);
  t.true(stand.empty);
});

test('over TCP only Timer F runs', (t) => {
  const stand = trying(new Stand('tcp'));
  stand.clock.settle();
  t.deepEqual(stand.log, ['0 send BYE', '32000 timeout', '32000 terminated']);
  t.true(stand.empty);
});

test('after a provisional response Timer E goes on at T2 and Timer F as it was', (t) => {
  const stand = trying();
  stand.clock.run(600);
  stand.receive(response(BYE, 100));
  stand.clock.settle();
  t.deepEqual(stand.log, [
    '0 send BYE',
    '500 send BYE',
    '600 response 100',
    ...[1500, 5500, 9500, 13_500, 17_500, 21_500, 25_500, 29_500].map((at) => `${at} send BYE`),
    '32000 timeout',
    '32000 terminated',
  ]);
  t.true(stand.empty);
});

for (const [transport, end] of [
  ['udp', 12_000],
  ['tcp', 7000],
] as const) {
  test(`a final response stops Timers E and F, and Timer K runs over ${transport}`, (t) => {
    const stand = trying(new Stand(transport));
    stand.clock.run(7000);
    void stand.log;
    stand.receive(response(BYE, 200));
    stand.clock.settle();
    t.deepEqual(stand.log, ['7000 response 200', `${end} terminated`]);
    t.true(stand.empty);
  });
}

test('a final response leaves no timer but Timer K', (t) => {
  t.is(after(200, new Stand('udp', { timing: { T4: 9000 } })).layer.deadline, 1_000_000 + 9000);
});

test('Timers E, F and K follow T1, T2 and T4', (t) => {
  const stand = trying(new Stand('udp', { timing: { T1: 100, T2: 300, T4: 1000 } }));
  stand.clock.run(1000);
  stand.receive(response(BYE, 200));
  stand.clock.settle();
  t.deepEqual(stand.log, [
    ...[0, 100, 300, 600, 900].map((at) => `${at} send BYE`),
    '1000 response 200',
    '2000 terminated',
  ]);
});

test('an abandoned request still reports its end', (t) => {
  const stand = trying();
  stand.abandon(KEY);
  stand.receive(response(BYE, 200));
  stand.clock.settle();
  t.deepEqual(stand.log, ['0 send BYE', '0 response 200', '5000 terminated']);
});

test('an abandoned request is not sent again, a released one is over without a word', (t) => {
  const stand = trying();
  stand.abandon(KEY);
  stand.clock.run(10_000);
  stand.release(KEY);
  t.deepEqual(stand.log, ['0 send BYE', '10000 terminated']);
  t.true(stand.empty);
});

const WAYS: Readonly<Record<string, () => Stand>> = {
  Trying: () => {
    const stand = trying();
    void stand.log;
    return stand;
  },
  Proceeding: () => after(100),
  Completed: () => after(481),
};
const STIMULI: Readonly<Record<string, (stand: Stand) => void>> = {
  'a 100': (stand) => stand.receive(response(BYE, 100)),
  'a 183': (stand) => stand.receive(response(BYE, 183)),
  'a 200': (stand) => stand.receive(response(BYE, 200)),
  'a 302': (stand) => stand.receive(response(BYE, 302)),
  'a 699': (stand) => stand.receive(response(BYE, 699)),
  'a transport error': (stand) => stand.breakTransport(KEY),
};
const WAITING = {
  'a 100': ['response 100'],
  'a 183': ['response 183'],
  'a 200': ['response 200'],
  'a 302': ['response 302'],
  'a 699': ['response 699'],
  'a transport error': ['failed ECONNREFUSED', 'terminated'],
};
const OUTCOMES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Trying: WAITING,
  Proceeding: WAITING,
  Completed: {},
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
  t.deepEqual(Object.keys(CLIENT_REQUEST), ['Initial', ...Object.keys(WAYS)]);
});
