/** Where a SIPS URI asks for TLS all the way, our Contact is one too (RFC 3261 8.1.1.8 and 12.1.1, RFC 5630). */
import test from 'ava';
import type { HeaderLine } from '#sip/message/write.ts';
import type { Account, Flow, Transport } from '#sip/types.ts';
import { Clock } from '../support/clock.ts';
import { Side } from '../support/pair.ts';
import { Peer, SDP } from '../support/peer.ts';
import { Wire } from '../support/wire.ts';

function stage(transport: Transport, account: Partial<Account> = {}) {
  const clock = new Clock();
  const wire = new Wire(clock);
  const own = {
    id: 'a',
    user: 'alice',
    domain: 'example.test',
    authUser: 'alice',
    password: '',
    expires: 600,
  };
  const alice = new Side('alice', '192.0.2.1', clock, wire, { accounts: [{ ...own, ...account }] });
  const peer = new Peer(wire, '192.0.2.7', alice.local);
  const flow: Flow = alice.flowTo(peer.local, transport);
  for (const host of ['example.test', 'bob.test']) alice.names.set(host, [flow]);
  const contactOf = (method: string) => {
    clock.run(100);
    return peer.last(method)?.fields('contact');
  };
  return { clock, alice, peer, contactOf };
}

const SECURE = ['<sips:alice-token-1@192.0.2.1:5060>'];
const TLS = ['<sip:alice-token-1@192.0.2.1:5060;transport=tls>'];

for (const [what, to, account, contact] of [
  ['a sips target', 'sips:bob@bob.test', {}, SECURE],
  ['a sips proxy', 'sip:bob@bob.test', { outboundProxy: 'sips:example.test' }, SECURE],
  ['a sip target', 'sip:bob@bob.test;transport=tls', {}, TLS],
] as const) {
  test(`a call to ${what} over TLS`, (t) => {
    const { alice, contactOf } = stage('tls', account);
    alice.call(to, 'call', 'a');
    t.deepEqual(contactOf('INVITE'), contact);
  });
}

for (const [proxy, contact] of [
  ['sips:example.test', SECURE],
  ['sip:example.test;transport=tls', TLS],
] as const) {
  test(`a registration by way of ${proxy}`, (t) => {
    const { alice, contactOf } = stage('tls', { outboundProxy: proxy });
    alice.command({ kind: 'register', account: 'a' });
    t.deepEqual(contactOf('REGISTER'), contact);
  });
}

for (const [what, transport, uri, routes, peerContact, scheme] of [
  ['whose Request-URI is sips', 'tls', 'sips:alice@example.test', [], 'sip:bob@b.test', 'sips'],
  [
    'whose top Record-Route is sips',
    'tls',
    'sip:alice@example.test',
    ['sips:p.test;lr'],
    'sip:b@b.test',
    'sips',
  ],
  ['whose Contact is sips', 'tls', 'sip:alice@example.test', [], 'sips:bob@b.test', 'sips'],
  [
    'whose Contact is sips behind a sip proxy',
    'tls',
    'sip:alice@example.test',
    ['sip:p.test;lr'],
    'sips:b@b.test',
    'sip',
  ],
  ['that is sip', 'tls', 'sip:alice@example.test', [], 'sip:bob@b.test', 'sip'],
  ['whose Request-URI is sips, over UDP', 'udp', 'sips:alice@example.test', [], 'sip:bob@b.test', 'sip'],
] as const) {
  test(`the answer to a call ${what} names ${scheme}`, (t) => {
    const { alice, peer, clock } = stage(transport);
    const headers: HeaderLine[] = routes.map((route) => ['Record-Route', `<${route}>`]);
    const contact = `<${peerContact}>`;
    peer.say(
      peer.text({ method: 'INVITE', uri, contact, headers: [...headers, SDP], body: 'v=0' }),
      transport,
    );
    clock.run(100);
    alice.command({ kind: 'ring', call: alice.incoming });
    alice.command({ kind: 'accept', call: alice.incoming });
    clock.run(100);
    for (const status of [180, 200])
      t.true(peer.last('INVITE', status)?.contact?.uri.startsWith(`${scheme}:`), `${status}`);
  });
}
