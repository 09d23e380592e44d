/** Sound of a bell for a driver that takes samples: two gongs in turn, or a WAV file. */

/** Interleaved, signed, 16 bits, least octet first. */
export interface Samples {
  /** Hz. */
  readonly rate: number;
  readonly channels: 1 | 2;
  readonly octets: Uint8Array;
}

export class WavError extends Error {
  override name = 'WavError';
  readonly code = 'WAV_UNREADABLE';
}

const GONG_RATE = 48_000;
/** Hz of the gongs of a bell, a major third apart, each with two overtones of struck metal. */
const GONGS = [1000, 1250];
const OVERTONES = [
  { ratio: 1, level: 0.6 },
  { ratio: 2.76, level: 0.25 },
  { ratio: 5.4, level: 0.15 },
];
/** The clapper strikes one after the other, 25 times a second; a tone fades to a third in 60 ms. */
const STROKES = 25;
const FADE = 0.06;
const LOUDNESS = 0.5;

/** A second that can be repeated without a seam. */
export function gongs(): Samples {
  const samples = new Int16Array(GONG_RATE);
  const stroke = GONG_RATE / STROKES;
  // Strokes of the second before ring on into this one.
  for (let n = -STROKES; n < STROKES; n++) {
    const hertz = GONGS[(n + STROKES) % GONGS.length] ?? 0;
    strike(samples, Math.round(n * stroke), hertz);
  }
  return { rate: GONG_RATE, channels: 1, octets: new Uint8Array(samples.buffer) };
}

function strike(samples: Int16Array, at: number, hertz: number): void {
  const end = Math.min(samples.length, at + Math.round(5 * FADE * GONG_RATE));
  for (let index = Math.max(0, at); index < end; index++) {
    const seconds = (index - at) / GONG_RATE;
    const wave = OVERTONES.reduce(
      (sum, { ratio, level }) => sum + level * Math.sin(2 * Math.PI * hertz * ratio * seconds),
      0,
    );
    const sample = (samples[index] ?? 0) + 0x2000 * LOUDNESS * wave * Math.exp(-seconds / FADE);
    samples[index] = Math.min(0x7fff, Math.max(-0x8000, Math.round(sample)));
  }
}

/**
 * ```
 * RIFF, length, WAVE, then chunks:   name (4)  length (4)  octets, padded to an even number
 *   fmt    format (2)  channels (2)  rate (4)  octets a second (4)  octets a frame (2)  bits (2)
 *   data   samples
 * ```
 * Throws a WavError where it is something else than PCM of 16 bits in one or two channels.
 */
export function samplesOfWav(file: Uint8Array): Samples {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const name = (at: number) => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') throw new WavError('is no WAV file');
  let format: Pick<Samples, 'rate' | 'channels'> | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (name(at) === 'fmt ') format = formatOf(view, body, length);
    if (name(at) === 'data' && format !== undefined) {
      const frame = 2 * format.channels;
      const end = Math.min(file.length, body + length);
      const octets = file.subarray(body, end - ((end - body) % frame));
      if (octets.length === 0) throw new WavError('holds no sound');
      return { ...format, octets };
    }
    at = body + length + (length % 2);
  }
  throw new WavError(format === undefined ? 'does not say its format' : 'holds no sound');
}

const PCM = 1;

function formatOf(view: DataView, at: number, length: number): Pick<Samples, 'rate' | 'channels'> {
  if (length < 16 || at + 16 > view.byteLength) throw new WavError('does not say its format');
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if (view.getUint16(at, true) !== PCM || bits !== 16 || (channels !== 1 && channels !== 2))
    throw new WavError('is not PCM of 16 bits in one or two channels');
  if (rate < 8000 || rate > 48_000)
    throw new WavError(`has ${rate} samples a second; 8000 to 48000 can be played`);
  return { rate, channels };
}
