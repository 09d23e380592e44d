/** Directions, hold and resume, and the later offers inside a session (RFC 3264 8). */
import test from 'ava';
import * as oracle from 'sdp-transform';
import type { ChooseLocal, Direction } from '#sdp/offer_answer.ts';
import {
  AUDIO,
  accepted,
  answered,
  dual,
  leg,
  lineOf,
  linesOf,
  OURS,
  OURS6,
  offerOf,
  versionOf,
  wanting,
} from './legs.ts';
import { described } from './vectors.ts';

const DIRECTIONS: readonly (readonly [Direction, Direction, Direction])[] = [
  // Offered, what we want, what the answer says (RFC 3264 6.1).
  ['sendrecv', 'sendrecv', 'sendrecv'],
  ['sendrecv', 'sendonly', 'sendonly'],
  ['sendrecv', 'recvonly', 'recvonly'],
  ['sendrecv', 'inactive', 'inactive'],
  ['sendonly', 'sendrecv', 'recvonly'],
  ['sendonly', 'sendonly', 'inactive'],
  ['sendonly', 'recvonly', 'recvonly'],
  ['recvonly', 'sendrecv', 'sendonly'],
  ['recvonly', 'recvonly', 'inactive'],
  ['recvonly', 'inactive', 'inactive'],
  ['inactive', 'sendrecv', 'inactive'],
];
for (const [offered, wanted, result] of DIRECTIONS) {
  for (const level of ['media', 'session']) {
    test(`${offered} at ${level} level, when we want ${wanted}, is answered by ${result}`, (t) => {
      const attribute = `a=${offered}`;
      const offer =
        level === 'media' ? offerOf([...AUDIO, attribute]) : offerOf(AUDIO, undefined, [attribute]);
      const negotiation = leg();
      const { sdp: text, session } = answered(t, offer, wanting(wanted), negotiation);
      t.is(oracle.parse(text).media[0]?.direction, result);
      t.is(session.direction, result);
      t.is(negotiation.heldByPeer, offered === 'sendonly' || offered === 'inactive');
    });
  }
}

test('a direction of the stream goes before that of the session', (t) => {
  const { session } = answered(t, offerOf([...AUDIO, 'a=sendrecv'], undefined, ['a=inactive']));
  t.is(session.direction, 'sendrecv');
});

for (const at of ['IP4 0.0.0.0', 'IP6 ::']) {
  for (const level of ['session', 'media']) {
    test(`${at} at ${level} level is the old way to hold`, (t) => {
      const negotiation = leg();
      const [, address = ''] = at.split(' ');
      const offer =
        level === 'session'
          ? offerOf(AUDIO, at)
          : offerOf([AUDIO[0] ?? '', `c=IN ${at}`, ...AUDIO.slice(1)], 'IP4 192.0.2.1');
      const { sdp: text, session } = answered(t, `${offer}a=rtcp:53020\r\n`, dual, negotiation);
      t.is(session.direction, 'recvonly');
      t.is(session.remote.address, address);
      t.is(session.remoteRtcp, undefined);
      t.is(oracle.parse(text).media[0]?.direction, 'recvonly');
      t.true(negotiation.heldByPeer);
    });
  }
}

test('a session over IPv6 that is held by 0.0.0.0 keeps our IPv6 address', (t) => {
  const negotiation = leg();
  const only6: ChooseLocal = (family) => (family === 6 ? OURS6 : undefined);
  answered(t, offerOf(AUDIO, 'IP6 2001:db8::1'), only6, negotiation);
  const { sdp: text } = answered(t, offerOf(AUDIO, 'IP4 0.0.0.0'), only6, negotiation);
  t.is(lineOf(text, 'c='), 'c=IN IP6 2001:db8:7::7');
});

test('hold and resume by the peer: the version grows when our answer changes and only then', (t) => {
  const negotiation = leg();
  const first = answered(t, offerOf(AUDIO), dual, negotiation);
  const refreshed = answered(t, offerOf(AUDIO), dual, negotiation);
  t.false(negotiation.heldByPeer);
  const held = answered(t, offerOf([...AUDIO, 'a=sendonly']), dual, negotiation);
  t.true(negotiation.heldByPeer);
  const still = answered(t, offerOf([...AUDIO, 'a=sendonly']), dual, negotiation);
  const resumed = answered(t, offerOf([...AUDIO, 'a=sendrecv']), dual, negotiation);
  t.false(negotiation.heldByPeer);
  t.deepEqual(
    [first, refreshed, held, still, resumed].map(({ sdp: text }) => versionOf(text)),
    ['1', '1', '2', '2', '3'],
  );
  t.is(refreshed.sdp, first.sdp);
  t.is(new Set([first, held, resumed].map(({ sdp: text }) => described(text).origin.sessionId)).size, 1);
});

test('hold and resume by us: sendonly, then sendrecv, each a version on', (t) => {
  const negotiation = leg();
  const peer = leg(7);
  const call = (direction: Direction) => {
    const offer = negotiation.offer({ ...OURS, direction });
    const answer = answered(t, offer, dual, peer);
    return { version: versionOf(offer), session: accepted(negotiation.accept(answer.sdp)) };
  };
  const [first, held, resumed] = [call('sendrecv'), call('sendonly'), call('sendrecv')];
  t.deepEqual([first.version, held.version, resumed.version], ['1', '2', '3']);
  t.deepEqual(
    [first.session.direction, held.session.direction, resumed.session.direction],
    ['sendrecv', 'sendonly', 'sendrecv'],
  );
  t.false(negotiation.heldByPeer);
  t.false(peer.heldByPeer);
});

test('held from both sides, a leg knows that the peer holds', (t) => {
  const negotiation = leg();
  negotiation.offer({ ...OURS, direction: 'sendonly' });
  const session = accepted(negotiation.accept(offerOf([...AUDIO, 'a=inactive'])));
  t.is(session.direction, 'inactive');
  t.true(negotiation.heldByPeer);
});

test('an answer to an offer that sends nothing tells nothing new about holding', (t) => {
  const negotiation = leg();
  negotiation.offer({ ...OURS, direction: 'recvonly' });
  t.is(accepted(negotiation.accept(offerOf([...AUDIO, 'a=sendonly']))).direction, 'recvonly');
  t.false(negotiation.heldByPeer);
});

test('a refused re-offer leaves the session, and the next description has a new version', (t) => {
  const negotiation = leg();
  negotiation.offer(OURS);
  accepted(negotiation.accept(offerOf(AUDIO)));
  t.is(versionOf(negotiation.offer({ ...OURS, direction: 'sendonly' })), '2');
  negotiation.withdraw();
  t.like(negotiation.accept(offerOf(AUDIO)), { status: 488 });
  t.is(versionOf(negotiation.offer(OURS)), '3');
});

test('audio that the peer switches off in a session is answered by port 0, and may come back', (t) => {
  const negotiation = leg();
  const before = answered(t, offerOf([...AUDIO, 'm=video 6000 RTP/AVP 31']), dual, negotiation);
  const off = offerOf(['m=audio 0 RTP/AVP 8', 'm=video 0 RTP/AVP 31']);
  const { sdp: text, session } = answered(t, off, dual, negotiation);
  t.deepEqual(linesOf(text, 'm='), ['m=audio 0 RTP/AVP 8', 'm=video 0 RTP/AVP 31']);
  t.is(lineOf(text, 'c='), 'c=IN IP4 198.51.100.7');
  t.is(versionOf(text), '2');
  t.is(session.direction, 'inactive');
  t.deepEqual(session.remote, before.session.remote);
  t.true(negotiation.heldByPeer);
  const again = answered(t, offerOf([...AUDIO, 'm=video 0 RTP/AVP 31']), dual, negotiation);
  t.is(again.session.direction, 'sendrecv');
  t.false(negotiation.heldByPeer);
});

for (const [what, off, choose] of [
  ['we have no address any more', ['m=audio 0 RTP/AVP 8'], () => undefined],
  ['another kind took its place', ['m=video 0 RTP/AVP 31'], dual],
  ['another audio is there that we cannot take', ['m=audio 0 RTP/AVP 8', 'm=audio 7000 RTP/AVP 18'], dual],
] as const satisfies readonly (readonly [string, readonly string[], ChooseLocal])[]) {
  test(`audio that is switched off is refused where ${what}`, (t) => {
    const negotiation = leg();
    answered(t, offerOf(AUDIO), dual, negotiation);
    t.like(negotiation.answer(offerOf(off), choose), { status: 488 });
    t.false(negotiation.heldByPeer);
  });
}

test('a re-offer keeps every m= line at its place, and the numbers that have a meaning', (t) => {
  const negotiation = leg();
  const lines = ['m=video 6000 RTP/AVP 31', 'm=audio 5004 RTP/AVP 0 96', 'a=rtpmap:96 telephone-event/8000'];
  answered(t, offerOf(lines), dual, negotiation);
  const offer = negotiation.offer({ ...OURS, direction: 'sendonly' });
  t.deepEqual(linesOf(offer, 'm='), ['m=video 0 RTP/AVP 31', 'm=audio 16384 RTP/AVP 8 0 96']);
  t.is(
    accepted(negotiation.accept(offerOf(['m=video 0 RTP/AVP 31', 'm=audio 5004 RTP/AVP 0']))).remote.port,
    5004,
  );
});

test('a number that the peer gave to another codec is not given again', (t) => {
  const negotiation = leg();
  answered(t, offerOf(['m=audio 5004 RTP/AVP 8 101', 'a=rtpmap:101 PCMU/8000']), dual, negotiation);
  t.is(lineOf(negotiation.offer(OURS), 'm='), 'm=audio 16384 RTP/AVP 8 101 96');
});

test('the same answer may come twice', (t) => {
  const negotiation = leg();
  negotiation.offer(OURS);
  const answer = offerOf(AUDIO);
  t.deepEqual(negotiation.accept(answer), negotiation.accept(answer));
});
