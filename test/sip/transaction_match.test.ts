/** RFC 3261 17.1.3, 17.2.3, 9.2 and 8.2.2.2: what belongs to which transaction. */
import test from 'ava';
import { clientKey } from '#sip/transaction/match.ts';
import { type RequestTraits, request, response, Stand } from '../support/transaction_stand.ts';

function via(rest: string): RequestTraits {
  return { via: `SIP/2.0/UDP ${rest}` };
}

/** Whether the second request is taken for the first one come again. */
function repeats(first: ReturnType<typeof request>, second: ReturnType<typeof request>): boolean {
  const stand = new Stand();
  stand.receive(first);
  stand.receive(second);
  return stand.layer.size === 1;
}

test('a response belongs to the request with its branch and CSeq method', (t) => {
  const invite = request('INVITE', { branch: 'z9hG4bKone' });
  const cancel = request('CANCEL', { branch: 'z9hG4bKone' });
  const other = request('INVITE', { branch: 'z9hG4bKtwo' });
  const stand = new Stand();
  stand.start(invite);
  stand.receive(response(other, 180));
  stand.receive(response(cancel, 200));
  stand.receive(response(invite, 180));
  t.deepEqual(stand.said, ['send INVITE', 'stray-response 180', 'stray-response 200', 'response 180']);
});

test('a branch is a token and so compared without regard to case', (t) => {
  const stand = new Stand();
  const invite = request('INVITE', { branch: 'z9hG4bKAbC' });
  stand.start(invite);
  stand.receive(response(request('INVITE', { branch: 'Z9HG4BKaBc' }), 180));
  t.deepEqual(stand.said, ['send INVITE', 'response 180']);
});

test('a response with our branch and a foreign sent-by is dropped', (t) => {
  const stand = new Stand();
  stand.start(request('INVITE', via('192.0.2.1:5060;branch=z9hG4bK1')));
  stand.receive(response(request('INVITE', via('192.0.2.9:5060;branch=z9hG4bK1')), 180));
  stand.receive(response(request('INVITE', via('192.0.2.1:5061;branch=z9hG4bK1')), 180));
  stand.receive(response(request('INVITE', via('192.0.2.1;branch=z9hG4bK1')), 180));
  t.deepEqual(stand.said, ['send INVITE', 'dropped response-via', 'dropped response-via', 'response 180']);
});

test('a response with more than one Via is dropped', (t) => {
  const stand = new Stand();
  const invite = request('INVITE');
  stand.start(invite);
  const other = 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKother';
  const via = 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1';
  stand.receive(response(request('INVITE', { more: [['Via', other]] }), 180));
  stand.receive(response(request('INVITE', { via: `${via}, ${other}` }), 180));
  stand.receive(response(request('INVITE', { via: `${via};note="a, b"` }), 180));
  t.deepEqual(stand.said, ['send INVITE', 'dropped response-via', 'dropped response-via', 'response 180']);
});

test('CANCEL and its INVITE have keys of their own', (t) => {
  t.not(clientKey(request('INVITE')), clientKey(request('CANCEL')));
});

const FIRST = via('Peer.example.net;branch=z9hG4bKx');
for (const [what, second, same] of [
  ['the same sent-by', FIRST, true],
  ['sent-by in other case', via('peer.EXAMPLE.net;branch=z9hG4bKx'), true],
  ['the default port written out', via('peer.example.net:5060;branch=z9hG4bKx'), true],
  ['blanks around the colon', via('peer.example.net : 5060 ;branch=z9hG4bKx'), true],
  ['the branch in other case', via('peer.example.net;branch=Z9HG4BKX'), true],
  ['parameters that do not matter', via('peer.example.net;rport;x=y;branch=z9hG4bKx'), true],
  ['another port', via('peer.example.net:5062;branch=z9hG4bKx'), false],
  ['another host', via('other.example.net;branch=z9hG4bKx'), false],
  ['another branch', via('peer.example.net;branch=z9hG4bKy'), false],
] as const) {
  test(`with ${what} a request is ${same ? 'a retransmission' : 'new'}`, (t) => {
    for (const method of ['INVITE', 'OPTIONS']) {
      t.is(repeats(request(method, FIRST), request(method, { ...second, callId: 'other' })), same);
    }
  });
}

test('with the magic cookie another method is another transaction', (t) => {
  t.false(repeats(request('OPTIONS', FIRST), request('MESSAGE', FIRST)));
});

const OLD = { ...via('old.example.net:5060;branch=7'), cseq: 5, toTag: 't' };
for (const [what, second, same] of [
  ['nothing', OLD, true],
  ['the Request-URI', { ...OLD, uri: 'sip:carol@192.0.2.2' }, false],
  ['the From tag', { ...OLD, fromTag: 'x' }, false],
  ['the To tag', { ...OLD, toTag: 'x' }, false],
  ['the Call-ID', { ...OLD, callId: 'x' }, false],
  ['the CSeq number', { ...OLD, cseq: 6 }, false],
  ['the host of the Via', { ...OLD, ...via('x.example.net:5060;branch=7') }, false],
  ['the branch of the Via', { ...OLD, ...via('old.example.net:5060;branch=8') }, false],
] as const) {
  test(`by RFC 2543 a request that differs in ${what} is ${same ? 'a retransmission' : 'new'}`, (t) => {
    for (const method of ['INVITE', 'OPTIONS']) {
      t.is(repeats(request(method, OLD), request(method, second)), same);
    }
  });
}

test('by RFC 2543 a request without any branch is found again', (t) => {
  t.true(repeats(request('OPTIONS', via('old.example.net')), request('OPTIONS', via('old.example.net'))));
  t.false(repeats(request('OPTIONS', via('old.example.net')), request('MESSAGE', via('old.example.net'))));
});

test('by RFC 2543 the ACK of a refusal has the To tag of the response', (t) => {
  const stand = new Stand();
  const invite = request('INVITE', via('old.example.net'));
  stand.receive(invite);
  stand.respond(invite, 486, 'ours');
  void stand.log;
  stand.receive(request('ACK', { ...via('old.example.net'), toTag: 'fork' }));
  t.deepEqual(stand.said, ['ack']);
  stand.receive(request('ACK', { ...via('old.example.net'), toTag: 'ours' }));
  stand.receive(request('ACK', { ...via('old.example.net'), toTag: 'ours' }));
  t.deepEqual(stand.said, ['confirmed']);
});

test('by RFC 2543 the ACK of a refused re-INVITE has the To tag of its request', (t) => {
  const stand = new Stand();
  const invite = request('INVITE', { ...via('old.example.net'), toTag: 'ours', cseq: 2 });
  stand.receive(invite);
  stand.respond(invite, 488);
  void stand.log;
  stand.receive(request('ACK', { ...via('old.example.net'), toTag: 'ours', cseq: 2 }));
  t.deepEqual(stand.said, ['confirmed']);
});

test('by RFC 2543 the ACK of a 2xx finds the accepted INVITE and goes to the TU', (t) => {
  const stand = new Stand();
  const invite = request('INVITE', via('old.example.net'));
  stand.receive(invite);
  stand.respond(invite, 200, 'ours');
  void stand.log;
  stand.receive(request('ACK', { ...via('old.example.net'), toTag: 'ours' }));
  t.deepEqual(stand.said, ['ack']);
});

for (const [kind, peer] of [
  ['by its branch', via('peer.example.net;branch=z9hG4bKx')],
  ['by RFC 2543', via('peer.example.net;branch=1')],
] as const) {
  test(`a CANCEL finds the INVITE that it means ${kind}`, (t) => {
    const stand = new Stand();
    stand.receive(request('INVITE', peer));
    stand.receive(request('CANCEL', peer));
    stand.receive(request('CANCEL', peer));
    t.deepEqual(stand.said, ['send 100', 'request INVITE', 'cancel INVITE']);
  });

  test(`a CANCEL that means nothing is told so ${kind}`, (t) => {
    const stand = new Stand();
    stand.receive(request('INVITE', { ...peer, cseq: 1 }));
    stand.receive(request('CANCEL', { via: 'SIP/2.0/UDP other.example.net;branch=z9hG4bKx', cseq: 1 }));
    t.deepEqual(stand.said, ['send 100', 'request INVITE', 'cancel nothing']);
  });
}

test('the CANCEL names the key of its INVITE and one of its own', (t) => {
  const stand = new Stand();
  stand.receive(request('INVITE', FIRST));
  stand.receive(request('CANCEL', FIRST));
  const [invite] = stand.events.filter((event) => event.kind === 'request');
  const [cancel] = stand.events.filter((event) => event.kind === 'cancel');
  t.is(cancel?.target, invite?.key);
  t.not(cancel?.key, invite?.key);
});

test('a request that comes again by another way is merged', (t) => {
  for (const method of ['INVITE', 'OPTIONS']) {
    const stand = new Stand();
    stand.receive(request(method, { branch: 'z9hG4bKone' }));
    stand.receive(request(method, { branch: 'z9hG4bKtwo' }));
    stand.receive(request(method, { branch: 'z9hG4bKthree' }));
    const said = stand.said.filter((line) => line !== 'send 100');
    t.deepEqual(said, [`request ${method}`, `merged request ${method}`, `merged request ${method}`]);
  }
});

for (const [what, second] of [
  ['another From tag', { fromTag: 'x' }],
  ['another Call-ID', { callId: 'x' }],
  ['another CSeq', { cseq: 2 }],
  ['a To tag', { toTag: 'x' }],
] as const) {
  test(`a request with ${what} is not merged`, (t) => {
    const stand = new Stand();
    stand.receive(request('OPTIONS', { branch: 'z9hG4bKone' }));
    stand.receive(request('OPTIONS', { branch: 'z9hG4bKtwo', ...second }));
    t.deepEqual(stand.said, ['request OPTIONS', 'request OPTIONS']);
  });
}

test('what was merged is forgotten with the transaction that it merged with', (t) => {
  const stand = new Stand();
  const first = request('OPTIONS', { branch: 'z9hG4bKone' });
  const copy = request('OPTIONS', { branch: 'z9hG4bKtwo' });
  stand.receive(first);
  stand.receive(copy);
  stand.respond(copy, 482);
  stand.respond(first, 200);
  stand.clock.settle();
  t.true(stand.empty);
  void stand.log;
  stand.receive(request('OPTIONS', { branch: 'z9hG4bKthree' }));
  t.deepEqual(stand.said, ['request OPTIONS']);
});
