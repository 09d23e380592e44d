/** Offer and answer (RFC 3264) for one call leg. */
import type { Endpoint, Family } from '#address/endpoint.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What we bring to a session. */
export interface LocalMedia {
  readonly address: { readonly family: Family; readonly address: string };
  /** Where we hear RTP; RTCP is one above. */
  readonly port: number;
  /** Names as in the configuration, best first: `pcma`, `pcmu`. What is unknown here is not offered. */
  readonly codecs: readonly string[];
  /** What we want, as seen from us. */
  readonly direction: Direction;
  /** Milliseconds of sound in one packet that we like to hear. */
  readonly packetTime: number;
}

/** An RTP payload as both sides name it. */
export interface NegotiatedCodec {
  /** As in SDP: `PCMA`. */
  readonly name: string;
  readonly payloadType: number;
  /** Hz of the RTP clock. */
  readonly rate: number;
}

/** What offer and answer left: the media room's session parameters. */
export interface Negotiated {
  /** Where RTP goes. Address 0.0.0.0 or ::, the old way to hold, means: send neither RTP nor RTCP (RFC 3264 8.4). */
  readonly remote: Endpoint;
  /** Where RTCP goes, if not to the port after RTP's (RFC 3605). */
  readonly remoteRtcp?: Endpoint;
  /** What we send. */
  readonly codec: NegotiatedCodec;
  /** What the peer may send. */
  readonly receive: readonly NegotiatedCodec[];
  /** Payload type of telephone events (RFC 4733), if agreed. */
  readonly eventPayloadType?: number;
  /** As seen from us. */
  readonly direction: Direction;
  /** Milliseconds of sound in a packet that we send. */
  readonly packetTime: number;
}

/** No session comes of it: the SIP status that it deserves, and why in words for the log. */
export interface Refused {
  readonly status: number;
  readonly reason: string;
}

/** Gives what we bring for media of this family, or nothing when we have no address of it. */
export type ChooseLocal = (family: Family) => LocalMedia | undefined;

/** Offers and answers of one call leg. Pure: texts in, texts and parameters out. */
export class MediaNegotiation {
  constructor(_options: { readonly sessionId: number; readonly name?: string }) {}

  /** The next offer, SDP text: the first one of a leg or one for a re-INVITE. */
  offer(_local: LocalMedia): string {
    return '';
  }

  /** Answers the peer's offer. A refusal leaves the session as it was. */
  answer(
    _remoteOffer: string,
    _choose: ChooseLocal,
  ): { readonly sdp: string; readonly session: Negotiated } | Refused {
    return { status: 488, reason: 'not built' };
  }

  /** Takes the peer's answer to our last offer; the same answer may come twice (183, then 200). */
  accept(_remoteAnswer: string): Negotiated | Refused {
    return { status: 488, reason: 'not built' };
  }

  /** Our last offer was refused: the session stays as it was (RFC 3264 8). */
  withdraw(): void {}

  /** The peer has put us on hold: it does not want to hear us. */
  get heldByPeer(): boolean {
    return false;
  }
}
