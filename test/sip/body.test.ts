/** Session descriptions in bodies of one part and of many (RFC 2046 5.1, RFC 5621). */
import test from 'ava';
import { hasSdp, sdpOf } from '#sip/message/body.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { mutations } from '../support/mutate.ts';
import { Pair } from '../support/pair.ts';
import { Peer } from '../support/peer.ts';
import { octetsOf, torture } from './vectors.ts';

const SDP = 'v=0\r\ns=Zoë\r\n';
const SDP_PART = ['Content-Type: application/sdp', '', SDP];
const TEXT_PART = ['Content-Type: text/plain', '', 'hello'];

function message(type: string, body: string): SipMessage {
  const octets = Buffer.from(body, 'utf8').toString('latin1');
  const read = readMessage(octetsOf('SIP/2.0 200 OK', `Content-Type: ${type}`, '', octets));
  if (read === undefined) throw new Error('no SIP');
  return read;
}

/** The parts between delimiter lines, with a preamble and an epilogue. */
function multipart(boundary: string, ...parts: readonly (readonly string[])[]): string {
  const lines = parts.flatMap((part) => [`--${boundary}`, ...part]);
  return ['nobody reads this', ...lines, `--${boundary}--`, 'nor this'].join('\r\n');
}

const FOUND: Readonly<Record<string, readonly [type: string, body: string]>> = {
  'the whole body': ['application/sdp', SDP],
  'the whole body, whatever its type adds': ['Application / SDP ; charset=utf-8', SDP],
  'the first part': ['multipart/mixed;boundary=b', multipart('b', SDP_PART, TEXT_PART)],
  'the last part': ['multipart/mixed; boundary="a b:c"', multipart('a b:c', TEXT_PART, SDP_PART)],
  'a part of related ones': [
    'multipart/related; type="application/sdp"; Boundary=b',
    multipart('b', SDP_PART),
  ],
  'the last of alternatives': [
    'multipart/alternative;boundary=b',
    multipart('b', ['Content-Type: application/sdp', '', 'v=0\r\n'], SDP_PART),
  ],
  'a part of a part': [
    'multipart/mixed;boundary=b',
    multipart(
      'b',
      TEXT_PART,
      ['content-type: multipart/alternative;\r\n boundary=b2', '', multipart('b2', TEXT_PART, SDP_PART)],
      TEXT_PART,
    ),
  ],
  'a part that says that it is meant for the session': [
    'multipart/mixed;boundary=b',
    multipart('b', [
      'Content-Disposition: session;handling=required',
      'Content-Transfer-Encoding: binary',
      ...SDP_PART,
    ]),
  ],
  'behind a delimiter with blanks': [
    'multipart/mixed;boundary=b',
    `--b \t\r\n${SDP_PART.join('\r\n')}\r\n--b--`,
  ],
};

for (const [where, [type, body]] of Object.entries(FOUND)) {
  test(`the session description is ${where}`, (t) => {
    t.is(sdpOf(message(type, body)), SDP);
    t.true(hasSdp(message(type, body)));
  });
}

const ABSENT: Readonly<Record<string, readonly [type: string, body: string]>> = {
  'no body': ['application/sdp', ''],
  'another type': ['application/sdpx', SDP],
  'no part of it': ['multipart/mixed;boundary=b', multipart('b', TEXT_PART, ['', SDP])],
  'a part for something else': [
    'multipart/mixed;boundary=b',
    multipart('b', ['Content-Disposition: attachment', ...SDP_PART]),
  ],
  'a part in an encoding that SIP has no need of': [
    'multipart/mixed;boundary=b',
    multipart('b', ['Content-Transfer-Encoding: base64', ...SDP_PART]),
  ],
  'a part that never ends': ['multipart/mixed;boundary=b', `--b\r\n${SDP_PART.join('\r\n')}`],
  'no boundary': ['multipart/mixed', multipart('', SDP_PART)],
  'parts in parts without end': [
    'multipart/mixed;boundary=b',
    Array.from({ length: 9 }).reduce<string>(
      (inner, _, i) =>
        multipart(i === 8 ? 'b' : `b${i}`, [`Content-Type: multipart/mixed;boundary=b${i - 1}`, '', inner]),
      multipart('b-1', SDP_PART),
    ),
  ],
};

for (const [what, [type, body]] of Object.entries(ABSENT)) {
  test(`there is no session description in ${what}`, (t) => {
    t.is(sdpOf(message(type, body)), undefined);
    t.false(hasSdp(message(type, body)));
  });
}

test('rfc4475 mpart01: text and a signature describe no session', (t) => {
  const read = readMessage(torture('mpart01'));
  t.is(read && sdpOf(read), undefined);
});

test('damaged bodies neither throw nor take long', (t) => {
  const seeds = [...Object.values(FOUND), ...Object.values(ABSENT)].map(([type, body]) =>
    Buffer.from(`${type}\n${body}`),
  );
  let found = 0;
  let slowest = 0;
  for (const octets of mutations(seeds, 100_000, 2046)) {
    const text = Buffer.from(octets).toString('utf8');
    const [type = '', ...body] = text.split('\n');
    const started = performance.now();
    if (sdpOf(message(type.replaceAll('\r', ' '), body.join('\n'))) !== undefined) found += 1;
    slowest = Math.max(slowest, performance.now() - started);
  }
  t.true(found > 10_000 && found < 90_000, `${found} found`);
  t.true(slowest < 500, `${slowest} ms`);
});

test('64 KiB of delimiters are read in no time', (t) => {
  for (const morsel of [
    '\r\n--b',
    '\r\n--b\r\n',
    '\r\n--b ',
    '--b',
    '\r\n--b\r\nContent-Type: multipart/mixed;boundary=b\r\n',
  ]) {
    const hostile = message('multipart/mixed;boundary=b', morsel.repeat(65_000 / morsel.length));
    const started = performance.now();
    t.is(sdpOf(hostile), undefined);
    t.true(performance.now() - started < 500);
  }
});

test('an offer and an answer in multipart bodies make a call', (t) => {
  const pair = new Pair();
  const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
  const type = ['Content-Type', 'multipart/mixed;boundary=b'] as const;
  const body = multipart('b', TEXT_PART, ['Content-Type: application/sdp', '', 'v=0']);
  peer.ask({ method: 'INVITE', headers: [type], body, cseq: 1 });
  pair.clock.run(100);
  t.is(pair.bob.last('incoming')?.offer, 'v=0');
  const callee = new Peer(pair.wire, '192.0.2.8', pair.alice.local);
  pair.alice.call('sip:peer@192.0.2.8');
  pair.clock.run(100);
  const request = callee.last('INVITE');
  if (request === undefined) return t.fail();
  callee.reply(request, {
    status: 200,
    toTag: 'peer',
    headers: [['Contact', '<sip:peer@192.0.2.8>']],
    contentType: type[1],
    body,
  });
  pair.clock.run(100);
  t.is(pair.alice.last('answer')?.sdp, 'v=0');
});

test('a part that must be understood and is not refuses the call by 415, one that may be left aside does not', (t) => {
  for (const [handling, status] of [
    ['required', 415],
    ['optional', undefined],
  ] as const) {
    const pair = new Pair();
    const peer = new Peer(pair.wire, '192.0.2.7', pair.bob.local);
    const other = [`Content-Disposition: render;handling=${handling}`, ...TEXT_PART];
    peer.ask({
      method: 'INVITE',
      headers: [['Content-Type', 'multipart/mixed;boundary=b']],
      body: multipart('b', ['Content-Type: application/sdp', '', 'v=0'], other),
    });
    pair.clock.run(100);
    t.is(peer.statuses('INVITE')[0], status);
    t.is(pair.bob.all('incoming').length, status === undefined ? 1 : 0);
  }
});
