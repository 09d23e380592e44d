/** A connection over which an account is registered comes to its end (RFC 5626 4.2.1 and 4.5). */
import test from 'ava';
import type { Flow } from '#sip/types.ts';
import { Clock } from '../support/clock.ts';
import { Side } from '../support/pair.ts';
import { Registrar } from '../support/registrar.ts';
import { Wire } from '../support/wire.ts';

function registered() {
  const clock = new Clock();
  const wire = new Wire(clock);
  const account = { id: 'work', user: 'alice', domain: 'example.test', authUser: 'alice', password: '' };
  const alice = new Side('alice', '192.0.2.1', clock, wire, { accounts: [{ ...account, expires: 600 }] });
  const registrar = new Registrar(wire, '192.0.2.10', alice.local);
  registrar.now = () => clock.now;
  const flow = alice.flowTo(registrar.local, 'tcp');
  alice.names.set('example.test', [flow]);
  alice.command({ kind: 'register', account: 'work' });
  clock.run(1_000);
  /** As the network tells it: with the number of the connection. */
  const close = (closed: Partial<Flow> = {}) =>
    alice.command({ kind: 'flow-closed', flow: { ...flow, connection: 7, ...closed } });
  return { clock, alice, registrar, close };
}

test('an account whose connection is gone is registered anew at once', (t) => {
  const { clock, alice, registrar, close } = registered();
  clock.run(60_000);
  t.is(registrar.times.length, 1);
  close();
  clock.run(100);
  t.is(registrar.times.length, 2);
  t.is(alice.last('registration')?.state, 'registered');
  const [first = 0] = registrar.times;
  clock.run(first + 600_000 - clock.now + 60_000);
  t.is(registrar.times.length, 3);
});

test('connections that end one after the other are made anew with growing pauses', (t) => {
  const { clock, registrar, close } = registered();
  registrar.on = ((answer) => (message) => {
    answer(message);
    clock.after(50, () => close());
  })(registrar.on);
  close();
  clock.run(60_000);
  t.true(registrar.times.length >= 4 && registrar.times.length <= 8, `${registrar.times.length}`);
});

test('a connection that lasted is made anew at once, however often', (t) => {
  const { clock, registrar, close } = registered();
  for (let times = 2; times < 8; times++) {
    clock.run(150_000);
    close();
    clock.run(100);
    t.is(registrar.times.length, times);
  }
});

test('the end of another connection, or of none that is wanted, concerns no account', (t) => {
  const { clock, alice, registrar, close } = registered();
  close({ remote: { family: 4, address: '192.0.2.10', port: 50_123 } });
  close({ remote: { family: 4, address: '192.0.2.11', port: 5060 } });
  close({ local: { family: 4, address: '192.0.2.77', port: 5060 } });
  close({ transport: 'tls' });
  clock.run(1_000);
  t.is(registrar.times.length, 1);
  alice.command({ kind: 'unregister', account: 'work' });
  clock.run(1_000);
  close();
  clock.settle();
  t.is(registrar.times.length, 2);
  t.is(alice.agent.load.timers, 0);
});
