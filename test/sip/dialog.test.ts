/** Route sets, targets and the order of requests (RFC 3261 12). */
import test from 'ava';
import { Dialog } from '#sip/call/dialog.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { type HeaderLine, writeResponse } from '#sip/message/write.ts';
import { freshTarget, hopOf, routedTarget } from '#sip/request/target.ts';
import type { Account } from '#sip/types.ts';
import { Pair } from '../support/pair.ts';
import { Peer, SDP } from '../support/peer.ts';
import { invite, SEED_ROUTES, SEED_VIAS } from './vectors.ts';

function read(octets: Uint8Array): SipMessage {
  const message = readMessage(octets);
  if (message === undefined) throw new Error('no SIP');
  return message;
}

test('without routes a request goes to the remote target', (t) => {
  t.deepEqual(routedTarget('sip:bob@192.0.2.4:5070;transport=tcp', []), {
    uri: 'sip:bob@192.0.2.4:5070;transport=tcp',
    routes: [],
    hop: { host: '192.0.2.4', port: 5070, transport: 'tcp', secure: false },
    home: false,
  });
});

test('a loose route is the next hop and stays in Route', (t) => {
  const routes = ['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>'];
  t.deepEqual(routedTarget('sip:bob@192.0.2.4', routes), {
    uri: 'sip:bob@192.0.2.4',
    routes,
    hop: { host: 'p1.example.com', secure: false },
    home: false,
  });
});

test('a strict route becomes the Request-URI, and the target goes to the end of Route', (t) => {
  const routes = ['"P" <sip:p1.example.com;method=INVITE?Subject=x>', '<sip:p2.example.com;lr>'];
  t.deepEqual(routedTarget('sip:bob@192.0.2.4', routes), {
    uri: 'sip:p1.example.com',
    routes: ['<sip:p2.example.com;lr>', '<sip:bob@192.0.2.4>'],
    hop: { host: 'p1.example.com', secure: false },
    home: false,
  });
});

test('a hop takes maddr for its host, whatever the host says', (t) => {
  t.deepEqual(hopOf('sip:p.example.com:5062;maddr=[2001:db8::1]'), {
    host: '2001:db8::1',
    port: 5062,
    secure: false,
  });
});

for (const transport of ['sctp', 'tls-sctp', 'dtls-udp', 'ws', 'quic']) {
  test(`a route over ${transport} cannot be gone, and the reason names it`, (t) => {
    const target = routedTarget('sip:bob@192.0.2.4', [`<sip:p.example.com;transport=${transport};lr>`]);
    t.regex('unroutable' in target ? target.unroutable : '', new RegExp(`transport ${transport},`));
  });
}

test('a sips target is secure by the way of a sip route too', (t) => {
  const target = routedTarget('sips:bob@192.0.2.4', ['<sip:p.example.com;lr>']);
  t.true('hop' in target && target.hop.secure);
});

const account: Account = {
  id: 'a',
  user: 'alice',
  domain: 'example.test',
  authUser: 'alice',
  password: 's3cret',
  expires: 600,
};

for (const [name, changes, to, expected] of [
  ['a URI at the domain', {}, 'sip:bob@Example.TEST', { host: 'example.test', secure: false }],
  [
    'a URI at the domain of an account with port and transport',
    { port: 5070, transport: 'tcp', family: 6 } as const,
    'sip:bob@example.test',
    { host: 'example.test', port: 5070, transport: 'tcp', family: 6, secure: false },
  ],
  ['a URI elsewhere', {}, 'sip:bob@other.test:5062', { host: 'other.test', port: 5062, secure: false }],
  [
    'any URI of an account with a proxy',
    { outboundProxy: 'sip:proxy.test:5080' },
    'sip:bob@other.test',
    { host: 'proxy.test', port: 5080, secure: false },
  ],
  [
    'a proxy without scheme',
    { outboundProxy: 'proxy.test' },
    'sip:bob@other.test',
    { host: 'proxy.test', secure: false },
  ],
] as const) {
  test(`${name} goes where the account says`, (t) => {
    const target = freshTarget(to, { ...account, ...changes });
    t.deepEqual('hop' in target ? target.hop : target, expected);
    t.is('hop' in target && target.home, 'outboundProxy' in changes || to !== 'sip:bob@other.test:5062');
  });
}

test('a configured proxy is a loose route, with lr even if it was forgotten', (t) => {
  const target = freshTarget('sip:bob@other.test', { ...account, outboundProxy: 'sip:proxy.test' });
  t.deepEqual('routes' in target ? target.routes : target, ['<sip:proxy.test;lr>']);
});

test('a telephone number is called at the domain of the account', (t) => {
  const target = freshTarget('tel:+31-20;phone-context=x', account);
  t.is('uri' in target ? target.uri : '', 'sip:+31-20;phone-context=x@example.test;user=phone');
});

test('what is dialled goes into Request-URI and To without what may not stand there (19.1.1)', (t) => {
  const { alice, clock } = new Pair();
  const dialled = 'sip:bob@192.0.2.2:5060;transport=udp;x=y;maddr=192.0.2.2;method=BYE?Subject=hello';
  alice.call(dialled);
  alice.call('sip:Zoë@192.0.2.2', 'second');
  clock.run(10);
  const [first, second] = alice.sent.filter(({ method }) => method === 'INVITE');
  t.is(first?.uri, 'sip:bob@192.0.2.2:5060;transport=udp;x=y;maddr=192.0.2.2');
  t.is(first?.first('to'), '<sip:bob@192.0.2.2:5060;x=y>');
  t.is(second?.uri, 'sip:Zo%C3%AB@192.0.2.2');
  t.is(second?.first('to'), '<sip:Zo%C3%AB@192.0.2.2>');
});

test('an address as domain is named with its port', (t) => {
  const target = freshTarget('sip:bob@192.0.2.1', { ...account, domain: '192.0.2.1', port: 5070 });
  t.is('uri' in target ? target.uri : '', 'sip:bob@192.0.2.1:5070');
});

test('a lower CSeq is out of order, an equal or higher one is not', (t) => {
  const request = read(invite(['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1']));
  const dialog = Dialog.ofRequest(request, 'ours');
  const numbered = (number: number) =>
    read(Buffer.from(Buffer.from(request.octets).toString('latin1').replace('CSeq: 1 ', `CSeq: ${number} `)));
  t.true(dialog.follows(numbered(5)));
  t.false(dialog.follows(numbered(4)));
  t.true(dialog.follows(numbered(5)));
  t.true(dialog.follows(numbered(1000)));
  t.false(dialog.follows(numbered(999)));
});

test('a callee of RFC 2543, who has no tag, makes a dialog all the same', (t) => {
  const request = read(invite(['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1']));
  const dialog = Dialog.ofResponse(writeResponse(request, { status: 200 }));
  t.is(dialog.remoteTag, '');
  t.true(dialog.matches(request.callId, undefined));
  t.false(dialog.matches(request.callId, 'x'));
});

test('the caller turns Record-Route round, and a 200 has the last word on it', (t) => {
  const request = read(invite(['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1']));
  const respond = (status: number, routes: string, contact: string) =>
    writeResponse(request, {
      status,
      toTag: 'bob',
      headers: [
        ['Record-Route', routes],
        ['Contact', contact],
      ],
    });
  const dialog = Dialog.ofResponse(respond(180, '<sip:p2;lr>, <sip:p1;lr>', '<sip:early@192.0.2.4>'));
  const early = dialog.target();
  t.deepEqual('routes' in early && early.routes, ['<sip:p1;lr>', '<sip:p2;lr>']);
  dialog.confirm(respond(200, '<sip:p3;lr>', '<sip:late@192.0.2.4>'));
  const late = dialog.target();
  t.deepEqual('routes' in late && [late.uri, late.routes], ['sip:late@192.0.2.4', ['<sip:p3;lr>']]);
});

for (const [order, vias, routes] of [
  ['as printed', SEED_VIAS, SEED_ROUTES],
  ['in reversed order', SEED_VIAS.toReversed(), SEED_ROUTES.toReversed()],
] as const) {
  test(`the Via and Record-Route of many transports, ${order}, come back octet for octet, now and in later requests`, (t) => {
    const pair = new Pair();
    const { bob, clock, wire } = pair;
    const source = { family: 4, address: '192.0.2.7', port: 5060 } as const;
    const heard: SipMessage[] = [];
    wire.attach(source, (octets) => heard.push(read(octets)));
    for (const { name } of SEED_ROUTES.map((line) => ({ name: /[\w.]+\.net/.exec(line)?.[0] ?? '' })))
      bob.names.set(name, [bob.flowTo(source)]);
    wire.send({ transport: 'udp', local: source, remote: bob.local }, invite(vias, routes), () => {});
    clock.run(100);
    bob.command({ kind: 'ring', call: bob.incoming });
    bob.command({ kind: 'accept', call: bob.incoming });
    // The top Via has no port of ours: what asks for rport comes back to its source.
    const answers = bob.sent.filter(({ kind, status }) => kind === 'response' && status > 100);
    t.deepEqual(
      answers.map(({ status }) => status),
      [180, 200],
    );
    for (const answer of answers) {
      t.is(answer.lines('record-route'), routes.map((line) => `${line}\r\n`).join(''));
      t.is(
        answer.lines('via').split('\r\n').slice(1).join('\r\n'),
        vias
          .slice(1)
          .map((line) => `${line}\r\n`)
          .join(''),
      );
    }
    const peer = new Peer(wire, source.address, bob.local);
    peer.ask({
      method: 'ACK',
      fromTag: '9fxced76sl',
      toTag: answers[1]?.toTag ?? '',
      callId: '3848276298220188511@example.net',
      cseq: 1,
    });
    clock.run(100);
    bob.command({ kind: 'reinvite', call: bob.incoming });
    clock.run(100);
    bob.command({ kind: 'hang-up', call: bob.incoming });
    clock.run(100);
    const values = routes.map((line) => line.slice('Record-Route: '.length));
    for (const method of ['INVITE', 'BYE']) {
      const request = peer.last(method);
      t.deepEqual(request?.fields('route'), values, method);
      t.is(request?.uri, 'sip:alice@192.0.2.1');
    }
  });
}

test('Record-Route over SCTP on top does not refuse the call; our BYE cannot go, and the end says why', (t) => {
  const pair = new Pair();
  const { bob, clock, wire } = pair;
  const peer = new Peer(wire, '192.0.2.7', bob.local);
  const headers: HeaderLine[] = [['Record-Route', '<sip:p.example.net;transport=sctp;lr>'], SDP];
  peer.ask({ method: 'INVITE', headers, body: 'v=0', cseq: 1 });
  clock.run(100);
  bob.command({ kind: 'accept', call: bob.incoming });
  clock.run(100);
  const answer = peer.last('INVITE', 200);
  t.is(answer?.first('record-route'), '<sip:p.example.net;transport=sctp;lr>');
  peer.ask({ method: 'ACK', toTag: answer?.toTag ?? '', cseq: 1 });
  clock.run(100);
  t.is(bob.all('established').length, 1);
  bob.command({ kind: 'hang-up', call: bob.incoming });
  t.deepEqual(bob.cause, {
    by: 'network',
    reason:
      'BYE could not be sent: sip:p.example.net;transport=sctp;lr needs transport sctp, which this telephone does not have',
  });
  clock.settle();
  t.is(pair.load, 0);
});

for (const [what, headers, route] of [
  [
    'its Record-Route',
    [
      ['Record-Route', '<sip:p.example.net;transport=sctp;lr>'],
      ['Contact', '<sip:bob@192.0.2.7>'],
    ],
    ['<sip:p.example.net;transport=sctp;lr>'],
  ],
  ['its Contact', [['Contact', '<sip:bob@192.0.2.7;transport=sctp>']], []],
] as const satisfies readonly (readonly [string, readonly HeaderLine[], readonly string[]])[]) {
  test(`a callee that asks for SCTP by ${what} gets its ACK; our BYE cannot go, and the end says why`, (t) => {
    const pair = new Pair();
    const { alice, clock, wire } = pair;
    const peer = new Peer(wire, '192.0.2.7', alice.local);
    alice.call('sip:bob@192.0.2.7');
    clock.run(100);
    const request = peer.last('INVITE');
    if (request === undefined) return t.fail();
    const answer = { status: 200, toTag: 'bob', headers: [...headers, SDP], body: 'v=0' };
    peer.reply(request, answer);
    clock.run(500);
    peer.reply(request, answer);
    clock.run(500);
    t.is(alice.all('established').length, 1);
    const ack = peer.last('ACK');
    t.is(ack?.uri, headers.at(-1)?.[1].slice(1, -1));
    t.deepEqual(ack?.values('route'), route);
    t.is(peer.methods.filter((method) => method === 'ACK').length, 2);
    alice.command({ kind: 'reinvite', call: 'call' });
    clock.run(100);
    t.is(alice.cause, undefined);
    t.is(alice.all('reinvite-refused').length, 1);
    alice.command({ kind: 'hang-up', call: 'call' });
    clock.settle();
    t.regex(alice.cause?.reason ?? '', /BYE could not be sent: .* needs transport sctp/);
    t.is(pair.load, 0);
  });
}

test('a strict router gets the request as its own', (t) => {
  const pair = new Pair();
  const { bob, clock, wire } = pair;
  const peer = new Peer(wire, '192.0.2.7', bob.local);
  const headers: HeaderLine[] = [['Record-Route', '<sip:192.0.2.7;x=y>, <sip:p2.example.net;lr>'], SDP];
  peer.ask({ method: 'INVITE', headers, body: 'v=0', cseq: 1 });
  clock.run(100);
  bob.command({ kind: 'accept', call: bob.incoming });
  clock.run(100);
  peer.ask({ method: 'ACK', toTag: peer.last('INVITE', 200)?.toTag ?? '', cseq: 1 });
  clock.run(100);
  bob.command({ kind: 'hang-up', call: bob.incoming });
  clock.run(100);
  const bye = peer.last('BYE');
  t.is(bye?.uri, 'sip:192.0.2.7;x=y');
  t.deepEqual(bye?.fields('route'), ['<sip:p2.example.net;lr>', '<sip:peer@192.0.2.7:5060>']);
});
