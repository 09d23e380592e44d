/**
 * The doors of the media engine: what the telephone asks of it and what it tells back. The engine runs in its
 * own thread (firmware/engine); these values travel there by structured clone.
 */
import type { Endpoint } from '#address/endpoint.ts';

/** One step of a cadence: these frequencies (Hz, summed; none = silence) for `ms` milliseconds, 0 = for ever. */
export interface ToneStep {
  readonly hz: readonly number[];
  readonly ms: number;
  /** hz[0] is amplitude-modulated by hz[1]. */
  readonly am?: boolean;
}

/** A call-progress tone: `intro` once, then `loop` for ever; an empty loop stops after the intro. */
export interface Tone {
  readonly intro: readonly ToneStep[];
  readonly loop: readonly ToneStep[];
  /** Level of each frequency in dBm0; absent: -16. */
  readonly level?: number;
}

/** An RTP payload in use: `name` as in SDP (`PCMA`), `payloadType` 0–127, `rate` in Hz. */
export interface Codec {
  readonly name: string;
  readonly payloadType: number;
  readonly rate: number;
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One media session as offer and answer left it. */
export interface SessionParameters {
  /** Where RTP goes. */
  readonly remote: Endpoint;
  /** Where RTCP goes; absent: the RTP port plus one. */
  readonly remoteRtcp?: Endpoint;
  /** Our own address in our description: what goes to the remote leaves from there. Absent: from wherever it can. */
  readonly local?: string;
  readonly codec: Codec;
  /** Every codec the peer may send by our description. */
  readonly receive: readonly Codec[];
  /** Payload type of RFC 4733 events, if agreed. */
  readonly eventPayloadType?: number;
  /** As seen from us. */
  readonly direction: Direction;
  /** Milliseconds of sound in one packet, default 20. */
  readonly packetTime: number;
}

/** Where sound comes from and goes to (config `audio`): `silence`, `tone:440`, `file:in.wav`, `web`; `null`, `file:out.wav`, `web`. */
export interface AudioDevices {
  readonly input: string;
  readonly output: string;
}

export type DtmfKey =
  | '0'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | '*'
  | '#'
  | 'A'
  | 'B'
  | 'C'
  | 'D';

export type EngineCommand =
  | { readonly kind: 'devices'; readonly devices: AudioDevices }
  /** Opens RTP and RTCP sockets of both families on one port pair of `rtpPorts`. Answered by `opened` or `failed`. */
  | {
      readonly kind: 'open';
      readonly session: string;
      readonly rtpPorts: readonly [first: number, last: number];
    }
  | { readonly kind: 'configure'; readonly session: string; readonly parameters: SessionParameters }
  | { readonly kind: 'close'; readonly session: string }
  /** Joins the handset (mouth and ear) to a session, to the local echo, or to nothing. */
  | { readonly kind: 'connect'; readonly to: { readonly session: string } | 'echo' | 'nothing' }
  /** Plays a call-progress tone into the ear, mixed with what else is heard; absent: stops. */
  | { readonly kind: 'tone'; readonly tone?: Tone }
  /** Sends an RFC 4733 event for `ms` milliseconds on a session. */
  | { readonly kind: 'dtmf'; readonly session: string; readonly key: DtmfKey; readonly ms: number }
  /** Volume of the ear, 0–1. */
  | { readonly kind: 'volume'; readonly ear: number }
  | { readonly kind: 'mute'; readonly on: boolean }
  /** The handset is in use (clock and devices run) or at rest. */
  | { readonly kind: 'handset'; readonly inUse: boolean };

/** Counters of a session (RFC 3550); times in milliseconds. */
export interface SessionStatistics {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly jitterMs: number;
  /** Round trip by RTCP, if known. */
  readonly roundTripMs?: number;
}

export type EngineEvent =
  | { readonly kind: 'opened'; readonly session: string; readonly port: number }
  | { readonly kind: 'failed'; readonly session: string; readonly error: string }
  | { readonly kind: 'statistics'; readonly session: string; readonly statistics: SessionStatistics }
  /** One key of the peer, once per key press. */
  | { readonly kind: 'dtmf'; readonly session: string; readonly key: DtmfKey; readonly ms: number }
  /** Nothing was received on a session for this many milliseconds. */
  | { readonly kind: 'media-silent'; readonly session: string; readonly ms: number }
  /** A device cannot be used; calls go on with silence in its place. */
  | {
      readonly kind: 'device';
      readonly part: 'input' | 'output';
      readonly state: 'ok' | 'failed';
      readonly note: string;
    };
