/** Frames of sound as they cross the WebSocket. */

/** One frame: 160 samples of 16 bit, least significant octet first, 8 kHz, mono. */
export const FRAME_SAMPLES = 160;
export const FRAME_OCTETS = 2 * FRAME_SAMPLES;

/** A frame in its own aligned memory; undefined when the size is wrong. */
export function readFrame(octets: Buffer): Int16Array | undefined {
  if (octets.length !== FRAME_OCTETS) return undefined;
  const frame = new Int16Array(FRAME_SAMPLES);
  for (let i = 0; i < FRAME_SAMPLES; i++) frame[i] = octets.readInt16LE(2 * i);
  return frame;
}

/** Copies: the engine may use its frame again while the socket still holds ours. */
export function writeFrame(frame: Int16Array): Buffer {
  const octets = Buffer.allocUnsafe(2 * frame.length);
  frame.forEach((sample, i) => {
    octets.writeInt16LE(sample, 2 * i);
  });
  return octets;
}
