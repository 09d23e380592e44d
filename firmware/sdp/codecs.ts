/** The codecs that this phone can put into a description, and their payload types. */

/** One row: how a codec is called here, in SDP, and by which number. */
export interface CodecEntry {
  /** As in the configuration. */
  readonly key: string;
  /** Encoding name; compared without regard to case (RFC 8866 6.6). */
  readonly name: string;
  /** Hz of the RTP clock. */
  readonly rate: number;
  readonly channels: number;
  /** Static where RFC 3551 6 gives one, else what we like to propose. */
  readonly payloadType: number;
  /** `a=fmtp` that we write. */
  readonly parameters?: string;
}

export const CODECS: readonly CodecEntry[] = [
  { key: 'pcmu', name: 'PCMU', rate: 8000, channels: 1, payloadType: 0 },
  { key: 'pcma', name: 'PCMA', rate: 8000, channels: 1, payloadType: 8 },
];

/** RFC 4733 2.4.1 and 3.2: the sixteen keys. */
export const EVENTS: CodecEntry = {
  key: 'telephone-event',
  name: 'telephone-event',
  rate: 8000,
  channels: 1,
  payloadType: 101,
  parameters: '0-15',
};

/** RFC 3551 6: first number that means nothing without `a=rtpmap`. */
export const FIRST_DYNAMIC = 96;
export const LAST_PAYLOAD_TYPE = 127;

/** The row that a payload type without `a=rtpmap` means. */
export function codecOfStaticType(payloadType: number): CodecEntry | undefined {
  if (payloadType >= FIRST_DYNAMIC) return undefined;
  return CODECS.find((entry) => entry.payloadType === payloadType);
}

/** The row that `a=rtpmap` means; `mapping` is `PCMA/8000` or `opus/48000/2`. */
export function codecOfMapping(mapping: string): CodecEntry | undefined {
  const [, name = '', rate, channels = '1'] =
    /^([^/]+)\/(\d{1,7})(?:\/(\d{1,2}))?$/.exec(mapping.trim()) ?? [];
  return [...CODECS, EVENTS].find(
    (entry) =>
      entry.name.toLowerCase() === name.toLowerCase() &&
      entry.rate === Number(rate) &&
      entry.channels === Number(channels),
  );
}

/** What stands behind `a=rtpmap:N `. */
export function mappingOf({ name, rate, channels }: CodecEntry): string {
  return `${name}/${rate}${channels === 1 ? '' : `/${channels}`}`;
}
