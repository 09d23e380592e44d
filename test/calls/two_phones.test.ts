/** Whole stories between two telephones, from the key to the wire and back. */
import test from 'ava';
import { TONES, TwoPhones } from '../support/two_phones.ts';

/** Alice calls Bob by the keys, and he answers. */
function talk(pair: TwoPhones): void {
  pair.alice.lift();
  pair.alice.press('*47192*0*2*2#');
  pair.run();
  pair.bob.lift();
  pair.run();
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`keys become an INVITE, the bell rings, the hook answers, both talk, one hangs up: ${transport}`, (t) => {
    const pair = new TwoPhones({ transport });
    const { alice, bob } = pair;
    alice.lift();
    t.is(alice.tone, TONES.dial);
    alice.press('*47192*0*2*2#');
    t.is(alice.phone.state, 'calling');
    pair.run();
    t.regex(alice.sent[0] ?? '', /^INVITE sip:192\.0\.2\.2 SIP\/2\.0$/);
    t.true(bob.rings);
    t.is(bob.phone.front().lines[1], 'Alice');
    t.is(alice.tone, TONES.ringback);
    t.is(alice.call?.state, 'ringing');

    bob.lift();
    pair.run();
    t.false(bob.rings);
    t.is(alice.tone, undefined);
    t.is(alice.call?.state, 'talking');
    t.is(bob.call?.state, 'talking');
    t.like(alice.media, { remote: { address: '192.0.2.2', port: 16_384 }, codec: { name: 'PCMA' } });
    t.like(bob.media, { remote: { address: '192.0.2.1', port: 16_384 }, codec: { name: 'PCMA' } });
    t.like(bob.call?.signalling, { family: 'ipv4', transport });

    alice.putDown();
    pair.run();
    t.is(alice.phone.state, 'idle');
    t.is(bob.tone, TONES.busy);
    bob.putDown();
    t.is(bob.tone, undefined);
    t.like(bob.call, { state: 'ended', cause: 'The peer hung up' });
    t.like(alice.call, { state: 'ended', cause: 'We hung up' });
  });
}

test('a call over IPv6, from the command line, answered and ended by the other side', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  alice.give({ kind: 'dial', request: 1, number: 'bob@[2001:db8::2]' });
  pair.run();
  bob.give({ kind: 'answer' });
  pair.run();
  t.like(alice.call, { state: 'talking', signalling: { family: 'ipv6' }, media: { family: 'ipv6' } });
  t.is(alice.media?.remote.address, '2001:db8::2');
  bob.give({ kind: 'hang-up' });
  pair.run();
  t.is(alice.phone.state, 'idle');
  t.is(bob.phone.state, 'idle');
});

test('the caller gives up while it rings: the bell stops and a call is missed', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  alice.lift();
  alice.press('*47192*0*2*2#');
  pair.run();
  alice.putDown();
  pair.run();
  t.false(bob.rings);
  t.is(bob.phone.state, 'idle');
  t.is(bob.phone.front().lines[3], '1 missed call');
  t.true(alice.sent.some((line) => line.startsWith('CANCEL ')));
});

test('the callee rejects: the caller hears busy', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  alice.lift();
  alice.press('*47192*0*2*2#');
  pair.run();
  bob.give({ kind: 'hang-up' });
  pair.run();
  t.is(alice.tone, TONES.busy);
  t.is(bob.phone.state, 'idle');
});

test('a lifted handset is busy for the caller', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  bob.lift();
  alice.lift();
  alice.press('*47192*0*2*2#');
  pair.run();
  t.is(alice.tone, TONES.busy);
  t.is(bob.tone, TONES.dial);
});

test('both dial each other at the same moment: both hear busy', (t) => {
  const pair = new TwoPhones();
  for (const [phone, keys] of [
    [pair.alice, '*47192*0*2*2#'],
    [pair.bob, '*47192*0*2*1#'],
  ] as const) {
    phone.lift();
    phone.press(keys);
  }
  pair.run();
  t.is(pair.alice.tone, TONES.busy);
  t.is(pair.bob.tone, TONES.busy);
});

test('flash holds the call for both, and flash again lets them talk', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  talk(pair);
  alice.flash();
  pair.run();
  t.is(alice.call?.state, 'held');
  t.is(bob.call?.state, 'held');
  t.is(bob.media?.direction, 'recvonly');
  t.is(alice.media, undefined);
  alice.flash();
  pair.run();
  t.is(alice.call?.state, 'talking');
  t.is(bob.call?.state, 'talking');
  t.is(bob.media?.direction, 'sendrecv');
  t.is(alice.media?.direction, 'sendrecv');
});

test('both hold, one resumes: still held by the other, until that one resumes too', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  talk(pair);
  alice.flash();
  pair.run();
  bob.flash();
  pair.run();
  t.is(bob.call?.state, 'held');
  alice.flash();
  pair.run();
  t.is(alice.call?.state, 'held');
  t.regex(alice.phone.front().lines[0] ?? '', /^Held by peer/);
  bob.flash();
  pair.run();
  t.is(alice.call?.state, 'talking');
  t.is(bob.call?.state, 'talking');
  t.is(alice.media?.direction, 'sendrecv');
  t.is(bob.media?.direction, 'sendrecv');
});

test('both flash at the same moment: glare is resolved, the call lives', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  talk(pair);
  alice.flash();
  bob.flash();
  pair.run(10_000);
  t.is(alice.call?.state, 'held');
  t.is(bob.call?.state, 'held');
  alice.putDown();
  bob.putDown();
  pair.run(10_000);
  t.is(alice.call?.state, 'ended');
  t.is(bob.call?.state, 'ended');
});

test('nobody is at home: the bell gives up after three minutes', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  alice.lift();
  alice.press('*47192*0*2*2#');
  pair.run(181_000);
  t.false(bob.rings);
  t.is(alice.tone, TONES.congestion);
  t.regex(alice.phone.front().lines[3] ?? '', /^480/);
});

test('nobody is at that address: congestion, with the reason on the display', (t) => {
  const pair = new TwoPhones();
  pair.alice.lift();
  pair.alice.press('*47192*0*2*99#');
  pair.run();
  t.is(pair.alice.tone, TONES.congestion);
  t.not(pair.alice.call?.cause, '');
});

test('the peer is silent: congestion after 20 s', (t) => {
  const pair = new TwoPhones({ lose: () => true });
  pair.alice.lift();
  pair.alice.press('*47192*0*2*2#');
  pair.run(19_000);
  t.is(pair.alice.phone.state, 'calling');
  pair.run(2_000);
  t.is(pair.alice.tone, TONES.congestion);
  t.regex(pair.alice.call?.cause ?? '', /^no answer from /);
});

test('whatever single message is lost, the call comes about and ends on both sides', (t) => {
  for (let lost = 0; lost < 8; lost++) {
    const pair = new TwoPhones({ lose: (count) => count === lost });
    const { alice, bob } = pair;
    alice.lift();
    alice.press('*47192*0*2*2#');
    pair.run(5000);
    bob.lift();
    pair.run(5000);
    t.is(alice.call?.state, 'talking', `message ${lost}`);
    t.is(bob.call?.state, 'talking', `message ${lost}`);
    bob.putDown();
    pair.run(5000);
    t.is(alice.tone, TONES.busy, `message ${lost}`);
    alice.putDown();
    t.is(alice.call?.state, 'ended');
    t.is(bob.call?.state, 'ended');
  }
});

test('after a call nothing is left in either telephone', (t) => {
  const pair = new TwoPhones();
  const { alice, bob } = pair;
  talk(pair);
  alice.putDown();
  pair.run();
  bob.putDown();
  pair.run(60_000);
  for (const { phone, agent } of [alice, bob]) {
    t.is(phone.deadline, Number.POSITIVE_INFINITY);
    t.is(agent.deadline, Number.POSITIVE_INFINITY);
    t.deepEqual(
      Object.values(agent.load).filter((left) => left !== 0),
      [],
    );
  }
});
