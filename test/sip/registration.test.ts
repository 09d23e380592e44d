/** Registration (RFC 3261 10): bound, kept bound, tried again, taken back. */
import test from 'ava';
import type { Account } from '#sip/types.ts';
import { Clock } from '../support/clock.ts';
import { Side } from '../support/pair.ts';
import { Registrar } from '../support/registrar.ts';
import { Wire } from '../support/wire.ts';

const ACCOUNT: Account = {
  id: 'work',
  user: 'alice',
  domain: 'example.test',
  displayName: 'Alice "A"',
  authUser: 'alice',
  password: 's3cret',
  expires: 600,
};

function office(changes: Partial<Account> = {}) {
  const clock = new Clock();
  const wire = new Wire(clock);
  const alice = new Side('alice', '192.0.2.1', clock, wire, {
    accounts: [{ ...ACCOUNT, ...changes }],
    admission: { acceptFrom: 'known', allow: [] },
  });
  const registrar = new Registrar(wire, '192.0.2.10', alice.local);
  registrar.now = () => clock.now;
  alice.names.set('example.test', [alice.flowTo(registrar.local)]);
  const states = () => alice.all('registration').map(({ state }) => state);
  return { clock, wire, alice, registrar, states };
}

function register({ alice }: { alice: Side }): void {
  alice.command({ kind: 'register', account: 'work' });
}

const DAY = 86_400_000;

test('an account is registered for the time that the registrar grants', (t) => {
  const stage = office();
  stage.registrar.most = 120;
  register(stage);
  stage.clock.run(100);
  const [request] = stage.registrar.heard;
  t.is(request?.uri, 'sip:example.test');
  t.is(request?.first('to'), '<sip:alice@example.test>');
  t.is(request?.from?.name, 'Alice "A"');
  t.is(request?.first('expires'), '600');
  t.deepEqual(stage.states(), ['trying', 'registered']);
  t.is(stage.alice.last('registration')?.expires, 120);
  t.is(stage.alice.last('registration')?.flow?.remote.address, '192.0.2.10');
  t.deepEqual([...stage.registrar.bindings.keys()], ['sip:alice-token-1@192.0.2.1:5060']);
});

test('a user of any letters is the same in From and To', (t) => {
  const stage = office({ user: 'Zoë B' });
  register(stage);
  stage.clock.run(100);
  const [request] = stage.registrar.heard;
  t.is(request?.to?.uri, 'sip:Zo%C3%AB%20B@example.test');
  t.is(request?.from?.uri, request?.to?.uri);
});

for (const [granted, refresh] of [
  [3600, 3240],
  [600, 540],
  [120, 60],
  [60, 30],
] as const) {
  test(`a binding of ${granted} s is refreshed after ${refresh} s`, (t) => {
    const stage = office({ expires: granted });
    register(stage);
    stage.clock.run(10_000_000);
    const [first = 0, second = 0, third = 0] = stage.registrar.times;
    t.is(second - first, refresh * 1000 + 20);
    t.is(third - second, refresh * 1000 + 20);
  });
}

test('over a day the binding never lapses, under one Call-ID with rising CSeq', (t) => {
  const stage = office();
  register(stage);
  stage.clock.run(DAY);
  const { heard, times } = stage.registrar;
  t.true(times.length > 150 && times.length < 170, `${times.length}`);
  t.true(times.every((time, i) => i === 0 || time - (times[i - 1] ?? 0) < 600_000));
  t.is(new Set(heard.map(({ callId }) => callId)).size, 1);
  t.deepEqual(
    heard.map(({ cseq }) => cseq?.number),
    heard.map((_, i) => i + 1),
  );
  stage.alice.command({ kind: 'unregister', account: 'work' });
  stage.clock.settle();
  t.is(stage.registrar.bindings.size, 0);
  t.is(stage.clock.deadline, Number.POSITIVE_INFINITY);
});

test('a registrar that wants longer times gets them', (t) => {
  const stage = office();
  stage.registrar.least = 1800;
  register(stage);
  stage.clock.run(100);
  t.deepEqual(
    stage.registrar.heard.map((request) => request.first('expires')),
    ['600', '1800'],
  );
  t.is(stage.alice.last('registration')?.expires, 1800);
});

test('a registrar that asks for less than we offered, and refuses, is not asked in a loop', (t) => {
  const stage = office();
  stage.registrar.broken = 423;
  register(stage);
  stage.clock.run(10_000);
  t.true(stage.registrar.times.length < 8);
  t.is(stage.alice.last('registration')?.state, 'failed');
});

for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256']) {
  for (const asksAs of ['server', 'proxy'] as const) {
    test(`a challenge of a ${asksAs} by ${algorithm} is answered, and later requests bring the answer along`, (t) => {
      const stage = office({ expires: 60 });
      Object.assign(stage.registrar, { password: 's3cret', algorithms: [algorithm], asksAs });
      register(stage);
      stage.clock.run(100);
      t.is(stage.registrar.times.length, 2);
      t.is(stage.alice.last('registration')?.state, 'registered');
      stage.clock.run(65_000);
      t.is(stage.registrar.times.length, 4);
      const field = asksAs === 'server' ? 'authorization' : 'proxy-authorization';
      t.deepEqual(
        stage.registrar.heard.map((one) => /nc=(\d+)/.exec(one.first(field) ?? '')?.[1]),
        [undefined, '00000001', '00000002', '00000003'],
      );
    });
  }
}

test('of several challenges the strongest is answered', (t) => {
  const stage = office();
  Object.assign(stage.registrar, { password: 's3cret', algorithms: ['MD5', 'X-NEW', 'SHA-256'] });
  register(stage);
  stage.clock.run(100);
  t.regex(stage.registrar.heard[1]?.first('authorization') ?? '', /algorithm=SHA-256/);
});

test('a stale nonce is replaced without failing', (t) => {
  const stage = office({ expires: 60 });
  stage.registrar.password = 's3cret';
  register(stage);
  stage.clock.run(100);
  stage.registrar.stale.add('nonce-1');
  stage.registrar.nonce = 'nonce-2';
  stage.clock.run(32_000);
  t.deepEqual(stage.states(), ['trying', 'registered', 'registered']);
  t.is(stage.registrar.times.length, 4);
});

test('a wrong password is tried once, then only after growing pauses', (t) => {
  const stage = office();
  stage.registrar.password = 'other';
  register(stage);
  stage.clock.run(400);
  t.is(stage.registrar.times.length, 2);
  t.is(stage.alice.last('registration')?.error, 'user or password not accepted: 401 Unauthorized');
  stage.clock.run(DAY);
  t.true(stage.registrar.times.length < 400, `${stage.registrar.times.length}`);
});

test('a challenge from elsewhere than our server is not answered', (t) => {
  const stage = office();
  const { alice, clock, wire } = stage;
  const eve = new Registrar(wire, '192.0.2.66', alice.local);
  eve.password = 's3cret';
  alice.call('sip:eve@192.0.2.66', 'call', 'work');
  clock.run(100);
  t.is(eve.methods.filter((method) => method === 'INVITE').length, 1);
  t.is(alice.cause?.status, 401);
});

test('a server that is away is tried again with growing pauses of up to a quarter of an hour', (t) => {
  const stage = office();
  stage.registrar.broken = 500;
  register(stage);
  stage.clock.run(DAY);
  const { times } = stage.registrar;
  const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0) - 20);
  for (const [i, pause] of pauses.entries()) {
    const limit = Math.min(1000 * 2 ** i, 900_000);
    t.true(pause >= limit / 2 && pause <= limit + 1, `pause ${i} is ${pause}`);
  }
  t.true(new Set(pauses.map((pause) => pause % 1000)).size > 5);
  t.deepEqual(stage.states().slice(0, 4), ['trying', 'failed', 'trying', 'failed']);
});

test('a server that says when it is back is believed', (t) => {
  const stage = office();
  const { registrar, alice } = stage;
  registrar.on = (message) => {
    registrar.times.push(registrar.now());
    registrar.reply(message, { status: 503, headers: [['Retry-After', '120 (maintenance);duration=60']] });
  };
  register(stage);
  stage.clock.run(300_000);
  t.is((registrar.times[1] ?? 0) - (registrar.times[0] ?? 0), 120_020);
  t.is(alice.last('registration')?.error, '503 Service Unavailable');
});

test('a dead server comes back, and the account is registered soon', (t) => {
  const stage = office();
  register(stage);
  stage.clock.run(100);
  stage.registrar.silent = true;
  stage.clock.run(2 * 3_600_000);
  t.is(stage.alice.last('registration')?.state === 'registered', false);
  stage.registrar.silent = false;
  stage.clock.run(15 * 60_000 + 32_000);
  t.is(stage.alice.last('registration')?.state, 'registered');
});

test('a name that nobody knows is tried again', (t) => {
  const stage = office();
  stage.alice.names.clear();
  register(stage);
  stage.clock.run(100);
  t.is(stage.alice.last('registration')?.error, 'example.test has no address');
  stage.alice.names.set('example.test', [stage.alice.flowTo(stage.registrar.local)]);
  stage.clock.run(2000);
  t.is(stage.alice.last('registration')?.state, 'registered');
});

test('the second address of a server is tried when the first is dead, with Via and Contact of its family', (t) => {
  const stage = office();
  const { alice, clock, registrar } = stage;
  const six = {
    transport: 'udp',
    local: { family: 6, address: '2001:db8::1', port: 5060 },
    remote: { family: 6, address: '2001:db8::99', port: 5060 },
  } as const;
  alice.names.set('example.test', [six, alice.flowTo(registrar.local)]);
  register(stage);
  clock.run(2_500);
  t.is(alice.last('registration')?.state, 'registered');
  const sent = alice.sent.filter(({ method }) => method === 'REGISTER');
  const [first, last] = [sent[0], sent.at(-1)];
  t.is(first?.contact?.uri, 'sip:alice-token-1@[2001:db8::1]:5060');
  t.is(last?.contact?.uri, 'sip:alice-token-1@192.0.2.1:5060');
  t.is(first?.cseq?.number, last?.cseq?.number);
});

test('unregister takes the binding back', (t) => {
  const stage = office();
  register(stage);
  stage.clock.run(100);
  stage.alice.command({ kind: 'unregister', account: 'work' });
  stage.clock.settle();
  t.is(stage.registrar.bindings.size, 0);
  t.is(stage.alice.last('registration')?.state, 'off');
  t.is(stage.registrar.heard.at(-1)?.first('expires'), '0');
});

test('unregister while a refresh is under way leaves nothing registered', (t) => {
  const stage = office();
  register(stage);
  stage.clock.run(5);
  stage.alice.command({ kind: 'unregister', account: 'work' });
  stage.clock.settle();
  t.is(stage.registrar.bindings.size, 0);
  t.deepEqual(stage.states(), ['trying', 'off']);
  t.is(stage.clock.deadline, Number.POSITIVE_INFINITY);
});

test('a registrar that grants no time is not asked in a loop', (t) => {
  const stage = office();
  const { registrar } = stage;
  registrar.on = (message) => {
    registrar.times.push(registrar.now());
    registrar.reply(message, { status: 200, headers: [['Expires', '0']] });
  };
  register(stage);
  stage.clock.run(10_000);
  t.true(registrar.times.length < 8);
  t.is(stage.alice.last('registration')?.state, 'failed');
});

test('the outbound proxy is a route, and the registrar stays in the Request-URI', (t) => {
  const stage = office({ outboundProxy: 'sip:192.0.2.10' });
  register(stage);
  stage.clock.run(100);
  t.is(stage.registrar.heard[0]?.first('route'), '<sip:192.0.2.10;lr>');
  t.is(stage.registrar.heard[0]?.uri, 'sip:example.test');
});

for (const [where, address, name] of [
  ['of the same family', '192.0.2.20', 'sip:alice-token-1@192.0.2.20:5060'],
  ['of the other family', '2001:db8::20', 'sip:alice-token-1@[2001:db8::20]:5060'],
] as const) {
  test(`an address that has changed to one ${where} leaves no old binding behind`, (t) => {
    const stage = office();
    const { alice, clock, registrar, wire } = stage;
    register(stage);
    clock.run(100);
    const local = { family: address.includes(':') ? 6 : 4, address, port: 5060 } as const;
    wire.attach(local, (octets, flow) => alice.command({ kind: 'received', octets, flow }));
    alice.names.set('example.test', [{ transport: 'udp', local, remote: registrar.local }]);
    alice.command({ kind: 'network-changed', attachment: 'other', addresses: [address] });
    clock.run(10);
    t.is(registrar.heard.length, 2);
    const moved = registrar.heard.at(-1);
    t.deepEqual(moved?.values('contact'), [`<${name}>`, '<sip:alice-token-1@192.0.2.1:5060>;expires=0']);
    clock.run(600_000);
    t.deepEqual([...registrar.bindings.keys()], [name]);
    t.deepEqual(registrar.heard.at(-1)?.values('contact'), [`<${name}>`]);
  });
}
