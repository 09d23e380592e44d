/** From two descriptions of one stream to the parameters of the session. */
import type { Endpoint, Family } from '#address/endpoint.ts';
import { isLinkLocal } from '#address/ip.ts';
import { CODECS, type CodecEntry } from './codecs.ts';
import { type Direction, meet } from './direction.ts';
import type { AudioStream, Payload } from './stream.ts';

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
  /** The address that our description names. */
  readonly local: string;
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

/** The rows for the names of a configuration, best first; names that are not built are left out. */
export function codecsFor(names: readonly string[]): readonly CodecEntry[] {
  const keys = new Set(names.map((name) => name.toLowerCase()));
  return [...keys].flatMap((wanted) => CODECS.find(({ key }) => key === wanted) ?? []);
}

/** The payloads of a peer's stream that we speak too, in the peer's order (RFC 3264 6.1). */
export function shared(stream: AudioStream, codecs: readonly CodecEntry[]): readonly Payload[] {
  return stream.payloads.filter(({ codec }) => codecs.includes(codec));
}

/**
 * The session that we take part in. `send` holds what the peer takes from us, best first; `receive` what our
 * description lets the peer send. They have different numbers where an answer renumbered (RFC 3264 5.1).
 */
export function sessionOf(
  local: LocalMedia,
  peer: AudioStream,
  send: readonly [Payload, ...Payload[]],
  receive: readonly Payload[],
  events: Payload | undefined,
): Negotiated {
  const remoteRtcp = peer.remoteRtcp && reachable(peer.remoteRtcp, local);
  return {
    remote: reachable(peer.remote, local),
    ...(remoteRtcp && { remoteRtcp }),
    local: local.address.address,
    codec: named(send[0]),
    receive: receive.map(named),
    ...(events && { eventPayloadType: events.payloadType }),
    direction: meet(local.direction, peer.direction),
    packetTime: packetTimeFor(peer, local.packetTime),
  };
}

function named({ payloadType, codec }: Payload): NegotiatedCodec {
  return { name: codec.name, payloadType, rate: codec.rate };
}

/** A link-local address is reached through the link that our own one names (RFC 4007 6). */
function reachable(remote: Endpoint, local: LocalMedia): Endpoint {
  const zone = /%.+$/.exec(local.address.address)?.[0];
  return zone !== undefined && isLinkLocal(remote.address)
    ? { ...remote, address: remote.address + zone }
    : remote;
}

/** Packets of 20, 40 or 60 ms: whole frames of the engine. */
const STEP = 20;
const LONGEST = 60;

/**
 * The peer's wish where it is one that we can meet, else ours; never above the peer's limit (RFC 8866 6.4), but a
 * limit below one frame cannot be met.
 */
function packetTimeFor(peer: AudioStream, ours: number): number {
  const wish = peer.packetTime ?? ours;
  const usable = wish % STEP === 0 && wish >= STEP && wish <= LONGEST ? wish : ours;
  const limit = Math.max(STEP, Math.floor((peer.longestPacketTime ?? LONGEST) / STEP) * STEP);
  return Math.min(usable, limit);
}
