/**
 * The header of a WAV file with 16-bit linear samples.
 *
 *   "RIFF" size(32) "WAVE"  then chunks: name(4) size(32) content, padded to an even length
 *   "fmt " 16: format(16)=1 channels(16) rate(32) octets/s(32) octets/frame(16) bits(16)
 *   "data" n:  samples, little-endian, channels interleaved
 */
export const WAV_HEADER_LENGTH = 44;
const PCM = 1;
const EXTENSIBLE = 0xfffe;

export interface WavFormat {
  readonly channels: number;
  /** Frames a second. */
  readonly rate: number;
  /** Where the samples begin in the file, and how many octets they are. */
  readonly dataStart: number;
  readonly dataLength: number;
}

/** The peer of this error is a file, and the person who named it. */
export class WavError extends Error {
  readonly code = 'WAV_UNUSABLE';
}

/** Header of a file with `samples` samples of one channel. */
export function wavHeader(samples: number, rate = 8000): Uint8Array {
  const header = new Uint8Array(WAV_HEADER_LENGTH);
  const view = new DataView(header.buffer);
  const octets = samples * 2;
  writeName(header, 0, 'RIFF');
  view.setUint32(4, 36 + octets, true);
  writeName(header, 8, 'WAVE');
  writeName(header, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  writeName(header, 36, 'data');
  view.setUint32(40, octets, true);
  return header;
}

/** Reads the header of a whole file. @throws WavError where it is not 16-bit linear sound of one or two channels. */
export function readWav(file: Uint8Array): WavFormat {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (nameAt(file, 0) !== 'RIFF' || nameAt(file, 8) !== 'WAVE') throw new WavError('not a WAV file');
  let format: { channels: number; rate: number } | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (nameAt(file, at) === 'fmt ') format = readFormat(view, start);
    if (nameAt(file, at) === 'data') {
      if (format === undefined) throw new WavError('samples before their format');
      // A recorder that was cut off leaves a length of zero or too much: what is there counts.
      const dataLength = Math.min(length, file.length - start);
      return { ...format, dataStart: start, dataLength };
    }
    at = start + length + (length & 1);
  }
  throw new WavError('no samples in it');
}

function readFormat(view: DataView, at: number): { channels: number; rate: number } {
  if (at + 16 > view.byteLength) throw new WavError('cut off in its header');
  const format = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if ((format !== PCM && format !== EXTENSIBLE) || bits !== 16) {
    throw new WavError(`format ${format} with ${bits} bits; 16-bit linear is needed`);
  }
  if (channels !== 1 && channels !== 2) throw new WavError(`${channels} channels; one or two are needed`);
  return { channels, rate };
}

function writeName(header: Uint8Array, at: number, name: string): void {
  for (let i = 0; i < 4; i++) header[at + i] = name.charCodeAt(i);
}

function nameAt(file: Uint8Array, at: number): string {
  return String.fromCharCode(...file.subarray(at, at + 4));
}
