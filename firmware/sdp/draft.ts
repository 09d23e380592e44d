/** Our side of a session as a description that still lacks its origin. */
import { type CodecEntry, EVENTS, FIRST_DYNAMIC, LAST_PAYLOAD_TYPE, mappingOf } from './codecs.ts';
import type { Media, Timing } from './description.ts';
import type { Direction } from './direction.ts';
import type { Attribute, Connection } from './fields.ts';
import { codecsFor, type LocalMedia } from './parameters.ts';
import type { Payload } from './stream.ts';

export interface Draft {
  readonly connection: Connection;
  readonly timings: readonly Timing[];
  readonly media: readonly Media[];
}

/** RFC 3264 5: an offer for a call has no bounds in time. */
const UNBOUNDED: readonly Timing[] = [{ start: '0', stop: '0', repeats: [] }];

/** A zone stays at home: the grammar of `c=` has none. */
export function connectionOf({ address: { family, address } }: LocalMedia): Connection {
  return { netType: 'IN', addressType: `IP${family}`, address: address.replace(/%.*$/, '') };
}

/** Our `m=audio` with these payloads. */
export function audioMedia(local: LocalMedia, payloads: readonly Payload[], direction: Direction): Media {
  const attributes: Attribute[] = payloads.flatMap(({ payloadType, codec }) => [
    { name: 'rtpmap', value: `${payloadType} ${mappingOf(codec)}` },
    ...(codec.parameters === undefined
      ? []
      : [{ name: 'fmtp', value: `${payloadType} ${codec.parameters}` }]),
  ]);
  attributes.push({ name: 'ptime', value: String(local.packetTime) }, { name: direction });
  return {
    kind: 'audio',
    port: local.port,
    protocol: 'RTP/AVP',
    formats: payloads.map(({ payloadType }) => String(payloadType)),
    connections: [],
    bandwidths: [],
    attributes,
  };
}

/** An `m=` that we take no part in: port 0, at its place in the order (RFC 3264 6 and 8). */
export function refusedMedia({ kind, protocol, formats }: Media): Media {
  return { kind, port: 0, protocol, formats, connections: [], bandwidths: [], attributes: [] };
}

/** What was agreed before on this leg, as far as the next offer must honour it. */
export interface Earlier {
  readonly media: readonly Media[];
  /** Which of `media` is our audio. */
  readonly audio: number;
  /** Numbers that mean a codec already: they keep their meaning (RFC 3264 8.3.2). */
  readonly payloads: readonly Payload[];
}

/** An offer: our audio at its old place, or alone; every other `m=` of the session stays and stays refused. */
export function makeOffer(
  local: LocalMedia,
  earlier?: Earlier,
): { draft: Draft; payloads: readonly Payload[] } {
  const payloads = numbered([...codecsFor(local.codecs), EVENTS], earlier?.payloads ?? []);
  const audio = audioMedia(local, payloads, local.direction);
  const media = earlier?.media.map((line, index) => (index === earlier.audio ? audio : refusedMedia(line)));
  return {
    draft: { connection: connectionOf(local), timings: UNBOUNDED, media: media ?? [audio] },
    payloads,
  };
}

function numbered(codecs: readonly CodecEntry[], before: readonly Payload[]): readonly Payload[] {
  const taken = new Set(before.map(({ payloadType }) => payloadType));
  return codecs.map((codec): Payload => {
    const known = before.find((payload) => payload.codec === codec);
    if (known !== undefined) return known;
    let payloadType = codec.payloadType;
    if (taken.has(payloadType)) {
      payloadType = FIRST_DYNAMIC;
      while (taken.has(payloadType) && payloadType < LAST_PAYLOAD_TYPE) payloadType += 1;
    }
    taken.add(payloadType);
    return { payloadType, codec };
  });
}
