/**
 * The process that plays a bell by the package `speaker`. It gets one task and goes on until it is killed, or its
 * parent is gone; while that gives no sign of life it is silent. An empty cadence only tries whether the device opens.
 */
import { readFileSync } from 'node:fs';
import { levelAt, onAndOff } from '../parts/cadence.ts';
import { gongs, type Samples, samplesOfWav, WavError } from '../parts/ring_samples.ts';
import type { HalErrorCode } from './error.ts';

export interface SpeakerTask {
  /** ms on, off, …, repeated. */
  readonly cadence: readonly number[];
  readonly wav?: string;
}

/** A sign of life. */
export type StillRings = 'still rings';

export type SpeakerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: HalErrorCode; readonly message: string };

/** ms of sound that are handed over at once. */
const CHUNK = 50;
/** ms for which it rings on after a sign of life of the telephone, which alone knows when to stop. */
const RINGS_ON = 1000;

process.once('disconnect', () => process.exit(0));
process.once('message', (task: SpeakerTask) => void play(task));

async function play({ cadence, wav }: SpeakerTask): Promise<void> {
  try {
    const samples = wav === undefined ? gongs() : samplesOfWav(readFileSync(wav));
    const speaker = await openDevice(samples);
    report({ kind: 'ready' });
    if (cadence.length > 0) await ring(speaker, samples, cadence);
  } catch (error) {
    const { message } = error as Error;
    const code = error instanceof WavError ? 'IO' : 'ABSENT';
    report({
      kind: 'failed',
      code,
      message: wav !== undefined && code === 'IO' ? `${wav}: ${message}` : message,
    });
  }
}

async function openDevice({ rate, channels }: Samples): Promise<NodeJS.WritableStream> {
  let Speaker: typeof import('speaker');
  try {
    Speaker = (await import('speaker')).default;
  } catch {
    throw new Error('the optional package speaker is not installed, or was not built: npm rebuild speaker');
  }
  const speaker = new Speaker({ sampleRate: rate, channels, bitDepth: 16 });
  // The device is opened with the first samples.
  await new Promise<void>((resolve, reject) => {
    speaker.once('error', reject);
    speaker.write(Buffer.alloc(2 * channels * Math.round((rate * CHUNK) / 1000)), () => resolve());
  });
  return speaker;
}

/** Sounds while the cadence says so, each time from the beginning. The device's own clock is the cadence's. */
async function ring(
  speaker: NodeJS.WritableStream,
  samples: Samples,
  cadence: readonly number[],
): Promise<never> {
  const timeline = onAndOff(cadence);
  const frames = Math.round((samples.rate * CHUNK) / 1000);
  let allowed = RINGS_ON;
  process.on('message', (message: StillRings) => {
    if (message === 'still rings') allowed = RINGS_ON;
  });
  for (let ms = 0, at = 0; ; ms += CHUNK, allowed -= CHUNK) {
    const sounds = allowed > 0 && levelAt(timeline, ms) > 0;
    const chunk = Buffer.alloc(2 * samples.channels * frames);
    if (sounds) at = copyLooping(samples.octets, chunk, at);
    else at = 0;
    await new Promise<void>((resolve, reject) => {
      speaker.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
}

function copyLooping(from: Uint8Array, into: Uint8Array, start: number): number {
  let at = start;
  for (let index = 0; index < into.length; index++) {
    into[index] = from[at] ?? 0;
    at = (at + 1) % from.length;
  }
  return at;
}

function report(message: SpeakerReport): void {
  process.send?.(message);
}
