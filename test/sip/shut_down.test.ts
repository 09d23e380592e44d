/** The end of the whole agent: everybody is told, and nobody is waited for longer than 1.5 s. */
import test from 'ava';
import type { Account } from '#sip/types.ts';
import { Pair } from '../support/pair.ts';
import { Registrar } from '../support/registrar.ts';

const ACCOUNT: Account = {
  id: 'work',
  user: 'alice',
  domain: '192.0.2.10',
  authUser: 'alice',
  password: 's3cret',
  expires: 600,
};

function stage() {
  const pair = new Pair({ alice: { accounts: [ACCOUNT] } });
  const registrar = new Registrar(pair.wire, '192.0.2.10', pair.alice.local);
  registrar.password = 's3cret';
  pair.alice.command({ kind: 'register', account: 'work' });
  pair.clock.run(1000);
  const quietAfter = () => {
    const start = pair.clock.now;
    pair.alice.command({ kind: 'shut-down' });
    while (!isQuiet(pair)) if (!pair.clock.step()) return Number.POSITIVE_INFINITY;
    return pair.clock.now - start;
  };
  return { pair, registrar, quietAfter, ...pair };
}

function isQuiet({ alice }: Pair): boolean {
  return alice.events.some(({ kind }) => kind === 'quiet');
}

test('during a call: BYE, then un-REGISTER, and quiet as soon as both are answered', (t) => {
  const { pair, registrar, quietAfter } = stage();
  pair.establish();
  t.is(quietAfter(), 20);
  t.deepEqual(pair.alice.lines.slice(-2), ['BYE', 'REGISTER']);
  t.is(registrar.bindings.size, 0);
  t.deepEqual(pair.bob.cause, { by: 'peer', reason: 'hung up' });
  t.is(pair.alice.last('registration')?.state, 'off');
});

test('while it rings here: the caller hears 480', (t) => {
  const { pair, quietAfter } = stage();
  pair.bob.call('sip:alice@192.0.2.1');
  pair.clock.run(100);
  t.true(quietAfter() <= 20);
  pair.clock.run(100);
  t.is(pair.bob.cause?.status, 480);
});

test('while it rings there: CANCEL', (t) => {
  const { pair, quietAfter } = stage();
  pair.alice.call(pair.bobUri);
  pair.clock.run(100);
  t.is(quietAfter(), 20);
  t.is(pair.bob.cause?.status, 487);
});

test('with everybody dead: quiet after 1.5 s', (t) => {
  const { pair, quietAfter } = stage();
  pair.establish();
  pair.wire.options = { loss: 1 };
  t.is(quietAfter(), 1500);
  pair.clock.settle();
  t.is(pair.alice.events.filter(({ kind }) => kind === 'quiet').length, 1);
});

test('with nothing to do: quiet at once', (t) => {
  const pair = new Pair();
  pair.alice.command({ kind: 'shut-down' });
  t.true(isQuiet(pair));
});

test('nobody may call or be called any more', (t) => {
  const { pair, quietAfter } = stage();
  quietAfter();
  pair.alice.call(pair.bobUri, 'late');
  pair.bob.call('sip:alice@192.0.2.1');
  pair.clock.run(1000);
  t.is(pair.alice.cause?.reason, 'shutting down');
  t.is(pair.bob.cause?.status, 480);
  t.is(pair.bob.all('incoming').length, 0);
});
