/** Where the sound of the mouth comes from (configuration `audio.input`). */
import { readFileSync, statSync } from 'node:fs';
import { LoopingDecimator } from '#media/decimator.ts';
import { ToneGenerator } from '#media/tone.ts';
import { readWav, WavError } from '#media/wav.ts';
import type { WebSound } from './web_sound.ts';

export interface Source {
  /** Fills a frame of 160 samples, 8 kHz. */
  read(frame: Int16Array): void;
  /** A call begins: what has a beginning begins there. */
  restart(): void;
}

/** dBm0 of `tone:`: speech at a good level has about as much. */
const TONE_LEVEL = -10;
const HIGHEST_HZ = 3900;
/** A sound file is held in memory. */
const MAX_FILE = 32 * 1024 * 1024;

export const SILENCE: Source = { read: (frame) => void frame.fill(0), restart: () => {} };

/** Whether a name of `audio.input` or `audio.output` is one of ALSA's. */
export function isCardName(name: string): boolean {
  return !/^(?:web|silence|null|tone:.*|file:.*)$/s.test(name);
}

/** Opens a source by its name; ALSA's are the sound thread's. @throws Error that says what to do where it cannot be used. */
export function openSource(name: string, web: WebSound): Source {
  if (name === 'silence' || name === 'null') return SILENCE;
  if (name === 'web') return { read: (frame) => web.read(frame), restart: () => web.restart() };
  if (name.startsWith('tone:')) return toneSource(name.slice('tone:'.length));
  if (name.startsWith('file:')) return fileSource(name.slice('file:'.length));
  throw new Error(`"${name}" is no source of sound here; use web, silence, tone:HZ or file:NAME.wav`);
}

/** Sound of `file:NAME.wav`. @throws Error where it cannot be used. */
export function openRecording(name: string): Source {
  return fileSource(name.replace(/^file:/, ''));
}

function toneSource(text: string): Source {
  const hz = Number(text);
  if (!(hz > 0 && hz <= HIGHEST_HZ))
    throw new Error(`tone:${text}: a frequency of 1 to ${HIGHEST_HZ} Hz is needed`);
  const tone = new ToneGenerator({ intro: [], loop: [{ hz: [hz], ms: 0 }], level: TONE_LEVEL });
  return {
    read: (frame) => {
      frame.fill(0);
      tone.addTo(frame);
    },
    restart: () => {},
  };
}

function fileSource(path: string): Source {
  if (statSync(path).size > MAX_FILE) throw new Error(`${path}: sound files may have at most 32 MB`);
  const file = readFileSync(path);
  try {
    const format = readWav(file);
    if (!LoopingDecimator.takes(format.rate))
      throw new WavError(`${format.rate} Hz; 8000, 16000 or 48000 are read`);
    const samples = file.subarray(format.dataStart, format.dataStart + format.dataLength);
    return new LoopingDecimator(samples, format);
  } catch (error) {
    throw error instanceof WavError ? new Error(`${path}: ${error.message}`) : error;
  }
}
