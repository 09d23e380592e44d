/** The answer to an offer (RFC 3264 6), and the offerer's reading of one (RFC 3264 7). */
import type { Family } from '#address/endpoint.ts';
import { isUnspecified } from '#address/ip.ts';
import { EVENTS } from './codecs.ts';
import type { Description } from './description.ts';
import { meet } from './direction.ts';
import { audioMedia, connectionOf, type Draft, refusedMedia } from './draft.ts';
import { codecsFor, type LocalMedia, type Negotiated, sessionOf, shared } from './parameters.ts';
import { type AudioStream, type Payload, readAudioStream } from './stream.ts';

/** No session comes of it: the SIP status that it deserves, and why in words for the log. */
export interface Refused {
  readonly status: number;
  readonly reason: string;
}

/** Gives what we bring for media of this family with `peer`, or nothing when we have no address that serves. */
export type ChooseLocal = (family: Family, peer: string) => LocalMedia | undefined;

/** RFC 3261 21.4.26. */
export function notAcceptable(reason: string): Refused {
  return { status: 488, reason };
}

export interface Answer {
  readonly draft: Draft;
  readonly session: Negotiated;
  readonly peer: AudioStream;
  /** Which `m=` is the audio, and what its numbers mean. */
  readonly audio: number;
  readonly payloads: readonly Payload[];
}

/**
 * Answers the first audio stream that we can take part in and refuses every other. `family` is the one that the
 * session has so far: a peer that holds in the old way writes `IN IP4 0.0.0.0` over IPv6 too.
 */
export function answerOffer(offer: Description, choose: ChooseLocal, family?: Family): Answer | Refused {
  const reasons: string[] = [];
  for (const [index, media] of offer.media.entries()) {
    if (media.kind !== 'audio') continue;
    const peer = readAudioStream(offer, media);
    const answer = typeof peer === 'string' ? peer : answerStream(offer, index, peer, choose, family);
    if (typeof answer === 'object') return answer;
    reasons.push(answer);
  }
  return notAcceptable(reasons.length === 0 ? 'no audio is offered' : [...new Set(reasons)].join('; '));
}

/** What a session was agreed on, as far as switching its audio off needs it. */
export interface Agreed {
  readonly audio: number;
  readonly family: Family;
  readonly session: Negotiated;
}

/**
 * Answers an offer that switches off the audio of a session by port 0 in its turn (RFC 3264 6 and 8.2). Undefined: it
 * does something else.
 */
export function answerSwitchedOff(
  { timings, media }: Description,
  choose: ChooseLocal,
  { audio, family, session }: Agreed,
): Pick<Answer, 'draft' | 'session'> | undefined {
  const isOff =
    media[audio]?.kind === 'audio' && media.every(({ kind, port }) => kind !== 'audio' || port === 0);
  const local = isOff ? choose(family, session.remote.address) : undefined;
  if (local === undefined) return undefined;
  return {
    draft: { connection: connectionOf(local), timings, media: media.map(refusedMedia) },
    session: { ...session, direction: 'inactive' },
  };
}

function answerStream(
  offer: Description,
  audio: number,
  peer: AudioStream,
  choose: ChooseLocal,
  family: Family | undefined,
): Answer | string {
  const wanted = isUnspecified(peer.remote.address) ? (family ?? peer.remote.family) : peer.remote.family;
  const local = choose(wanted, peer.remote.address);
  if (local === undefined) return `media over IPv${wanted}, of which we have no address`;
  const [first, ...others] = shared(peer, codecsFor(local.codecs));
  if (first === undefined) return 'no codec in common';
  const speech = [first, ...others] as const;
  const payloads = peer.events === undefined ? speech : [...speech, peer.events];
  const ours = audioMedia(local, payloads, meet(local.direction, peer.direction));
  return {
    draft: {
      connection: connectionOf(local),
      // RFC 3264 6: t= of the answer equals that of the offer.
      timings: offer.timings,
      media: offer.media.map((media, index) => (index === audio ? ours : refusedMedia(media))),
    },
    session: sessionOf(local, peer, speech, speech, peer.events),
    peer,
    audio,
    payloads,
  };
}

/** What we offered, as the reading of its answer needs it. */
export interface Offered {
  readonly draft: Draft;
  readonly local: LocalMedia;
  readonly audio: number;
  readonly payloads: readonly Payload[];
}

/** Reads an answer to our offer. */
export function readAnswer(
  offered: Offered,
  answer: Description,
): { readonly session: Negotiated; readonly peer: AudioStream } | Refused {
  const media = answer.media[offered.audio];
  // RFC 3264 6: as many m= lines as the offer, in its order.
  if (media === undefined || answer.media.length !== offered.draft.media.length) {
    return notAcceptable('the answer has another number of m= lines than our offer');
  }
  if (media.kind === 'audio' && media.port === 0) return notAcceptable('the peer refused our audio');
  const peer = readAudioStream(answer, media);
  if (typeof peer === 'string') return notAcceptable(peer);
  const [first, ...others] = shared(peer, codecsFor(offered.local.codecs));
  if (first === undefined) return notAcceptable('the answer has none of the codecs that we offered');
  const receive = offered.payloads.filter(({ codec }) => codec !== EVENTS);
  return { session: sessionOf(offered.local, peer, [first, ...others], receive, peer.events), peer };
}
