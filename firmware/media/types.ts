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

/**
 * Where sound comes from and goes to (config `audio`): `silence`, `tone:440`, `file:in.wav`, `web`; `null`, `file:out.wav`,
 * `web`. Every other name is ALSA's: `plughw:CARD=id`, `default`.
 */
export interface AudioDevices {
  readonly input: string;
  readonly output: string;
  /** How ALSA's devices are used. */
  readonly sound?: SoundSetup;
}

/** Places that sound can be heard at and comes from. */
export const SOUND_ROUTES = ['handset', 'speaker', 'headset'] as const;
export type SoundRoute = (typeof SOUND_ROUTES)[number];

export interface SoundSetup {
  /** ms between two wake-ups by the card; absent: 10. */
  readonly period?: 10 | 20;
  /** dB by which one's own voice is heard in one's ear; absent: not at all. */
  readonly sidetone?: number;
  readonly mixer?: MixerPlan;
}

/** The mixer of a card and what its simple controls are set to for each route. */
export interface MixerPlan {
  /** `hw:CARD=id`. */
  readonly card: string;
  readonly routes: Readonly<
    Partial<
      Record<
        SoundRoute,
        {
          readonly controls: readonly {
            readonly control: string;
            readonly on?: boolean;
            /** 0–1 of its range. */
            readonly level?: number;
            readonly item?: string;
          }[];
          /** The control that is the volume there; absent: sound is scaled before it reaches the card. */
          readonly volume?: string;
        }
      >
    >
  >;
}

/** What rings: `cadence` in ms on, off, … repeated; `sound` is `file:ring.wav`, absent: two gongs. */
export interface RingSound {
  readonly cadence: readonly number[];
  readonly sound?: string;
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

/** Who calls, for a telephone that is told. */
export interface CallerIdentity {
  /** As to be dialled. Absent: not known, or withheld. */
  readonly number?: string;
  readonly name?: string;
  readonly withheld?: boolean;
}

/** Local time of a call: month 1–12, day 1–31. */
export interface CallTime {
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** How analog telephones are told of a caller. What the line does meanwhile: hal/parts/caller_id_procedure.ts. */
export type CallerIdScheme =
  | 'bellcore'
  | 'etsi-between-rings'
  | 'etsi-ring-pulse'
  | 'etsi-dtas'
  | 'etsi-reversal-dtas'
  | 'sin227'
  | 'dtmf';

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
  /** Rings through the sound card, or no longer; also with the handset at rest. */
  | { readonly kind: 'ring'; readonly ring?: RingSound }
  /** Where sound is heard; a card without controls for it stays as it is. */
  | { readonly kind: 'route'; readonly to: SoundRoute }
  /**
   * Tells an analog telephone who calls, by sound into the ear: on the hook at once, in a call after it has
   * acknowledged the alerting tone. `country`: two letters.
   */
  | {
      readonly kind: 'caller-id';
      readonly scheme: CallerIdScheme;
      readonly country: string;
      readonly caller: CallerIdentity;
      readonly time: CallTime;
      readonly hook: 'on' | 'off';
    }
  /** The mouth is an analog telephone whose keys are tones: they are told as `line-key` and not sent as sound. */
  | { readonly kind: 'line-keys'; readonly on: boolean }
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
  /** A key of the own analog telephone, heard in its sound. */
  | { readonly kind: 'line-key'; readonly key: DtmfKey; readonly down: boolean }
  /** Nothing was received on a session for this many milliseconds. */
  | { readonly kind: 'media-silent'; readonly session: string; readonly ms: number }
  /** A device cannot be used; calls go on with silence in its place. */
  | {
      readonly kind: 'device';
      readonly part: 'input' | 'output';
      readonly state: 'ok' | 'failed';
      readonly note: string;
    };
