/** A peer that offers no sound in the midst of a call (RFC 3264 8.2). */
import test from 'ava';
import { Desk, FLOW, peerOffer } from '../support/desk.ts';

test('a peer that switches the sound off holds the call', (t) => {
  const desk = new Desk();
  const call = desk.talkIncoming();
  desk.sip({
    kind: 'describe',
    call,
    flow: FLOW,
    remote: peerOffer().replace(/m=audio \d+/, 'm=audio 0'),
  });
  t.regex(desk.commands('described').at(-1)?.sdp ?? '', /m=audio 0 /);
  t.is(desk.engine('configure').at(-1)?.parameters.direction, 'inactive');
  t.is(desk.phone.calls()[0]?.state, 'held');
  desk.sip({ kind: 'describe', call, flow: FLOW, remote: peerOffer() });
  t.is(desk.engine('configure').at(-1)?.parameters.direction, 'sendrecv');
  t.is(desk.phone.calls()[0]?.state, 'talking');
});
