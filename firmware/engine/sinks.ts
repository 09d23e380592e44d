/** Where the sound for the ear goes (configuration `audio.output`). */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { WAV_HEADER_LENGTH, wavHeader } from '#media/wav.ts';
import type { WebSound } from './web_sound.ts';

export interface Sink {
  /** Takes a frame of 160 samples, 8 kHz; the array is used again afterwards. */
  write(frame: Int16Array): void;
  /** A call begins: its recording begins anew. */
  beginCall(): void;
  /** The call is over: what comes now belongs to no recording. */
  endCall(): void;
  close(): void;
}

export const NOWHERE: Sink = { write: () => {}, beginCall: () => {}, endCall: () => {}, close: () => {} };

/** Opens a sink by its name. @throws Error that says what to do where it cannot be used. */
export function openSink(name: string, web: WebSound, onError: (note: string) => void): Sink {
  if (name === 'null' || name === 'silence') return NOWHERE;
  if (name === 'web') return { ...NOWHERE, write: (frame) => web.write(frame) };
  if (name.startsWith('file:')) return new FileSink(name.slice('file:'.length), onError);
  throw new Error(`"${name}" is no place for sound here; use web, null or file:NAME.wav`);
}

/** Samples between writes: a quarter of a second, so that a card is not worn out. */
const BATCH = 2000;
/** The 32 bits of the size, in samples. */
const MAX_SAMPLES = 0x7fff_fff0 - WAV_HEADER_LENGTH;

/**
 * Records a call as WAV, mono, 16 bits, 8 kHz. The header never promises more than is there: samples are written
 * first, then their number; and a new recording takes the place of the old one when its header stands.
 */
class FileSink implements Sink {
  readonly #path: string;
  readonly #onError: (note: string) => void;
  readonly #batch = new Uint8Array(BATCH * 2);
  #file: number | undefined;
  #written = 0;
  #waiting = 0;

  constructor(path: string, onError: (note: string) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  beginCall(): void {
    this.endCall();
    this.#guarded(() => {
      const fresh = `${this.#path}.new`;
      this.#file = openSync(fresh, 'w');
      writeSync(this.#file, wavHeader(0));
      renameSync(fresh, this.#path);
      this.#written = 0;
    });
  }

  write(frame: Int16Array): void {
    if (this.#file === undefined || this.#written + this.#waiting > MAX_SAMPLES) return;
    for (const sample of frame) {
      this.#batch[2 * this.#waiting] = sample & 0xff;
      this.#batch[2 * this.#waiting + 1] = sample >> 8;
      if (++this.#waiting === BATCH) this.#flush();
    }
  }

  endCall(): void {
    this.#flush();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  close(): void {
    this.endCall();
  }

  #flush(): void {
    const count = this.#waiting;
    this.#waiting = 0;
    if (count === 0) return;
    this.#guarded(() => {
      if (this.#file === undefined) return;
      writeSync(this.#file, this.#batch, 0, 2 * count, WAV_HEADER_LENGTH + 2 * this.#written);
      this.#written += count;
      writeSync(this.#file, wavHeader(this.#written), 0, WAV_HEADER_LENGTH, 0);
    });
  }

  /** A full or absent disk ends the recording, never the call. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (this.#file !== undefined) closeSync(this.#file);
      this.#file = undefined;
      this.#waiting = 0;
      this.#onError(error instanceof Error ? error.message : String(error));
    }
  }
}
