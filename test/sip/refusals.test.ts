/** Requests that are refused, and how (RFC 3261 8.2, 12.2.2, 21.4). */
import test from 'ava';
import type { HeaderName } from '#sip/message/headers.ts';
import { Pair } from '../support/pair.ts';
import { Peer, type RequestText, SDP } from '../support/peer.ts';

interface Row {
  readonly status: number;
  readonly what: string;
  readonly request: RequestText;
  readonly header?: readonly [HeaderName, string];
}

const ALLOWED = 'INVITE, ACK, CANCEL, BYE, OPTIONS';
const ACCEPTED = 'application/sdp, multipart/mixed, multipart/alternative';
const offer = { method: 'INVITE', headers: [SDP], body: 'v=0' } as const;

const ROWS: readonly Row[] = [
  {
    status: 400,
    what: 'a CSeq that names another method',
    request: { method: 'OPTIONS', headers: [['CSeq', '1 INVITE']] },
  },
  {
    status: 400,
    what: 'a Request-URI without brackets round IPv6',
    request: { method: 'OPTIONS', uri: 'sip:2001:db8::1' },
  },
  ...['REGISTER', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'MESSAGE', 'REFER', 'INFO', 'PRACK', 'UPDATE'].map(
    (method): Row => ({ status: 405, what: method, request: { method }, header: ['allow', ALLOWED] }),
  ),
  {
    status: 406,
    what: 'an INVITE whose sender accepts no session description',
    request: { ...offer, headers: [SDP, ['Accept', 'text/plain']] },
  },
  {
    status: 415,
    what: 'a body of another type',
    request: { ...offer, headers: [['Content-Type', 'text/plain']] },
    header: ['accept', ACCEPTED],
  },
  {
    status: 415,
    what: 'a compressed body',
    request: { ...offer, headers: [SDP, ['Content-Encoding', 'gzip']] },
    header: ['accept-encoding', 'identity'],
  },
  { status: 416, what: 'a Request-URI of another scheme', request: { ...offer, uri: 'http://192.0.2.2/' } },
  {
    status: 420,
    what: 'Require: 100rel',
    request: { ...offer, headers: [SDP, ['Require', '100rel']] },
    header: ['unsupported', '100rel'],
  },
  {
    status: 420,
    what: 'extensions never heard of',
    request: {
      method: 'OPTIONS',
      headers: [
        ['Require', 'one, two'],
        ['Require', 'three'],
      ],
    },
    header: ['unsupported', 'one, two, three'],
  },
  { status: 481, what: 'BYE for no dialog', request: { method: 'BYE', toTag: 'unknown' } },
  { status: 481, what: 'BYE without tag', request: { method: 'BYE' } },
  { status: 481, what: 'INVITE for no dialog', request: { ...offer, toTag: 'unknown' } },
  { status: 481, what: 'CANCEL for nothing', request: { method: 'CANCEL' } },
  { status: 501, what: 'a method never heard of', request: { method: 'DANCE' }, header: ['allow', ALLOWED] },
];

for (const { status, what, request, header } of ROWS) {
  test(`${what} is refused by ${status}`, (t) => {
    const pair = new Pair();
    const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
    peer.ask(request);
    pair.clock.run(100);
    t.deepEqual(
      peer.statuses(request.headers?.[0]?.[0] === 'CSeq' ? 'OPTIONS' : request.method).at(-1) ??
        peer.heard.at(-1)?.status,
      status,
    );
    t.truthy(peer.heard.at(-1)?.toTag);
    if (header !== undefined) t.is(peer.heard.at(-1)?.first(header[0]), header[1]);
    t.is(pair.bob.all('incoming').length, 0);
  });
}

test('another version of SIP is refused by 505', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.say(peer.text({ method: 'OPTIONS' }).replace('SIP/2.0', 'SIP/7.0'));
  pair.clock.run(100);
  t.is(peer.heard.at(-1)?.status, 505);
});

test('a body of megabytes is refused by 513', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.say(peer.text({ ...offer, body: 'x'.repeat(5_000_000) }), 'tcp');
  pair.clock.run(100);
  t.is(peer.heard.at(-1)?.status, 513);
});

test('the same INVITE by another way is refused by 482, and rings once', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({ ...offer, cseq: 1 });
  peer.ask({ ...offer, cseq: 1 });
  pair.clock.run(100);
  t.is(pair.bob.all('incoming').length, 1);
  t.deepEqual(peer.statuses('INVITE'), [482]);
});

test('the same INVITE again, by the same way, rings once and gets the last response again', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({ ...offer, cseq: 1, branch: 'z9hG4bKsame' });
  pair.clock.run(100);
  pair.bob.command({ kind: 'ring', call: pair.bob.incoming });
  pair.clock.run(100);
  peer.ask({ ...offer, cseq: 1, branch: 'z9hG4bKsame' });
  pair.clock.run(100);
  t.is(pair.bob.all('incoming').length, 1);
  t.deepEqual(peer.statuses('INVITE'), [180, 180]);
});

test('an ACK for nothing is never answered', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({ method: 'ACK', headers: [['Require', 'everything']] });
  peer.ask({ method: 'ACK', toTag: 'unknown' });
  peer.say(peer.text({ method: 'ACK' }).replace('CSeq', 'Seq'));
  pair.clock.run(40_000);
  t.deepEqual(peer.heard, []);
});

test('OPTIONS is answered by what we can do', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({ method: 'OPTIONS', headers: [['Accept', 'text/plain']] });
  pair.clock.run(100);
  const answer = peer.last('OPTIONS', 200);
  t.is(answer?.first('allow'), ALLOWED);
  t.is(answer?.first('accept'), ACCEPTED);
  t.is(answer?.first('supported'), '');
  t.is(answer?.first('via'), 'SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKpeer1;rport=5060;received=192.0.2.7');
});

test('a body that may be left aside is', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({
    method: 'INVITE',
    headers: [
      ['Content-Type', 'text/plain'],
      ['Content-Disposition', 'render;handling=optional'],
    ],
    body: 'hello',
  });
  pair.clock.run(100);
  t.is(pair.bob.all('incoming').length, 1);
  t.is(pair.bob.last('incoming')?.offer, undefined);
});

for (const [method, status] of [
  ['INFO', 405],
  ['UPDATE', 405],
  ['REFER', 405],
  ['DANCE', 501],
  ['OPTIONS', 200],
] as const) {
  test(`${method} inside a call gets ${status}, and the call stands`, (t) => {
    const pair = new Pair();
    const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
    peer.ask({ ...offer, cseq: 1 });
    pair.clock.run(100);
    pair.bob.command({ kind: 'accept', call: pair.bob.incoming });
    pair.clock.run(100);
    const toTag = peer.last('INVITE', 200)?.toTag ?? '';
    peer.ask({ method: 'ACK', toTag, cseq: 1 });
    peer.ask({ method, toTag, cseq: 5 });
    pair.clock.run(100);
    t.deepEqual(peer.statuses(method), [status]);
    peer.ask({ method: 'OPTIONS', toTag, cseq: 4 });
    pair.clock.run(100);
    t.is(peer.heard.at(-1)?.status, 500);
    t.is(pair.bob.cause, undefined);
    peer.ask({ method: 'BYE', toTag, cseq: 6, headers: [['Reason', 'Q.850;cause=16;text="Bye, dear"']] });
    pair.clock.run(100);
    t.deepEqual(pair.bob.cause, { by: 'peer', reason: 'Bye, dear' });
    pair.clock.settle();
    t.is(pair.load, 0);
  });
}

test('BYE while it still rings is answered, and the INVITE by 487', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({ ...offer, cseq: 1 });
  pair.clock.run(100);
  pair.bob.command({ kind: 'ring', call: pair.bob.incoming });
  pair.clock.run(100);
  const toTag = peer.last('INVITE', 180)?.toTag ?? '';
  peer.ask({ method: 'BYE', toTag, cseq: 2 });
  pair.clock.run(100);
  t.deepEqual(peer.statuses('BYE'), [200]);
  t.is(peer.statuses('INVITE').at(-1), 487);
  t.is(pair.bob.cause?.by, 'peer');
  pair.clock.settle();
  t.is(pair.load, 0);
});

test('an INVITE that says when it expires is refused by 487 then', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({ ...offer, cseq: 1, headers: [SDP, ['Expires', '30']] });
  pair.clock.run(29_000);
  t.deepEqual(peer.statuses('INVITE'), []);
  pair.clock.run(2000);
  t.is(peer.statuses('INVITE')[0], 487);
  t.is(pair.bob.cause?.status, 487);
  pair.clock.settle();
  t.is(pair.load, 0);
});

test('an INVITE that nobody answers or cancels is refused by 480 after ten minutes', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({ ...offer, cseq: 1, headers: [SDP, ['Expires', '3600']] });
  pair.clock.run(599_000);
  t.deepEqual(peer.statuses('INVITE'), []);
  pair.clock.settle();
  t.is(peer.statuses('INVITE')[0], 480);
  t.is(pair.load, 0);
});

test('the reason of a CANCEL is told', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  peer.ask({ ...offer, cseq: 1, branch: 'z9hG4bKone' });
  pair.clock.run(100);
  peer.ask({
    method: 'CANCEL',
    cseq: 1,
    branch: 'z9hG4bKone',
    contact: null,
    headers: [['Reason', 'SIP;cause=200;text="Call completed elsewhere"']],
  });
  pair.clock.run(100);
  t.deepEqual(pair.bob.cause, { by: 'peer', status: 487, reason: 'Call completed elsewhere' });
});
