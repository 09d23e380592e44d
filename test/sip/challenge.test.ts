/** Challenges inside calls (RFC 3261 22): INVITE, re-INVITE and BYE by way of a proxy that asks who we are. */
import test from 'ava';
import type { SipMessage } from '#sip/message/message.ts';
import type { Account } from '#sip/types.ts';
import { isAuthorized } from '../support/authenticator.ts';
import { Pair } from '../support/pair.ts';
import { Peer, SDP } from '../support/peer.ts';

const ACCOUNT: Account = {
  id: 'work',
  user: 'alice',
  domain: '192.0.2.10',
  authUser: 'alice',
  password: 's3cret',
  expires: 600,
};

/** A proxy that challenges every request by a new nonce and plays the callee too. */
function stage({ realms = ['one'], right = true }: { realms?: readonly string[]; right?: boolean } = {}) {
  const pair = new Pair({ alice: { accounts: [{ ...ACCOUNT, password: right ? 's3cret' : 'wrong' }] } });
  const proxy = new Peer(pair.wire, '192.0.2.10', pair.alice.local);
  const open = new Map(realms.map((realm) => [realm, `${realm}-0`]));
  const proved = (request: SipMessage, realm: string) =>
    request
      .fields('proxy-authorization')
      .some(
        (authorization) =>
          authorization.includes(`nonce="${open.get(realm)}"`) &&
          isAuthorized({ method: request.method, authorization }, { username: 'alice', password: 's3cret' }),
      );
  proxy.on = (message) => {
    if (message.kind === 'response' || message.method === 'ACK') return;
    const unproved = realms.find((realm) => !proved(message, realm));
    if (unproved !== undefined) {
      const nonce = `${unproved}-${message.method}-${message.cseq?.number}`;
      open.set(unproved, nonce);
      const challenge = `Digest realm="${unproved}", nonce="${nonce}", algorithm=SHA-256, qop="auth"`;
      proxy.reply(message, { status: 407, toTag: 'p', headers: [['Proxy-Authenticate', challenge]] });
    } else if (message.method === 'INVITE')
      proxy.reply(message, {
        status: 200,
        toTag: 'callee',
        headers: [SDP, ['Contact', '<sip:callee@192.0.2.10>']],
        body: 'v=0 callee',
      });
    else proxy.reply(message, { status: 200 });
  };
  const count = (method: string) => proxy.methods.filter((one) => one === method).length;
  return { ...pair, pair, proxy, count, open };
}

test('a challenged INVITE is sent again with the answer, a new branch and a higher CSeq', (t) => {
  const { pair, proxy, alice, clock } = stage();
  alice.call('sip:bob@192.0.2.10', 'call', 'work');
  clock.run(1000);
  const invites = proxy.heard.filter(({ method, kind }) => kind === 'request' && method === 'INVITE');
  t.deepEqual(
    invites.map(({ cseq }) => cseq?.number),
    [1, 2],
  );
  t.is(new Set(invites.map(({ via }) => via?.branch)).size, 2);
  t.is(new Set(invites.map(({ callId, fromTag, bodyText }) => `${callId} ${fromTag} ${bodyText}`)).size, 1);
  t.is(alice.all('established').length, 1);
  const ack = proxy.last('ACK');
  t.is(ack?.cseq?.number, 2);
  t.deepEqual(ack?.fields('proxy-authorization'), invites[1]?.fields('proxy-authorization'));
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.is(pair.load, 0);
});

test('re-INVITE and BYE use the last nonce at once', (t) => {
  const { pair, count, alice, clock } = stage();
  alice.call('sip:bob@192.0.2.10', 'call', 'work');
  clock.run(1000);
  alice.command({ kind: 'reinvite', call: 'call' });
  clock.run(1000);
  t.is(count('INVITE'), 3);
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.is(count('BYE'), 1);
  t.is(pair.load, 0);
});

test('a nonce that has run out is replaced in the middle of a call', (t) => {
  const { count, open, alice, clock } = stage();
  alice.call('sip:bob@192.0.2.10', 'call', 'work');
  clock.run(1000);
  open.set('one', 'another');
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.is(count('BYE'), 2);
});

test('two proxies in a row are answered one after the other', (t) => {
  const { proxy, count, alice, clock } = stage({ realms: ['one', 'two'] });
  alice.call('sip:bob@192.0.2.10', 'call', 'work');
  clock.run(1000);
  t.is(count('INVITE'), 3);
  t.is(proxy.last('INVITE')?.fields('proxy-authorization').length, 2);
  t.is(alice.all('established').length, 1);
});

test('a wrong password ends the call after one answer', (t) => {
  const { pair, count, alice, clock } = stage({ right: false });
  alice.call('sip:bob@192.0.2.10', 'call', 'work');
  clock.settle();
  t.is(count('INVITE'), 2);
  t.is(alice.cause?.status, 407);
  t.is(pair.load, 0);
});

test('a call without account answers no challenge', (t) => {
  const { count, alice, clock } = stage();
  alice.call('sip:bob@192.0.2.10');
  clock.settle();
  t.is(count('INVITE'), 1);
  t.is(alice.cause?.status, 407);
});

test('whoever hangs up while challenged does not call again', (t) => {
  const { pair, count, alice, clock } = stage();
  alice.call('sip:bob@192.0.2.10', 'call', 'work');
  clock.run(15);
  alice.command({ kind: 'hang-up', call: 'call' });
  clock.settle();
  t.is(count('INVITE'), 1);
  t.is(pair.load, 0);
});

test('who called us gets no digest of our password, whatever it asks for in the call', (t) => {
  const { alice, clock, wire } = new Pair({ alice: { accounts: [ACCOUNT] } });
  const caller = new Peer(wire, '192.0.2.66', alice.local);
  caller.on = (message) => {
    if (message.kind === 'response' || message.method === 'ACK') return;
    const headers = [
      ['WWW-Authenticate', 'Digest realm="192.0.2.10", nonce="1", algorithm=MD5'],
      ['Proxy-Authenticate', 'Digest realm="192.0.2.10", nonce="2", algorithm=MD5'],
    ] as const;
    for (const status of [401, 407]) caller.reply(message, { status, headers });
  };
  caller.ask({
    method: 'INVITE',
    uri: 'sip:alice-token-1@192.0.2.1',
    callId: 'leak',
    fromTag: 'a',
    cseq: 1,
    headers: [SDP],
    body: 'v=0',
  });
  clock.run(500);
  const call = alice.all('incoming')[0]?.call ?? '';
  t.is(alice.all('incoming')[0]?.account, 'work');
  alice.command({ kind: 'accept', call });
  clock.run(500);
  const toTag = caller.last('INVITE', 200)?.toTag ?? '';
  caller.ask({ method: 'ACK', callId: 'leak', fromTag: 'a', toTag, cseq: 1 });
  clock.run(500);
  alice.command({ kind: 'reinvite', call });
  clock.run(5000);
  alice.command({ kind: 'hang-up', call });
  clock.run(60_000);
  t.true(caller.methods.includes('INVITE') && caller.methods.includes('BYE'));
  for (const message of caller.heard)
    t.false(/authorization/i.test(Buffer.from(message.octets).toString('latin1')));
});
