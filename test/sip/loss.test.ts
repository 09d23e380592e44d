/** What single losses do to a call: every message once, and then for ever. */
import test from 'ava';
import { readMessage } from '#sip/message/message.ts';
import { Pair } from '../support/pair.ts';

/** Loses messages by start line: `INVITE`, `200 INVITE`; the first `count` of them. */
function losing(what: string, count: number): Pair {
  const pair = new Pair();
  const send = pair.wire.send.bind(pair.wire);
  let left = count;
  pair.wire.send = (flow, octets, refused) => {
    const message = readMessage(octets);
    const line = message?.kind === 'request' ? message.method : `${message?.status} ${message?.method}`;
    if (line === what && left > 0) left -= 1;
    else send(flow, octets, refused);
  };
  pair.bob.on = (event) => {
    if (event.kind !== 'incoming') return;
    pair.clock.after(1000, () => pair.bob.command({ kind: 'ring', call: event.call }));
    pair.clock.after(3000, () => pair.bob.command({ kind: 'accept', call: event.call }));
  };
  return pair;
}

for (const what of ['INVITE', '100 INVITE', '180 INVITE', '200 INVITE', 'ACK', 'BYE', '200 BYE']) {
  test(`one lost ${what} does no harm`, (t) => {
    const pair = losing(what, 1);
    pair.alice.call(pair.bobUri);
    pair.clock.run(20_000);
    t.is(pair.alice.all('established').length, 1);
    t.is(pair.bob.all('established').length, 1);
    pair.alice.command({ kind: 'hang-up', call: 'call' });
    pair.clock.settle();
    t.deepEqual(pair.alice.cause, { by: 'us', reason: 'hung up' });
    t.deepEqual(pair.bob.cause, { by: 'peer', reason: 'hung up' });
    t.is(pair.load, 0);
  });
}

const forEver = Number.POSITIVE_INFINITY;

test('a 200 that never arrives: the callee gives up after 64*T1 and says BYE, which ends the ringing', (t) => {
  const pair = losing('200 INVITE', forEver);
  pair.alice.call(pair.bobUri);
  pair.clock.settle();
  t.deepEqual(pair.bob.cause, { by: 'network', status: 408, reason: 'no ACK came' });
  t.is(pair.alice.cause?.by, 'peer');
  t.is(pair.bob.lines.filter((line) => line === '200 INVITE').length, 11);
  t.is(pair.load, 0);
});

test('an ACK that never arrives: the callee gives up after 64*T1 and says BYE', (t) => {
  const pair = losing('ACK', forEver);
  pair.alice.call(pair.bobUri);
  pair.clock.settle();
  t.is(pair.bob.cause?.by, 'network');
  t.is(pair.alice.cause?.by, 'peer');
  t.is(pair.load, 0);
});

test('the callee who hangs up before the ACK waits for it with BYE', (t) => {
  const pair = losing('ACK', 2);
  pair.alice.call(pair.bobUri);
  pair.clock.run(3100);
  pair.bob.command({ kind: 'hang-up', call: pair.bob.incoming });
  t.is(pair.bob.cause?.by, 'us');
  t.false(pair.bob.lines.includes('BYE'));
  pair.clock.settle();
  t.is(pair.bob.lines.filter((line) => line === '200 INVITE').length, 3);
  t.is(pair.alice.cause?.by, 'peer');
  t.is(pair.load, 0);
});

test('a BYE that never arrives ends the call for who sent it, at once', (t) => {
  const pair = losing('BYE', forEver);
  pair.alice.call(pair.bobUri);
  pair.clock.run(5000);
  pair.alice.command({ kind: 'hang-up', call: 'call' });
  t.is(pair.alice.cause?.by, 'us');
  pair.clock.settle();
  t.is(pair.bob.cause, undefined);
  t.is(pair.bob.agent.load.calls, 1);
  t.deepEqual(Object.values(pair.alice.agent.load), [0, 0, 0, 0, 0, 0]);
});

test('a CANCEL that never arrives ends the call for who sent it; the INVITE is given up after 64*T1', (t) => {
  const pair = losing('CANCEL', forEver);
  pair.bob.on = () => {};
  pair.alice.call(pair.bobUri);
  pair.clock.run(1000);
  pair.alice.command({ kind: 'hang-up', call: 'call' });
  t.deepEqual(pair.alice.cause, { by: 'us', reason: 'cancelled' });
  pair.clock.settle();
  t.deepEqual(Object.values(pair.alice.agent.load), [0, 0, 0, 0, 0, 0]);
});

test('a callee without network notices when its refusal is not acknowledged, and keeps nothing', (t) => {
  const pair = losing('ACK', forEver);
  pair.bob.on = (event) => {
    if (event.kind === 'incoming') pair.bob.command({ kind: 'reject', call: event.call, status: 486 });
  };
  pair.alice.call(pair.bobUri);
  pair.clock.settle();
  t.is(pair.load, 0);
});
