import test from 'ava';
import * as oracle from 'sdp-transform';
import type { SessionParameters } from '#media/types.ts';
import { type ChooseLocal, type LocalMedia, MediaNegotiation, type Negotiated } from '#sdp/offer_answer.ts';
import {
  AUDIO,
  accepted,
  answered,
  assertLegal,
  dual,
  leg,
  lineOf,
  linesOf,
  OURS,
  OURS6,
  offerOf,
} from './legs.ts';
import { ALL, described, sdp } from './vectors.ts';

test('an offer names our codecs in our order, telephone events, packet time and direction', (t) => {
  t.is(
    leg().offer(OURS),
    sdp(
      'v=0',
      'o=- 42 1 IN IP4 198.51.100.7',
      's=-',
      'c=IN IP4 198.51.100.7',
      't=0 0',
      'm=audio 16384 RTP/AVP 8 0 101',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
    ),
  );
});

test('an offer over IPv6 has no brackets and no zone', (t) => {
  const text = leg().offer({ ...OURS, address: { family: 6, address: 'fe80::7%eth0' } });
  t.is(lineOf(text, 'c='), 'c=IN IP6 fe80::7');
  t.is(lineOf(text, 'o='), 'o=- 42 1 IN IP6 fe80::7');
});

test('a codec that is not built is not offered, and none twice', (t) => {
  const text = leg().offer({ ...OURS, codecs: ['opus', 'PCMU', 'g722', 'pcmu', 'nonsense'] });
  t.is(lineOf(text, 'm='), 'm=audio 16384 RTP/AVP 0 101');
});

test('the name of the phone stands in s= without control characters', (t) => {
  const named = new MediaNegotiation({ sessionId: 1, name: 'Kitch\r\nen' });
  t.is(lineOf(named.offer(OURS), 's='), 's=Kitchen');
});

test('an answer keeps the codecs in the order of the offer, by its numbers', (t) => {
  const { sdp: text, session } = answered(t, offerOf(AUDIO));
  t.is(lineOf(text, 'm='), 'm=audio 16384 RTP/AVP 8 0 101');
  const expected: SessionParameters = {
    remote: { family: 4, address: '192.0.2.1', port: 5004 },
    local: OURS.address.address,
    codec: { name: 'PCMA', payloadType: 8, rate: 8000 },
    receive: [
      { name: 'PCMA', payloadType: 8, rate: 8000 },
      { name: 'PCMU', payloadType: 0, rate: 8000 },
    ],
    eventPayloadType: 101,
    direction: 'sendrecv',
    packetTime: 20,
  };
  t.deepEqual<Negotiated, SessionParameters>(session, expected);
});

test('dynamic numbers of the offer come back in the answer', (t) => {
  const { sdp: text, session } = answered(
    t,
    offerOf([
      'm=audio 5004 RTP/AVP 111 120 97',
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:120 pcmu/8000/1',
      'a=rtpmap:97 TELEPHONE-EVENT/8000',
    ]),
  );
  t.is(lineOf(text, 'm='), 'm=audio 16384 RTP/AVP 120 97');
  t.deepEqual(linesOf(text, 'a=rtpmap'), ['a=rtpmap:120 PCMU/8000', 'a=rtpmap:97 telephone-event/8000']);
  t.is(session.codec.payloadType, 120);
  t.is(session.eventPayloadType, 97);
});

test('static numbers need no rtpmap', (t) => {
  const { session } = answered(t, offerOf(['m=audio 5004 RTP/AVP 18 0']));
  t.deepEqual(session.codec, { name: 'PCMU', payloadType: 0, rate: 8000 });
  t.is(session.eventPayloadType, undefined);
});

test('a codec of the same name at another rate or with two channels is another codec', (t) => {
  const { session } = answered(
    t,
    offerOf(['m=audio 5004 RTP/AVP 96 97 0', 'a=rtpmap:96 PCMU/16000', 'a=rtpmap:97 PCMA/8000/2']),
  );
  t.is(session.codec.payloadType, 0);
});

test('telephone events at a clock that our codecs lack are left out', (t) => {
  const { sdp: text, session } = answered(
    t,
    offerOf(['m=audio 5004 RTP/AVP 0 100', 'a=rtpmap:100 telephone-event/48000']),
  );
  t.is(session.eventPayloadType, undefined);
  t.is(lineOf(text, 'm='), 'm=audio 16384 RTP/AVP 0');
});

test('the first audio is answered; video and a second audio are refused at their places', (t) => {
  const { sdp: text, session } = answered(
    t,
    offerOf([
      'm=video 6000 RTP/AVP 31 99',
      'a=rtpmap:99 H264/90000',
      ...AUDIO,
      'm=audio 7000 RTP/AVP 0',
      'm=application 8000 TCP/MSRP *',
    ]),
  );
  t.deepEqual(linesOf(text, 'm='), [
    'm=video 0 RTP/AVP 31 99',
    'm=audio 16384 RTP/AVP 8 0 101',
    'm=audio 0 RTP/AVP 0',
    'm=application 0 TCP/MSRP *',
  ]);
  t.is(session.remote.port, 5004);
});

test('the first audio that we can take is answered, not the first one', (t) => {
  const { sdp: text, session } = answered(
    t,
    offerOf([
      'm=audio 5000 RTP/SAVP 0',
      'm=audio 5002 RTP/AVP 18',
      'm=audio 0 RTP/AVP 0',
      'm=audio 5006 RTP/AVP 0',
    ]),
  );
  t.deepEqual(
    described(text).media.map(({ port }) => port),
    [0, 0, 0, 16384],
  );
  t.is(session.remote.port, 5006);
});

test('t= of the answer is that of the offer', (t) => {
  const offer = offerOf(AUDIO).replace('t=0 0', 't=2873397496 2873404696');
  t.is(lineOf(answered(t, offer).sdp, 't='), 't=2873397496 2873404696');
});

test('an answer chooses what we send; what we offered is what we may hear', (t) => {
  const negotiation = leg();
  negotiation.offer(OURS);
  const session = accepted(negotiation.accept(offerOf(['m=audio 5004 RTP/AVP 0'])));
  t.is(session.codec.name, 'PCMU');
  t.deepEqual(
    session.receive.map(({ payloadType }) => payloadType),
    [8, 0],
  );
  t.is(session.eventPayloadType, undefined);
});

const ANSWERS: readonly (readonly [string, RegExp, readonly string[]])[] = [
  ['refuses our audio', /refused our audio/, ['m=audio 0 RTP/AVP 8']],
  ['has one m= line too many', /number of m= lines/, [...AUDIO, 'm=video 0 RTP/AVP 31']],
  ['has no m= line', /number of m= lines/, []],
  ['has none of our codecs', /none of the codecs/, ['m=audio 5004 RTP/AVP 18']],
  ['has only telephone events', /none of the codecs/, ['m=audio 5004 RTP/AVP 101', AUDIO[1] ?? '']],
  ['puts video in the place of audio', /video is not supported/, ['m=video 5004 RTP/AVP 8']],
  ['changes the protocol', /RTP\/SAVP is not/, ['m=audio 5004 RTP/SAVP 8']],
];
for (const [what, reason, lines] of ANSWERS) {
  test(`an answer that ${what} makes no session`, (t) => {
    const negotiation = leg();
    negotiation.offer(OURS);
    const refused = negotiation.accept(offerOf(lines));
    if (!('status' in refused)) return t.fail('was accepted');
    t.is(refused.status, 488);
    t.regex(refused.reason, reason);
  });
}

const REFUSED: readonly (readonly [string, RegExp, string])[] = [
  ['no m= line', /no audio/, offerOf([])],
  ['video alone', /no audio/, offerOf(['m=video 6000 RTP/AVP 31'])],
  ['audio switched off', /switched off/, offerOf(['m=audio 0 RTP/AVP 0'])],
  ['no codec of ours', /no codec in common/, offerOf(['m=audio 5004 RTP/AVP 18 4'])],
  ['telephone events alone', /no codec in common/, offerOf(['m=audio 5004 RTP/AVP 101', AUDIO[1] ?? ''])],
  ['RTP/SAVP alone', /RTP\/SAVP is not/, offerOf(['m=audio 5004 RTP/SAVP 0'])],
  ['RTP/SAVPF alone', /RTP\/SAVPF is not/, offerOf(['m=audio 5004 RTP/SAVPF 0'])],
  ['RTP/AVPF alone', /RTP\/AVPF is not/, offerOf(['m=audio 5004 RTP/AVPF 0'])],
  ['two layers', /layered/, offerOf(['m=audio 5004/2 RTP/AVP 0'])],
  ['a port without one above it', /no port for RTCP/, offerOf(['m=audio 65535 RTP/AVP 0'])],
  ['a host name', /host name \(media\.example\.com\)/, offerOf(AUDIO, 'IP4 media.example.com')],
  [
    'a multicast group',
    /multicast/,
    offerOf(AUDIO).replace('c=IN IP4 192.0.2.1', 'c=IN IP4 233.252.0.1/127'),
  ],
  ['a multicast group without TTL', /multicast/, offerOf(AUDIO, 'IP6 ff15::101')],
  ['a Teredo address', /Teredo/, offerOf(AUDIO, 'IP6 2001:0:4136:e378:8000:63bf:3fff:fdd2')],
  ['IPv4 written as IPv6', /IPv4 address written as IPv6/, offerOf(AUDIO, 'IP6 ::ffff:192.0.2.1')],
  ['another network', /ATM NSAP is not/, offerOf(AUDIO).replace('c=IN IP4 192.0.2.1', 'c=ATM NSAP 47.00')],
  ['no c= at all', /no c=/, offerOf(AUDIO).replace('c=IN IP4 192.0.2.1\r\n', '')],
];
for (const [what, reason, offer] of REFUSED) {
  test(`an offer with ${what} gets 488`, (t) => {
    const refused = leg().answer(offer, dual);
    if (!('status' in refused)) return t.fail('was answered');
    t.is(refused.status, 488);
    t.regex(refused.reason, reason);
  });
}

test('a family of which we have no address gets 488, even where the other one exists', (t) => {
  const only4: ChooseLocal = (family) => (family === 4 ? OURS : undefined);
  t.like(leg().answer(offerOf(AUDIO, 'IP6 2001:db8::1'), only4), { status: 488 });
  t.is(answered(t, offerOf(AUDIO), only4).session.remote.family, 4);
});

test('the answer follows the family of the stream, not of the session', (t) => {
  const { sdp: text, session } = answered(
    t,
    offerOf([AUDIO[0] ?? '', 'c=IN IP6 2001:db8::5', ...AUDIO.slice(1)]),
  );
  t.is(lineOf(text, 'c='), 'c=IN IP6 2001:db8:7::7');
  t.deepEqual(session.remote, { family: 6, address: '2001:db8::5', port: 5004 });
});

test('a Teredo stream does not spoil another one', (t) => {
  const { session } = answered(t, offerOf(['m=audio 5000 RTP/AVP 0', 'c=IN IP6 2001::1', ...AUDIO]));
  t.is(session.remote.port, 5004);
});

test('what is no SDP gets 400 with the line, and the session stays', (t) => {
  const negotiation = leg();
  answered(t, offerOf([...AUDIO, 'a=sendonly']), dual, negotiation);
  t.deepEqual(negotiation.answer('hello', dual), {
    status: 400,
    reason: 'SDP line 1: not of the form x=value',
  });
  t.true(negotiation.heldByPeer);
});

test('brackets as SIPp writes them do no harm', (t) => {
  t.is(answered(t, offerOf(AUDIO, 'IP6 [::1]')).session.remote.address, '::1');
});

test('a link-local peer is reached through the link of our own address', (t) => {
  const zoned: LocalMedia = { ...OURS6, address: { family: 6, address: 'fe80::7%eth0' } };
  const { session } = answered(t, offerOf([...AUDIO, 'a=rtcp:6000'], 'IP6 fe80::9'), () => zoned);
  t.is(session.remote.address, 'fe80::9%eth0');
  t.is(session.remoteRtcp?.address, 'fe80::9%eth0');
});

const RTCP: readonly (readonly [string, Negotiated['remoteRtcp']])[] = [
  ['a=rtcp:53020', { family: 4, address: '192.0.2.1', port: 53020 }],
  ['a=rtcp:53020 IN IP4 192.0.2.9', { family: 4, address: '192.0.2.9', port: 53020 }],
  ['a=rtcp:53020 IN IP6 2001:db8::9', { family: 4, address: '192.0.2.1', port: 53020 }],
  ['a=rtcp:53020 IN IP4 0.0.0.0', { family: 4, address: '192.0.2.1', port: 53020 }],
  ['a=rtcp:53020 IN IP4 233.252.0.1', { family: 4, address: '192.0.2.1', port: 53020 }],
  ['a=rtcp:53020 IN IP4 host.example.com', { family: 4, address: '192.0.2.1', port: 53020 }],
  ['a=rtcp:0', undefined],
  ['a=rtcp:70000', undefined],
  ['a=rtcp', undefined],
  ['a=rtcp-mux', undefined],
];
for (const [attribute, expected] of RTCP) {
  test(`${attribute} sends RTCP to ${expected ? `${expected.address} ${expected.port}` : 'the next port'}`, (t) => {
    const { sdp: text, session } = answered(t, offerOf([...AUDIO, attribute]));
    t.deepEqual(session.remoteRtcp, expected);
    t.false(text.includes('rtcp'));
  });
}

const PACKET_TIMES: readonly (readonly [readonly string[], number])[] = [
  [[], 20],
  [['a=ptime:20'], 20],
  [['a=ptime:40'], 40],
  [['a=ptime:60'], 60],
  [['a=ptime:30'], 20],
  [['a=ptime:10'], 20],
  [['a=ptime:80'], 20],
  [['a=ptime:0'], 20],
  [['a=ptime:9999'], 20],
  [['a=ptime:x'], 20],
  [['a=maxptime:10'], 20],
  [['a=ptime:60', 'a=maxptime:40'], 40],
  [['a=ptime:60', 'a=maxptime:50'], 40],
  [['a=ptime:40', 'a=maxptime:20'], 20],
  [['a=maxptime:240'], 20],
];
for (const [attributes, expected] of PACKET_TIMES) {
  test(`we send packets of ${expected} ms to a peer with ${attributes.join(' and ') || 'no wish'}`, (t) => {
    const { sdp: text, session } = answered(t, offerOf([...AUDIO, ...attributes]));
    t.is(session.packetTime, expected);
    t.is(oracle.parse(text).media[0]?.ptime, 20);
  });
}

test('every offer of RFC 3264 and RFC 4317 gets a legal answer or 488', (t) => {
  let sessions = 0;
  const offers = ALL.filter(({ role }) => role === 'offer');
  t.true(offers.length >= 15);
  for (const { sdp: text } of offers) {
    const literal = text.replaceAll(/IN IP4 \S+/g, 'IN IP4 192.0.2.1');
    const answer = leg().answer(literal, dual);
    if ('status' in answer) t.is(answer.status, 488);
    else {
      assertLegal(t, literal, answer.sdp);
      sessions += 1;
    }
  }
  t.true(sessions >= 10, `${sessions} of ${offers.length}`);
});

test('the printed answers of RFC 3264 and RFC 4317 are legal for their offers', (t) => {
  let offer: (typeof ALL)[number] | undefined;
  let pairs = 0;
  for (const vector of ALL) {
    if (vector.role === 'offer') offer = vector;
    if (vector.role !== 'answer' || offer === undefined) continue;
    const [theirs, answer] = [described(offer.sdp), described(vector.sdp)];
    t.deepEqual(
      answer.media.map(({ kind }) => kind),
      theirs.media.map(({ kind }) => kind),
      `${vector.rfc} ${vector.section}`,
    );
    pairs += 1;
  }
  t.true(pairs >= 15);
});

test('two of us agree', (t) => {
  const [caller, callee] = [leg(1), leg(2)];
  const offer = caller.offer(OURS6);
  const answer = answered(t, offer, dual, callee);
  const session = accepted(caller.accept(answer.sdp));
  t.deepEqual({ ...session, remote: 0 }, { ...answer.session, remote: 0 });
});
