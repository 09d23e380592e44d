/** Two ends that negotiate in the tests of offer and answer, and what holds between any offer and its answer. */
import type { ExecutionContext } from 'ava';
import * as oracle from 'sdp-transform';
import {
  type ChooseLocal,
  type Direction,
  type LocalMedia,
  MediaNegotiation,
  type Negotiated,
} from '#sdp/offer_answer.ts';
import { described, sdp } from './vectors.ts';

export const OURS: LocalMedia = {
  address: { family: 4, address: '198.51.100.7' },
  port: 16384,
  codecs: ['pcma', 'pcmu'],
  direction: 'sendrecv',
  packetTime: 20,
};
export const OURS6: LocalMedia = { ...OURS, address: { family: 6, address: '2001:db8:7::7' } };
/** A phone with an address of each family. */
export const dual: ChooseLocal = (family) => (family === 4 ? OURS : OURS6);
export const wanting =
  (direction: Direction): ChooseLocal =>
  (family) => ({ ...(family === 4 ? OURS : OURS6), direction });

export const leg = (sessionId = 42) => new MediaNegotiation({ sessionId });

/** An offer of a peer at 192.0.2.1. `head` replaces o= and c=. */
export function offerOf(
  lines: readonly string[],
  at = 'IP4 192.0.2.1',
  more: readonly string[] = [],
): string {
  return sdp('v=0', `o=peer 7 7 IN ${at}`, 's=-', `c=IN ${at}`, 't=0 0', ...more, ...lines);
}
export const AUDIO = ['m=audio 5004 RTP/AVP 8 0 101', 'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'];

export function answered(
  t: ExecutionContext,
  offer: string,
  choose: ChooseLocal = dual,
  negotiation = leg(),
) {
  const answer = negotiation.answer(offer, choose);
  if ('status' in answer) throw new Error(`${answer.status} ${answer.reason}`);
  assertLegal(t, offer, answer.sdp);
  return answer;
}

export function accepted(session: ReturnType<MediaNegotiation['accept']>): Negotiated {
  if ('status' in session) throw new Error(`${session.status} ${session.reason}`);
  return session;
}

/** RFC 3264 6: what holds between any offer and any answer to it. */
export function assertLegal(t: ExecutionContext, offerText: string, answerText: string): void {
  const [offer, answer] = [described(offerText), described(answerText)];
  t.is(answer.media.length, offer.media.length);
  t.deepEqual(answer.timings, offer.timings);
  for (const [index, theirs] of offer.media.entries()) {
    const ours = answer.media[index];
    t.is(ours?.kind, theirs.kind);
    t.is(ours?.protocol, theirs.protocol);
    if (theirs.port === 0) t.is(ours?.port, 0);
    if (ours !== undefined && ours.port !== 0) {
      t.true(ours.formats.every((format) => theirs.formats.includes(format)));
    }
  }
  const theirs = oracle.parse(answerText);
  t.is(theirs.media.length, answer.media.length);
}

export const lineOf = (text: string, start: string) =>
  text.split('\r\n').find((line) => line.startsWith(start));
export const linesOf = (text: string, start: string) =>
  text.split('\r\n').filter((line) => line.startsWith(start));
export const versionOf = (text: string) => described(text).origin.sessionVersion;
