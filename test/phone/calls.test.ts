import test from 'ava';
import { Desk, FLOW, FLOW6, peerOffer, RTP_PORT, TONES } from '../support/desk.ts';

test('the offer waits until the engine has opened its ports, and says them', (t) => {
  const desk = new Desk({ slowEngine: true });
  const call = desk.callOut();
  t.deepEqual(desk.commands('described'), []);
  desk.opened(call, 16_390);
  const [{ sdp = '' } = {}] = desk.commands('described');
  t.regex(sdp, /c=IN IP4 192\.0\.2\.10\r\n/);
  t.regex(sdp, /m=audio 16390 RTP\/AVP 8 0 /);
});

test('the offer follows the family of the flow', (t) => {
  const desk = new Desk();
  desk.lift();
  desk.press('123#');
  desk.sip({ kind: 'describe', call: 'out-1', flow: FLOW6 });
  t.regex(desk.commands('described')[0]?.sdp ?? '', /c=IN IP6 2001:db8::10\r\n/);
});

test('an offer of the other family is answered with our address of that family', (t) => {
  const desk = new Desk();
  desk.incoming('in-1', 'Bob', FLOW6);
  desk.lift();
  desk.sip({ kind: 'describe', call: 'in-1', flow: FLOW6, remote: peerOffer() });
  t.regex(desk.commands('described')[0]?.sdp ?? '', /c=IN IP4 192\.0\.2\.10\r\n/);
});

test('an offer that cannot be answered never rings: 488', (t) => {
  const desk = new Desk();
  desk.give({ kind: 'addresses', addresses: { ipv4: [], ipv6: ['2001:db8::10'] } });
  desk.incoming('in-1', 'Bob', FLOW6);
  t.like(desk.commands('reject'), [{ status: 488 }]);
  t.is(desk.phone.state, 'idle');
  t.is(desk.phone.front().bell, null);
});

test('ringback at 180; the answer stops it and joins the handset to the call', (t) => {
  const desk = new Desk();
  const call = desk.callOut();
  desk.progress(call, 180);
  t.is(desk.tone, TONES.ringback);
  t.is(desk.phone.calls()[0]?.state, 'ringing');
  desk.answered(call);
  t.is(desk.tone, undefined);
  t.is(desk.joined, call);
  t.like(desk.engine('configure'), [
    {
      session: call,
      parameters: { codec: { name: 'PCMA' }, remote: { address: '192.0.2.1', port: 40_000 } },
    },
  ]);
  t.like(desk.phone.calls()[0], {
    state: 'talking',
    direction: 'out',
    peer: 'sip:123@example.test',
    signalling: { family: 'ipv4', transport: 'udp' },
    media: { family: 'ipv4', codec: 'PCMA', sent: 0 },
  });
});

test('early media of a 183 is heard and ringback stops', (t) => {
  const desk = new Desk();
  const call = desk.callOut();
  desk.progress(call, 180);
  desk.progress(call, 183);
  desk.answered(call, true);
  t.is(desk.tone, undefined);
  t.is(desk.joined, call);
  t.is(desk.phone.calls()[0]?.state, 'early');
});

test('180 with a description keeps ringback until packets come', (t) => {
  const desk = new Desk();
  const call = desk.callOut();
  desk.answered(call, true);
  desk.progress(call, 180);
  t.is(desk.tone, TONES.ringback);
  t.is(desk.joined, call);
  const statistics = { sent: 5, received: 3, lost: 0, jitterMs: 1 };
  desk.give({ kind: 'media', event: { kind: 'statistics', session: call, statistics } });
  t.is(desk.tone, undefined);
  t.is(desk.phone.state, 'early-media');
});

test('the answer of the 183 comes again in the 200 and disturbs nothing', (t) => {
  const desk = new Desk();
  const call = desk.callOut();
  desk.progress(call, 183);
  desk.answered(call, true);
  desk.answered(call);
  t.is(desk.engine('configure').length, 1);
  t.is(desk.phone.state, 'talking');
});

test('an answer that fits nothing ends the call', (t) => {
  const desk = new Desk();
  const call = desk.callOut();
  desk.sip({ kind: 'answer', call, sdp: 'v=0\r\n', early: false });
  t.deepEqual(desk.asked, ['call', 'hang-up']);
  t.is(desk.tone, TONES.congestion);
});

test('an incoming call rings by the cadence of the country until lifted', (t) => {
  const desk = new Desk();
  desk.incoming();
  t.deepEqual(desk.phone.front().bell, TONES.ring);
  t.deepEqual(desk.hal('bell'), [{ kind: 'bell', cadence: TONES.ring, caller: { name: 'Bob' } }]);
  t.deepEqual(desk.lines, ['Incoming call', 'Bob', 'bob@example.test', '']);
  desk.putDown();
  t.is(desk.phone.state, 'ringing');
  desk.lift();
  t.deepEqual(desk.hal('bell').at(-1), { kind: 'bell' });
  t.deepEqual(desk.asked, ['ring', 'accept']);
  desk.sip({ kind: 'describe', call: 'in-1', flow: FLOW, remote: peerOffer() });
  t.is(desk.joined, 'in-1');
  t.is(desk.phone.calls()[0]?.state, 'talking');
});

test('a call without an offer gets ours, and its answer in the ACK', (t) => {
  const desk = new Desk();
  desk.incoming();
  desk.lift();
  desk.sip({ kind: 'describe', call: 'in-1', flow: FLOW });
  desk.answered('in-1');
  t.is(desk.joined, 'in-1');
});

test('nobody lifts: 480 after three minutes, and one call missed until the handset is lifted', (t) => {
  const desk = new Desk();
  desk.incoming();
  desk.clock.run(180_000);
  t.like(desk.commands('reject'), [{ status: 480 }]);
  t.is(desk.lines[3], '1 missed call');
  desk.incoming('in-2');
  desk.ended('in-2');
  t.is(desk.lines[3], '2 missed calls');
  desk.lift();
  desk.putDown();
  t.is(desk.lines[3], '');
});

test('a second caller hears busy and stands in the list', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  desk.incoming('in-2', 'Carol');
  t.like(desk.commands('reject'), [{ call: 'in-2', status: 486 }]);
  t.like(desk.phone.calls(), [
    { id: 'in-1', state: 'talking' },
    { id: 'in-2', state: 'ended' },
  ]);
});

test('answer from the command line is hands-free; the peer hangs up and all is at rest', (t) => {
  const desk = new Desk();
  desk.incoming();
  desk.give({ kind: 'answer' });
  t.is(desk.phone.front().hook, 'off');
  desk.ended('in-1');
  t.is(desk.phone.state, 'idle');
  t.is(desk.tone, undefined);
});

test('hang-up with a foreign id does nothing', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  desk.give({ kind: 'hang-up', call: 'in-9' });
  t.is(desk.phone.state, 'talking');
});

test('keys in a call go as events and onto the display', (t) => {
  const desk = new Desk();
  const call = desk.talkIncoming();
  desk.press('4#');
  t.deepEqual(desk.engine('dtmf'), [
    { kind: 'dtmf', session: call, key: '4', ms: 120 },
    { kind: 'dtmf', session: call, key: '#', ms: 120 },
  ]);
  t.is(desk.lines[3], '4#');
});

test('the timer runs on the display', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  t.is(desk.lines[0], 'Talking         0:00');
  desk.clock.run(3_661_000);
  t.is(desk.lines[0], 'Talking        61:01');
});

test('flash holds: nothing is heard or said, and flash again resumes', (t) => {
  const desk = new Desk();
  const call = desk.talkIncoming();
  desk.flash();
  t.is(desk.joined, 'nothing');
  t.is(desk.phone.calls()[0]?.state, 'held');
  desk.sip({ kind: 'describe', call, flow: FLOW });
  t.regex(desk.commands('described').at(-1)?.sdp ?? '', /a=sendonly/);
  desk.sip({ kind: 'answer', call, sdp: desk.peerAnswer('recvonly'), early: false });
  t.regex(desk.lines[0] ?? '', /^On hold/);
  desk.flash();
  desk.sip({ kind: 'describe', call, flow: FLOW });
  t.notRegex(desk.commands('described').at(-1)?.sdp ?? '', /a=sendonly|a=inactive/);
  desk.sip({ kind: 'answer', call, sdp: desk.peerAnswer(), early: false });
  t.is(desk.joined, call);
  t.is(desk.phone.calls()[0]?.state, 'talking');
});

test('a hold that the peer refuses does not come about', (t) => {
  const desk = new Desk();
  const call = desk.talkIncoming();
  desk.flash();
  desk.sip({ kind: 'describe', call, flow: FLOW });
  desk.sip({ kind: 'reinvite-refused', call, status: 488 });
  t.is(desk.phone.state, 'talking');
  t.is(desk.joined, call);
  t.is(desk.phone.calls()[0]?.state, 'talking');
});

test('a resume that the peer refuses leaves the call held', (t) => {
  const desk = new Desk();
  const call = desk.talkIncoming();
  desk.flash();
  desk.sip({ kind: 'describe', call, flow: FLOW });
  desk.sip({ kind: 'answer', call, sdp: desk.peerAnswer('recvonly'), early: false });
  desk.flash();
  desk.sip({ kind: 'describe', call, flow: FLOW });
  desk.sip({ kind: 'reinvite-refused', call, status: 500 });
  t.is(desk.phone.state, 'holding');
});

test('the peer holds and resumes', (t) => {
  const desk = new Desk();
  const call = desk.talkIncoming();
  desk.sip({ kind: 'describe', call, flow: FLOW, remote: peerOffer('sendonly') });
  t.regex(desk.commands('described').at(-1)?.sdp ?? '', /a=recvonly/);
  t.is(desk.phone.calls()[0]?.state, 'held');
  t.regex(desk.lines[0] ?? '', /^Held by peer/);
  desk.sip({ kind: 'describe', call, flow: FLOW, remote: peerOffer() });
  t.is(desk.phone.calls()[0]?.state, 'talking');
});

const CAUSES: readonly (readonly [status: number, tone: 'busy' | 'specialInformation' | 'congestion'])[] = [
  [486, 'busy'],
  [600, 'busy'],
  [603, 'busy'],
  [404, 'specialInformation'],
  [484, 'specialInformation'],
  [604, 'specialInformation'],
  [408, 'congestion'],
  [480, 'congestion'],
  [503, 'congestion'],
  [302, 'congestion'],
];

for (const [status, tone] of CAUSES) {
  test(`${status} sounds ${tone}, and the display says it`, (t) => {
    const desk = new Desk();
    desk.ended(desk.callOut(), { by: 'peer', status, reason: 'Reason' });
    t.is(desk.tone, TONES[tone]);
    t.is(desk.lines[3], `${status} Reason`);
    t.is(desk.phone.calls()[0]?.cause, `${status} Reason`);
  });
}

test('the peer hangs up: busy tone, the session is closed', (t) => {
  const desk = new Desk();
  const call = desk.talkIncoming();
  desk.ended(call);
  t.is(desk.tone, TONES.busy);
  t.is(desk.joined, 'nothing');
  t.deepEqual(desk.engine('close'), [{ kind: 'close', session: call }]);
});

test('an answered call that the network lost sounds congestion', (t) => {
  const desk = new Desk();
  desk.ended(desk.talkIncoming(), { by: 'network', status: 408 });
  t.is(desk.tone, TONES.congestion);
});

test('without media ports the call ends and says why', (t) => {
  const desk = new Desk({ slowEngine: true });
  const call = desk.callOut();
  desk.give({ kind: 'media', event: { kind: 'failed', session: call, error: 'no port left' } });
  t.deepEqual(desk.asked, ['call', 'hang-up']);
  t.is(desk.phone.calls()[0]?.cause, 'no sound: no port left');
  t.is(desk.tone, TONES.congestion);
});

test('a call hung up before its ports opened describes nothing any more', (t) => {
  const desk = new Desk({ slowEngine: true });
  const call = desk.callOut();
  desk.putDown();
  desk.opened(call);
  t.deepEqual(desk.commands('described'), []);
  desk.sip({ kind: 'describe', call, flow: FLOW });
  t.like(desk.commands('not-described'), [{ call, status: 487 }]);
});

test('a description for a call that we do not know is refused', (t) => {
  const desk = new Desk();
  desk.sip({ kind: 'describe', call: 'nobody', flow: FLOW });
  t.like(desk.commands('not-described'), [{ call: 'nobody', status: 500 }]);
});

test('what the user agent says of a call that we hung up changes nothing', (t) => {
  const desk = new Desk();
  const call = desk.callOut();
  desk.putDown();
  desk.progress(call, 180);
  desk.sip({ kind: 'established', call, flow: FLOW });
  desk.ended(call, { by: 'us', status: 487 });
  t.is(desk.phone.state, 'idle');
  t.is(desk.phone.calls()[0]?.cause, 'We hung up');
});

test('statistics reach the list of calls and stay after the end', (t) => {
  const desk = new Desk();
  const call = desk.talkIncoming();
  const statistics = { sent: 500, received: 499, lost: 1, jitterMs: 2.5 };
  desk.give({ kind: 'media', event: { kind: 'statistics', session: call, statistics } });
  desk.putDown();
  t.like(desk.phone.calls()[0], { state: 'ended', media: { ...statistics, codec: 'PCMA' } });
});

test('the last twenty calls are remembered, newest last', (t) => {
  const desk = new Desk();
  for (let call = 1; call <= 25; call++) {
    desk.give({ kind: 'dial', request: call, number: '123' });
    desk.ended(`out-${call}`);
  }
  desk.give({ kind: 'dial', request: 26, number: '123' });
  t.is(desk.phone.calls().length, 21);
  t.is(desk.phone.calls()[0]?.id, 'out-6');
  t.is(desk.phone.calls().at(-1)?.id, 'out-26');
});

test('the first input brings devices, volume, lamps and display', (t) => {
  const desk = new Desk({ accounts: [] });
  desk.give({ kind: 'tick' });
  t.deepEqual(desk.engine('devices'), []);
  t.is(desk.lines[0], 'Kitchen          204');
  const fresh = new Desk();
  t.deepEqual(fresh.first, ['devices', 'volume', 'register', 'lamp', 'lamp', 'display']);
});

test('volume goes in tenths between silence and full', (t) => {
  const desk = new Desk();
  for (let step = 0; step < 12; step++) desk.give({ kind: 'hal', event: { kind: 'volume', step: -1 } });
  t.is(desk.phone.front().volume, 0);
  desk.give({ kind: 'hal', event: { kind: 'volume', step: 1 } });
  t.is(desk.engine('volume').at(-1)?.ear, 0.1);
});

test('the port range is the one configured', (t) => {
  const desk = new Desk();
  desk.callOut();
  t.like(desk.engine('open'), [{ rtpPorts: [RTP_PORT, RTP_PORT + 199] }]);
});
