/**
 * G.711, A-law and mu-law, between octets and 16-bit samples. A sample of the standard (13 bits A-law, 14 bits
 * mu-law) stands left-justified in the 16 bits, as the ITU-T software tools have it.
 *
 *   code octet   S SSS MMMM   sign, segment (3 bits), mantissa (4 bits); A-law inverts the even bits, mu-law all
 */
import type { Codec } from './types.ts';

/** A codec that maps each sample to one octet, without memory. */
export interface SampleCodec {
  /** The octet of a sample (-32768–32767). */
  encode(sample: number): number;
  /** The sample of each of the 256 octets. */
  readonly decoded: Int16Array;
}

const MU_BIAS = 0x84;
const MU_CLIP = 32635;

/** One A-law octet of a 16-bit sample (G.711 table 1a and 1b). */
export function encodeAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  const segment = magnitude < 16 ? 0 : 28 - Math.clz32(magnitude);
  const mantissa = (segment === 0 ? magnitude : magnitude >> (segment - 1)) & 0x0f;
  return (sign | (segment << 4) | mantissa) ^ 0x55;
}

/** One mu-law octet of a 16-bit sample (G.711 table 2a and 2b). */
export function encodeMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  // One less than the magnitude where negative: what lies on a border falls to the narrower interval.
  const magnitude = Math.min(sample < 0 ? ~sample : sample, MU_CLIP) + MU_BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (segment + 3)) & 0x0f;
  return ~(sign | (segment << 4) | mantissa) & 0xff;
}

function decodeAlaw(octet: number): number {
  const code = octet ^ 0x55;
  const segment = (code >> 4) & 7;
  const mantissa = (code & 0x0f) << 4;
  const magnitude = segment === 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1);
  return (code & 0x80) === 0 ? -magnitude : magnitude;
}

function decodeMulaw(octet: number): number {
  const code = ~octet;
  const magnitude = ((((code & 0x0f) << 3) + MU_BIAS) << ((code >> 4) & 7)) - MU_BIAS;
  return (code & 0x80) === 0 ? magnitude : -magnitude;
}

export const A_LAW: SampleCodec = {
  encode: encodeAlaw,
  decoded: Int16Array.from({ length: 256 }, (_, octet) => decodeAlaw(octet)),
};

export const MU_LAW: SampleCodec = {
  encode: encodeMulaw,
  decoded: Int16Array.from({ length: 256 }, (_, octet) => decodeMulaw(octet)),
};

/** The codec of an RTP payload by its name in SDP, or undefined where we have none. */
export function sampleCodecOf(codec: Pick<Codec, 'name' | 'rate'>): SampleCodec | undefined {
  if (codec.rate !== 8000) return undefined;
  const name = codec.name.toUpperCase();
  return name === 'PCMA' ? A_LAW : name === 'PCMU' ? MU_LAW : undefined;
}

/** Encodes samples into `out` from `at` on; returns where it ended. */
export function encodeInto(codec: SampleCodec, samples: Int16Array, out: Uint8Array, at: number): number {
  for (let i = 0; i < samples.length; i++) out[at + i] = codec.encode(samples[i] ?? 0);
  return at + samples.length;
}
