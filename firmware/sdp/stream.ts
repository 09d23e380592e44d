/** One audio stream as its author described it: from an `m=` line and its attributes to endpoints and codecs. */
import type { Endpoint, Family } from '#address/endpoint.ts';
import { isMapped, isMulticast, isTeredo, isUnspecified, parseIp } from '#address/ip.ts';
import { type CodecEntry, codecOfMapping, codecOfStaticType, EVENTS, LAST_PAYLOAD_TYPE } from './codecs.ts';
import type { Description, Media } from './description.ts';
import { type Direction, deafened, isDirection } from './direction.ts';
import { type Connection, FieldFault, parseConnection } from './fields.ts';

/** A payload type of a stream that means something to us. */
export interface Payload {
  readonly payloadType: number;
  readonly codec: CodecEntry;
}

export interface AudioStream {
  /** Where its author wants RTP. */
  readonly remote: Endpoint;
  /** Where its author wants RTCP, if not at the next port (RFC 3605). */
  readonly remoteRtcp?: Endpoint;
  /** Speech, in its author's order of preference. */
  readonly payloads: readonly Payload[];
  /** Telephone events (RFC 4733). */
  readonly events?: Payload;
  /** As its author sees it; an unspecified address means: does not listen (RFC 3264 8.4). */
  readonly direction: Direction;
  /** Milliseconds in a packet that its author likes to get, and the most that it takes. */
  readonly packetTime?: number;
  readonly longestPacketTime?: number;
}

/** The stream behind an `m=` line, or in words why we cannot take part in it. */
export function readAudioStream(session: Description, media: Media): AudioStream | string {
  if (media.kind !== 'audio') return `${media.kind} is not supported`;
  // Encrypted profiles and feedback (RFC 4568, RFC 4585) come with SRTP; to answer them with RTP/AVP is illegal.
  if (media.protocol !== 'RTP/AVP') return `media protocol ${media.protocol} is not supported`;
  if (media.port === 0) return 'the stream is switched off';
  if (media.ports !== undefined && media.ports > 1) return 'layered streams are not supported';
  const connection = media.connections[0] ?? session.connection;
  if (connection === undefined) return 'no c= for the stream';
  const where = unicastAddress(connection);
  if (typeof where === 'string') return where;
  const remote = { ...where, port: media.port };
  const remoteRtcp = readRtcp(media, remote);
  if (remoteRtcp === undefined && remote.port === 65535) return 'no port for RTCP above 65535';
  const { speech, events } = readPayloads(media);
  const direction = readDirection(media) ?? readDirection(session) ?? 'sendrecv';
  return {
    remote,
    ...(remoteRtcp && { remoteRtcp }),
    payloads: speech,
    ...(events && { events }),
    direction: isUnspecified(remote.address) ? deafened(direction) : direction,
    ...numberOf(media, 'ptime', 'packetTime'),
    ...numberOf(media, 'maxptime', 'longestPacketTime'),
  };
}

type Attributed = Pick<Media, 'attributes'>;

/** Value of the first attribute of this name; the empty string where it has none. */
export function attributeOf({ attributes }: Attributed, name: string): string | undefined {
  const found = attributes.find((attribute) => attribute.name === name);
  return found && (found.value ?? '');
}

/** The address of a `c=`, or why no media goes there. */
function unicastAddress(connection: Connection): Pick<Endpoint, 'family' | 'address'> | string {
  const { netType, addressType, address, multicast } = connection;
  if (netType !== 'IN' || (addressType !== 'IP4' && addressType !== 'IP6')) {
    return `address type ${netType} ${addressType} is not supported`;
  }
  const ip = parseIp(address);
  if (ip === undefined) return `media at a host name (${address}) is not supported`;
  if (multicast !== undefined || isMulticast(ip))
    return `media at a multicast group (${address}) is not supported`;
  if (isMapped(ip)) return `${address} is an IPv4 address written as IPv6`;
  if (isTeredo(ip)) return `media at a Teredo address (${address}) is refused`;
  const family: Family = ip.family;
  // A zone means something on its own machine only (RFC 4007 11).
  return { family, address: ip.text.replace(/%.*$/, '') };
}

/**
 * RFC 3605 2.1: `port` or `port nettype addrtype address`; an address that we cannot use counts as absent. Who holds
 * in the old way wants no RTCP either, whatever stands here (RFC 3264 8.4).
 */
function readRtcp(media: Media, remote: Endpoint): Endpoint | undefined {
  const [, port, where] = /^(\d{1,5})(?: (.+))?$/.exec(attributeOf(media, 'rtcp') ?? '') ?? [];
  if (port === undefined || Number(port) < 1 || Number(port) > 65535) return undefined;
  if (isUnspecified(remote.address)) return undefined;
  const connection = where === undefined ? undefined : parseConnection(where);
  const other =
    connection === undefined || connection instanceof FieldFault ? undefined : unicastAddress(connection);
  const isUsable =
    typeof other === 'object' && other.family === remote.family && !isUnspecified(other.address);
  const usable = isUsable ? other : remote;
  return { family: usable.family, address: usable.address, port: Number(port) };
}

function readPayloads(media: Media): { speech: readonly Payload[]; events?: Payload } {
  const mappings = new Map<string, string>();
  for (const { name, value } of media.attributes) {
    const [, type, mapping] = name === 'rtpmap' ? (/^(\d{1,3}) +(.+)$/.exec(value ?? '') ?? []) : [];
    if (type !== undefined && mapping !== undefined && !mappings.has(type)) mappings.set(type, mapping);
  }
  const payloads = [...new Set(media.formats)].flatMap((format): Payload[] => {
    const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : LAST_PAYLOAD_TYPE + 1;
    if (payloadType > LAST_PAYLOAD_TYPE) return [];
    const mapping = mappings.get(format);
    const codec = mapping === undefined ? codecOfStaticType(payloadType) : codecOfMapping(mapping);
    return codec === undefined ? [] : [{ payloadType, codec }];
  });
  const speech = payloads.filter(({ codec }) => codec !== EVENTS);
  const events = payloads.find(({ codec }) => codec === EVENTS);
  return events === undefined ? { speech } : { speech, events };
}

function readDirection(from: Attributed): Direction | undefined {
  const name = from.attributes.find((attribute) => isDirection(attribute.name))?.name;
  return name !== undefined && isDirection(name) ? name : undefined;
}

function numberOf<K extends string>(media: Media, attribute: string, key: K): { [P in K]?: number } {
  const value = /^\d{1,5}$/.exec(attributeOf(media, attribute) ?? '')?.[0];
  return (value === undefined ? {} : { [key]: Number(value) }) as { [P in K]?: number };
}
