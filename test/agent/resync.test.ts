/** A resync waits for its moment. */
import test from 'ava';
import { Resync, type ResyncEffect, type ResyncInput } from '#agent/resync.ts';
import { Clock } from '../support/clock.ts';
import { until } from '../support/process.ts';
import { running } from './running_agent.ts';
import { StubServer } from './stub_server.ts';

function stand() {
  const clock = new Clock(0);
  const done: [seconds: number, reboot: boolean][] = [];
  const machine = new Resync();
  const give = clock.drive<ResyncInput, ResyncEffect>(machine, ({ reboot }) =>
    done.push([clock.now / 1000, reboot]),
  );
  return { clock, machine, give, done };
}

test('nobody uses the telephone: at once', (t) => {
  const { give, done, machine } = stand();
  give({ kind: 'asked', action: 'check' });
  t.deepEqual(done, [[0, false]]);
  t.is(machine.deadline, Number.POSITIVE_INFINITY);
});

test('in a call it waits for the end, and a reboot asked for meanwhile is not forgotten', (t) => {
  const { clock, give, done } = stand();
  give({ kind: 'busy', busy: true });
  give({ kind: 'asked', action: 'reboot' });
  clock.run(600_000);
  give({ kind: 'asked', action: 'check' });
  t.deepEqual(done, []);
  give({ kind: 'busy', busy: false });
  clock.settle();
  t.deepEqual(done, [[600, true]]);
});

test('after four hours of one call it is done all the same', (t) => {
  const { clock, give, done } = stand();
  give({ kind: 'busy', busy: true });
  give({ kind: 'asked', action: 'check' });
  clock.settle();
  t.deepEqual(done, [[14_400, false]]);
});

test('a server that asks all the time is heard every half minute', (t) => {
  const { clock, give, done } = stand();
  for (let second = 0; second < 90; second += 1) {
    give({ kind: 'asked', action: 'check' });
    clock.run(1_000);
  }
  t.deepEqual(
    done.map(([at]) => at),
    [0, 30, 60, 90],
  );
});

test('a running telephone answers its registrar 200 during a call, and obeys when the call is over', async (t) => {
  const registrar = await StubServer.open();
  t.teardown(() => registrar.close());
  const asked: boolean[] = [];
  const { agent } = await running(
    t,
    15_377,
    { accounts: [registrar.account] },
    { onResync: (reboot) => asked.push(reboot) },
  );
  const { control } = agent;
  await until('registered', () => control.status().accounts[0]?.state === 'registered');
  await control.dial(`sip:stub@127.0.0.1:${registrar.port}`);
  await until('talking', () => control.status().calls.some(({ state }) => state === 'talking'));
  const notify = [
    `NOTIFY sip:alice@127.0.0.1:${agent.port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${registrar.port};branch=z9hG4bKresync;rport`,
    'From: <sip:pbx@127.0.0.1>;tag=pbx',
    'To: <sip:alice@127.0.0.1>',
    'Call-ID: resync',
    'CSeq: 1 NOTIFY',
    'Max-Forwards: 70',
    'Event: check-sync;reboot=true',
    'Content-Length: 0',
  ];
  registrar.send(Buffer.from(`${notify.join('\r\n')}\r\n\r\n`), agent.port);
  await until('200', () =>
    registrar.heard.find(({ method, status }) => method === 'NOTIFY' && status === 200),
  );
  t.deepEqual(asked, []);
  control.hangUp();
  await until('obeyed', () => asked.length > 0);
  t.deepEqual(asked, [true]);
});
