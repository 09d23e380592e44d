/** One INVITE, several callees (RFC 3261 12.1.2, 13.2.2.4): a peer plays the proxy and all of them. */
import test from 'ava';
import type { SipMessage } from '#sip/message/message.ts';
import type { HeaderLine } from '#sip/message/write.ts';
import { Pair } from '../support/pair.ts';
import { Peer, SDP } from '../support/peer.ts';

function forking() {
  const pair = new Pair();
  const { alice, clock, wire } = pair;
  const peer = new Peer(wire, '192.0.2.7', alice.local);
  alice.call('sip:everybody@192.0.2.7');
  clock.run(100);
  const invite = peer.last('INVITE');
  if (invite === undefined) throw new Error('no INVITE came');
  const answer = (status: number, toTag: string, body = '', host = '192.0.2.7') => {
    const contact: HeaderLine = ['Contact', `<sip:${toTag}@${host}>`];
    peer.reply(invite, { status, toTag, headers: body === '' ? [contact] : [contact, SDP], body });
    clock.run(100);
  };
  /** Answers every BYE from now on. */
  const polite = () => {
    peer.on = (message) => {
      if (message.method === 'BYE' && message.kind === 'request') peer.reply(message, { status: 200 });
    };
  };
  return { pair, alice, clock, wire, peer, invite, answer, polite };
}

function requests(peer: Peer, method: string): SipMessage[] {
  return peer.heard.filter((message) => message.kind === 'request' && message.method === method);
}

test('every provisional response is told, and each early description once', (t) => {
  const { alice, answer } = forking();
  answer(183, 'one', 'v=0 one');
  answer(183, 'one', 'v=0 one');
  answer(180, 'two');
  answer(183, 'two', 'v=0 two');
  t.deepEqual(
    alice.all('progress').map(({ status }) => status),
    [183, 183, 180, 183],
  );
  t.deepEqual(
    alice.all('answer').map(({ sdp, early }) => [sdp, early]),
    [
      ['v=0 one', true],
      ['v=0 two', true],
    ],
  );
});

test('a 200 without description stands by the early one of the same callee', (t) => {
  const { alice, answer } = forking();
  answer(183, 'one', 'v=0 one');
  answer(200, 'one');
  t.deepEqual(alice.last('answer'), { kind: 'answer', call: 'call', sdp: 'v=0 one', early: false });
  t.is(alice.all('established').length, 1);
});

test('a 200 without any description ends the call by ACK and BYE', (t) => {
  const { pair, alice, clock, peer, answer, polite } = forking();
  polite();
  answer(183, 'other', 'v=0 other');
  answer(200, 'one');
  t.deepEqual(peer.methods, ['INVITE', 'ACK', 'BYE']);
  t.deepEqual(alice.cause, { by: 'peer', reason: 'the peer sent no session description' });
  clock.settle();
  t.is(pair.load, 0);
});

test('the second callee who answers gets ACK and BYE, the first one keeps the call', (t) => {
  const { pair, alice, clock, peer, answer, polite } = forking();
  polite();
  answer(180, 'one');
  answer(180, 'two');
  answer(200, 'two', 'v=0 two');
  answer(200, 'one', 'v=0 one');
  t.is(alice.last('answer')?.sdp, 'v=0 two');
  t.deepEqual(
    requests(peer, 'ACK').map(({ toTag, uri }) => [toTag, uri]),
    [
      ['two', 'sip:two@192.0.2.7'],
      ['one', 'sip:one@192.0.2.7'],
    ],
  );
  t.deepEqual(
    requests(peer, 'BYE').map(({ toTag }) => toTag),
    ['one'],
  );
  t.is(alice.cause, undefined);
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.is(pair.load, 0);
});

test('each 200 that comes again gets the same ACK again', (t) => {
  const { clock, peer, answer } = forking();
  answer(200, 'one', 'v=0 one');
  answer(200, 'one', 'v=0 one');
  answer(200, 'one', 'v=0 one');
  clock.run(1000);
  const acks = requests(peer, 'ACK');
  t.is(acks.length, 3);
  t.is(new Set(acks.map(({ octets }) => Buffer.from(octets).toString('latin1'))).size, 1);
});

test('a callee who answers after another refused for all is sent away, not left alone', (t) => {
  const { pair, alice, clock, peer, answer, polite } = forking();
  polite();
  answer(603, 'one');
  t.is(alice.cause?.status, 603);
  answer(200, 'two', 'v=0 two');
  t.deepEqual(peer.methods, ['INVITE', 'ACK', 'ACK', 'BYE']);
  t.deepEqual(alice.story, ['ended']);
  clock.settle();
  t.is(pair.load, 0);
});

test('every callee who answers after CANCEL is sent away', (t) => {
  const { pair, alice, clock, peer, answer, polite } = forking();
  polite();
  answer(180, 'one');
  alice.command({ kind: 'hang-up', call: 'call' });
  answer(200, 'one', 'v=0 one');
  answer(200, 'two', 'v=0 two');
  t.deepEqual(
    requests(peer, 'BYE').map(({ toTag }) => toTag),
    ['one', 'two'],
  );
  clock.settle();
  t.is(pair.load, 0);
});

test('BYE of a callee who rang in vain ends the call', (t) => {
  const { pair, alice, clock, peer, invite, answer } = forking();
  answer(180, 'one');
  peer.ask({ method: 'BYE', fromTag: 'one', toTag: invite.fromTag ?? '', callId: invite.callId });
  clock.run(100);
  t.is(peer.last('BYE')?.status, 200);
  t.is(alice.cause?.by, 'peer');
  clock.settle();
  t.is(pair.load, 0);
});

test('a request in an early dialog is answered by what it deserves', (t) => {
  const { clock, peer, invite, answer } = forking();
  answer(180, 'one');
  const inside = { fromTag: 'one', toTag: invite.fromTag ?? '', callId: invite.callId };
  peer.ask({ ...inside, method: 'OPTIONS', cseq: 20 });
  peer.ask({ ...inside, method: 'INVITE', cseq: 21 });
  peer.ask({ ...inside, method: 'UPDATE', cseq: 22 });
  peer.ask({ ...inside, method: 'OPTIONS', cseq: 19 });
  peer.ask({ ...inside, method: 'OPTIONS', fromTag: 'nobody', cseq: 23 });
  clock.run(100);
  t.deepEqual(peer.statuses('OPTIONS'), [200, 500, 481]);
  t.deepEqual(peer.statuses('INVITE'), [491]);
  t.deepEqual(peer.statuses('UPDATE'), [405]);
});

test('a redirection is followed once, to the first Contact that can be called', (t) => {
  const { pair, alice, clock, wire, peer, invite } = forking();
  const moved = new Peer(wire, '192.0.2.8', alice.local);
  peer.reply(invite, {
    status: 302,
    toTag: 'one',
    headers: [['Contact', '<mailto:bob@example.com>, "Bob" <sip:bob@192.0.2.8>;q=0.5']],
  });
  clock.run(100);
  const again = moved.last('INVITE');
  t.is(again?.uri, 'sip:bob@192.0.2.8');
  t.is(again?.callId, invite.callId);
  t.is(again?.first('to'), '<sip:everybody@192.0.2.7>');
  t.is(again?.cseq?.number, 2);
  t.is(alice.cause, undefined);
  if (again === undefined) return;
  moved.reply(again, { status: 302, toTag: 'two', headers: [['Contact', '<sip:eve@192.0.2.9>']] });
  clock.settle();
  t.is(alice.cause?.status, 302);
  t.is(pair.load, 0);
});
