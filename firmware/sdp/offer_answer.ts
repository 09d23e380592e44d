/**
 * Offer and answer (RFC 3264) for one call leg. The session id is the leg's; its version grows by one whenever
 * what we describe differs from what we described last, and stays otherwise (RFC 3264 8). The `m=` lines of a
 * session never become fewer and never change places: what was refused is offered again with port 0.
 */
import type { Family } from '#address/endpoint.ts';
import {
  type Agreed,
  answerOffer,
  answerSwitchedOff,
  type ChooseLocal,
  notAcceptable,
  type Offered,
  type Refused,
  readAnswer,
} from './answer.ts';
import { type Description, formatDescription, parseDescription } from './description.ts';
import { listens } from './direction.ts';
import { type Draft, type Earlier, makeOffer } from './draft.ts';
import type { LocalMedia, Negotiated } from './parameters.ts';
import type { AudioStream } from './stream.ts';

export type { ChooseLocal, Refused } from './answer.ts';
export type { Direction } from './direction.ts';
export type { LocalMedia, Negotiated, NegotiatedCodec } from './parameters.ts';

/** Offers and answers of one call leg. Pure: texts in, texts and parameters out. */
export class MediaNegotiation {
  readonly #sessionId: number;
  readonly #name: string;
  #version = 0;
  /** What we wrote last, at version 0, to see whether anything changed. */
  #written = '';
  #offered: Offered | undefined;
  #agreed: (Earlier & Agreed) | undefined;
  #heldByPeer = false;

  /** `sessionId`: a number that no other leg of ours has; `name`: what `s=` says. */
  constructor(options: { readonly sessionId: number; readonly name?: string }) {
    this.#sessionId = options.sessionId;
    // RFC 8866 5.3: a session without a name has a dash.
    this.#name = options.name?.replace(/\p{Cc}/gu, '') || '-';
  }

  /** The next offer, SDP text: the first one of a leg or one for a re-INVITE. */
  offer(local: LocalMedia): string {
    const { draft, payloads } = makeOffer(local, this.#agreed);
    this.#offered = { draft, local, audio: this.#agreed?.audio ?? 0, payloads };
    return this.#write(draft);
  }

  /** Answers the peer's offer. A refusal leaves the session as it was. */
  answer(
    remoteOffer: string,
    choose: ChooseLocal,
  ): { readonly sdp: string; readonly session: Negotiated } | Refused {
    const offer = readText(remoteOffer);
    if ('status' in offer) return offer;
    const off = this.#agreed && answerSwitchedOff(offer, choose, this.#agreed);
    if (this.#agreed !== undefined && off !== undefined) {
      this.#agreed = { ...this.#agreed, media: off.draft.media };
      this.#offered = undefined;
      this.#heldByPeer = true;
      return { sdp: this.#write(off.draft), session: off.session };
    }
    const answer = answerOffer(offer, choose, this.#agreed?.family);
    if ('status' in answer) return answer;
    const { draft, session, peer, audio, payloads } = answer;
    this.#agreed = { media: draft.media, audio, payloads, family: familyOf(draft), session };
    this.#offered = undefined;
    this.#heldByPeer = !listens(peer.direction);
    return { sdp: this.#write(draft), session };
  }

  /** Takes the peer's answer to our last offer; the same answer may come twice (183, then 200). */
  accept(remoteAnswer: string): Negotiated | Refused {
    const offered = this.#offered;
    if (offered === undefined) return notAcceptable('an answer came, but nothing is offered');
    const answer = readText(remoteAnswer);
    if ('status' in answer) return answer;
    const read = readAnswer(offered, answer);
    if ('status' in read) return read;
    const { draft, audio, payloads, local } = offered;
    this.#agreed = { media: draft.media, audio, payloads, family: familyOf(draft), session: read.session };
    this.#noteHold(read.peer, local);
    return read.session;
  }

  /** Our last offer was refused: the session stays as it was (RFC 3264 8). */
  withdraw(): void {
    this.#offered = undefined;
  }

  /** The peer has put us on hold: it does not want to hear us. */
  get heldByPeer(): boolean {
    return this.#heldByPeer;
  }

  /** Where our offer had nothing to hear, an answer that does not listen says nothing about holding. */
  #noteHold(peer: AudioStream, local: LocalMedia): void {
    const weSend = local.direction === 'sendrecv' || local.direction === 'sendonly';
    if (weSend) this.#heldByPeer = !listens(peer.direction);
  }

  #write(draft: Draft): string {
    const text = formatDescription(this.#signed(draft, 0));
    if (text !== this.#written) this.#version += 1;
    this.#written = text;
    return formatDescription(this.#signed(draft, this.#version));
  }

  #signed(draft: Draft, version: number): Description {
    const { connection, timings, media } = draft;
    const { netType, addressType, address } = connection;
    const sessionVersion = String(version);
    const sessionId = String(this.#sessionId);
    return {
      origin: { username: '-', sessionId, sessionVersion, netType, addressType, address },
      name: this.#name,
      emails: [],
      phones: [],
      connection,
      bandwidths: [],
      timings,
      attributes: [],
      media,
    };
  }
}

function familyOf({ connection }: Draft): Family {
  return connection.addressType === 'IP6' ? 6 : 4;
}

function readText(text: string): Description | Refused {
  const parsed = parseDescription(text);
  return parsed.ok
    ? parsed.description
    : { status: 400, reason: `SDP line ${parsed.line}: ${parsed.reason}` };
}
